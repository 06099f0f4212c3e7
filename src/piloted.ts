/**
 * The strategy of a run that a person leads, made ready for its loop: the rate of the body, and a tick more whenever the controls say
 * something; a person who thinks, with the policy beside them; leases of rules and critics. Moves nothing.
 */
import { createLeases, LEASE_TIMES } from './lease.ts';
import { prompted } from './pace.ts';
import type { MotionLimits, Pilot } from './ports.ts';
import { aheadOf, type Chosen, type RealTime, type StrategyParts } from './strategies.ts';
import { createAdvice } from './teleop/advice.ts';
import { createJudging } from './teleop/judging.ts';
import { LEADING, paceOf } from './teleop/leading.ts';
import { led } from './teleop/led.ts';
import { createMarking } from './teleop/marking.ts';
import { createSamples } from './teleop/samples.ts';

/** The shortest time between two ticks that a sample begins, ms. Chosen: half of what a driver at 50 Hz gives its set-points in. */
const LEAST_MS = 10;
/** How long a person leads on at reduced speed while no critic answers, ms. Chosen: a slow server's answer, and no more. */
const LEADING_GRACE_MS = 10_000;

export function piloted(
  rateHz: number,
  parts: StrategyParts & { readonly pilot: Pilot },
  asked: Partial<RealTime>,
  onHalt: (cause: string) => void,
): Chosen {
  const { env, pilot, tell, scheduler } = parts;
  const { inner, leases, judges, fits, onRevoked, holdNow, periodMs, nowMs } = aheadOf(rateHz, parts, asked, onHalt);
  const limits = env.limits.motion as MotionLimits;
  const times = { ...LEASE_TIMES, ...asked };
  const samples = createSamples({ pilot, scheduler, tell });
  // A person who sees what they do goes on at reduced speed for longer than a plan does.
  const ownLeases = createLeases({ ...judges, times: { ...times, graceMs: LEADING_GRACE_MS } });
  const judging = createJudging({
    ...{ leases: ownLeases, hasCritics: parts.critics.length > 0, workspace: limits.workspace },
    ...{ reducedSpeed: times.reducedSpeed, nowMs, tell, onRevoked },
  });
  const { marker, policy, ask } = parts;
  const marking = createMarking({ marker, ask, nowMs, tell });
  const advice = createAdvice({ policy, ask, leases, delta: env.delta, periodMs, nowMs, tell, onHalt });
  const leading = { ...LEADING, ...asked };
  const planeM = leading.thingsAtM ?? limits.workspace.minM[2];
  const { think, plan, isLed } = led({
    ...{
      samples,
      inner,
      judging,
      marking,
      advice,
      limits,
      pace: paceOf(limits, leading),
      planeM,
      periodMs,
      fits,
      nowMs,
    },
  });
  return {
    pace: prompted(periodMs, LEAST_MS, samples.prompt$, scheduler),
    think,
    check: (action, context, chunk) => (isLed(chunk) ? ownLeases : leases).check(action, context, chunk),
    plan,
    onPaused: () => {
      plan.void();
      holdNow();
    },
  };
}
