/**
 * The arm demo: a simulated arm does what sentences say, each episode recorded and reported. Whether a task is done is for the
 * world's own judge to say, whatever the policy believes.
 */
import { join } from 'node:path';
import { manipulator } from 'pumice/agents/manipulator';
import { type SimOracle, STEP_BUDGET } from 'pumice/envs/sim';
import type { Agent } from '../agent.ts';
import { monotonicNowMs } from '../clock.ts';
import type { Dashboard } from '../dashboard/index.ts';
import { describeError, PumiceError } from '../errors.ts';
import type { Critic } from '../ports.ts';
import { prepare } from '../prepare.ts';
import { readEpisode } from '../record/index.ts';
import { durationText } from '../record/report/view.ts';
import { writeReport } from '../record/write-report.ts';
import type { EpisodeResult } from '../run.ts';
import type { StepRecord } from '../types.ts';
import { ARM_CRITIC_TEXT, ARM_POLICY_TEXT, createArmCritic, createArmPolicy } from './arm-policy.ts';
import { armStepLine, countSaid, PICTURE_COLUMNS, PICTURE_ROWS, pictureLines } from './arm-progress.ts';
import { EXAMPLES, goalOf } from './arm-words.ts';
import { resting } from './resting.ts';
import { askLine, ink, isTerminal, makeFolder, say } from './terminal.ts';

export interface ArmDemoOptions {
  readonly sentence?: string;
  readonly seed?: number;
  /** The seed alone says what is on the table. */
  readonly asIs: boolean;
  readonly dryRun: boolean;
  readonly board: Dashboard | undefined;
  readonly signal: AbortSignal;
}

/** What it does when it is not told: hover, pick, put. */
const TASKS: readonly string[] = EXAMPLES.slice(0, 3);
const FIRST_SEED = 3;
/** Rest before each step when a person watches, ms. Chosen: with the step itself about the 5 Hz of the arm. */
const WATCHED_REST_MS = 120;

/** What is there for every attempt. */
interface Stage {
  readonly agent: Agent;
  readonly critic: Critic;
  readonly oracle: () => SimOracle;
  readonly folder: string;
  readonly dryRun: boolean;
  readonly board: Dashboard | undefined;
  readonly signal: AbortSignal;
}

interface Attempt {
  readonly name: string;
  readonly sentence: string;
  readonly seed: number;
}

/** @returns the exit code: 0 when all tasks of the last showing were done. */
export async function armDemo(options: ArmDemoOptions): Promise<number> {
  const { sentence, seed = FIRST_SEED, asIs, dryRun, board, signal } = options;
  let sentences = sentence === undefined ? TASKS : [sentence];
  sentences.forEach(goalOf);
  let channel: SimOracle | undefined;
  const oracle = () => channel!;
  const useOracle = (given: SimOracle) => {
    channel = given;
  };
  const restMs = () => (canShowPictures() || board?.isAttended() ? WATCHED_REST_MS : 0);
  const policy = { ...resting(createArmPolicy(), restMs), useOracle };
  const critic = createArmCritic();
  await using _critic = { [Symbol.asyncDispose]: async () => critic.close?.() };
  await using agent = await manipulator({ policy, oracle: true, fit: !asIs });
  say(`${ink.bold('pumice demo')}: an arm at a table`);
  say('  body     simulated, two cameras, 5 Hz');
  say(`  policy   ${ARM_POLICY_TEXT}`);
  say(`  critic   ${ARM_CRITIC_TEXT}`);
  await prepare(critic, { signal });
  const stage: Stage = { agent, critic, oracle, folder: await makeFolder('arm'), dryRun, board, signal };
  let count = 0;
  for (let layout = seed; ; ) {
    let isAllDone = true;
    for (const [at, text] of sentences.entries()) {
      if (signal.aborted) break;
      if ((await board?.cleared(signal)) === false) {
        isAllDone = false;
        break;
      }
      say();
      say(`${ink.bold(`${at + 1} of ${sentences.length}  ${text}`)}  ${ink.soft(`(seed ${layout})`)}`);
      count += 1;
      const name = `${count}-${goalOf(text).kind}`;
      const isDone = await attempt(stage, { name, sentence: text, seed: layout });
      isAllDone &&= isDone;
    }
    const next = isTerminal && !signal.aborted ? await nextSentences(sentences, signal) : undefined;
    if (!next) return isAllDone && !signal.aborted ? 0 : 1;
    // A new sentence is for what is on the table now.
    if (next === sentences) layout = (layout + 1) >>> 0;
    sentences = next;
  }
}

