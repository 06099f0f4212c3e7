/**
 * `npm start`: lets the embedded agent do the three tasks of the demo in a real browser, in front of the user, and leaves a report.
 * Exit codes: 0 all done, 1 not all done, 2 usage, 4 no browser or another fault, 130 Ctrl-C.
 */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { browser } from 'pumice/envs/browser';
import som from 'pumice/markers/som';
import markMatcher from 'pumice/policies/mark-matcher';
import { monotonicNowMs, wallMs } from '../clock.ts';
import { describeError, PumiceError } from '../errors.ts';
import { durationText } from '../record/report/view.ts';
import { type DemoApp, startDemo } from './app.ts';
import { type Performance, perform, type Stage } from './perform.ts';
import { paint } from './progress.ts';
import { ACCOUNT } from './state.ts';
import { episodeText, summaryPage } from './summary.ts';

const HELP = `npm start [-- --port N] [-- --headless]

An agent without any model does three tasks in a small web app on this machine, in a real browser: it reads the marked
controls of each page, clicks and types. Each episode is recorded under runs/ and gets a report that opens in any browser.

  --port N     port of the app; a free one by default
  --headless   no window, even if there is a display`;

/** Rest after each step when a person watches the window, ms. Chosen: long enough to see what changed. */
const WATCHED_REST_MS = 700;
/** The variable that the browser reads the password from. */
const PASSWORD_VARIABLE = 'PUMICE_DEMO_PASSWORD';

const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
const ink = paint(isTerminal && process.env.NO_COLOR === undefined);
const say = (line = '') => process.stdout.write(`${line}\n`);

const hasDisplay = () =>
  process.platform === 'darwin' ||
  process.platform === 'win32' ||
  Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

/** A window where one can be seen; the Chromium that npm carries has none. */
async function openBrowser(url: string, headed: boolean) {
  process.env[PASSWORD_VARIABLE] ??= ACCOUNT.password;
  const secrets = { password: { env: PASSWORD_VARIABLE, origin: new URL(url).origin } };
  try {
    return { env: await browser({ url, headed, secrets }), headed };
  } catch (error) {
    if (!headed || !PumiceError.is(error, 'config/invalid')) throw error;
    return { env: await browser({ url, headed: false, secrets }), headed: false };
  }
}

/** All tasks, one after the other; fewer when the person stops it. */
async function show(app: DemoApp, stage: Omit<Stage, 'folder'>): Promise<{ index: string; isDone: boolean }> {
  const started = new Date(wallMs(monotonicNowMs())).toISOString().slice(0, 19).replaceAll(':', '-');
  const folder = resolve('runs', `demo-${started}`);
  await mkdir(folder, { recursive: true }).catch((cause) => {
    const hint = 'Run it in a folder that may be written';
    throw new PumiceError('record/write-failed', `could not make ${folder}: ${describeError(cause)}`, { hint, cause });
  });
  const performances: Performance[] = [];
  for (const [at, task] of app.tasks.entries()) {
    if (stage.signal.aborted) break;
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

/** One line of the person; `q` when they close the input or stop. */
function askLine(signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, terminal: false });
  return new Promise<string>((settle) => {
    lines.once('line', settle);
    lines.once('close', () => settle('q'));
    signal.addEventListener('abort', () => settle('q'), { once: true });
  }).finally(() => lines.close());
}

function openInViewer(path: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  const viewer = spawn(command!, [...args, path], { stdio: 'ignore', detached: true });
  viewer.once('error', () => say(`No program here opens it; open ${path} yourself.`));
  viewer.unref();
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

async function demo(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = readArgs(args);
  if (values.help) {
    say(HELP);
    return 0;
  }
  await using app = await startDemo({ ...(values.port !== undefined && { port: Number(values.port) }) });
  const { env, headed } = await openBrowser(app.url, isTerminal && hasDisplay() && !values.headless);
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
      restMs: headed ? WATCHED_REST_MS : 0,
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

/** @throws PumiceError `cli/usage`. */
function readArgs(args: readonly string[]) {
  try {
    const read = parseArgs({
      args: [...args],
      options: { port: { type: 'string' }, headless: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    const { port } = read.values;
    if (port !== undefined && !(Number.isInteger(Number(port)) && Number(port) > 0 && Number(port) < 65_536))
      throw new Error(`--port must be a number from 1 to 65535, got '${port}'`);
    return read;
  } catch (cause) {
    throw new PumiceError('cli/usage', describeError(cause), { hint: 'See npm start -- --help', cause });
  }
}

/** What shells take for an end by a signal: 128 and its number. */
const SIGNAL_EXIT: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGINT: 130, SIGTERM: 143 };

async function main(): Promise<number> {
  const stopped = new AbortController();
  let exit: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (exit !== undefined) process.exit(exit);
    exit = SIGNAL_EXIT[signal] ?? 130;
    say('\nStopping. Ctrl-C again to leave at once.');
    stopped.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const code = await demo(process.argv.slice(2), stopped.signal);
    return exit ?? code;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return exit ?? (PumiceError.is(error, 'cli/usage') ? 2 : 4);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

process.exitCode = await main();
