/** Lists and boxes that are ticked. */
import type { ActionOf } from '../../../src/types.ts';
import { checkedInPage, selectInPage } from './inputs-in-page.ts';
import { type Act, click, elementAt, find, on, Refused } from './tools.ts';

/** A native list is set from inside: its popup belongs to the system, where clicks of a headless browser do nothing. */
export const select: Act<ActionOf<'ui-select'>> = async (action, tools) => {
  const element = await elementAt(await find(action.target, tools), tools);
  tools.progress(action);
  const answer = await on(tools, element, selectInPage, action.values);
  if (answer.problem !== undefined) throw new Refused(answer.problem);
  return { ...action, values: [...(answer.chosen ?? action.values)] };
};

/** By a click, when it is not so already; looked at afterwards. */
export const check: Act<ActionOf<'ui-check'>> = async (action, tools) => {
  const place = await find(action.target, tools);
  const element = await elementAt(place, tools);
  const before = await on(tools, element, checkedInPage);
  if (before.checked === undefined) throw new Refused('this is nothing that can be checked');
  if (before.checked === action.checked) return action;
  if (before.kind === 'radio' && !action.checked)
    throw new Refused('a radio button is unchecked by checking another one');
  await click(action.target, tools, () => tools.progress(action));
  const after = await element.call(checkedInPage).catch(() => undefined);
  if (after && after.checked !== action.checked) throw new Refused('it was clicked, but the page did not change it');
  return action;
};
