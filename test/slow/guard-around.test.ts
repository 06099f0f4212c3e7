import dgram from 'node:dgram';
import net from 'node:net';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Blocked, createGuard, type Guard } from '../../envs/browser/guard.ts';
import { type Launched, launchBrowser } from '../../envs/browser/launch.ts';
import {
  askedAt,
  fresh,
  html,
  LOOK_MS,
  pause,
  type Stage,
  script,
  setStage,
  until,
  type Visit,
  visit,
} from '../browser/stage.ts';

let stage: Stage;
let at: Visit | undefined;
/** A secure context, which some ways out need. */
const onLoopback = () => ({
  startUrl: `http://127.0.0.1:${stage.shop.port}/`,
  at: `http://127.0.0.1:${stage.shop.port}/empty`,
});
const begin = async (options: Parameters<typeof visit>[1] = {}) => (at = await visit(stage, options));

beforeAll(async () => {
  stage = await setStage();
});
afterEach(async () => {
  await at?.end();
  at = undefined;
});
afterAll(async () => stage.close());

describe('there is no way around the proxy', () => {
  it('neither for WebRTC nor WebTransport, over UDP or TCP', async () => {
    const { page } = await begin(onLoopback());
    expect(await datagrams(page, LOOK_MS * 8)).toEqual({ webRtc: 0, webTransport: 0 });
    expect(stage.inner.connections).toEqual([]);
  });

  it('nor for preconnect, dns-prefetch, pings of links, speculation rules and reports', async () => {
    const { page } = await begin();
    const { inner } = fresh(stage);
    const rules = (kind: string) =>
      `<script type=speculationrules>{"${kind}":[{"urls":["$TO"],"eagerness":"immediate"}]}</script>`;
    const policy = `<meta http-equiv=content-security-policy content="img-src 'none'; report-uri $TO">`;
    const links =
      '<link rel=preconnect href="$TO"><link rel=dns-prefetch href="$TO"><a id=a href="#x" ping="$TO">x</a>';
    await html(`${policy}<img src=x>${links}${rules('prefetch')}${rules('prerender')}`)(page, `${inner}/forbidden`);
    await page.click('#a');
    await pause(LOOK_MS * 5);
    expect(stage.inner.connections).toEqual([]);
    expect(stage.lookups).toEqual([]);
  });

  it('nor a service worker, which is never even fetched', async () => {
    const { page } = await begin(onLoopback());
    await page.evaluate(() =>
      Promise.race([navigator.serviceWorker.register('/sw.js'), new Promise((done) => setTimeout(done, 300))]).catch(
        () => {},
      ),
    );
    expect(stage.shop.requests.filter((request) => request.includes('sw.js'))).toEqual([]);
  });

  it('nor by asking the proxy from outside the browser', async () => {
    const { guard } = await begin();
    const { inner } = fresh(stage);
    const answers = await Promise.all([
      raw(guard.contextOptions.proxy!.server, `GET ${inner}/forbidden HTTP/1.1\r\nHost: shop.example\r\n\r\n`),
      raw(guard.contextOptions.proxy!.server, `CONNECT 127.0.0.1:${stage.inner.port} HTTP/1.1\r\n\r\n`),
      raw(guard.contextOptions.proxy!.server, `CONNECT 0x7f.1:${stage.inner.port} HTTP/1.1\r\n\r\n`),
      raw(guard.contextOptions.proxy!.server, `CONNECT [::ffff:7f00:1]:${stage.inner.port} HTTP/1.1\r\n\r\n`),
    ]);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(stage.inner.connections).toEqual([]);
  });

  it('and with the proxy gone nothing is reached at all', async () => {
    const { guard, page } = await begin();
    await guard.close();
    await page.goto(`${stage.url.shop}/forbidden`).catch(() => {});
    await script(`fetch('$TO', { mode: 'no-cors' })`)(page, `${stage.url.evil}/forbidden`);
    expect([stage.shop.requests, stage.evil.requests, stage.inner.connections]).toEqual([[], [], []]);
  });
});

