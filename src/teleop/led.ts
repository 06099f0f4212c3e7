/**
 * Thinking by a person: each tick leads the tool as the person's controls say, from where it was told to be, under the same limits and
 * judges as a policy's plan. Until they press the dead-man, in `supervised`, the policy's plan plays (`ahead.ts`); the first press voids
 * it and what is being thought, and letting go waits for a new one.
 *
 *   tick ──▶ dead-man held? ──▶ velocity asked for ──▶ capped, changed no faster than the body may ──▶ pose to be at ──▶ lease, rules
 *                └─ no ───────▶ hold; or the policy's plan
 *
 * A target lies one step ahead of where the body is to be now, at whatever time the tick began: so what the limits say of a step stays
 * true, and a newer sample may replace the target before its time is over. Knows no body and no profile by name.
 */
import { map, of } from 'rxjs';
import type { ahead } from '../ahead.ts';
import { distanceM, type Stance } from '../chunk/path.ts';
import { openingBefore } from '../gate/motion.ts';
import type { PlanInHand } from '../plan.ts';
import type { MotionLimits, PilotInput } from '../ports.ts';
import type { Proposal, Think } from '../think.ts';
import type { Action, ActionChunk, Observation, StepRecord } from '../types.ts';
import type { Advice, Suggestion } from './advice.ts';
import type { Judging } from './judging.ts';
import type { Marking } from './marking.ts';
import {
  after,
  blended,
  capped,
  inside,
  isStill,
  offWayM,
  type Pace,
  ramped,
  type Sent,
  STILL,
  towards,
  underWay,
  type Velocity,
} from './mix.ts';
import { createPress, type Press } from './press.ts';
import type { Heard, Samples } from './samples.ts';
import { createShare } from './share.ts';

/** How far from where it is to be the body may say that it was told to be, m; from there a person goes on else. Chosen, as by bodies. */
const ASTRAY_M = 0.02;
/** What is tried when all of a step is too far, shares of its velocity. */
const SHARES = [1, 0.75, 0.5, 0.25];
/** Time in which the first tick of a press may change a velocity, ms. Chosen: a set-point at 50 Hz. */
const FIRST_MS = 20;
/** For how many steps a pose is told on after the hand was told something else. */
const HAND_STEPS = 2;
/** From here on of its trust a policy may move the hand. Chosen: it has hardly led against the person. */
const TRUSTED = 0.7;

type Human = NonNullable<StepRecord['human']>;

export interface LedParts {
  readonly samples: Samples;
  readonly inner: ReturnType<typeof ahead>;
  readonly judging: Judging;
  readonly marking: Marking;
  readonly advice: Advice;
  readonly limits: MotionLimits;
  readonly pace: Pace;
  /** Height of the things that marks show, m. */
  readonly planeM: number;
  readonly periodMs: number;
  /** Whether the rules let an action pass as it is. */
  readonly fits: (action: Action, observation: Observation, chunk: ActionChunk) => boolean;
  readonly nowMs: () => number;
}

export interface Led {
  readonly think: Think;
  readonly plan: PlanInHand;
  /** Whether a chunk is of the person's making. */
  readonly isLed: (chunk: ActionChunk) => boolean;
}

