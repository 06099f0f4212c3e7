/**
 * `npm start`: shows one of the demos, or both where nobody is there to choose.
 * Exit codes: 0 all done, 1 not all done, 2 usage, 4 no browser or another fault, 130 Ctrl-C.
 */
import { parseArgs } from 'node:util';
import { type Dashboard, dashboard } from '../dashboard/index.ts';
import { describeError, PumiceError } from '../errors.ts';
import { armDemo } from './arm-demo.ts';
import { EXAMPLES } from './arm-words.ts';
import { browserDemo } from './browser-demo.ts';
import { askLine, ink, isTerminal, say } from './terminal.ts';

const HELP = `npm start                                    a menu; without a terminal, both demos
npm start -- browser [--port N] [--headless]
npm start -- arm ["what to do"] [--seed N] [--as-is] [--dry-run]

browser   An agent without any model does three tasks in a small web app on this machine, in a real browser: it reads the
          marked controls of each page, clicks and types.
arm       A simulated arm does what a sentence says, by what its cameras see. Without a sentence: three tasks.

Each episode is recorded under runs/ and gets a report that opens in any browser. The address of a page on which you can watch, pause and
stop it is printed first; nothing is opened by itself, and nobody has to be there.

  --port N     port of the app; a free one by default
  --headless   no window, even if there is a display
  --seed N     which layout of blocks and plates, 0 or more; 1 by default
  --as-is      lay out what the seed says, even if a colour that is asked for is missing: the arm should then say so
  --dry-run    the arm sees, thinks, checks and records, and is not moved

What the arm understands, for example:
${EXAMPLES.map((example) => `  npm start -- arm "${example}"`).join('\n')}`;

type Name = 'browser' | 'arm';

/** @throws PumiceError `cli/usage`. */
function readArgs(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        headless: { type: 'boolean', default: false },
        seed: { type: 'string' },
        'as-is': { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const [name, ...words] = positionals;
    if (name !== undefined && name !== 'browser' && name !== 'arm')
      throw new Error(`expected browser or arm, got '${name}'`);
    if (name === 'browser' && words.length > 0) throw new Error(`the browser demo takes no sentence: '${words[0]}'`);
    if (words.length > 1) throw new Error('expected one sentence: put it in quotes');
    const port = wholeNumber('--port', values.port, 1, 65_535);
    const seed = wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1);
    const isOfBrowser = port !== undefined || values.headless;
    const isOfArm = seed !== undefined || values['as-is'] || values['dry-run'];
    if (isOfBrowser && isOfArm)
      throw new Error('--port and --headless are of browser, the others of arm: name one demo');
    if (name === 'arm' && isOfBrowser) throw new Error('--port and --headless are of the browser demo');
    if (name === 'browser' && isOfArm) throw new Error('--seed, --as-is and --dry-run are of the arm demo');
    const chosen: Name | undefined = name ?? (isOfBrowser ? 'browser' : isOfArm ? 'arm' : undefined);
    const [sentence] = words;
    return {
      isHelp: values.help === true,
      chosen,
      browser: { headless: values.headless, ...(port !== undefined && { port }) },
      arm: {
        asIs: values['as-is'],
        dryRun: values['dry-run'],
        ...(seed !== undefined && { seed }),
        ...(sentence !== undefined && { sentence }),
      },
    };
  } catch (cause) {
    throw new PumiceError('cli/usage', describeError(cause), { hint: 'See npm start -- --help', cause });
  }
}

function wholeNumber(flag: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${flag} must be a whole number from ${least} to ${most}, got '${text}'`);
}

/** Which demos the person wants; none when they leave. */
async function choose(signal: AbortSignal): Promise<readonly Name[]> {
  for (;;) {
    say(ink.bold('pumice: two demos'));
    say('  1  browser  an agent without a model does three tasks in a small web app');
    say('  2  arm      a simulated arm does what a sentence says, by what its cameras see');
    say(ink.soft('1, 2 or b, a, Enter: start it   q, Enter: quit'));
    const line = (await askLine(signal)).trim().toLowerCase();
    if (line === 'q') return [];
    if (['1', 'b', 'browser'].includes(line)) return ['browser'];
    if (['2', 'a', 'arm'].includes(line)) return ['arm'];
  }
}

async function demos(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { isHelp, chosen, browser, arm } = readArgs(args);
  if (isHelp) {
    say(HELP);
    return 0;
  }
  await using board = await openBoard();
  const names = chosen ? [chosen] : isTerminal ? await choose(signal) : (['browser', 'arm'] as const);
  let worst = 0;
  for (const name of names) {
    if (signal.aborted) break;
    const showing =
      name === 'browser' ? browserDemo({ ...browser, board, signal }) : armDemo({ ...arm, board, signal });
    // One demo that cannot begin is no reason to keep the other back.
    worst = Math.max(worst, await showing.catch(exitOfError));
  }
  if (!isTerminal && board?.isAttended()) {
    say('Somebody is at the dashboard: it stays until they leave. Ctrl-C ends it.');
    await board.left(signal);
  }
  return worst;
}

/** The page on which it can be watched. Without one the demos go on all the same. */
async function openBoard(): Promise<Dashboard | undefined> {
  try {
    const board = await dashboard();
    say(`${ink.bold('Dashboard')}  ${board.url}`);
    say(ink.soft('           Open it to watch, pause and stop what is shown here.'));
    return board;
  } catch (error) {
    say(ink.bad(`No dashboard: ${describeError(error)}`));
    return undefined;
  }
}

function exitOfError(error: unknown): number {
  process.stderr.write(`${describeError(error)}\n`);
  return PumiceError.is(error, 'cli/usage') ? 2 : 4;
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
    const code = await demos(process.argv.slice(2), stopped.signal).catch(exitOfError);
    return exit ?? code;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

process.exitCode = await main();
