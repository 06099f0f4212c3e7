/**
 * The real-time arm led from the dashboard's page in a real browser on this machine: from a key and from a sample as it is sent to the
 * command as it is posted to the driver; from a camera to the screen; from a stop, and from each way to lose who leads, to the last
 * command that moves, at the robot, and to rest.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Page } from 'playwright';
import { Server as ProxyServer } from 'proxy-chain';
import { monotonicNowMs, type PilotInput, type Run, run, type StepRecord, sleep } from 'pumice';
import { dashboard } from 'pumice/dashboard';
import { sim } from 'pumice/envs/sim';
import { stopsOf } from 'pumice/stops';
import { from, tap } from 'rxjs';
import { WebSocket } from 'ws';
import { hold } from '../policies/hold.ts';
import { atWall, notedBy, openBrowser, openFloor, openPage, ready } from './led-page.ts';
import { quantile, sayLoad, sayMachine, sayTimes } from './measure.ts';

const RATE_HZ = 10;
const DRIVE_MS = 20_000;
const STOPS = 10;
const LOSSES = 4;
const SET_POINT = 1;
const RESTS_M_PER_S = 0.005;
const MOVES_M_PER_S = 0.05;

sayMachine('teleop');
const env = await sim({ realtime: true, rateHz: RATE_HZ, cameras: ['third'] });
const instruments = env.instruments!;
const speed = () => instruments.state()?.speedMPerS ?? 0;
const begin = (over: Partial<Parameters<typeof run>[0]>): Run => {
  const episode = run({
    ...{ env, policy: hold(), instruction: 'pick up the red block', seed: 3, pace: { rateHz: RATE_HZ } },
    ...over,
  });
  // What ends by itself is no measure: it is said why.
  void episode.result.then(({ outcome, reason }) => {
    if (outcome !== 'stopped') console.log(`  ended: ${outcome}, ${reason}`);
  });
  return episode;
};
const browser = await openBrowser();

await drive();
await stopBy('two presses of Escape', async (page) => {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  return atWall((await notedBy(page)).keys.at(-1)![0]);
});
await stopBy('the socket of the button', async (_page, url) => {
  const { origin, hash } = new URL(url);
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/stop`, ['pumice', `pumice.token.${hash.slice(1)}`], {
    origin,
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const sentMs = monotonicNowMs();
  socket.send('stop');
  await sleep(50);
  socket.close();
  return sentMs;
});
await loseAll();
await browser.close();
await env.close();
sayLoad();

/** Up and down by two keys in turns, the dead-man held. */
async function drive(): Promise<void> {
  await using board = await dashboard();
  const arrivals: { readonly atMs: number; readonly input: PilotInput }[] = [];
  const noted$ = from(board.pilot.input$).pipe(tap((input) => void arrivals.push({ atMs: monotonicNowMs(), input })));
  const pilot = { name: 'page', input$: noted$ };
  const episode = begin({ pilot, stops: [board.stops] });
  board.watch(episode, env);
  const steps: StepRecord[] = [];
  episode.events$.subscribe((event) => event.kind === 'step-end' && steps.push(event.record));
  const page = await openPage(browser, board.url);
  await ready(page);
  const floor = new Worker(new URL('./floor-socket.js', import.meta.url));
  const floorAt = new Map<number, number>();
  const [port] = (await once(floor, 'message')) as [number];
  floor.on('message', ({ share, atMs }: { share: number; atMs: number }) => floorAt.set(share, atMs));
  await openFloor(page, port);
  await sleep(2000);
  await page.keyboard.down('Space');
  const pictureMs: number[] = [];
  let isUp = true;
  for (const endMs = monotonicNowMs() + DRIVE_MS; monotonicNowMs() < endMs; isUp = !isUp) {
    await page.keyboard.down(isUp ? 'KeyE' : 'KeyQ');
    await sleep(350 + 7 * (steps.length % 13));
    await page.keyboard.up(isUp ? 'KeyE' : 'KeyQ');
    // A machine that is busy lets go of the dead-man: it is pressed again.
    if ((await page.locator('.dead-man.held').count()) === 0) {
      await page.keyboard.up('Space');
      await page.keyboard.down('Space');
    }
    const text = await page.locator('.delays').getAttribute('data-picture-ms');
    if (text !== null) pictureMs.push(Number(text));
  }
  await page.keyboard.up('Space');
  const { sent, keys } = await notedBy(page);
  episode.stop('seen');
  await episode.result;

  const sentMs = new Map(sent.map(([wall, share]) => [share, atWall(wall)]));
  const way = arrivals.flatMap(({ atMs, input }) => {
    const leftMs = input.isHeld ? sentMs.get(input.share) : undefined;
    return leftMs === undefined ? [] : [atMs - leftMs];
  });
  const floorWay = [...floorAt].flatMap(([share, atMs]) => (sentMs.has(share) ? [atMs - sentMs.get(share)!] : []));
  const commands = steps.flatMap(({ stampMs, timings, human, act }) =>
    human?.isHeld && human.command?.kind === 'eef-twist' && act?.status === 'done'
      ? [{ thoughtMs: stampMs + timings.observeMs + timings.thinkMs, postedMs: stampMs + timings.totalMs, human }]
      : [],
  );
  const used = new Set<number>();
  const toCommand = commands.flatMap(({ thoughtMs, postedMs }) => {
    const newest = arrivals.findLast(({ atMs }) => atMs <= thoughtMs)?.input;
    if (!newest?.isHeld || used.has(newest.share)) return [];
    used.add(newest.share);
    const leftMs = sentMs.get(newest.share);
    return leftMs === undefined ? [] : [postedMs - leftMs];
  });
  const signOf = (command: unknown) => Math.sign((command as { linearMPerS: readonly number[] }).linearMPerS[2]!);
  const fromKey = keys.flatMap(([wall, code]) => {
    const pressedMs = atWall(wall);
    const wanted = code === 'KeyE' ? 1 : code === 'KeyQ' ? -1 : 0;
    const first = commands.find(({ postedMs, human }) => postedMs > pressedMs && signOf(human.command) === wanted);
    return wanted === 0 || !first || first.postedMs - pressedMs > 300 ? [] : [first.postedMs - pressedMs];
  });
  console.log(
    `  led for ${DRIVE_MS / 1000} s: ${sent.length} samples sent, ${way.length} arrived held, ${toCommand.length} led a step; clocks of page and program agree to ${Math.min(...way).toFixed(3)} ms at the worst`,
  );
  sayTimes('the floor: to a bare server', floorWay);
  sayTimes('sample, sent to taken in', way);
  sayTimes('sample, sent to posted', toCommand);
  sayTimes(`key to posted, ${fromKey.length} keys`, fromKey);
  sayTimes(`camera to screen, ${pictureMs.length} looks`, pictureMs);
  const ratio = (share: number) => (quantile(toCommand, share) / quantile(floorWay, share)).toFixed(2);
  console.log(`  posted, of the floor: ${ratio(0.5)} at the median, ${ratio(0.99)} at p99`);
  await floor.terminate();
  await page.context().close();
}

