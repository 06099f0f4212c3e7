/**
 * What is refused before the first step: parts that do not fit each other, strategies that do not go together, and bodies that declare
 * no limits.
 */
import { PumiceError } from './errors.ts';
import { problemsOf } from './limits.ts';
import type { Critic, Env, Marker, MotionLimits, Policy } from './ports.ts';
import type { ActionKind } from './types.ts';

/** Kinds that every run understands, whatever its body. */
export const LOOP_KINDS: readonly ActionKind[] = ['hold', 'hand-over', 'done'];

const misfit = (message: string, hint: string) => new PumiceError('config/misfit', message, { who: 'run', hint });

/** How the parts of a loop work together; `run` says nothing = `demand`, a rate = `ahead` and `lease`, or a `person` where there is a pilot. */
export interface Strategies {
  /** When a step begins: when the one before is over, or so often a second. */
  readonly pace?: 'demand' | { readonly rateHz: number };
  readonly think?: 'inline' | 'ahead' | 'person';
  readonly check?: 'inline' | 'lease';
}

/** The combinations that exist; whatever is not here is refused. */
const COMBINATIONS = [
  { pace: 'demand', think: 'inline', check: 'inline' },
  { pace: 'rate', think: 'ahead', check: 'lease' },
  { pace: 'rate', think: 'person', check: 'lease' },
] as const;

/**
 * The rate that was asked for; undefined where steps follow each other on demand.
 *
 * @throws PumiceError `config/misfit` for any combination of strategies but those that exist.
 */
export function requireStrategies(
  asked: Readonly<Record<keyof Strategies, unknown>>,
  hasPilot = false,
): number | undefined {
  const rateHz = rateIn(asked.pace);
  const pace = rateHz === undefined ? (asked.pace ?? 'demand') : 'rate';
  if (hasPilot && pace === 'demand')
    throw misfit(
      'a person leads at the rate of the body, and the pace is demand',
      'Set pace: { rateHz }, or leave pilot out',
    );
  if (!hasPilot && asked.think === 'person')
    throw misfit('think is person, and nobody is there to lead', 'Give pilot, or leave think out');
  const row = COMBINATIONS.find(
    (combination) => combination.pace === pace && (combination.think === 'person') === hasPilot,
  );
  const name = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)));
  if (!row) throw misfit(`pace ${name(asked.pace)} is not known`, "Use pace: 'demand' or { rateHz }, or leave it out");
  for (const what of ['think', 'check'] as const) {
    const value = asked[what] ?? row[what];
    if (value === row[what]) continue;
    const other = COMBINATIONS.find((combination) => combination[what] === value);
    const hint =
      other?.pace === 'rate'
        ? `Set pace: { rateHz }, or leave ${what} out`
        : `Use ${what}: '${row[what]}', or leave it out`;
    const known = other ? `does not go with pace ${row.pace}` : 'is not known';
    throw misfit(`${what} ${name(value)} ${known}`, hint);
  }
  return rateHz;
}

function rateIn(pace: unknown): number | undefined {
  if (typeof pace !== 'object' || pace === null || !('rateHz' in pace)) return undefined;
  const { rateHz } = pace;
  if (typeof rateHz === 'number' && rateHz > 0 && rateHz <= MOST_HZ) return rateHz;
  throw misfit(
    `pace.rateHz is ${rateHz}`,
    `Give a number above 0, at most ${MOST_HZ}: the body driver fills in what is between`,
  );
}

/** Ticks of the loop per second that a process with a camera and a policy can hold. Chosen. */
const MOST_HZ = 100;

/** What has to be there for a plan that plays while the next one is thought. */
export interface PacedParts {
  readonly env: Env;
  readonly policy: Policy;
  readonly critics: readonly Critic[];
  readonly marker: Marker | undefined;
  /** A person leads: what marks pictures does so beside the ticks. */
  readonly hasPilot?: boolean;
}

