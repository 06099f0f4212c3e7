/** The fake bodies keep the contract of every env. Bodies that take a browser or a simulator have theirs beside their own tests. */
import { monotonicScheduler } from 'pumice';
import { fakeMass, fakePage } from 'pumice/envs/fake';
import { envContract } from 'pumice/testing';
import { describe, it } from 'vitest';
import { BODIES } from '../loop-story.ts';

const makers = [fakePage, fakeMass];
describe.each(BODIES.map((row, i) => ({ ...row, fake: makers[i]! })))('$body', ({ fake, ordinary }) => {
  for (const { title, check } of envContract(
    async () => fake({ scheduler: monotonicScheduler }),
    { instruction: 'go' },
    ordinary,
  ))
    it(title, check);
});
