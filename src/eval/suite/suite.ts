/**
 * A suite as data: which tasks, which seeds, what counts as done, and what has to hold before a number of it is worth anything.
 * One suite is one dimension: no number is ever made over two of them.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { describeError, PumiceError } from '../../errors.ts';

const words = z.string().min(1);
const share = z.number().min(0).max(1);

/** Nothing in it has a default, guards least of all. */
const suiteSchema = z
  .strictObject({
    name: words,
    summary: words,
    /** The body that plays it: the arm that pumice brings, a robot in a simulator of others, or pages of MiniWoB++. */
    env: z.enum(['sim', 'simpler', 'browser']),
    /** Of env `simpler`: which simulator, when it counts a success, and what the number of an episode is to it. */
    simulator: z
      .strictObject({
        backend: words,
        success: z.enum(['first', 'final', 'any']),
        numberIs: z.enum(['seed', 'episode']),
      })
      .optional(),
    tasks: z.array(words).min(1).readonly(),
    /** Of every task, as `--seeds` has them. */
    seeds: words,
    /** What is counted as success, in words. */
    successRule: words,
    guards: z.strictObject({
      /** Sees the true state, or knows the rules: where it fails, the world or its judge is broken. */
      oracle: z.strictObject({ policy: words, atLeast: share }),
      /** Does nothing: where it succeeds, the judge gives success away. */
      nothing: z.strictObject({ policy: words, atMost: share }),
      /** The first seeds of each task, which both play. */
      seedsPerTask: z.int().min(1),
    }),
  })
  .readonly()
  .refine(({ env, simulator }) => (env === 'simpler') === (simulator !== undefined), {
    message: 'expected a simulator with env simpler, and with no other',
  })
  .refine(({ guards: { oracle, nothing } }) => oracle.atLeast > nothing.atMost, {
    message: 'expected more of the oracle than of a policy that does nothing',
  });
export type Suite = z.output<typeof suiteSchema>;

/**
 * A suite of the user's own.
 *
 * @throws PumiceError `config/invalid`.
 */
export function readSuite(file: string): Suite {
  const refuse = (what: string, cause?: unknown) =>
    new PumiceError('config/invalid', `'${file}' is no suite: ${what}`, {
      who: 'pumice eval suite',
      hint: 'Write it as docs/evaluation.md shows; nothing in it has a default',
      cause,
    });
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw refuse(describeError(cause), cause);
  }
  const { data, error } = suiteSchema.safeParse(content);
  if (data) return data;
  throw refuse(error.issues.map(({ path, message }) => `${path.join('.') || 'all of it'}: ${message}`).join('; '));
}

/** One part of several machines' work. */
export interface Shard {
  /** From 1 on. */
  readonly part: number;
  readonly of: number;
}

/** Every n-th episode, so that each part has some of every task. */
export const isInShard = (at: number, { part, of }: Shard): boolean => at % of === part - 1;
