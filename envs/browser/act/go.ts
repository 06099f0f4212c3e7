/** Going somewhere, tabs, dialogs, waiting. */
import { monotonicNowMs } from '../../../src/clock.ts';
import { isWithin } from '../../../src/gate/origins.ts';
import type { ActionOf } from '../../../src/types.ts';
import type { Tab } from '../tab.ts';
import { type Act, Refused, type Tools } from './tools.ts';

/** Wait for another document to begin, ms. */
const NAVIGATION_CAP_MS = 15_000;

export const navigate: Act<ActionOf<'ui-navigate'>> = async (action, tools) => {
  if (!isWithin(tools.origins, action.url)) throw new Refused(`'${action.url}' is outside the allowed origins`);
  tools.progress(action);
  await leaving(tools, (tab) => tab.page.goto(action.url, { waitUntil: 'commit', timeout: NAVIGATION_CAP_MS }));
  return action;
};

export const back: Act<ActionOf<'ui-back'>> = async (action, tools) => {
  const history = await tools.hands.step(async ({ elements }) =>
    (await elements.mainSession()).send('Page.getNavigationHistory'),
  );
  if (history.currentIndex === 0) throw new Refused('there is no page to go back to');
  const before = history.entries[history.currentIndex - 1]!;
  if (before.url !== 'about:blank' && !isWithin(tools.origins, before.url))
    throw new Refused(`the page before, '${before.url}', is outside the allowed origins`);
  tools.progress(action);
  await leaving(tools, (tab) => tab.page.goBack({ waitUntil: 'commit', timeout: NAVIGATION_CAP_MS }));
  return action;
};

/** What the page says against leaving is overruled: leaving is what was asked for. */
async function leaving(tools: Tools, go: (tab: Tab) => Promise<unknown>): Promise<void> {
  const tab = tools.pages.active;
  tab.isLeaving = true;
  try {
    await tools.hands.step(() => go(tab), { capMs: NAVIGATION_CAP_MS + 1000 });
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (/Download is starting/.test(message)) return;
    const [, code] = /(net::ERR_[A-Z_]+|Timeout \d+ms exceeded)/.exec(message) ?? [];
    // An answer without content leaves the page where it is, as does a navigation that another one replaced.
    if (code !== undefined) throw new Refused(`the page could not be opened: ${code}`);
    throw error;
  } finally {
    tab.isLeaving = false;
  }
}

export const tab: Act<ActionOf<'ui-tab'>> = async (action, { pages, hands }) => {
  if (action.op === 'open') {
    await hands.step(() => pages.open(), { besideDialog: true });
    return action;
  }
  const index = action.index ?? (action.op === 'close' ? pages.tabs.indexOf(pages.active) : undefined);
  const chosen = index === undefined ? undefined : pages.tabs[index];
  if (!chosen)
    throw new Refused(`there is no tab ${index ?? 'without an index'} (tabs: 0 to ${pages.tabs.length - 1})`);
  if (action.op === 'switch') {
    await hands.step(() => pages.activate(chosen), { besideDialog: true });
    return action;
  }
  if (pages.tabs.length === 1) throw new Refused('the last tab is not closed');
  await chosen.page.close();
  await pages.activate(pages.active);
  return action;
};

export const dialog: Act<ActionOf<'ui-dialog'>> = async (action, { pages }) => {
  const { active } = pages;
  const open = active.dialog;
  if (!open) throw new Refused('no dialog is open');
  active.dialog = undefined;
  await (action.accept ? open.accept(action.text) : open.dismiss()).catch(() => {});
  return action;
};

export const wait: Act<ActionOf<'ui-wait'>> = async (action, { hands, progress }) => {
  const startMs = monotonicNowMs();
  try {
    await hands.pause(action.durationMs);
    return action;
  } catch (error) {
    progress({ ...action, durationMs: monotonicNowMs() - startMs });
    throw error;
  }
};
