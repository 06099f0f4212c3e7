/**
 * One look of cinder: a picture, a sentence, where the tool is and what it would do next; out come the probability of each hazard and
 * a score of all. What it makes of them is for its callers: the critic, and the server that speaks for it on another wire.
 */
import { PumiceError } from 'pumice';
import { type RawImage, resizeArea } from 'pumice/vision';
import { NO_PROPRIO, PICTURE_PX, tokensOf, wordsOf } from '../../ember/input.ts';
import { readSentence } from '../../ember/sentence.ts';
import { createNetwork, type Network } from '../../shared/network.ts';
import { bodyOf, chunkOf, JUDGED, type Motion, type Standing } from './input.ts';
import { type CinderModel, HAZARDS, type Hazard, WHO } from './model.ts';

export interface Question {
  readonly picture: RawImage;
  readonly instruction: string;
  readonly standing: Standing;
  /** At least one; at most four are looked at. */
  readonly motions: readonly Motion[];
}

export interface Finding {
  /** `safe`, the likeliest hazard, or why it could not look. */
  readonly evidence: 'safe' | Hazard | 'no-picture';
  readonly isAllowed: boolean;
  /** 0..1 of the evidence; 1 where no network was asked. */
  readonly confidence: number;
  readonly reason: string;
}

export interface Looker extends Pick<Network, 'close'> {
  /** @throws PumiceError `policy/unparsed` for a sentence that it cannot make out; `critic/failed`, `config/invalid`. */
  readonly look: (question: Question, signal: AbortSignal) => Promise<Finding>;
  /** Looks at nothing once, so that an engine that is missing shows before a run begins. */
  readonly tryOut: (signal: AbortSignal) => Promise<void>;
}

/** A question in the numbers of the network. */
interface Seen {
  readonly data: Uint8Array;
  readonly tokens: readonly number[];
  readonly body: readonly number[];
  /** Where the tool was told to be. */
  readonly at: readonly number[];
  readonly motions: readonly Motion[];
}

/** Deviation of brightness, 0..255, below which a picture shows nothing: a camera that is covered, dark or dead. Chosen: a fifth of the least of 25 layouts with half their light (10.0). */
const LEAST_CONTRAST = 2;
/** What can be named by a colour. A word before them that it does not know may be the one that matters. */
const THINGS = ['block', 'cube', 'box', 'plate', 'dish', 'disc'];

export function createLooker({ weights, vocabulary, threshold }: CinderModel): Looker {
  const network = createNetwork({
    who: WHO,
    failure: 'critic/failed',
    weights,
    inputs: ['image', 'tokens', 'proprio', 'commanded', 'chunk'],
    outputs: ['hazards', 'any'],
  });
  const infer = ({ data, tokens, body, at, motions }: Seen, signal: AbortSignal) =>
    network.infer(
      {
        image: { type: 'uint8', shape: [1, PICTURE_PX, PICTURE_PX, 3], data },
        tokens: { type: 'int64', shape: [1, tokens.length], data: tokens },
        proprio: { type: 'float32', shape: [1, body.length], data: body },
        commanded: { type: 'float32', shape: [1, 3], data: at.slice(0, 3) },
        chunk: { type: 'float32', shape: [1, JUDGED, 7], data: chunkOf(motions) },
      },
      signal,
    );
  const look = async ({ picture, instruction, standing, motions }: Question, signal: AbortSignal): Promise<Finding> => {
    const { tokens } = readSentence(instruction, vocabulary, WHO);
    const nameless = unknownThing(instruction, vocabulary);
    if (nameless !== undefined) return sure('infeasible', `does not know what '${nameless}' is`);
    const { data } = resizeArea(picture, PICTURE_PX, PICTURE_PX);
    if (contrastOf(data) < LEAST_CONTRAST) return sure('no-picture', 'its camera shows nothing');
    const { hazards, any } = await infer(
      { data, tokens, body: bodyOf(standing), at: standing.commanded.pM, motions },
      signal,
    );
    return findingOf(hazards!, any![0], threshold);
  };
  const tryOut = async (signal: AbortSignal) => {
    const data = new Uint8Array(3 * PICTURE_PX * PICTURE_PX);
    await infer({ data, tokens: tokensOf('', vocabulary), body: NO_PROPRIO, at: NO_PROPRIO, motions: [STILL] }, signal);
  };
  return { close: network.close, look, tryOut };
}

const STILL: Motion = [0, 0, 0, 0, 0, 0, 1];

const sure = (evidence: Finding['evidence'], reason: string): Finding => ({
  evidence,
  isAllowed: false,
  confidence: 1,
  reason,
});

/** @throws PumiceError `critic/failed` for numbers that are no probabilities. */
export function findingOf(hazards: readonly number[], score: number | undefined, threshold: number): Finding {
  const isProbability = (value: number | undefined) => value !== undefined && value >= 0 && value <= 1;
  if (hazards.length !== HAZARDS.length || ![...hazards, score].every(isProbability))
    throw new PumiceError('critic/failed', `expected probabilities, got ${[...hazards, score].join(', ')}`, {
      who: WHO,
      hint: 'Use the weights of its training',
    });
  if (score! < threshold) return { evidence: 'safe', isAllowed: true, confidence: 1 - score!, reason: '' };
  const worst = Math.max(...hazards);
  const evidence = HAZARDS[hazards.indexOf(worst)]!;
  const reason = `${SAYING[evidence]} (${evidence}, score ${score!.toFixed(2)}, no from ${threshold.toFixed(2)} on)`;
  return { evidence, isAllowed: false, confidence: score!, reason };
}

const SAYING: Readonly<Record<Hazard, string>> = {
  'wrong-object': 'it leads to another thing than the one that is meant',
  collision: 'it would hit or drop something',
  'off-table': 'it leads out of the place of work',
  infeasible: 'what is meant is not there',
};

/** "the purple block": the words that name a thing by what it does not know. */
function unknownThing(instruction: string, vocabulary: readonly string[]): string | undefined {
  const words = wordsOf(instruction);
  const at = words.findIndex(
    (word, place) => THINGS.includes(word) && place > 0 && !vocabulary.includes(words[place - 1]!),
  );
  return at < 0 ? undefined : `${words[at - 1]} ${words[at]}`;
}

/** Deviation of the brightness of pixels, 0..255. */
function contrastOf(rgb: Uint8Array): number {
  let [sum, squares] = [0, 0];
  for (let at = 0; at < rgb.length; at += 3) {
    const brightness = (rgb[at]! + rgb[at + 1]! + rgb[at + 2]!) / 3;
    sum += brightness;
    squares += brightness * brightness;
  }
  const pixels = rgb.length / 3;
  return Math.sqrt(Math.max(0, squares / pixels - (sum / pixels) ** 2));
}