describe('on a page that the user had open already, without a proxy', () => {
  let launched: Launched;
  let page: Page;
  let guard: Guard;
  let inner: string;
  const blocked: Blocked[] = [];
  const own = () => `http://127.0.0.1:${stage.shop.port}`;

  beforeAll(async () => {
    launched = await launchBrowser({ guarded: false });
    page = await (await launched.browser.newContext()).newPage();
    const foreign = `<iframe src="http://localhost:${stage.shop.port}/frame"></iframe>`;
    await page.goto(`${own()}/page?html=${encodeURIComponent(foreign)}`);
    await page.evaluate(() => {
      const code = 'onmessage = (event) => fetch(event.data, { mode: "no-cors" })';
      Object.assign(window, { older: new Worker(URL.createObjectURL(new Blob([code]))) });
    });
    guard = await createGuard({
      startUrl: own(),
      origins: [own()],
      proxied: false,
      onBlocked: (one) => blocked.push(one),
      environment: {},
    });
    await guard.attach(page.context());
  });
  beforeEach(() => {
    blocked.length = 0;
    guard.retell();
    inner = fresh(stage).inner;
  });
  afterAll(async () => {
    await guard.close();
    await launched.browser.close();
  });

  const load = (to: string) => void fetch(to, { mode: 'no-cors' }).catch(() => {});
  const redirected = (to: string) => `/redirect?code=302&to=${encodeURIComponent(to)}`;

  it.each<[string, (to: string) => Promise<unknown>]>([
    ['a part of the document that is open', (to) => page.evaluate(load, to)],
    ['a redirected part of it', (to) => page.evaluate(load, redirected(to))],
    ['a part of a frame of another process', (to) => page.frames()[1]!.evaluate(load, to)],
    ['a beacon', (to) => page.evaluate((url) => void navigator.sendBeacon(url, 'x'), to)],
    [
      'a worker that runs already',
      (to) => page.evaluate((url) => (window as unknown as { older: Worker }).older.postMessage(url), to),
    ],
    [
      'a new worker',
      (to) => script(`new Worker(URL.createObjectURL(new Blob(["fetch('$TO', { mode: 'no-cors' })"])))`)(page, to),
    ],
    [
      'a new shared worker',
      (to) =>
        script(`new SharedWorker(URL.createObjectURL(new Blob(["fetch('$TO', { mode: 'no-cors' })"])))`)(page, to),
    ],
    [
      'a blank popup',
      (to) => page.evaluate((url) => void (window.open('') as never as typeof globalThis).fetch(url), to),
    ],
    ['a popup', (to) => page.evaluate((url) => void window.open(url), to)],
    ['a navigation', (to) => page.goto(to).catch(() => {})],
    ['a redirected navigation', (to) => page.goto(own() + redirected(to)).catch(() => {})],
  ])('%s does not reach the inner network', async (_, attempt) => {
    await attempt(`${inner}/forbidden`);
    await until('a block is told', () => blocked.length > 0);
    await pause(LOOK_MS);
    // Without a proxy Chromium may open connections ahead, but sends nothing on them.
    expect(askedAt(stage.inner, inner)).toEqual([]);
    expect(blocked).toMatchObject([{ allowWith: `--allow-origin ${inner}` }]);
  });

  it('what is allowed is let through, and what is not checked is said', async () => {
    expect(await page.evaluate(() => fetch('/part').then((response) => response.status))).toBe(200);
    expect(guard.contextOptions).toEqual({});
    expect(guard.limitations.join()).toMatch(/web sockets.*DNS rebinding.*shared workers/);
    const { webRtc, webTransport } = await datagrams(page, LOOK_MS * 80);
    expect([webRtc > 0, webTransport > 0], 'proof that the flags of a guarded browser matter').toEqual([true, true]);
  });

  it('and once the guard is closed the page is free again', async () => {
    await guard.close();
    await page.evaluate(load, `${inner}/now`);
    await until('it arrives', () => askedAt(stage.inner, inner).length > 0);
  });
});

/** How many UDP packets reach servers that a page is told to use for WebRTC and WebTransport, until both have some or time is up. */
async function datagrams(page: Page, withinMs: number): Promise<{ webRtc: number; webTransport: number }> {
  const sockets = [dgram.createSocket('udp4'), dgram.createSocket('udp4')] as const;
  const counts: [number, number] = [0, 0];
  const ports = await Promise.all(
    sockets.map(async (socket, i) => {
      socket.on('message', () => {
        counts[i as 0 | 1] += 1;
      });
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      return socket.address().port;
    }),
  );
  await page.evaluate(
    ([webRtcPort, webTransportPort, tcpPort]) => {
      const iceServers = [
        { urls: `stun:127.0.0.1:${webRtcPort}` },
        { urls: `turn:127.0.0.1:${webRtcPort}?transport=udp`, username: 'a', credential: 'b' },
        { urls: `turn:127.0.0.1:${tcpPort}?transport=tcp`, username: 'a', credential: 'b' },
      ];
      const peer = new RTCPeerConnection({ iceServers });
      peer.createDataChannel('x');
      void peer.createOffer().then((offer) => peer.setLocalDescription(offer));
      void new WebTransport(`https://127.0.0.1:${webTransportPort}/x`).closed.catch(() => {});
    },
    [ports[0]!, ports[1]!, stage.inner.port] as const,
  );
  for (let left = withinMs; left > 0 && !(counts[0] > 0 && counts[1] > 0); left -= 20) await pause(20);
  for (const socket of sockets) socket.close();
  return { webRtc: counts[0], webTransport: counts[1] };
}

/** What a server answers to bytes. */
const raw = (server: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(Number(new URL(server).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