/** @throws PumiceError `config/misfit` when body, policy or a critic cannot be paced, or not so often. */
export function requirePaced(rateHz: number, { env, policy, critics, marker, hasPilot = false }: PacedParts): void {
  const { motion } = env.limits;
  const who = `env ${env.name}`;
  if (!env.actionKinds.includes('eef-pose'))
    throw misfit(`a paced body is sent eef-pose, and ${who} can ${env.actionKinds.join(', ')}`, "Use pace: 'demand'");
  if (!motion || motion === 'unlimited')
    throw misfit(
      `${who} says not in which frame it moves and how often`,
      'Declare limits.motion: no plan is made without',
    );
  const bodyHz = 1000 / motion.stepMs;
  if (Math.abs(rateHz / bodyHz - 1) > 1e-3)
    throw misfit(
      `rateHz ${rateHz} is not the rate at which ${who} takes actions, and which its limits are given for`,
      `Use rateHz: ${Number(bodyHz.toPrecision(6))}, or a profile for ${rateHz} Hz`,
    );
  if (policy.actionKinds.includes('eef-delta') && !env.delta)
    throw misfit(
      `policy ${policy.name} answers with eef-delta, and ${who} does not say what a delta means`,
      'Declare env.delta, as robot profiles do',
    );
  const blind = critics.filter(({ judgeChunk }) => !judgeChunk).map(({ name }) => name);
  if (blind.length > 0)
    throw misfit(`critic ${blind.join(', ')} cannot judge a chunk as one`, "Give it judgeChunk, or use pace: 'demand'");
  if (marker && !hasPilot) throw misfit(`marker ${marker.name} does not go with a paced body`, "Use pace: 'demand'");
}

/** @throws PumiceError `config/misfit` when the body lacks limits or a driver, or cannot do what the policy asks for. */
export function requireFit(env: Env, policy: Policy): void {
  const { limits, actionKinds } = env;
  const lacks = (what: 'ui' | 'motion') =>
    misfit(
      `env ${env.name} declares no ${what} limits`,
      `Declare limits.${what}; whoever wants none writes limits.${what}: 'unlimited'`,
    );
  if (!limits) throw lacks(actionKinds.some(isUi) ? 'ui' : 'motion');
  if (actionKinds.some(isUi) && !limits.ui) throw lacks('ui');
  if (actionKinds.some(isMotion) && !limits.motion) throw lacks('motion');
  if (limits.motion && limits.motion !== 'unlimited') requireMotionLimits(env.name, limits.motion);
  for (const age of ['maxObservationAgeMs', 'maxPlanAgeMs'] as const)
    if (!(limits[age] > 0))
      throw misfit(`env ${env.name}: limits.${age} is ${limits[age]}`, 'Give milliseconds above 0');
  if (env.hardware && !env.driver)
    throw misfit(
      `env ${env.name} is hardware, and a machine needs a robot profile and a body driver`,
      'Give its profile a driver, or use a simulator',
    );
  // A policy may come from a file without types.
  if (!Array.isArray(policy.actionKinds))
    throw misfit(`policy ${policy.name} names no kinds of action`, "Give it actionKinds, such as ['eef-delta']");
  const cannot = policy.actionKinds.filter((kind) => ![...actionKinds, ...LOOP_KINDS].includes(kind));
  if (cannot.length > 0)
    throw misfit(
      `policy ${policy.name} answers with ${cannot.join(', ')}, which env ${env.name} cannot do`,
      `Use a policy for ${actionKinds.join(', ')}`,
    );
}

/** Types do not stop a number that came from a file. */
function requireMotionLimits(name: string, limits: MotionLimits): void {
  const problems = problemsOf(limits).map((problem) => `limits.motion.${problem}`);
  if (problems.length > 0)
    throw misfit(`env ${name}: ${problems.join('; ')}`, 'Give every limit a number above 0, in the unit of its name');
}

const isUi = (kind: ActionKind): boolean => kind.startsWith('ui-');
const isMotion = (kind: ActionKind): boolean => kind.startsWith('eef-') || kind.startsWith('joint-');
