/**
 * Episodes with a real robot and a person beside it: the robot goes home and is halted, the person resets the scene, the robot tries, the
 * person says how it went. What was not judged does not count and is begun again. Knows no robot, no terminal and no file format.
 */
import { describeError, PumiceError } from '../../errors.ts';
import type { Critic, Env, EpisodeFacts, Policy, Sink, StopSource } from '../../ports.ts';
import { type EpisodeResult, type Run, run } from '../../run.ts';
import type { EpisodeEnd } from '../../types.ts';
import type { Journal } from '../journal.ts';
import { type Evaluation, runPairs, type Score } from '../run-pairs.ts';
import { goingHome, type HomePose } from './home.ts';

type PersonsWord = NonNullable<EpisodeEnd['judged']>;

/** How one attempt went: `success` is the person's word. */
export interface RobotScore extends Score {
  readonly note?: string;
  /** What the run itself knows of how it ended. */
  readonly outcome: EpisodeEnd['outcome'];
  readonly reason: string;
  readonly recordPath?: string;
}

/** The person beside the robot. */
export interface Operator {
  readonly say: (text: string) => void;
  /** Resolves with the next line that they enter; with nothing when they have left. */
  readonly line: (question: string, signal: AbortSignal) => Promise<string | undefined>;
  /** What they stop a robot with that moves. */
  readonly stops: () => readonly StopSource[];
}

export interface RobotEpisodesOptions {
  readonly instructions: readonly string[];
  /** Of each instruction. */
  readonly attempts: number;
  readonly open: () => Promise<Env>;
  readonly home: HomePose;
  readonly policy: Policy;
  readonly critics: readonly Critic[];
  readonly operator: Operator;
  readonly journal: Journal<RobotScore>;
  /** A new one for each attempt; `file` is where it goes. */
  readonly recorder: () => Sink & { readonly file: string };
  readonly signal: AbortSignal;
  readonly stepTimeoutMs: number;
  readonly maxSteps?: number | undefined;
  /** The policy thinks ahead while its last plan plays. */
  readonly isRealTime: boolean;
}

/** Of an arm that goes home at 50 mm/s, with rests between. Chosen: 2 m. */
const HOME_STEPS = 400;
const WHO = 'episodes';

/** @throws PumiceError `body/halted` when the person leaves; `signal.reason`. What was judged by then is in the journal. */
export async function robotEpisodes(options: RobotEpisodesOptions): Promise<Evaluation<RobotScore>> {
  const { instructions, attempts, journal, signal, open, operator } = options;
  const body = reopening(open, operator, signal);
  try {
    return await runPairs<RobotScore>({
      tasks: instructions,
      seeds: Array.from({ length: attempts }, (_, at) => at + 1),
      workers: 1,
      signal,
      runEpisode: async (instruction, number) => {
        const key = `${number} ${instruction}`;
        const before = journal.done.get(key);
        if (before) return before;
        const score = await untilJudged(options, body, instruction, number);
        journal.add(key, score);
        return score;
      },
    });
  } finally {
    await body.close();
  }
}

interface Body {
  /** The body, opened if it is not. */
  readonly ready: () => Promise<Env>;
  readonly close: () => Promise<void>;
}

/** A robot that cannot be reached is opened again as often as the person wants. */
function reopening(open: () => Promise<Env>, operator: Operator, signal: AbortSignal): Body {
  let env: Env | undefined;
  return {
    ready: async () => {
      while (!env) {
        signal.throwIfAborted();
        env = await open().catch((error: unknown) => {
          operator.say(`The robot is not ready: ${describeError(error)}`);
          return undefined;
        });
        if (!env) await enter(operator, 'Enter: try again. q: leave', signal);
      }
      return env;
    },
    close: async () => {
      const closing = env;
      env = undefined;
      await closing?.close();
    },
  };
}

