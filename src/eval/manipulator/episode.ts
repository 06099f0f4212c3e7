/**
 * Runs one episode with the simulated arm through the real runtime: its loop, its gate with the ordinary rules and the critics that are asked for. The policy sees
 * frames; the judge sees the state. What goes wrong in an episode is its result, never an error.
 */
import { from, tap } from 'rxjs';
import { type CameraName, type SimEnv, type SimOracle, sim, type TaskKind } from '../../../envs/sim/index.ts';
import { PumiceError } from '../../errors.ts';
import type { Critic, Env, Policy } from '../../ports.ts';
import { run } from '../../run.ts';
import type { Frame, Outcome, Sensed, StepRecord } from '../../types.ts';
import { recordFile } from '../record-file.ts';
import type { Score } from '../run-pairs.ts';
import { envPart, type Perturbation } from './perturb.ts';
import { planOf } from './plan.ts';

export interface EpisodeSettings {
  readonly perturb: Perturbation;
  readonly cameras: readonly CameraName[];
  /** Longest thought, ms. */
  readonly stepTimeoutMs: number;
  /** Folder of recordings; none are made without it. */
  readonly records?: string;
  /** The body is a robot in a simulator of others, in place of the arm that pumice brings. */
  readonly simulator?: SimulatorSettings;
  /** The body is a browser, on pages of this folder. */
  readonly pages?: { readonly htmlDir: string };
}

export interface SimulatorSettings {
  readonly backend: string;
  /** Python that has the simulator. */
  readonly python: string;
  readonly success: 'first' | 'final' | 'any';
  /** What the number of an episode is: a seed, or its place in the grid of a benchmark. */
  readonly numberIs: 'seed' | 'episode';
  /** Looked through; without it the task's own. */
  readonly cameras?: readonly string[];
}

/** How one episode went; nothing in it hangs on the clock, so that the same episode gives the same result. */
export interface ArmScore extends Score {
  readonly instruction: string;
  /** Seed of the layout. */
  readonly layoutSeed: number;
  /** The three rules; `held` is `success`. Where the block is absent all are: none was lifted. */
  readonly final: boolean;
  readonly held: boolean;
  readonly any: boolean;
  readonly stepsToHeld?: number;
  /** Another block than the wanted one was lifted. */
  readonly wrong: boolean;
  /** The policy said that it cannot be done. */
  readonly declined: boolean;
  readonly denied: number;
  /** Actions that a limit made smaller. */
  readonly limited: number;
  /** Inferences that gave no action. */
  readonly failedThoughts: number;
  readonly outcome: Outcome;
  readonly reason: string;
}

/** What the clock says of an episode; kept apart. */
export interface ArmTimes {
  readonly stepMs: number;
  readonly thinkMs: number;
  /** Inferences, over which `thinkMs` counts; a chunk of several actions is thought of once. */
  readonly thoughts: number;
}

export interface PlayedEpisode {
  readonly score: ArmScore;
  readonly times: ArmTimes;
  /** What broke that is no part of policy or body: such an episode says nothing of either. `server`: nobody answered. */
  readonly broken?: { readonly by: 'process' | 'server'; readonly reason: string };
}

/** Opens the body as an evaluation needs it. */
export const openArm = ({ cameras, perturb }: EpisodeSettings): Promise<SimEnv> =>
  sim({ oracle: true, fit: false, encoding: 'rgb8', cameras: [...cameras], perturb: envPart(perturb) });

type ExpertOracle = Pick<SimOracle, 'expertAction'> & { readonly score: () => { readonly first: boolean } };

/** A policy that acts by the true state, such as the expert. */
export const takesOracle = (policy: object): policy is { readonly useOracle: (oracle: ExpertOracle) => void } =>
  'useOracle' in policy;

export interface Rig {
  readonly env: SimEnv;
  readonly policy: Policy;
  /** None: rules alone judge. */
  readonly critics?: readonly Critic[];
}

