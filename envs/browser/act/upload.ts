/** Files, handed over where the page asks for them. */
import { realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import type { FileChooser } from 'playwright';
import { sleep } from '../../../src/clock.ts';
import type { ActionOf } from '../../../src/types.ts';
import { type Act, click, Refused } from './tools.ts';

/** Wait for the page to ask for files after the click, ms. Chosen. */
const CHOOSER_CAP_MS = 1000;

export const upload: Act<ActionOf<'ui-upload'>> = async (action, tools) => {
  const allowed = tools.uploads.flatMap((path) => realPath(path) ?? []);
  const paths = action.paths.map((path) => {
    const real = realPath(path);
    // A page may have talked the model into it: what is not allowed is not even said to exist.
    if (real === undefined || !allowed.some((root) => real === root || real.startsWith(root + sep)))
      throw new Refused(
        `${path} may not be handed to pages (allow it with --upload ${path}, or there is no such file)`,
      );
    if (!statSync(real).isFile()) throw new Refused(`${path} is no file`);
    return real;
  });
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

/** Where a path leads, links followed: a link in an allowed folder does not lead out of it. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