export function led(parts: LedParts): Led {
  const { samples, inner, judging, marking, advice, limits, pace, planeM, periodMs, fits, nowMs } = parts;
  const sharing = createShare();
  const spanMs = limits.stepMs;
  let press: Press | undefined;
  let chunk: ActionChunk | undefined;
  let isInner = false;
  let innerIsClean = true;
  let tickMs = Number.NEGATIVE_INFINITY;
  /** What was proposed last; whether it was done says the next observation. */
  let proposed: (Omit<Sent, 'to'> & { readonly seq: number }) | undefined;
  let sent: Sent | undefined;
  let toldOpen: number | undefined;
  let grippedMs = Number.NEGATIVE_INFINITY;

  const voidAll = () => {
    inner.plan.void();
    innerIsClean = true;
    judging.void();
    advice.void();
    proposed = undefined;
    sent = undefined;
  };
  /** What became of the last proposal, and what the hand was told last. */
  const recall = ({ history, proprio }: Observation) => {
    const last = history.at(-1);
    const done = last?.executed?.kind === 'eef-pose' ? last.executed : undefined;
    sent = proposed && done && last?.index === proposed.seq ? { ...proposed, to: done } : undefined;
    proposed = undefined;
    if (done) toldOpen = done.gripperOpen;
    toldOpen ??= proprio && openingBefore(history, proprio);
  };
  /** Where the body is to be now, and how fast it goes there. */
  const placeNow = ({ proprio }: Observation, atMs: number): (Stance & Velocity) | undefined => {
    const commanded = proprio?.commandedTcpPose;
    if (!commanded || commanded.frameId !== limits.frameId) return undefined;
    const resting = { ...STILL, pM: commanded.pM, qXyzw: commanded.qXyzw, gripperOpen: toldOpen! };
    const moving = sent && underWay(sent, atMs);
    return moving && offWayM(sent!, resting.pM) <= ASTRAY_M ? { ...moving, gripperOpen: toldOpen! } : resting;
  };

  const poseOf = ({ pM, qXyzw, gripperOpen }: Stance): Action => ({
    kind: 'eef-pose',
    ...{ frameId: limits.frameId, pM: [...pM], qXyzw: [...qXyzw], gripperOpen },
  });
  const begin = ({ press: number, input }: Heard): Press => {
    const isTakeover = input?.mode === 'supervised';
    // From the first tick of a person on: the plan, and what is being thought, are void.
    if (!innerIsClean || isTakeover) inner.plan.void();
    innerIsClean = true;
    judging.begin();
    sharing.begin();
    advice.void();
    return createPress({ number, isTakeover, limits, marking, planeM });
  };
  /** What they want, together with the policy where they said so. */
  const together = (input: PilotInput, wish: Velocity, overS: number) => {
    const isAssist = input.mode === 'assist';
    const suggestion = isAssist && !input.help ? advice.now() : undefined;
    const share = isAssist ? sharing.next(input.share, wish, suggestion?.velocity, overS) : 1;
    return { share, suggestion, velocity: suggestion ? blended(wish, suggestion.velocity, share) : wish };
  };
  /** The hand is whose command it is; the policy's as long as the person commands none and it is trusted. */
  const openingOf = (input: PilotInput, of: Press, suggestion: Suggestion | undefined): number => {
    const advised = suggestion && sharing.trust() >= TRUSTED ? suggestion.gripperOpen : toldOpen!;
    return of.opening(input) ?? advised;
  };

  const lead = (seen: Observation, input: PilotInput, of: Press, said: Human, sinceMs: number): Proposal => {
    const atMs = nowMs();
    const refuse = (why: string): Proposal => ({ wait: why, human: { ...said, refused: why } });
    const at = placeNow(seen, atMs);
    if (!at) return refuse('the body does not say where it was told to be');
    const wish = of.wish(input, at);
    if (typeof wish === 'string') return refuse(wish);
    const overS = Math.min(spanMs, Math.max(1, sinceMs)) / 1000;
    const { share, suggestion, velocity: wanted } = together(input, capped(wish, pace), overS);
    const asked = capped(wanted, pace);
    const openTo = openingOf(input, of, suggestion);
    const advised =
      suggestion && poseOf({ ...after(at, suggestion.velocity, spanMs / 1000), gripperOpen: suggestion.gripperOpen });
    const human = { ...said, share, ...(advised && { policy: advised }) };
    const gripperOpen = towards(at.gripperOpen, openTo, limits.maxGripperPerS, overS);
    if (gripperOpen !== at.gripperOpen) grippedMs = atMs;
    // A hand takes the time of a step to be where it was told to be: a hold would leave it on its way.
    const isHandDone = atMs - grippedMs > HAND_STEPS * spanMs;
    if (isStill(asked) && isStill(at) && isHandDone) return { wait: 'the controls ask for nothing', human };

    chunk = {
      ...{ id: of.chunkId, epoch: inner.plan.epoch, basedOnSeq: seen.seq, basedOnStampMs: seen.stampMs },
      actions: [{ kind: 'hold' }],
    };
    const lease = judging.look(chunk, { at, velocity: asked, gripperOpen: openTo }, seen);
    if ('refused' in lease) {
      const denied = { ...human, refused: lease.refused };
      if (lease.by === undefined) return { wait: lease.refused, human: denied };
      return { failure: lease.refused, isVoid: true, by: lease.by, human: denied };
    }
    const velocity = ramped(at, capped(asked, pace, lease.speedScale), pace, overS);
    const poseAt = (share: number) => {
      const free = after(at, velocity, (spanMs / 1000) * share);
      const to = inside(free, limits);
      return { action: poseOf({ ...to, gripperOpen }), isLimited: share < 1 || distanceM(free, to) > 1e-9 };
    };
    // What fits at no speed is for the rules to make smaller, or to say no to.
    const made = chunk;
    const { action, isLimited } = SHARES.map(poseAt).find((one) => fits(one.action, seen, made)) ?? poseAt(1);
    proposed = { seq: seen.seq, atMs, spanMs, from: at };
    return { chunk: made, action, lease, human: { ...human, ...(isLimited && { isLimited }) } };
  };

  const asItIs = (heard: Heard): Human => {
    const { input, isHeld, ageMs, refused } = heard;
    return {
      share: isHeld ? 1 : 0,
      intervention: false,
      isHeld,
      ...(input && { mode: input.mode }),
      ...(ageMs !== undefined && { inputAgeMs: ageMs }),
      ...(refused !== undefined && { refused }),
    };
  };
  /** The policy's plan, with a person beside it. */
  const supervised = (seen: Observation, human: Human) => {
    isInner = true;
    innerIsClean = false;
    const at = placeNow(seen, nowMs());
    return inner
      .think(seen, () => {})
      .pipe(
        map((proposal): Proposal => {
          if (!('action' in proposal)) return { ...proposal, human };
          if (at) proposed = { seq: seen.seq, atMs: nowMs(), spanMs: periodMs, from: at };
          return { ...proposal, human: { ...human, policy: proposal.action } };
        }),
      );
  };

  const think: Think = (seen) => {
    const atMs = nowMs();
    const sinceMs = atMs - tickMs;
    tickMs = atMs;
    isInner = false;
    recall(seen);
    advice.notice(seen);
    const heard = samples.heard();
    marking.look(seen, heard.isHeld);
    const { input, isHeld, gone } = heard;
    const human = asItIs(heard);
    if (gone !== undefined) return of({ failure: gone, isVoid: false, isFinal: true, by: 'pilot', human });
    if (!isHeld || !input) {
      if (press) {
        judging.void();
        advice.void();
      }
      press = undefined;
      if (input?.mode === 'supervised' && heard.refused === undefined) return supervised(seen, human);
      if (!innerIsClean) voidAll();
      inner.notice(seen);
      return of({ wait: heard.refused ?? 'nobody holds the dead-man', human });
    }
    const isFirst = press?.number !== heard.press;
    if (isFirst || !press) press = begin(heard);
    inner.notice(seen);
    if (input.mode === 'assist') advice.think(seen);
    const { command, help } = input;
    const leading = {
      ...{ ...human, intervention: press.isTakeover },
      ...(command && { command }),
      ...(help && { help: help.kind }),
    };
    // Whoever led before has used up the time before the first tick.
    return of(lead(seen, input, press, leading, isFirst ? Math.min(sinceMs, FIRST_MS) : sinceMs));
  };
  return {
    think,
    isLed: (one) => one === chunk,
    plan: {
      get epoch() {
        return inner.plan.epoch;
      },
      get modifiedInARow() {
        return isInner ? inner.plan.modifiedInARow : 0;
      },
      advance: (wasModified) => {
        if (isInner) inner.plan.advance(wasModified);
      },
      void: voidAll,
    },
  };
}