/** @param onStep - is told of every step, as a sign of life. */
export async function playEpisode(
  { env, policy, critics = [] }: Rig,
  task: TaskKind,
  seed: number,
  settings: EpisodeSettings,
  onStep: () => void = () => {},
): Promise<PlayedEpisode> {
  const { perturb, stepTimeoutMs, records } = settings;
  const { layoutSeed, goal, instruction, decoy, maxSteps } = planOf(task, seed, perturb);
  const oracle = env.oracle!;
  if (takesOracle(policy)) policy.useOracle(oracle);
  let isTold = !decoy || perturb.words === true;
  const body: Env = {
    ...env,
    reset: async (asked, context) => {
      await env.reset(asked, context);
      // The sentence is for the policy; what is judged does not hang on how it is read.
      oracle.setGoal(isTold ? goal : decoy!.goal);
    },
    ...(perturb.grey && { observe: async (context) => greyed((await env.observe(context)) as Sensed) }),
  };
  const steps: StepRecord[] = [];
  const watched = watchServer(policy);
  const episode = run({
    env: body,
    policy: watched.policy,
    critics,
    instruction: decoy?.instruction ?? instruction,
    seed: layoutSeed,
    budget: { maxSteps },
    deadlinesMs: { think: stepTimeoutMs },
    facts: { task, seed: String(seed) },
    ...(records !== undefined && { record: recordFile(records, `${policy.name}-${task}-${seed}`) }),
  });
  const watching = episode.events$.subscribe((event) => {
    if (event.kind !== 'step-end') return;
    onStep();
    // Frames are large, and only what was decided counts.
    const { observation: _, ...rest } = event.record;
    steps.push(rest);
    if (isTold || steps.length !== perturb.switch) return;
    isTold = true;
    oracle.setGoal(goal);
    episode.setInstruction(instruction);
  });
  const { outcome, reason } = await episode.result;
  watching.unsubscribe();

  const judged = oracle.score();
  const isDone = (rule: boolean) => isTold && outcome !== 'fault' && (perturb.absent ? !judged.wrong : rule);
  return {
    score: {
      success: isDone(judged.first),
      steps: steps.length,
      instruction,
      layoutSeed,
      final: isDone(judged.final),
      held: isDone(judged.first),
      any: isDone(judged.any),
      ...(judged.stepsToFirst !== undefined && { stepsToHeld: judged.stepsToFirst }),
      wrong: judged.wrong,
      ...countsOf(steps),
      outcome,
      reason,
    },
    times: timesOf(steps),
    ...brokenBy(watched),
  };
}

/** What happened in an episode, whatever body played it. */
export function countsOf(steps: readonly StepRecord[]) {
  const count = (kind: StepRecord['verdict']['kind']) => steps.filter(({ verdict }) => verdict.kind === kind).length;
  const last = steps.at(-1);
  return {
    declined: last?.proposed.kind === 'done' && last.proposed.outcome === 'failure',
    denied: count('deny') + count('halt'),
    limited: count('modify'),
    failedThoughts: steps.filter(({ chunkId }) => chunkId === undefined).length,
  };
}

export function timesOf(steps: readonly StepRecord[]): ArmTimes {
  const sum = (ms: (step: StepRecord) => number) => steps.reduce((total, step) => total + ms(step), 0);
  return {
    stepMs: sum(({ timings }) => timings.totalMs),
    thinkMs: sum(({ timings }) => timings.thinkMs),
    thoughts: new Set(steps.map(({ chunkId }, at) => chunkId ?? at)).size,
  };
}

interface Watched {
  readonly policy: Policy;
  /** Why its server was not there. */
  readonly gone: () => string | undefined;
}
export const brokenBy = ({ gone }: Watched): Pick<PlayedEpisode, 'broken'> => {
  const reason = gone();
  return reason === undefined ? {} : { broken: { by: 'server', reason } };
};

/** A server that cannot be reached, or has no room: what a policy says of itself is told apart from it. */
const SERVER_GONE: readonly string[] = ['model/unreachable', 'model/busy'];

export function watchServer(policy: Policy): Watched {
  let gone: string | undefined;
  const act: Policy['act'] = (observation, context) =>
    from(policy.act(observation, context)).pipe(
      tap({
        error: (error: unknown) => {
          if (PumiceError.is(error) && SERVER_GONE.includes(error.code)) gone ??= error.message;
        },
      }),
    );
  return { policy: { ...policy, act }, gone: () => gone };
}

/** Every pixel the same: what a policy does that does not look. */
const greyed = (sensed: Sensed): Sensed => ({ ...sensed, frames: sensed.frames.map(grey) });
const GREY = 128;
const grey = (frame: Frame): Frame => ({
  ...frame,
  encoding: 'rgb8',
  data: new Uint8Array(frame.widthPx * frame.heightPx * 3).fill(GREY),
});

/** Of an episode that gave no result, because its process ended or stood still. */
export function brokenEpisode(
  task: string,
  seed: number,
  { perturb, simulator, pages }: EpisodeSettings,
  reason: string,
  isProcess: boolean,
): PlayedEpisode {
  const { instruction, layoutSeed } =
    simulator || pages ? { instruction: '', layoutSeed: seed } : planOf(task as TaskKind, seed, perturb);
  const rules = { final: false, held: false, any: false, wrong: false, declined: false };
  const counts = { denied: 0, limited: 0, failedThoughts: 0 };
  return {
    score: { success: false, steps: 0, instruction, layoutSeed, ...rules, ...counts, outcome: 'fault', reason },
    times: { stepMs: 0, thinkMs: 0, thoughts: 0 },
    ...(isProcess && { broken: { by: 'process', reason } }),
  };
}