interface Stopped {
  readonly toLastMs: number;
  readonly toRestMs: number;
}

/** From a moment on: the last command that moves as it arrives at the robot, and rest. */
async function watch(fromMs: number): Promise<Stopped> {
  let restMs = monotonicNowMs();
  for (let now = restMs; now - restMs < 400; now = monotonicNowMs()) {
    if (speed() > RESTS_M_PER_S) restMs = now;
    if (now - fromMs > 8000) throw new Error('it does not come to rest');
    await sleep(2);
  }
  const last = instruments.arrivals().findLast(([, , mode]) => mode === SET_POINT)?.[0] ?? 0;
  return { toLastMs: Math.max(0, last - fromMs), toRestMs: restMs - fromMs };
}
function sayStopped(name: string, all: readonly Stopped[]): void {
  for (const [what, pick] of [
    ['to the last that moves', ({ toLastMs }: Stopped) => toLastMs],
    ['to rest', ({ toRestMs }: Stopped) => toRestMs],
  ] as const) {
    const values = all.map(pick);
    console.log(
      `  ${`${name}: ${what}`.padEnd(62)} n ${values.length}, median ${quantile(values, 0.5).toFixed(0)} ms, most ${Math.max(...values).toFixed(0)} ms`,
    );
  }
}
async function moving(page: Page): Promise<void> {
  await ready(page);
  await sleep(300);
  for (let tries = 0; tries < 10; tries++) {
    await page.keyboard.down('Space');
    await page.keyboard.down('KeyE');
    for (let looks = 0; looks < 100 && speed() <= MOVES_M_PER_S; looks++) await sleep(10);
    await sleep(150);
    if (speed() > MOVES_M_PER_S) return;
    // A machine that is busy lets go of the dead-man: it is pressed again.
    await page.keyboard.up('KeyE');
    await page.keyboard.up('Space');
    await sleep(300);
  }
  throw new Error('it does not move');
}

