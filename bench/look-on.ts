/**
 * What it costs the loop that people look on, while a script leads the real-time arm: nobody, four that read all and fetch every picture
 * from a thread beside, and four tabs of a real browser on this machine, in turns. Tabs also cost the machine what they draw.
 */
import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import { monotonicNowMs, type PilotInput, run, sleep } from 'pumice';
import { dashboard } from 'pumice/dashboard';
import { sim } from 'pumice/envs/sim';
import { interval, map } from 'rxjs';
import { hold } from '../policies/hold.ts';
import { openBrowser } from './led-page.ts';
import { quantile, sayLoad, sayMachine, sayTimes } from './measure.ts';

const RATE_HZ = 10;
const BLOCK_MS = 12_000;
const ROUNDS = 3;
const VIEWERS = 4;
const MOST_TRIES = 5;
const KINDS = ['nobody', 'four sockets', 'four tabs'] as const;
type Kind = (typeof KINDS)[number];

sayMachine('look-on');
const env = await sim({ realtime: true, rateHz: RATE_HZ, cameras: ['third'] });
const browser = await openBrowser();
const noted = Object.fromEntries(
  KINDS.map((kind) => [
    kind,
    { stepMs: [] as number[], lateMs: [] as number[], ownMs: 0, allMs: 0, spanMs: 0, seen: '' },
  ]),
) as Record<Kind, { stepMs: number[]; lateMs: number[]; ownMs: number; allMs: number; spanMs: number; seen: string }>;
/** With whom the machine has no time left for the arm. */
const tooMuch = new Set<Kind>();
for (let round = 0; round < ROUNDS; round++)
  for (const kind of KINDS) {
    // A machine that is too busy for the arm measures nothing: once more.
    for (let tries = 0; !tooMuch.has(kind) && !(await lookOn(kind)); tries++)
      if (tries === MOST_TRIES) tooMuch.add(kind);
  }
await browser.close();
await env.close();
const measured = KINDS.filter((kind) => noted[kind].stepMs.length > 0);
for (const kind of tooMuch)
  console.log(`  ${kind}: this machine has no time left for the arm, ${MOST_TRIES + 1} times in a row`);
for (const kind of measured) {
  const { stepMs, lateMs, ownMs, allMs, spanMs, seen } = noted[kind];
  sayTimes(`step, ${kind}, n ${stepMs.length}`, stepMs);
  sayTimes('  main thread late', lateMs);
  console.log(
    `  ${''.padEnd(28)} this process ${(ownMs / spanMs).toFixed(2)} cores, the machine ${(allMs / spanMs).toFixed(2)}${seen && `; ${seen}`}`,
  );
}
for (const kind of measured.filter((one) => one !== 'nobody')) {
  const ratio = (share: number) => quantile(noted[kind].stepMs, share) / quantile(noted.nobody.stepMs, share);
  console.log(`  ${kind}: step ${ratio(0.5).toFixed(2)} of nobody's at the median, ${ratio(0.99).toFixed(2)} at p99`);
}
sayLoad();

/** Processor time of all cores that was not idle, ms. */
function busyMs(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
}

interface Lookers {
  /** What they saw since. */
  readonly saw: () => Promise<string>;
  readonly leave: () => Promise<unknown>;
}

async function come(kind: Kind, url: string): Promise<Lookers> {
  if (kind === 'nobody') return { saw: async () => '', leave: async () => {} };
  if (kind === 'four tabs') {
    const tabs = await Promise.all(
      Array.from({ length: VIEWERS }, async () => {
        const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
        // Pictures that came onto a screen. Frames are not counted: whoever asks for them has them drawn.
        await page.addInitScript(() => {
          const drawn = { pictures: 0 };
          Object.assign(window, { drawn });
          // Not of the window, which what elements load is not told to.
          document.addEventListener(
            'load',
            ({ target }) => target instanceof HTMLImageElement && drawn.pictures++,
            true,
          );
        });
        await page.goto(url);
        await page.locator('.main-picture img').waitFor();
        return page;
      }),
    );
    const drawn = () =>
      Promise.all(
        tabs.map((page) => page.evaluate(() => (window as never as { drawn: { pictures: number } }).drawn.pictures)),
      );
    const before = await drawn();
    return {
      saw: async () => {
        const each = (await drawn()).map((pictures, at) => pictures - before[at]!).join(', ');
        return `pictures on their screens ${each}, in the last block`;
      },
      leave: () => Promise.all(tabs.map((page) => page.context().close())),
    };
  }
  const viewers = new Worker(new URL('./viewers.js', import.meta.url), { workerData: { url, count: VIEWERS } });
  const next = () => new Promise<{ pictures: number; steps: number }>((resolve) => viewers.once('message', resolve));
  await next();
  return {
    saw: async () => {
      const seen = next();
      viewers.postMessage('say');
      const { pictures, steps } = await seen;
      return `${pictures} pictures and ${steps} steps seen by all of them in the last block`;
    },
    leave: () => viewers.terminate(),
  };
}

/** A script in the place of who leads, so that nothing but the viewers differs. @returns whether it went on to the end; else nothing of it counts. */
async function lookOn(kind: Kind): Promise<boolean> {
  const into = noted[kind];
  const [stepMs, lateMs]: [number[], number[]] = [[], []];
  await using board = await dashboard();
  const input$ = interval(40).pipe(
    map((nth): PilotInput => {
      const up = nth % 20 < 10 ? 0.1 : -0.1;
      const command = {
        ...{ kind: 'eef-twist' as const, frameId: 'base', gripperOpen: 1 },
        ...{ linearMPerS: [0, 0, up] as const, angularRadPerS: [0, 0, 0] as const },
      };
      // Pressed anew now and then: a machine that was too busy for 200 ms has let go of it, and nothing would be led from there on.
      const isHeld = nth % 50 > 2;
      return { stampMs: monotonicNowMs(), isHeld, mode: 'manual', share: 1, ...(isHeld && { command }) };
    }),
  );
  const episode = run({
    ...{ env, policy: hold(), instruction: 'pick up the red block', seed: 3, pace: { rateHz: RATE_HZ } },
    ...{ pilot: { name: 'script', input$ }, stops: [board.stops] },
  });
  board.watch(episode, env);
  const lookers = await come(kind, board.url);
  await sleep(3000);
  let dueMs = monotonicNowMs();
  const due = setInterval(() => {
    const now = monotonicNowMs();
    lateMs.push(Math.max(0, now - dueMs - 10));
    dueMs = now;
  }, 10);
  episode.events$.subscribe((event) => {
    // Steps that lead: those that hold wait for the driver's word that it does.
    if (event.kind === 'step-end' && event.record.human?.isHeld) stepMs.push(event.record.timings.totalMs);
  });
  const [began, own, all] = [monotonicNowMs(), process.cpuUsage(), busyMs()];
  await sleep(BLOCK_MS);
  const { user, system } = process.cpuUsage(own);
  const [allMs, spanMs] = [busyMs() - all, monotonicNowMs() - began];
  clearInterval(due);
  const seen = await lookers.saw();
  episode.stop('seen');
  const { outcome, reason } = await episode.result;
  await lookers.leave();
  if (outcome !== 'stopped') {
    console.log(`  left out, with ${kind}: ${outcome}, ${reason}`);
    return false;
  }
  into.stepMs.push(...stepMs);
  into.lateMs.push(...lateMs);
  into.ownMs += (user + system) / 1000;
  into.allMs += allMs;
  into.spanMs += spanMs;
  into.seen = seen;
  return true;
}
