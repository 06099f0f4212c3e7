/** Clicks, hovering, scrolling. */
import type { ActionOf } from '../../../src/types.ts';
import { type Act, find, pointAt } from './tools.ts';

export const clickOn: Act<ActionOf<'ui-click'>> = async (action, tools) => {
  const { hands, progress } = tools;
  await pointAt(action.target, tools);
  for (const key of action.modifiers ?? []) await hands.keyDown(key);
  for (let count = 1; count <= action.count; count++) {
    await hands.press(action.button, count);
    await hands.letGo(action.button, count, () => progress(count === action.count ? action : { ...action, count }));
  }
  for (const key of [...(action.modifiers ?? [])].reverse()) await hands.keyUp(key);
  return action;
};

export const hover: Act<ActionOf<'ui-hover'>> = async (action, tools) => {
  tools.progress(action);
  await pointAt(action.target, tools, HOVER_MOVES);
  return action;
};
/** Moves on the way: menus that open on hovering watch the path. Chosen. */
const HOVER_MOVES = 4;

export const scroll: Act<ActionOf<'ui-scroll'>> = async (action, tools) => {
  const { hands, viewport, progress } = tools;
  const { dxPx, dyPx } = action;
  const middle = [viewport.width / 2, viewport.height / 2] as const;
  await hands.moveTo(action.target ? (await find(action.target, tools)).pointPx : middle);
  const turns = Math.max(1, Math.ceil(Math.max(Math.abs(dxPx), Math.abs(dyPx)) / WHEEL_STEP_PX));
  for (let turn = 1; turn <= turns; turn++) {
    const sofar = { ...action, dxPx: (dxPx * turn) / turns, dyPx: (dyPx * turn) / turns };
    await hands.wheel(dxPx / turns, dyPx / turns, () => progress(sofar));
  }
  return action;
};
/** One turn of the wheel, CSS px. Chosen: a stop cuts a long scroll. */
const WHEEL_STEP_PX = 400;
