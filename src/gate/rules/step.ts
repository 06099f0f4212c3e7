/**
 * How much one action may do: how far a tool may move and turn, how much may be typed, scrolled, waited. Pure.
 * Of motions it is also the rule that denies those that cannot be judged at all: by kind, by frame, or for want of limits.
 */
import type { MotionLimits, UiLimits } from '../../ports.ts';
import type { Observation } from '../../types.ts';
import { displacementOf, isToolAction, lengthOf } from '../motion.ts';
import type { Vec3 } from '../rotation.ts';
import { ALLOW, deny, type Rule, type RuleOpinion } from '../rule.ts';
import { isUi, isWord, type MotionAction, type UiAction } from './kinds.ts';
import { factorFor, inWords, isAtMost, isUnit } from './measure.ts';

export const step: Rule = {
  name: 'step',
  judge: (action, { limits, observation }) => {
    if (isWord(action)) return ALLOW;
    return isUi(action)
      ? within(limits.ui, (ui) => uiStep(action, ui))
      : within(limits.motion, (motion) => motionStep(action, motion, observation));
  },
};

/** No limits declared is not the same as no limits. */
function within<T>(limits: T | 'unlimited' | undefined, judge: (limits: T) => RuleOpinion): RuleOpinion {
  if (limits === undefined) return deny('no limits declared for this kind of action');
  return limits === 'unlimited' ? ALLOW : judge(limits);
}

function motionStep(action: MotionAction, limits: MotionLimits, { proprio }: Observation): RuleOpinion {
  if (!isToolAction(action)) return deny(`no limits are known for ${action.kind}`);
  if (action.frameId !== limits.frameId)
    return deny(`frame '${action.frameId}' is not '${limits.frameId}', in which the limits are given`);
  if (action.kind === 'eef-delta' && !isCanonical(action.dRpyRad))
    return deny('roll, pitch and yaw hide a turn that is longer than it looks');
  if (action.kind === 'eef-pose' && !isUnit(action.qXyzw)) return deny('qXyzw is not of length 1: it is no rotation');
  const way = displacementOf(action, proprio?.tcpPose);
  if (!way) return deny(`how far a target is cannot be told without proprio.tcpPose in frame '${limits.frameId}'`);
  const [lengthM, angleRad] = [lengthOf(way.byM), lengthOf(way.turnRad)];
  const translation = factorFor(lengthM, limits.maxStepM);
  const rotation = factorFor(angleRad, limits.maxStepRad);
  if (translation === 1 && rotation === 1) return ALLOW;
  return {
    kind: 'modify',
    shrink: { translation, rotation },
    reason: `${inWords(lengthM)} m and ${inWords(angleRad)} rad in one step (allowed: ${limits.maxStepM} m, ${limits.maxStepRad} rad)`,
  };
}

/**
 * Whether the three numbers are the shortest way to say their rotation. A roll of two pi is no rotation by its angle,
 * yet a body that follows it turns once around.
 */
const isCanonical = ([roll, pitch, yaw]: Vec3): boolean =>
  isAtMost(Math.abs(roll), Math.PI) && isAtMost(Math.abs(pitch), Math.PI / 2) && isAtMost(Math.abs(yaw), Math.PI);

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
