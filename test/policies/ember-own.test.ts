/** The model that pumice brings: whole, and of the words that it is trained on. */
import { describe, expect, it } from 'vitest';
import { wordsFor } from '../../envs/sim/words.ts';
import { readModel } from '../../policies/ember/model.ts';
import { readSentence } from '../../policies/ember/sentence.ts';
import { KINDS } from '../../policies/ember/train/goals.ts';

describe('ember.onnx', () => {
  it('is what its card says, and knows the words of the tasks', () => {
    expect(readModel().vocabulary).toEqual(['<pad>', '<unknown>', ...wordsFor(KINDS)]);
  });

  it('takes at most 4 MB', () => {
    expect(readModel().weights.length).toBeLessThanOrEqual(4_000_000);
  });
});

describe('a sentence', () => {
  const read = (sentence: string) => readSentence(sentence, readModel().vocabulary);

  it.each(['push the red block to the left', 'slide the blue cube along', 'could you move the red block to the right'])(
    'that asks it to push is refused, since it never learned to: %s',
    (sentence) => {
      expect(() => read(sentence)).toThrow(/never learned to push/);
    },
  );

  it('in other words than those it was trained on is read', () => {
    expect(read('put the red block on the plate on the right').unknown).toEqual(['right']);
    expect(read('move until you are right over the red cube').unknown).toEqual(['until', 'are', 'right']);
  });
});
