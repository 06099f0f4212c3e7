/**
 * What is refused before the first step: parts that do not fit each other, and bodies that declare no limits.
 */
import { PumiceError } from './errors.ts';
import { problemsOf } from './limits.ts';
import type { Env, MotionLimits, Policy } from './ports.ts';
import type { ActionKind } from './types.ts';

/** Kinds that every run understands, whatever its body. */
export const LOOP_KINDS: readonly ActionKind[] = ['hold', 'hand-over', 'done'];

const misfit = (message: string, hint: string) => new PumiceError('config/misfit', message, { who: 'run', hint });

/** The strategies that exist, by what they decide. */
const STRATEGIES = { pace: 'demand', think: 'inline', check: 'inline' } as const;
export type Strategies = { readonly [K in keyof typeof STRATEGIES]?: (typeof STRATEGIES)[K] };

/** @throws PumiceError `config/misfit` for any strategy but those that exist: `{ rateHz }` needs the real-time loop. */
export function requireStrategies(asked: Readonly<Record<keyof Strategies, unknown>>): void {
  for (const [name, only] of Object.entries(STRATEGIES)) {
    const value = asked[name as keyof Strategies];
    if (value === undefined || value === only) continue;
    throw misfit(
      `${name} ${JSON.stringify(value) ?? String(value)} is not known`,
      `Use ${name}: '${only}', or leave it out`,
    );
  }
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
  if (env.hardware)
    throw misfit(
      `env ${env.name} is hardware, and a machine needs a robot profile and a body driver`,
      'Use a simulator',
    );
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