/** @param press - answers when it was, by the clock of this process. */
async function stopBy(name: string, press: (page: Page, url: string) => Promise<number>): Promise<void> {
  await using board = await dashboard();
  const own = () => ({ pilot: board.pilot, stops: [board.stops, stopsOf(() => instruments.driver())] });
  let page: Page | undefined;
  const all: Stopped[] = [];
  for (let at = 0; at < STOPS; at++) {
    const episode = begin(own());
    board.watch(episode, env);
    page ??= await openPage(browser, board.url);
    await moving(page);
    const pressedMs = await press(page, board.url);
    all.push(await watch(pressedMs));
    await page.keyboard.up('KeyE');
    await page.keyboard.up('Space');
    await episode.result;
  }
  sayStopped(name, all);
  await page?.context().close();
}

async function loseAll(): Promise<void> {
  const sockets = new Set<Socket>();
  const renderers = async () => {
    const devtools = await browser.newBrowserCDPSession();
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
    return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  };
  const ways: Readonly<Record<string, (page: Page) => Promise<number>>> = {
    'the page blocked for 5 s': async (page) => {
      const wall = await page.evaluate(() => {
        setTimeout(() => {
          for (const end = Date.now() + 5000; Date.now() < end; );
        });
        return performance.timeOrigin + performance.now();
      });
      return atWall(wall);
    },
    'the tab hidden (as the page reads it)': async (page) => {
      const fromMs = monotonicNowMs();
      await page.evaluate(() => {
        Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
        document.dispatchEvent(new Event('visibilitychange'));
      });
      return fromMs;
    },
    'the network cut': async () => {
      for (const socket of sockets) socket.pause();
      return monotonicNowMs();
    },
    'the page killed': async () => {
      const ids = await renderers();
      const fromMs = monotonicNowMs();
      for (const id of ids) process.kill(id, 'SIGKILL');
      return fromMs;
    },
  };
  for (const [name, lose] of Object.entries(ways)) {
    const all: Stopped[] = [];
    for (let at = 0; at < LOSSES; at++) {
      const proxy = new ProxyServer({ port: 0, host: '127.0.0.1' });
      await proxy.listen();
      proxy.server.on('connection', (socket: Socket) => sockets.add(socket));
      await using board = await dashboard();
      const episode = begin({ pilot: board.pilot, stops: [board.stops, stopsOf(() => instruments.driver())] });
      board.watch(episode, env);
      const page = await openPage(browser, board.url, proxy.port);
      await moving(page);
      all.push(await watch(await lose(page)));
      episode.stop('seen');
      await episode.result;
      await page.context().close();
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      await proxy.close(true);
    }
    sayStopped(name, all);
  }
}
