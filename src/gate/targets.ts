/** Which targets an action has, and which marks they are in the observation that it is judged on. Pure. */
import type { Action, Mark, Observation, Target } from '../types.ts';

/** Every target of an action, in the order in which it touches them. */
export function targetsOf(action: Action): readonly Target[] {
  switch (action.kind) {
    case 'ui-click':
    case 'ui-select':
    case 'ui-check':
    case 'ui-hover':
    case 'ui-upload':
    case 'ui-type':
    case 'ui-scroll':
      return action.target ? [action.target] : [];
    case 'ui-drag':
      return [action.from, action.to];
    default:
      return [];
  }
}

/** The mark of a target: by its number, or the smallest marked box around its point. */
export function markOf(target: Target, observation: Observation): Mark | undefined {
  const marks = observation.marks ?? [];
  if ('markId' in target) return marks.find((mark) => mark.id === target.markId);
  return marks
    .filter(({ boxPx: [x0, y0, x1, y1] }) => target.xPx >= x0 && target.xPx < x1 && target.yPx >= y0 && target.yPx < y1)
    .reduce<Mark | undefined>((best, mark) => (!best || area(mark) < area(best) ? mark : best), undefined);
}

const area = ({ boxPx: [x0, y0, x1, y1] }: Mark): number => (x1 - x0) * (y1 - y0);

/** Role and name of what an action points at, for people and for history: `button "Save"`. */
export function describeTarget(action: Action, observation: Observation): string | undefined {
  const names = targetsOf(action).map((target) => {
    const mark = markOf(target, observation);
    if (mark) return `${mark.role ?? 'element'} ${JSON.stringify(mark.name ?? '')}`;
    return 'markId' in target ? `mark ${target.markId}` : `(${target.xPx}, ${target.yPx})`;
  });
  return names.length > 0 ? names.join(' to ') : undefined;
}
