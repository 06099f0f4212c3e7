/**
 * A self-test of a model before anything moves: two pictures of which the answer is known, asked about as the family's profile says.
 * Tells a wrong server, a wrong profile, garbled and constant answers apart, each with what to do. It is no measurement: a model that
 * passes may still be bad at its work.
 */
import { monotonicNowMs } from '../clock.ts';
import { describeError, PumiceError } from '../errors.ts';
import type { Frame } from '../types.ts';
import { brief } from './brief.ts';
import type { Chat } from './openai-chat.ts';
import type { ModelProfile, Resize } from './profile.ts';
import { chatRequestOf, promptOf, type Question } from './request.ts';
import { isActionTokens, middleOf, noiseIn, otherSpaces, placeIn, spaceName } from './self-test-reading.ts';
import { type TestPicture, testPictures } from './test-pictures.ts';
import { clipOf } from './video.ts';

export type SelfTestFault = 'server' | 'profile' | 'garbled' | 'constant' | 'unseeing';

export interface SelfTestResult {
  /** Absent when all is well. `unseeing`, an answer in form but wrong, is a warning: two pictures prove little. */
  readonly fault?: SelfTestFault;
  /** What was found, for people. */
  readonly says: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly answers: readonly string[];
  /** Of each answer, ms. */
  readonly tookMs: readonly number[];
}

/** Asks the model one question and gives back what it said, thought left out. */
export type TestAsk = (question: Question, signal: AbortSignal) => Promise<string>;

export interface SelfTest {
  readonly profile: ModelProfile;
  readonly ask: TestAsk;
  readonly signal: AbortSignal;
  /** What it is used for: an arm is asked for tokens, all else for a place or a colour. */
  readonly role?: 'ui' | 'arm';
  /** In place of the profile's, where the role has another. */
  readonly resize?: Resize;
}

/** Tokens of one answer of a family that need not think. Chosen. */
const MAX_TOKENS = 2048;

/** Asks over a chat server. */
export const askChat =
  (chat: Chat, profile: ModelProfile): TestAsk =>
  async (question, signal) =>
    (await chat.complete({ ...chatRequestOf(profile, question), signal })).text;

/** @throws the signal's reason when it is aborted; every other failure is a result. */
export async function selfTest(test: SelfTest): Promise<SelfTestResult> {
  const { profile, ask, signal } = test;
  const { image, video } = profile.media;
  const answers: string[] = [];
  const tookMs: number[] = [];
  const end = (verdict: Verdict): SelfTestResult => ({ ...verdict, answers, tookMs });
  if (image ? image.format === 'rgb8' : !video)
    return end({ says: 'not tested: it takes neither encoded pictures nor video' });
  const format = image?.format === 'png' ? 'png' : 'jpeg';
  const pictures = await testPictures(test.resize ?? image?.resize ?? { rule: 'as-is' }, format);
  for (const picture of pictures) {
    const startMs = monotonicNowMs();
    try {
      const seen = image ? { images: [picture.image] } : { video: await standing(picture, profile, signal) };
      answers.push(await ask({ ...questionOf(test), ...seen }, signal));
    } catch (error) {
      signal.throwIfAborted();
      return end(verdictOfError(error, profile));
    }
    tookMs.push(monotonicNowMs() - startMs);
  }
  return end(verdictOf(test, answers as [string, string], pictures));
}

const isConstant = ([first, second]: readonly [string, string]) => first.trim() === second.trim();

/** Seconds of a clip on which nothing moves. Chosen: enough for several frames at the slowest rate. */
const CLIP_S = 3;

/** A picture as a clip, for families that take nothing else. */
async function standing({ image, widthPx, heightPx }: TestPicture, profile: ModelProfile, signal: AbortSignal) {
  const at = (second: number): Frame => ({
    data: new Uint8Array(image.data),
    encoding: image.format,
    widthPx,
    heightPx,
    stampMs: second * 1000,
    camera: 'self-test',
  });
  return (
    await clipOf(
      Array.from({ length: CLIP_S + 1 }, (_, second) => at(second)),
      profile,
      signal,
    )
  ).video;
}

type Verdict = Pick<SelfTestResult, 'fault' | 'says' | 'hint'>;

function questionOf({ profile, role }: SelfTest): Pick<Question, 'text' | 'maxTokens'> {
  const room = profile.sampling.plain.maxTokens;
  const maxTokens = profile.thinking.ask === 'always' ? room : Math.min(MAX_TOKENS, room);
  const { forms } = profile.prompt;
  const object = 'the blue disc';
  if (role === 'arm') return { text: promptOf(profile, 'arm', { instruction: 'pick up the blue block' }), maxTokens };
  if (!profile.space) return { text: 'Which colour has the disc on the right? Answer with one word.', maxTokens };
  const known = ['ui-som', 'box', 'phrase', 'ui'].find((form) => form in forms);
  const words = { object, phrase: 'a blue disc', instruction: known === 'ui' ? `Click ${object}.` : object };
  const text = known ? promptOf(profile, known, words) : `Locate ${object}. Return its bounding box as JSON.`;
  return { text, maxTokens };
}

function verdictOfError(error: unknown, { family }: ModelProfile): Verdict {
  const says = describeError(error);
  if (PumiceError.is(error) && /^decode\/(empty|truncated)$/.test(error.code))
    return { fault: 'profile', says, hint: `Check that the model thinks as profile '${family}' says` };
  return { fault: 'server', says };
}

