/** Says before anything moves whether a sentence is one for the arm, and if not, why and what would be. Pure. */
import { COLOURS, type Goal, parseGoal, TRAINED_WORDS } from 'pumice/envs/sim';
import { PumiceError } from '../errors.ts';

export const EXAMPLES = [
  'hover over the blue block',
  'pick up the red block',
  'put the red block on the blue plate',
] as const;

/** @throws PumiceError `cli/usage` for what no judge of this scene can tell done. Words that only the model lacks are its affair. */
export function goalOf(sentence: string): Goal {
  const goal = parseGoal(sentence);
  if (goal) return goal;
  const what = problemOf(sentence) ?? `'${sentence}' is no task of this scene: say what to do with which block`;
  throw new PumiceError('cli/usage', what, { hint: `Try: ${EXAMPLES.map((example) => `"${example}"`).join(', ')}` });
}

function problemOf(sentence: string): string | undefined {
  const words: readonly string[] = sentence.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return 'the sentence is empty';
  const unknown = [...new Set(words.filter((word) => !TRAINED_WORDS.includes(word)))];
  for (const word of unknown) {
    const noun = words[words.indexOf(word) + 1];
    if (noun === 'block' || noun === 'plate')
      return `there is no ${word} ${noun} in this scene: the colours are ${COLOURS.join(', ')}`;
  }
  if (unknown.length === 0) return undefined;
  return `the model does not know the word${unknown.length > 1 ? 's' : ''} ${unknown.map((word) => `'${word}'`).join(', ')}`;
}
