/** The model that pumice brings: whole, and of the words that it is trained on. */
import { TRAINED_WORDS } from 'pumice/envs/sim';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../policies/ember/model.ts';

describe('ember.onnx', () => {
  it('is what its card says, and knows the words of the tasks', () => {
    expect(readModel().vocabulary).toEqual(['<pad>', '<unknown>', ...TRAINED_WORDS]);
  });

  it('takes at most 4 MB', () => {
    expect(readModel().weights.length).toBeLessThanOrEqual(4_000_000);
  });
});