function verdictOf(test: SelfTest, answers: readonly [string, string], pictures: readonly TestPicture[]): Verdict {
  const { profile, role } = test;
  const isTokens = answers.every(isActionTokens);
  const said = `It said '${brief(answers[0]).slice(0, 120)}'`;
  if (role === 'arm') {
    if (!isTokens) return notInForm(profile, answers, 'seven action tokens', said);
    return isConstant(answers) ? sameTwice(said) : { says: 'seven action tokens, which change with the picture' };
  }
  if (isTokens)
    return {
      fault: 'profile',
      says: `expected an answer of family '${profile.family}', got action tokens. ${said}`,
      hint: 'They look garbled and are not: this is Magma, give --profile magma',
    };
  if (!profile.space) return verdictOnColour(answers, said);
  return verdictOnPlaces(profile, profile.space, answers, pictures, said);
}

function verdictOnPlaces(
  profile: ModelProfile,
  own: NonNullable<ModelProfile['space']>,
  answers: readonly [string, string],
  pictures: readonly TestPicture[],
  said: string,
): Verdict {
  const places = answers.map((answer) => placeIn(answer, profile.thinking.ask === 'always'));
  // Patches are a family's own: they are fractions in no other.
  if (places.some((place) => !place || (place.isPatches && !('phrase' in profile.prompt.forms))))
    return isConstant(answers) && !answers.some(noiseIn)
      ? sameTwice(said)
      : notInForm(profile, answers, 'a place', said);
  const hits = (space: typeof own): number =>
    places.filter((place, at) => pictures[at]!.isOnBlue(...middleOf(place!, space, pictures[at]!))).length;
  if (hits(own) === places.length) return { says: 'found the blue disc on both pictures' };
  if (isConstant(answers)) return sameTwice(said);
  const other = otherSpaces(own).find((space) => hits(space) === places.length);
  if (other)
    return {
      fault: 'profile',
      says: `it finds the disc, but writes places in ${spaceName(other)}; profile '${profile.family}' has ${spaceName(own)}. ${said}`,
      hint: 'Give the profile of this model with --profile, or one of your own with its space',
    };
  return {
    fault: 'unseeing',
    says: `it answers in form, but found the blue disc on ${hits(own)} of ${places.length} pictures. ${said}`,
    hint: 'Look whether the server passes pictures on, and whether the weights are trained',
  };
}

/** The disc on the right is blue on the first picture, yellow on the second. */
function verdictOnColour(answers: readonly [string, string], said: string): Verdict {
  const noise = answers.map(noiseIn).find((why) => why !== undefined);
  if (noise !== undefined) return garbled(noise, said);
  const colours = [/\bblue\b/i, /\b(yellow|orange|amber|gold)\b/i];
  if (answers.every((answer, at) => colours[at]!.test(answer) && !colours[1 - at]!.test(answer)))
    return { says: 'told the colours of both pictures' };
  if (isConstant(answers)) return sameTwice(said);
  return {
    fault: 'unseeing',
    says: `it answers, but not with the colours of the pictures. ${said}`,
    hint: 'Look whether the model sees pictures, and whether the server passes them on',
  };
}

function notInForm(
  { family }: ModelProfile,
  answers: readonly [string, string],
  expected: string,
  said: string,
): Verdict {
  const noise = answers.map(noiseIn).find((why) => why !== undefined);
  if (noise !== undefined) return garbled(noise, said);
  return {
    fault: 'profile',
    says: `expected ${expected}, as family '${family}' answers. ${said}`,
    hint: 'Check that --model names the model that is meant, and --profile its family',
  };
}

const garbled = (why: string, said: string): Verdict => ({
  fault: 'garbled',
  says: `its answer is garbled: ${why}. ${said}`,
  hint: "Check the server's version of transformers or vLLM against the model's card, and that the weights are whole",
});

const sameTwice = (said: string): Verdict => ({
  fault: 'constant',
  says: `it answers the same to two different pictures. ${said}`,
  hint: 'Look whether the server passes pictures on, and does not cache answers',
});

/**
 * The self-test as a condition of a start: asks once, and again only after a failure.
 *
 * @throws PumiceError `model/unfit` saying what is wrong; a warning is passed to `warn` instead.
 */
export function fitOnce(test: Omit<SelfTest, 'signal'>, warn: (text: string) => void = () => {}) {
  let isFit = false;
  return async (signal: AbortSignal): Promise<void> => {
    if (isFit) return;
    const { fault, says, hint } = await selfTest({ ...test, signal });
    // Discs are a strange sight to a model that knows one arm: it may well do nothing on both pictures.
    const isDoubt = fault === 'unseeing' || (fault === 'constant' && test.role === 'arm');
    if (isDoubt) warn(`self-test: ${says}. ${hint}`);
    else if (fault !== undefined) throw unfit(test.profile, fault, says, hint);
    isFit = true;
  };
}

const unfit = ({ family }: ModelProfile, fault: SelfTestFault, says: string, hint: string | undefined) =>
  new PumiceError('model/unfit', `the self-test failed (${fault}): ${says}`, {
    who: `model ${family}`,
    ...(hint !== undefined && { hint }),
  });
