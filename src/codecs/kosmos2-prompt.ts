/**
 * What KOSMOS-2 is asked with: plain text with tags in it, boxes written as cells after the phrase that they belong to. It has no chat
 * template. Read from transformers 5.23.0 `models/kosmos2/processing_kosmos2.py` (`preprocess_examples`) and the forms that
 * microsoft/unilm `kosmos-2/` and its model card use.
 */
import { PumiceError } from '../errors.ts';
import { cellsOfBox, cellTag, type NormBox } from './kosmos2-grid.ts';
import { strip } from './python.ts';

/** A box as two cells or as four parts of the picture. */
export type PromptBox = readonly [ul: number, lr: number] | NormBox;
/** The boxes of one phrase. */
export type PhraseBoxes = null | PromptBox | readonly PromptBox[];

/** Latent tokens that stand for the picture. */
const PICTURE_TOKENS = 64;
const PICTURE = `${'<image> '.repeat(1 + PICTURE_TOKENS)}</image> `;
const PHRASE = /<phrase>[^\n]+?<\/phrase>/g;

/**
 * The prompt as the tokenizer gets it, `<s>` left out.
 *
 * @param boxes - one entry for each `<phrase>..</phrase>` of the text, null where a phrase has none; absent or empty: no boxes at all.
 * @param hasPicture - whether the picture's own tokens go in front. A server that runs the original processor adds them itself.
 * @throws PumiceError `config/invalid` where boxes and phrases do not fit; `decode/out-of-range` for a box without area.
 */
export function kosmos2Prompt(text: string, boxes?: readonly PhraseBoxes[] | null, hasPicture = false): string {
  const whole = (hasPicture ? PICTURE : '') + strip(text);
  const given = (boxes ?? []).map(listOf);
  if (given.length === 0) return whole;
  const phrases = whole.match(PHRASE)?.length ?? 0;
  if (phrases !== given.length)
    throw invalid(`expected boxes for each of ${phrases} <phrase>..</phrase>, got ${given.length}`);
  let at = 0;
  return whole.replace(PHRASE, (phrase) => phrase + objectOf(given[at++]!));
}

const isNumber = (value: unknown) => typeof value === 'number';
const isBox = (value: unknown): value is PromptBox =>
  Array.isArray(value) &&
  ((value.length === 2 && value.every(Number.isInteger)) || (value.length === 4 && value.every(isNumber)));

function listOf(boxes: PhraseBoxes): readonly PromptBox[] {
  const list: readonly unknown[] = boxes === null ? [] : Array.isArray(boxes) && !isNumber(boxes[0]) ? boxes : [boxes];
  if (list.every(isBox)) return list;
  throw invalid(`expected boxes of 2 whole or 4 numbers, got ${JSON.stringify(boxes)}`);
}

/** With blanks between the tags; the model answers without. */
function objectOf(boxes: readonly PromptBox[]): string {
  if (boxes.length === 0) return '';
  const pairs = boxes.map((box) => {
    const [ul, lr] = box.length === 2 ? box : cellsOfBox(box);
    return `${cellTag(ul)} ${cellTag(lr)}`;
  });
  return `<object> ${pairs.join(' </delimiter_of_multi_objects/> ')} </object>`;
}

const invalid = (message: string) =>
  new PumiceError('config/invalid', message, {
    who: 'codec kosmos2',
    hint: 'Give one entry for each phrase: null, one box or a list of boxes',
  });

/** Words that become part of a prompt: without what the model would take for a tag. */
const words = (text: string): string => {
  if (/[<>\n]/.test(text) || strip(text) === '')
    throw new PumiceError('config/invalid', `expected words without <, > and line ends, got ${JSON.stringify(text)}`, {
      who: 'codec kosmos2',
      hint: 'Say it in plain words',
    });
  return strip(text);
};

/**
 * The questions it was trained for. All but `caption` ask for boxes; a phrase gets a box whether or not the thing is there, so ask
 * whether there is one first.
 */
export const KOSMOS2_PROMPTS = {
  caption: () => 'An image of',
  brief: () => '<grounding> An image of',
  detailed: () => '<grounding> Describe this image in detail:',
  /** Where is it? A thing ("a snowman") or one told from others ("a snowman next to a fire"). */
  phrase: (phrase: string) => `<grounding><phrase> ${words(phrase)}</phrase>`,
  /** What is in the box? */
  referring: (box: PromptBox) => kosmos2Prompt('<grounding><phrase> It</phrase> is', [box]),
  question: (question: string) => `<grounding> Question: ${words(question)} Answer:`,
  /** A question about what is in a box: `asking('What is', 'this character', box, '?')`. */
  asking: (before: string, phrase: string, box: PromptBox, after: string) =>
    kosmos2Prompt(`<grounding> Question: ${words(before)}<phrase> ${words(phrase)}</phrase>${words(after)} Answer:`, [
      box,
    ]),
} as const;
