/** `pumice compare`: two result files on equal seeds, in the terminal and as a page with pictures of what failed. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { describeError, PumiceError } from '../errors.ts';
import { compareResults, comparisonText } from '../eval/suite/compare.ts';
import { comparePage, type Failure } from '../eval/suite/page.ts';
import { type Result, type ResultEpisode, readResult } from '../eval/suite/result.ts';
import { readEpisode } from '../record/index.ts';
import { thumbnail } from '../vision/thumbnail.ts';
import { labelsOf } from './eval-parts.ts';
import { EXIT } from './exit.ts';

export interface CompareFlags {
  readonly html?: string;
  readonly records: readonly string[];
}

/** Pictures on one page. Chosen: a page that opens at once. */
const MOST = 60;
const WIDTH_PX = 320;

/** @returns the exit code. */
export async function compareFiles(files: readonly [string, string], { html, records }: CompareFlags): Promise<number> {
  if (records.length > files.length)
    throw new PumiceError('cli/usage', `--records: expected one folder for each result, got ${records.length}`, {
      who: 'pumice compare',
      hint: 'Give the folder of the first, then that of the second',
    });
  const results = files.map(readResult) as [Result, Result];
  const names = labelsOf(files.map((file) => ({ name: parse(file).name }))) as [string, string];
  const comparison = compareResults(names, results);
  process.stdout.write(`${comparisonText(comparison)}\n`);
  if (html === undefined) return EXIT.success;
  const failed = results.map(({ episodes }) => episodes.filter(({ success }) => !success));
  // In turn, so that one that fails often does not hide the other.
  const inTurn = failed
    .flatMap((some, of) => some.map((episode, at) => ({ of, at, episode })))
    .sort((a, b) => a.at - b.at || a.of - b.of);
  const shown = inTurn.slice(0, MOST);
  const failures = await Promise.all(
    shown.map(async ({ of, episode }): Promise<Failure> => {
      const picture = await pictureOf(episode, results[of]!, records[of]);
      const { task, seed, steps, instruction = '', outcome = 'failure', reason = '' } = episode;
      return { result: names[of]!, task, seed, steps, instruction, outcome, reason, ...(picture && { picture }) };
    }),
  );
  const setups = results.map(({ setup }) => JSON.stringify(setup, null, 1)) as [string, string];
  const page = comparePage({ comparison, setups, failures, failuresInAll: inTurn.length });
  await writeFile(html, page).catch((cause: unknown) => {
    throw new PumiceError('record/write-failed', `could not write '${html}': ${describeError(cause)}`, {
      who: 'pumice compare',
      hint: 'Give another place with --html FILE',
      cause,
    });
  });
  return EXIT.success;
}

/** The last picture that was recorded of an episode. */
async function pictureOf(
  { task, seed }: ResultEpisode,
  { setup }: Result,
  folder: string | undefined,
): Promise<string | undefined> {
  const policy = (setup as { readonly policy?: { readonly name?: string } }).policy?.name;
  if (folder === undefined || policy === undefined) return undefined;
  const file = join(folder, 'policy', `${parse(policy).name}-${task}-${seed}.mcap`);
  if (!existsSync(file)) return undefined;
  const { steps } = await readEpisode(file);
  const frame = steps.findLast(({ observation }) => observation && observation.frames.length > 0)?.observation
    ?.frames[0];
  if (!frame) return undefined;
  const { data } = await thumbnail(frame, WIDTH_PX);
  return `data:image/jpeg;base64,${Buffer.from(data).toString('base64')}`;
}
