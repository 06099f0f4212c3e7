/** The result file of a suite: all that decides its numbers, the guards, and every episode. Read, checked and put together from shards. Pure but for reading. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { describeError, PumiceError } from '../../errors.ts';
import { evaluationOf } from '../run-pairs.ts';

const episodeSchema = z.object({
  task: z.string(),
  seed: z.int(),
  success: z.boolean(),
  steps: z.number(),
  instruction: z.string().optional(),
  outcome: z.string().optional(),
  reason: z.string().optional(),
});
const evaluationSchema = z.object({ summary: z.unknown(), episodes: z.array(episodeSchema).readonly() });
const setupSchema = z.looseObject({ shard: z.strictObject({ part: z.int(), of: z.int() }).optional() });
const resultSchema = z.object({
  setup: setupSchema.default({}),
  guards: z.unknown().optional(),
  ...evaluationSchema.shape,
  latency: z.array(z.object({ addedMs: z.number(), ...evaluationSchema.shape })).optional(),
});

/** How one episode went, as far as any result file says it. */
export type ResultEpisode = z.infer<typeof episodeSchema>;
/** A result file of `pumice eval`: of a suite, or of the arm or web tasks by themselves. */
export type Result = z.infer<typeof resultSchema>;

const who = 'pumice eval';

/** @throws PumiceError `config/invalid` for a file that is no result. */
export function readResult(file: string): Result {
  const refuse = (what: string, cause?: unknown) =>
    new PumiceError('config/invalid', `'${file}' is no result of an evaluation: ${what}`, {
      who,
      hint: 'Give a file that pumice eval wrote with --json',
      cause,
    });
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw refuse(describeError(cause), cause);
  }
  const { data, error } = resultSchema.safeParse(content);
  if (!data) throw refuse(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  if (keysOf(data.episodes).size !== data.episodes.length) throw refuse('an episode is there twice');
  // As it stands in the file, in its order: what is put together from shards is the same to the byte.
  return { setup: data.setup, ...(content as object) } as Result;
}

const keysOf = (episodes: readonly ResultEpisode[]) => new Set(episodes.map(({ task, seed }) => `${task} ${seed}`));

/**
 * Puts all shards of one suite together: the file that one machine would have written.
 *
 * @throws PumiceError `config/misfit` where something but the shard differs, or a part is missing or there twice.
 */
export function mergeShards(results: readonly Result[]): Result {
  const misfit = (what: string) =>
    new PumiceError('config/misfit', what, { who, hint: 'Give each shard of one evaluation once' });
  const [first] = results;
  const { of } = first?.setup.shard ?? { of: 0 };
  if (!first || of === 0) throw misfit('expected results of --shard, got one without');
  const parts = results.map(({ setup }) => setup.shard?.part).sort((a, b) => a! - b!);
  if (parts.length !== of || parts.some((part, at) => part !== at + 1))
    throw misfit(`expected parts 1 to ${of}, got ${parts.join(', ')}`);
  const { shard: _, ...setup } = first.setup;
  for (const { setup: other, guards } of results) {
    const { shard, ...rest } = other;
    const differs = [...differencesOf(setup, rest), ...(shard?.of === of ? [] : ['number of shards'])];
    if (JSON.stringify(guards) !== JSON.stringify(first.guards)) differs.push('guards');
    if (differs.length > 0) throw misfit(`the shards differ in ${differs.join(', ')}`);
  }
  const tasks = (setup as { suite?: { tasks?: string[] } }).suite?.tasks ?? [];
  const together = (of: (result: Result) => readonly ResultEpisode[]) => {
    const episodes = results.flatMap(of);
    if (keysOf(episodes).size !== episodes.length) throw misfit('two shards have the same episode');
    return evaluationOf(tasks, episodes);
  };
  return {
    ...first,
    setup,
    ...together(({ episodes }) => episodes),
    ...(first.latency && {
      latency: first.latency.map((one, at) => ({ ...one, ...together(({ latency }) => latency![at]!.episodes) })),
    }),
  };
}

/** Names of what is not the same in two setups. */
export const differencesOf = (
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): readonly string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]),
  );
