/** Lists and boxes that are ticked. */
import type { ActionOf } from '../../../src/types.ts';
import { checkedInPage, selectInPage } from './inputs-in-page.ts';
import { type Act, click, elementAt, pointAt, Refused } from './tools.ts';

/** A native list is set from inside: its popup belongs to the system, where clicks of a headless browser do nothing. */
export const select: Act<ActionOf<'ui-select'>> = async (action, tools) => {
  const element = await elementAt(await pointAt(action.target, tools), tools.pages.active);
  const answer = await tools.hands.step(() => element.call(selectInPage, action.values));
  if (answer.problem !== undefined) throw new Refused(answer.problem);
  return { ...action, values: [...(answer.chosen ?? action.values)] };
};

/** By a click, when it is not so already; looked at afterwards. */
export const check: Act<ActionOf<'ui-check'>> = async (action, tools) => {
  const place = await pointAt(action.target, tools);
  const element = await elementAt(place, tools.pages.active);
  const before = await element.call(checkedInPage);
  if (before.checked === undefined) throw new Refused('this is nothing that can be checked');
  if (before.checked === action.checked) return action;
  if (before.kind === 'radio' && !action.checked)
    throw new Refused('a radio button is unchecked by checking another one');
  await click(action.target, tools);
  const after = await element.call(checkedInPage).catch(() => undefined);
  if (after && after.checked !== action.checked) throw new Refused('it was clicked, but the page did not change it');
  return action;
};
