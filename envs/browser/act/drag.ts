/** Dragging with a real mouse: pages that listen to pointer events and those that use the browser's drag and drop see the same. */
import type { ActionOf } from '../../../src/types.ts';
import { type Act, find, pointAt } from './tools.ts';

/** Moves on the way. Chosen: browsers begin a drag after some px, and sortable lists need to see every neighbour. */
const DRAG_MOVES = 10;
/** Beginning of a drag, CSS px: beyond what browsers and pages take for a click. */
const START_PX = 6;

export const drag: Act<ActionOf<'ui-drag'>> = async (action, tools) => {
  const { hands, progress } = tools;
  // Both ends are looked up before anything is touched.
  await find(action.to, tools);
  const { pointPx: from } = await pointAt(action.from, tools);
  const { pointPx: to } = await find(action.to, tools);
  await hands.press('left');
  progress(action);
  const distancePx = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  const part = Math.min(1, START_PX / distancePx);
  await hands.moveTo([from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]);
  await hands.travel(to, DRAG_MOVES);
  // A second move at the place: drop zones answer to what hovers over them.
  await hands.moveTo(to);
  await hands.letGo('left');
  return action;
};