/** What the person wants next; none when they leave. */
async function nextSentences(before: readonly string[], signal: AbortSignal): Promise<readonly string[] | undefined> {
  for (;;) {
    say();
    say(ink.bold('What should the arm do? ') + ink.soft('(Enter: another layout, q: quit)'));
    const line = (await askLine(signal)).trim();
    if (line.toLowerCase() === 'q') return undefined;
    if (line === '') return before;
    try {
      goalOf(line);
      return [line];
    } catch (error) {
      say(ink.bad(describeError(error)));
    }
  }
}

/** One task, with its record and its report. @returns whether it was done; in a dry run, whether it went through. */
async function attempt(
  { agent, critic, oracle, folder, dryRun, board, signal }: Stage,
  { name, sentence, seed }: Attempt,
): Promise<boolean> {
  const record = join(folder, `${name}.mcap`);
  const startedMs = monotonicNowMs();
  const budget = dryRun ? {} : { maxSteps: STEP_BUDGET[goalOf(sentence).kind] };
  const run = agent.run({
    ...{ instruction: sentence, seed, record, dryRun, budget, critics: [critic] },
    ...(board && { approver: board.approver, stops: [board.stops] }),
  });
  board?.watch(run, agent);
  const stop = () => run.stop('Ctrl-C');
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const view = createView();
  let said = { asked: 0, no: 0 };
  for await (const step of run) {
    said = countSaid(said, step);
    await view.show(step);
  }
  const result = await run.result;
  signal.removeEventListener('abort', stop);
  const length = `${result.steps} step${result.steps === 1 ? '' : 's'}, ${durationText(monotonicNowMs() - startedMs)}`;
  const { first, wrong } = oracle().score();
  const isDone = dryRun ? result.outcome !== 'fault' : first && !wrong;
  if (signal.aborted) say(ink.bad(`      Stopped (${length}).`));
  else if (dryRun) say(`      Dry run (${length}): nothing was sent to the arm.`);
  else if (isDone) say(ink.good(`      Done (${length}), says the world's own judge.`));
  else say(ink.bad(`      Not done (${length}): ${whyNot(result, wrong)}.`));
  say(`      ${critic.name} was asked ${said.asked} times and said no ${said.no} times.`);
  await report(record, signal);
  return isDone;
}

function whyNot({ outcome, reason }: EpisodeResult, wrong: boolean): string {
  if (wrong) return 'another block was moved';
  if (outcome === 'failure') return `the policy says it cannot: ${reason}`;
  if (outcome === 'success') return "the policy says it is done, the world's own judge does not";
  return reason;
}

/** Page and video beside the record; after Ctrl-C the page alone. */
async function report(record: string, signal: AbortSignal): Promise<void> {
  const episode = await readEpisode(record).catch((cause) => {
    throw new PumiceError('record/invalid', `no record of it: ${describeError(cause)}`, { who: 'demo', cause });
  });
  const page = record.replace(/\.mcap$/, '.html');
  const onProgress = (done: number, all: number) => {
    if (isTerminal) process.stdout.write(`\r\u001b[K${ink.soft(`      Video: ${done} of ${all}`)}`);
  };
  const written = await writeReport(episode, page, { onProgress, ...(signal.aborted && { video: false }) });
  if (isTerminal) process.stdout.write('\r\u001b[K');
  say(`      Report: ${written.page}`);
  if (written.video !== undefined) say(`      Video:  ${written.video}`);
  if (written.problem !== undefined) say(ink.bad(`      No video: ${written.problem}`));
  if (written.unchecked.length > 0)
    say(ink.bad(`      ${written.unchecked.length} acts are not shown to have been checked: see the report`));
}

const canShowPictures = () =>
  isTerminal &&
  /truecolor|24bit/.test(process.env.COLORTERM ?? '') &&
  process.env.NO_COLOR === undefined &&
  process.stdout.columns > PICTURE_COLUMNS + 6 &&
  process.stdout.rows > PICTURE_ROWS + 4;

/** A line for each step; below them, on a terminal that can, what the arm sees. */
function createView() {
  const hasPicture = canShowPictures();
  let shownRows = 0;
  return {
    show: async (step: StepRecord) => {
      // The picture before is overwritten from its first line on.
      const back = shownRows > 0 ? `\u001b[${shownRows}A\u001b[J` : '';
      const frame = step.observation?.frames[0];
      const lines = hasPicture && frame ? await pictureLines(frame) : [];
      shownRows = lines.length;
      process.stdout.write(`${back}${[armStepLine(step, ink), ...lines].join('\n')}\n`);
    },
  };
}
