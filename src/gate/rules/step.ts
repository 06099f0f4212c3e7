/**
 * How much one action may do: how far a tool may move and turn, how much may be typed, scrolled, waited. Pure.
 * Knows neither where the tool is nor how fast it goes: that takes a robot profile.
 */
import type { MotionLimits, UiLimits } from '../../ports.ts';
import { angleOfRpy, type Vec3 } from '../rotation.ts';
import { ALLOW, deny, LIMIT_TOLERANCE, type Rule, type RuleOpinion } from '../rule.ts';
import { isUi, isWord, type MotionAction, type UiAction } from './kinds.ts';

export const step: Rule = {
  name: 'step',
  judge: (action, { limits }) => {
    if (isWord(action)) return ALLOW;
    return isUi(action)
      ? within(limits.ui, (ui) => uiStep(action, ui))
      : within(limits.motion, (motion) => motionStep(action, motion));
  },
};

/** No limits declared is not the same as no limits. */
function within<T>(limits: T | 'unlimited' | undefined, judge: (limits: T) => RuleOpinion): RuleOpinion {
  if (limits === undefined) return deny('no limits declared for this kind of action');
  return limits === 'unlimited' ? ALLOW : judge(limits);
}

function motionStep(action: MotionAction, limits: MotionLimits): RuleOpinion {
  if (action.kind !== 'eef-delta') return deny(`no limits are known for ${action.kind}`);
  if (action.frameId !== limits.frameId)
    return deny(`frame '${action.frameId}' is not '${limits.frameId}', in which the limits are given`);
  if (!isCanonical(action.dRpyRad)) return deny('roll, pitch and yaw hide a turn that is longer than it looks');
  const translation = factorFor(Math.hypot(...action.dPosM), limits.maxStepM);
  const rotation = factorFor(angleOfRpy(action.dRpyRad), limits.maxStepRad);
  if (translation === 1 && rotation === 1) return ALLOW;
  return {
    kind: 'modify',
    shrink: { translation, rotation },
    reason: `more than ${limits.maxStepM} m or ${limits.maxStepRad} rad in one step`,
  };
}

/**
 * Whether the three numbers are the shortest way to say their rotation. A roll of two pi is no rotation by its angle,
 * yet a body that follows it turns once around.
 */
const isCanonical = ([roll, pitch, yaw]: Vec3): boolean =>
  isAtMost(Math.abs(roll), Math.PI) && isAtMost(Math.abs(pitch), Math.PI / 2) && isAtMost(Math.abs(yaw), Math.PI);

const isAtMost = (value: number, limit: number): boolean => value <= limit * (1 + LIMIT_TOLERANCE);

/** 1 when within the limit; NaN in either is no factor, and `review` halts on it. */
const factorFor = (size: number, limit: number): number => (isAtMost(size, limit) ? 1 : limit / size);

function uiStep(action: UiAction, limits: UiLimits): RuleOpinion {
  const chars = textsOf(action).reduce((sum, text) => sum + text.length, 0);
  if (!(chars <= limits.maxTextChars)) return deny(`${chars} characters (allowed: ${limits.maxTextChars})`);
  if (action.kind === 'ui-scroll') {
    const distancePx = Math.max(Math.abs(action.dxPx), Math.abs(action.dyPx));
    if (!(distancePx <= limits.maxScrollPx)) return deny(`scrolls ${distancePx} px (allowed: ${limits.maxScrollPx})`);
  }
  if (action.kind === 'ui-wait' && !(action.durationMs <= limits.maxWaitMs))
    return deny(`waits ${action.durationMs} ms (allowed: ${limits.maxWaitMs})`);
  return ALLOW;
}

/** What is put into the page as text. */
function textsOf(action: UiAction): readonly string[] {
  switch (action.kind) {
    case 'ui-type':
    case 'ui-dialog':
      return action.text === undefined ? [] : [action.text];
    case 'ui-select':
      return action.values;
    case 'ui-key':
      return [action.keys];
    default:
      return [];
  }
}
