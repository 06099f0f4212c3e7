/**
 * What ember makes of a sentence, and the critic that was taught the same words: numbers, and which words they do not have. A sentence
 * that cannot be understood is refused before the arm moves: a network has an answer for everything. Pure.
 */
import { PumiceError } from 'pumice';
import { MOST_WORDS, tokensOf, wordsOf } from './input.ts';

export interface Sentence {
  readonly tokens: readonly number[];
  readonly unknown: readonly string[];
  /** Whether there is a place to bring something to, besides the thing itself. */
  readonly hasDestination: boolean;
  /** Words after the last one that is read. */
  readonly cut: readonly string[];
}

/** What the tasks that ember was trained on are told apart by. */
const COLOURS = ['red', 'green', 'blue', 'yellow'];
const VERBS = ['hover', 'pick', 'put', 'stack'];
/** What it never learned, and would take for something else: to push (how far it has pushed shows in no single picture). */
const PUSHES = /\b(push|shove|slide|nudge)\b|\bto the (left|right)\b/;
/** Known words among all, below which the rest is no sentence to ember. Chosen: phrasings it never saw have 0.6 and more. */
const KNOWN_SHARE = 0.5;
/** Changed letters up to which a known word is held to be meant. */
const NEAR_LETTERS = 2;

/**
 * @throws PumiceError `policy/unparsed` for a sentence without a colour, or of mostly unknown words; it names the nearest known ones.
 */
export function readSentence(text: string, vocabulary: readonly string[], who = 'policy ember'): Sentence {
  const refusal = (what: string) => refusalOf(text, what, vocabulary, who);
  const all = wordsOf(text);
  const words = all.slice(0, MOST_WORDS);
  const unknown = [...new Set(words.filter((word) => !vocabulary.includes(word)))];
  const colours = words.filter((word) => COLOURS.includes(word) && vocabulary.includes(word));
  const known = words.filter((word) => vocabulary.includes(word));
  const isPush = !vocabulary.includes('push') && PUSHES.test(words.join(' '));
  if (isPush) throw refusal('it never learned to push');
  if (colours.length === 0 || known.length < KNOWN_SHARE * words.length) throw refusal(problemOf(unknown, vocabulary));
  return {
    tokens: tokensOf(text, vocabulary),
    unknown,
    hasDestination: colours.length > 1,
    cut: all.slice(MOST_WORDS),
  };
}

function problemOf(unknown: readonly string[], vocabulary: readonly string[]): string {
  if (unknown.length === 0) return 'it names no colour';
  const near = unknown.flatMap((word) => nearest(word, vocabulary).map((known) => `'${known}' for '${word}'`));
  const meant = near.length > 0 ? `, perhaps ${near.join(', ')}` : '';
  return `it does not know ${unknown.map((word) => `'${word}'`).join(', ')}${meant}`;
}

function refusalOf(text: string, what: string, vocabulary: readonly string[], who: string): PumiceError {
  const listed = (words: readonly string[]) => words.filter((word) => vocabulary.includes(word)).join(', ');
  return new PumiceError('policy/unparsed', `cannot make out ${JSON.stringify(text)}: ${what}`, {
    who,
    hint: `Say which block by its colour (${listed(COLOURS)}) and what to do (${listed(VERBS)}), as in 'put the red block on the blue plate'`,
  });
}

/** The known word that takes fewest changes; none for words that are like none. */
function nearest(word: string, vocabulary: readonly string[]): string[] {
  const most = Math.min(NEAR_LETTERS, Math.floor(word.length / 3));
  const ranked = vocabulary
    .map((known) => ({ known, changes: changesBetween(word, known) }))
    .filter(({ changes }) => changes <= most)
    .sort((a, b) => a.changes - b.changes);
  return ranked.slice(0, 1).map(({ known }) => known);
}

/** Letters to insert, drop or replace. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (b[j] === letter ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
