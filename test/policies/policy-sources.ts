/** The sources of all policies, and what of foreign words is in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = new URL('../../policies/', import.meta.url).pathname;

export const policySources = (): { readonly file: string; readonly source: string }[] =>
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, source: readFileSync(join(FOLDER, file), 'utf8') }));

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** All runs of `length` words in a text, folded. */
export function phrasesOf(text: string, length: number): Set<string> {
  const words = wordsOf(text);
  return new Set(words.slice(length - 1).map((_, at) => words.slice(at, at + length).join(' ')));
}

/** Which of the phrases, all of `length` words, stand in a source. */
export const foreignPhrases = (source: string, phrases: Iterable<string>, length: number): string[] => {
  const own = phrasesOf(source, length);
  return [...phrases].filter((phrase) => own.has(phrase));
};
