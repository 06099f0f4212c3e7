/**
 * What the answers to a self-test tell, whatever form they have: the first place in a text in all numbers that families write, and
 * whether a text is noise. Looser than any decoder on purpose: it has to see what a wrong profile would hide. Pure.
 */
import { actionTokensOfText, LLAMA3_VOCAB_SIZE, textOfActionTokens } from '../codecs/index.ts';
import type { ModelProfile } from './profile.ts';

type Space = NonNullable<ModelProfile['space']>;

/** Spaces that families write places in, by name. */
const SPACES: readonly Space[] = [
  { kind: 'sent-px', axes: 'xy' },
  { kind: 'grid', max: 1000, axes: 'xy' },
  { kind: 'unit', axes: 'xy' },
  { kind: 'sent-px', axes: 'yx' },
  { kind: 'grid', max: 1000, axes: 'yx' },
  { kind: 'unit', axes: 'yx' },
];

export const spaceName = ({ kind, max, axes }: Space): string => {
  const order = axes === 'xy' ? 'x first' : 'y first';
  return kind === 'sent-px' ? `pixels as sent, ${order}` : `0..${kind === 'unit' ? 1 : max}, ${order}`;
};

/** Spaces other than that of the profile. */
export const otherSpaces = (own: Space): readonly Space[] => SPACES.filter((one) => spaceName(one) !== spaceName(own));

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const PAIR = String.raw`[([]\s*(${NUMBER})\s*,\s*(${NUMBER})\s*[)\]]`;
const FORMS = [
  // A box in two pairs, as Qwen2-VL writes it.
  new RegExp(String.raw`${PAIR}\s*,\s*${PAIR}`, 'g'),
  new RegExp(String.raw`[([]\s*(${NUMBER})\s*,\s*(${NUMBER})\s*,\s*(${NUMBER})\s*,\s*(${NUMBER})\s*[)\]]`, 'g'),
  new RegExp(PAIR, 'g'),
  new RegExp(String.raw`<point>\s*(${NUMBER})\s+(${NUMBER})\s*</point>`, 'g'),
  new RegExp(String.raw`"x(?:Px)?"\s*:\s*(${NUMBER})\s*,\s*"y(?:Px)?"\s*:\s*(${NUMBER})`, 'g'),
];
const PATCHES = /<patch_index_(\d{4})><patch_index_(\d{4})>/;
/** Patches along each side of a picture, KOSMOS-2. */
const PATCHES_ACROSS = 32;

/** Numbers of a place in a text: a point, or the corners of a box. */
export type Place = { readonly numbers: readonly number[]; readonly isPatches?: true };

/** @param isAloud - the text begins with thoughts that no tag ends: the last place is the answer. */
export function placeIn(text: string, isAloud = false): Place | undefined {
  const said = text.slice(text.lastIndexOf('</think>') + 1);
  const patches = PATCHES.exec(said);
  if (patches) {
    const [from, to] = [Number(patches[1]), Number(patches[2])];
    const corner = (index: number, more: number) => [
      ((index % PATCHES_ACROSS) + more) / PATCHES_ACROSS,
      (Math.floor(index / PATCHES_ACROSS) + more) / PATCHES_ACROSS,
    ];
    return { numbers: [...corner(from, 0), ...corner(to, 1)], isPatches: true };
  }
  const found = FORMS.flatMap((form) => [...said.matchAll(form)]);
  const isWithin = (one: RegExpExecArray, other: RegExpExecArray) =>
    one !== other && one.index >= other.index && one.index + one[0].length <= other.index + other[0].length;
  const whole = found.filter((one) => !found.some((other) => isWithin(one, other))).sort((a, b) => a.index - b.index);
  const match = whole.at(isAloud ? -1 : 0);
  return match && { numbers: match.slice(1).map(Number) };
}

/** The middle of a place as fractions of width and height. Patches are fractions already. */
export function middleOf({ numbers, isPatches }: Place, space: Space, sent: { widthPx: number; heightPx: number }) {
  const middle = numbers.length === 4 ? [0, 1].map((at) => (numbers[at]! + numbers[at + 2]!) / 2) : numbers;
  const [x, y] = (space.axes === 'xy' || isPatches ? middle : [...middle].reverse()) as [number, number];
  if (isPatches || space.kind === 'unit') return [x, y] as const;
  const [width, height] = space.kind === 'grid' ? [space.max ?? 1, space.max ?? 1] : [sent.widthPx, sent.heightPx];
  return [x / width, y / height] as const;
}

/** In place of a token that text has lost: that there was one is enough here. */
const ANY_TOKEN = textOfActionTokens([LLAMA3_VOCAB_SIZE - 1]);

/** Whether a text is seven of Magma's action tokens, which look like noise. */
export function isActionTokens(text: string): boolean {
  try {
    return actionTokensOfText(text.replaceAll('\uFFFD', ANY_TOKEN)).length > 0;
  } catch {
    return false;
  }
}

const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Han',
  'Hiragana',
  'Hangul',
  'Arabic',
  'Hebrew',
  'Thai',
  'Devanagari',
].map((script) => new RegExp(`\\p{Script=${script}}`, 'u'));
/** Chosen: an answer about a disc may be in two languages. */
const MAX_SCRIPTS = 3;
/** A text shorter than this is not judged. Chosen. */
const MIN_CHARS = 12;

/** Why a text can be no answer of a working model; `undefined` for one that can. Prose that is merely wrong is not seen. */
export function noiseIn(text: string): string | undefined {
  if (text.length < MIN_CHARS) return undefined;
  const unit = /^[\s\S]{0,80}?([\s\S]{1,24}?)\1{7,}[\s\S]{0,80}$/.exec(text.slice(0, 4000))?.[1];
  if (unit !== undefined && /\S/.test(unit)) return `it repeats '${unit.trim()}'`;
  const broken = text.match(/[\uFFFD\p{Cc}\p{Co}\p{Cn}]/gu)?.filter((one) => !/\s/.test(one)) ?? [];
  if (broken.length * 5 > text.length) return 'it is made of broken characters';
  const scripts = SCRIPTS.filter((script) => script.test(text)).length;
  return scripts > MAX_SCRIPTS ? `it mixes ${scripts} scripts` : undefined;
}