async function untilJudged(
  options: RobotEpisodesOptions,
  body: Body,
  instruction: string,
  number: number,
): Promise<RobotScore> {
  const { attempts, operator, signal } = options;
  for (;;) {
    operator.say(`"${instruction}", ${number} of ${attempts}`);
    await enter(operator, 'Stand clear: it goes home, slowly. Enter: go. q: leave', signal);
    const env = await body.ready();
    const atHome = await goHome(env, options);
    if (atHome.outcome !== 'success') {
      operator.say(`It is not at home: ${atHome.outcome}: ${atHome.reason}`);
      if (atHome.outcome === 'fault') await body.close();
      continue;
    }
    // A person reaches into its place: nothing leads it until the next reset, which is theirs.
    env.halt(1, 'a person resets the scene');
    await enter(operator, 'It is halted. Reset the scene, then stand clear. Enter: begin. q: leave', signal);
    const { result, file, close } = await attempt(env, options, instruction, number);
    if (signal.aborted || result.outcome === 'fault') {
      await close();
      signal.throwIfAborted();
      operator.say(`Not counted, and begun again: ${result.reason}`);
      // Its link may be gone, or its thread: another one is opened.
      await body.close();
      continue;
    }
    operator.say(`It ended: ${result.outcome}, ${result.answer ?? result.reason}`);
    const word = await wordOf(operator, signal).catch(async (error) => {
      // Whoever leaves says nothing of it.
      await close();
      throw error;
    });
    await close(word);
    if (word)
      return {
        ...{ success: word.outcome === 'success', steps: result.steps, outcome: result.outcome, reason: result.reason },
        ...(word.note !== undefined && { note: word.note }),
        ...(file !== undefined && { recordPath: file }),
      };
    operator.say('Not counted, and begun again');
  }
}

async function goHome(env: Env, { home, operator, signal }: RobotEpisodesOptions): Promise<EpisodeResult> {
  const { motion } = env.limits;
  if (!motion || motion === 'unlimited' || !env.delta)
    throw new PumiceError('config/misfit', `env ${env.name} has no limits of motion, or takes no deltas`, {
      who: WHO,
      hint: 'Use a robot with a profile',
    });
  const going = run({
    ...{ env, policy: goingHome(home, motion, env.delta), instruction: 'go home', stops: operator.stops() },
    budget: { maxSteps: HOME_STEPS },
  });
  return ended(going, signal);
}

/** The record is closed by whoever knows the person's word. */
async function attempt(
  env: Env,
  { policy, critics, operator, signal, recorder, stepTimeoutMs, maxSteps, isRealTime }: RobotEpisodesOptions,
  instruction: string,
  number: number,
) {
  const sink = recorder();
  let isOpen = false;
  let told: EpisodeEnd | undefined;
  const { motion } = env.limits;
  const rateHz = typeof motion === 'object' ? 1000 / motion.stepMs : 0;
  const going = run({
    ...{ env, policy, critics, instruction, stops: operator.stops() },
    sinks: [
      {
        ...sink,
        open: (facts: EpisodeFacts) => {
          isOpen = true;
          return sink.open?.(facts) ?? [undefined];
        },
        close: async (end) => {
          told = end;
        },
      },
    ],
    ...(maxSteps !== undefined && { budget: { maxSteps } }),
    deadlinesMs: { think: stepTimeoutMs },
    ...(isRealTime && { pace: { rateHz } }),
    facts: { attempt: String(number) },
  });
  const result = await ended(going, signal);
  return {
    result,
    file: isOpen ? sink.file : undefined,
    close: async (judged?: PersonsWord) => {
      const { outcome, reason, answer } = told ?? result;
      if (isOpen)
        await sink.close({ outcome, reason, ...(answer !== undefined && { answer }), ...(judged && { judged }) });
      isOpen = false;
    },
  };
}

async function ended(going: Run, signal: AbortSignal): Promise<EpisodeResult> {
  const stop = () => going.stop('it was interrupted');
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return going.result.finally(() => signal.removeEventListener('abort', stop));
}

async function enter(operator: Operator, question: string, signal: AbortSignal): Promise<string> {
  const line = await operator.line(question, signal);
  signal.throwIfAborted();
  const said = line?.trim();
  if (said !== undefined && !/^q(uit)?$/i.test(said)) return said;
  throw new PumiceError('body/halted', 'the person has left', { who: WHO, hint: 'Give the same command to go on' });
}

/** Nothing: it is not counted. */
async function wordOf(operator: Operator, signal: AbortSignal): Promise<PersonsWord | undefined> {
  let question = 'How did it go? s: success, f: failure, then a note if you like. a: again, not counted. q: leave';
  for (;;) {
    const said = await enter(operator, question, signal);
    if (/^a(gain)?$/i.test(said)) return undefined;
    const [, how, note = ''] = /^(s|success|f|failure)(?:[\s:,]+(.*))?$/is.exec(said) ?? [];
    if (how)
      return {
        by: 'person',
        outcome: how.toLowerCase().startsWith('s') ? 'success' : 'failure',
        ...(note.trim() !== '' && { note: note.trim() }),
      };
    question = `Expected s, f, a or q, got '${said}'`;
  }
}
