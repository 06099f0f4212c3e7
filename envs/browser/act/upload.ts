/** Files, handed over where the page asks for them. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileChooser } from 'playwright';
import { sleep } from '../../../src/clock.ts';
import type { ActionOf } from '../../../src/types.ts';
import { type Act, click, Refused } from './tools.ts';

/** Wait for the page to ask for files after the click, ms. Chosen. */
const CHOOSER_CAP_MS = 1000;

export const upload: Act<ActionOf<'ui-upload'>> = async (action, tools) => {
  const paths = action.paths.map((path) => resolve(path));
  const bad = paths.find((path) => !existsSync(path) || !statSync(path).isFile());
  if (bad !== undefined) throw new Refused(`there is no file ${bad}`);
  const tab = tools.pages.active;
  const over = new AbortController();
  const asked = new Promise<FileChooser>((resolve) => {
    tab.onFiles = resolve;
  });
  try {
    await click(action.target, tools);
    const none = sleep(CHOOSER_CAP_MS, over.signal).catch(() => {});
    const chooser = await tools.hands.step(() => Promise.race([asked, none]));
    if (!chooser) throw new Refused('it was clicked, but the page asked for no file');
    if (paths.length > 1 && !chooser.isMultiple()) throw new Refused('the page takes one file only');
    tools.progress(action);
    await tools.hands.step(() => chooser.setFiles(paths));
    return action;
  } finally {
    over.abort();
    tab.onFiles = undefined;
  }
};
