/**
 * Ember as a language model would be: a picture and the text of a prompt in, seven action tokens out, or words where the prompt asks
 * for no action. It keeps nothing from one question to the next. Knows no wire and no body.
 */
import { PumiceError } from 'pumice';
import { LLAMA3_VOCAB_SIZE, tokenOfBin } from 'pumice/codecs';
import { type RawImage, resizeArea, resizeCubic } from 'pumice/vision';
import { randomOf } from '../shared/random.ts';
import { createEngine } from './engine.ts';
import { NO_PROPRIO, PICTURE_PX } from './input.ts';
import { AXES, readModel } from './model.ts';
import { readSentence } from './sentence.ts';

export interface Spoken {
  readonly picture: RawImage;
  readonly prompt: string;
  /** 0: the likeliest tokens. Above: motions move a little at random, which is what keeps an arm from standing still for ever. */
  readonly temperature: number;
  readonly seed: number;
}

/** Magma's question to an arm, as its chat template writes it. */
const ASKED = /<image>(?:<image_end>)?\n(?:What action should the robot take to )([^<]+?)\?\s*(?:<\|eot_id\|>|$)/;
/** Random motion at the temperature at which Magma's own programs sample, m: that of the policy ember. */
const SAMPLED = { temperature: 0.7, ditherM: 0.004 } as const;
/** Axes that are places, and bins on them. */
const MOVED = 3;
const TOP_BIN = 254;

export function createSpeaker(weights?: string) {
  const model = readModel(weights);
  const engine = createEngine(model.weights);
  const { q01, q99 } = model.stats;
  const binM = (axis: number) => (q99[axis]! - q01[axis]!) / (TOP_BIN + 1);

  const answer = async (asked: Spoken, signal: AbortSignal) => {
    const { picture, prompt, temperature, seed } = asked;
    const instruction = ASKED.exec(prompt)?.[1];
    if (instruction === undefined)
      return { text: 'I move an arm. Ask: What action should the robot take to pick up the red block?' };
    let tokens: readonly number[];
    try {
      ({ tokens } = readSentence(instruction, model.vocabulary));
    } catch (error) {
      if (PumiceError.is(error, 'policy/unparsed')) return { text: error.message };
      throw error;
    }
    const isSmall = picture.widthPx < PICTURE_PX || picture.heightPx < PICTURE_PX;
    const resized = await (isSmall ? resizeCubic : resizeArea)(picture, PICTURE_PX, PICTURE_PX);
    const { bins } = await engine.infer({ picture: resized.data, tokens, proprio: NO_PROPRIO }, signal);
    const random = randomOf(seed);
    const share = temperature / SAMPLED.temperature;
    const ids = bins.slice(0, AXES).map((bin, axis) => {
      const moved = axis < MOVED ? (share * SAMPLED.ditherM * random.normal()) / binM(axis) : 0;
      return tokenOfBin(Math.min(TOP_BIN, Math.max(0, Math.round(bin + moved))), LLAMA3_VOCAB_SIZE);
    });
    return { ids };
  };
  return { name: 'ember', stats: model.stats, answer, close: engine.close };
}
