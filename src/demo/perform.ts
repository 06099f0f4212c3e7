/**
 * Lets the agent do one task of the demo: tells each step, records the episode, asks the app whether it is done, and writes the
 * report. Knows neither terminal nor browser.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monotonicNowMs } from '../clock.ts';
import type { Dashboard } from '../dashboard/index.ts';
import { PumiceError } from '../errors.ts';
import type { Env, Marker, Policy } from '../ports.ts';
import { type Episode, readEpisode, renderReport } from '../record/index.ts';
import { type EpisodeResult, run } from '../run.ts';
import type { StepRecord } from '../types.ts';
import { type Paint, stepLines } from './progress.ts';
import { resting } from './resting.ts';
import type { DemoTask } from './tasks.ts';

export interface Stage {
  readonly env: Env;
  readonly policy: Policy;
  readonly marker: Marker;
  /** Where records and reports go. */
  readonly folder: string;
  /** Rest before each step, so that a person can follow, ms. */
  readonly restMs: () => number;
  readonly board: Dashboard | undefined;
  readonly say: (line: string) => void;
  readonly paint: Paint;
  /** Aborted when the person wants it to end. */
  readonly signal: AbortSignal;
}

/** How a task went. */
export interface Performance {
  readonly task: DemoTask;
  readonly result: EpisodeResult;
  readonly episode: Episode;
  /** What the app says, whatever the agent believes. */
  readonly check: ReturnType<DemoTask['check']>;
  readonly done: boolean;
  readonly durationMs: number;
  /** File name of the report, in the folder. */
  readonly report: string;
}

export async function perform(task: DemoTask, stage: Stage): Promise<Performance> {
  const { env, policy, marker, folder, say, paint, signal, board } = stage;
  const path = join(folder, `${task.id}.mcap`);
  const startedMs = monotonicNowMs();
  const attempt = run({
    ...{ env, policy: resting(policy, stage.restMs), marker },
    ...{ instruction: task.instruction, record: path, budget: { maxSteps: 40 } },
    ...(board && { approver: board.approver, stops: [board.stops] }),
  });
  board?.watch(attempt, env);
  const stop = () => attempt.stop('Ctrl-C');
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  let before: StepRecord | undefined;
  for await (const record of attempt) {
    for (const line of stepLines(record, before, paint)) say(line);
    before = record;
  }
  const result = await attempt.result;
  signal.removeEventListener('abort', stop);
  const durationMs = monotonicNowMs() - startedMs;
  const check = task.check();
  const episode = await readEpisode(path).catch((cause) => {
    // The disk is the likely reason, and the run knows it better.
    throw new PumiceError('record/invalid', `no record of task ${task.id}: ${result.reason}`, { who: 'demo', cause });
  });
  const report = `${task.id}.html`;
  await writeFile(join(folder, report), await renderReport(episode));
  return { task, result, episode, check, done: result.outcome === 'success' && check.done, durationMs, report };
}
