/** The browser demo: the embedded agent does three tasks in a real browser, in front of the user, and leaves a report. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { browser } from 'pumice/envs/browser';
import som from 'pumice/markers/som';
import markMatcher from 'pumice/policies/mark-matcher';
import type { Dashboard } from '../dashboard/index.ts';
import { PumiceError } from '../errors.ts';
import { durationText } from '../record/report/view.ts';
import { type DemoApp, startDemo } from './app.ts';
import { type Performance, perform, type Stage } from './perform.ts';
import { ACCOUNT } from './state.ts';
import { episodeText, summaryPage } from './summary.ts';
import { askLine, ink, isTerminal, makeFolder, openInViewer, say } from './terminal.ts';

/** Rest before each step when a person watches, ms. Chosen: long enough to see what changed. */
const WATCHED_REST_MS = 700;
/** The variable that the browser reads the password from. */
const PASSWORD_VARIABLE = 'PUMICE_DEMO_PASSWORD';

const hasDisplay = () =>
  process.platform === 'darwin' ||
  process.platform === 'win32' ||
  Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

/** A window where one can be seen; the Chromium that npm carries has none. */
async function openBrowser(url: string, headed: boolean) {
  process.env[PASSWORD_VARIABLE] ??= ACCOUNT.password;
  // The shop is the demo's own, and nobody may be there to be asked: its orders and deletions may be made.
  const secrets = { password: { env: PASSWORD_VARIABLE, origin: new URL(url).origin } };
  const options = { url, secrets, irreversible: 'allow' } as const;
  try {
    return { env: await browser({ ...options, headed }), headed };
  } catch (error) {
    if (!headed || !PumiceError.is(error, 'config/invalid')) throw error;
    return { env: await browser({ ...options, headed: false }), headed: false };
  }
}

/** All tasks, one after the other; fewer when the person stops it. */
async function show(app: DemoApp, stage: Omit<Stage, 'folder'>): Promise<{ index: string; isDone: boolean }> {
  const folder = await makeFolder('demo');
  const performances: Performance[] = [];
  for (const [at, task] of app.tasks.entries()) {
    if (stage.signal.aborted || (await stage.board?.cleared(stage.signal)) === false) break;
    say();
    say(ink.bold(`${at + 1} of ${app.tasks.length}  ${task.title}`));
    say(`      ${task.instruction}`);
    app.reset();
    const performance = await perform(task, { ...stage, folder });
    performances.push(performance);
    const { done, check, result, durationMs } = performance;
    const length = `${episodeText(performance)}, ${durationText(durationMs)}`;
    if (stage.signal.aborted) say(ink.bad(`      Stopped (${length}).`));
    else if (done) say(ink.good(`      Done (${length}). The app says: ${check.why}.`));
    else say(ink.bad(`      Not done (${length}): ${result.reason}. The app says: ${check.why}.`));
  }
  const index = join(folder, 'index.html');
  await writeFile(index, await summaryPage(performances, `Browser: ${stage.env.facts?.browser ?? 'unknown'}`));
  return { index, isDone: performances.length === app.tasks.length && performances.every(({ done }) => done) };
}

/** Whether the person wants another showing. */
async function wantsMore(index: string, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    if (signal.aborted) return false;
    say(ink.soft('Enter: once more   o, Enter: open the report   q, Enter: quit'));
    const line = (await askLine(signal)).trim().toLowerCase();
    if (line === '') return true;
    if (line === 'o') openInViewer(index);
    if (line === 'q') return false;
  }
}

export interface BrowserDemoOptions {
  readonly port?: number;
  readonly headless: boolean;
  readonly board: Dashboard | undefined;
  readonly signal: AbortSignal;
}

/** @returns the exit code: 0 when all tasks were done. */
export async function browserDemo({ port, headless, board, signal }: BrowserDemoOptions): Promise<number> {
  await using app = await startDemo({ ...(port !== undefined && { port }) });
  const { env, headed } = await openBrowser(app.url, isTerminal && hasDisplay() && !headless);
  try {
    say(`${ink.bold('pumice demo')}: an agent at the order desk of a stone yard`);
    say(`  app      ${app.url}  (to look around yourself: ${ACCOUNT.user}, ${ACCOUNT.password})`);
    const { browser: name = 'unknown', sandbox = '' } = env.facts ?? {};
    say(`  browser  ${name}${headed ? '' : ', without a window'}`);
    if (sandbox.startsWith('off')) say(`  sandbox  ${sandbox}`);
    say('  policy   mark-matcher: rules, no model');
    const stage = {
      env,
      policy: markMatcher.create({}),
      marker: som.create(som.options.parse({})),
      restMs: () => (headed || board?.isAttended() ? WATCHED_REST_MS : 0),
      board,
      say,
      paint: ink,
      signal,
    };
    for (;;) {
      const { index, isDone } = await show(app, stage);
      say();
      say(`Report: ${index}`);
      const goesOn = isTerminal && (await wantsMore(index, signal));
      if (!goesOn) return isDone ? 0 : 1;
    }
  } finally {
    await env.close();
  }
}
