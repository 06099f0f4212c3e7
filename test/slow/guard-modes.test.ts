import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { upstreamFor } from '../../envs/browser/proxy.ts';
import { createReach } from '../../envs/browser/reach.ts';
import { askedAt, fresh, html, type Stage, script, setStage, until, type Visit, visit } from '../browser/stage.ts';

let stage: Stage;
let at: Visit | undefined;
const begin = async (options: Parameters<typeof visit>[1] = {}) => (at = await visit(stage, options));

beforeAll(async () => {
  stage = await setStage();
});
afterEach(async () => {
  await at?.end();
  at = undefined;
});
afterAll(async () => stage.close());

describe('names are resolved once and judged', () => {
  it('a name is resolved once for a page and its parts, and the connection goes to that very address', async () => {
    const { page } = await begin();
    await html('<img src="$TO/1"><img src="$TO/2"><img src="$TO/3">')(
      page,
      'http://rebind.evil.example:'.concat(String(stage.evil.port)),
    );
    await until('they arrive', () => stage.evil.requests.length >= 3);
    expect(stage.lookups.filter((host) => host === 'rebind.evil.example')).toHaveLength(1);
  });

  it('a name that turns to an inner address later is judged anew and refused', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const answers = [['93.184.216.34'], ['127.0.0.1']];
      const reach = await createReach(
        { startUrl: 'https://shop.example/', origins: ['https://*.shop.example'] },
        async (host) => (host === 'rebind.example' ? answers.shift()! : ['93.184.216.34']),
      );
      const target = { host: 'rebind.example', port: 443, scheme: 'https' } as const;
      expect(await reach.judge(target)).toEqual({ ok: true, addresses: ['93.184.216.34'] });
      expect(await reach.judge(target)).toEqual({ ok: true, addresses: ['93.184.216.34'] });
      vi.advanceTimersByTime(60_000);
      expect(await reach.judge(target)).toMatchObject({ ok: false, why: '127.0.0.1 is a loopback address' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('a site that is on the inner network from the start may use that network within its own origins', async () => {
    const reach = await createReach(
      { startUrl: 'http://intra.corp.example/', origins: ['http://*.corp.example'] },
      async (host) =>
        host.startsWith('loop') ? ['127.0.0.1'] : host.endsWith('corp.example') ? ['10.0.0.7'] : ['10.0.0.8'],
    );
    const judge = async (host: string) => (await reach.judge({ host, port: 80, scheme: 'http' })).ok;
    expect(
      await Promise.all(['intra.corp.example', 'api.corp.example', 'other.example', 'loop.corp.example'].map(judge)),
    ).toEqual([true, true, false, false]);
  });
});

describe('what a start on this machine opens', () => {
  const own = () => `http://127.0.0.1:${stage.shop.port}`;

  it('is its own port and no other, for pages and parts', async () => {
    const { page, blocked } = await begin({ startUrl: own(), at: `${own()}/empty` });
    await page.goto(`${own()}/forbidden`);
    expect(stage.shop.requests).toHaveLength(1);
    await page.goto(`${stage.url.inner}/forbidden`).catch(() => {});
    await script(`fetch('$TO', { mode: 'no-cors' })`)(page, `${stage.url.inner}/forbidden`);
    await script(`fetch('$TO', { mode: 'no-cors' })`)(page, `http://localhost:${stage.inner.port}/forbidden`);
    expect(stage.inner.connections).toEqual([]);
    expect(new Set(blocked.map((one) => one.allowWith))).toEqual(
      new Set([`--allow-origin ${stage.url.inner}`, `--allow-origin http://localhost:${stage.inner.port}`]),
    );
  });

  it('is also what --allow-origin names', async () => {
    const { page, blocked } = await begin({ startUrl: own(), origins: [own(), stage.url.inner], at: `${own()}/empty` });
    await script(`fetch('$TO', { mode: 'no-cors' })`)(page, `${stage.url.inner}/part`);
    await page.goto(`${stage.url.inner}/page`);
    expect(stage.inner.requests).toHaveLength(2);
    expect(blocked).toEqual([]);
  });
});

describe('modes', () => {
  it('--allow-private opens the inner network to parts of pages, but not cloud metadata, and not to navigation', async () => {
    const { page, blocked } = await begin({ allowPrivate: true });
    await script(`fetch('$TO', { mode: 'no-cors' })`)(page, `${stage.url.inner}/part`);
    expect(stage.inner.requests).toHaveLength(1);
    await script(`fetch('$TO', { mode: 'no-cors' })`)(page, 'http://169.254.169.254/latest/');
    await page.goto(`${stage.url.inner}/page`).catch(() => {});
    expect(stage.inner.requests).toHaveLength(1);
    expect(blocked.map((one) => new URL(one.url).hostname)).toEqual(['169.254.169.254', '127.0.0.1']);
  });

  it('a strict network lets nothing out of the allow list, and everything within', async () => {
    const { page, blocked } = await begin({ strictNetwork: true });
    const { ally, evil } = fresh(stage);
    for (const [name, attempt] of Object.entries({
      img: html('<img src="$TO/forbidden">'),
      iframe: html('<iframe src="$TO/forbidden"></iframe>'),
      socket: (p: typeof page, to: string) => script(`new WebSocket('$TO/forbidden')`)(p, to.replace('http:', 'ws:')),
    })) {
      blocked.length = 0;
      at!.guard.retell();
      await attempt(page, evil);
      await until(`${name} is told`, () => blocked.length > 0);
      expect(blocked[0]!.allowWith).toBe(`--allow-origin ${evil}`);
      const before = askedAt(stage.shop, ally).length;
      await attempt(page, ally);
      await until(`${name} arrives`, () => askedAt(stage.shop, ally).length > before);
    }
    expect(stage.evil.connections).toEqual([]);
  });

  const CHANGES: Readonly<Record<string, ReturnType<typeof script>>> = {
    'fetch with POST': script(`fetch('$TO', { method: 'POST', mode: 'no-cors', body: 'x' })`),
    'fetch with PUT': script(`fetch('$TO', { method: 'PUT', body: 'x' })`),
    sendBeacon: script(`navigator.sendBeacon('$TO', 'x')`),
    'a worker': script(
      `new Worker(URL.createObjectURL(new Blob(["fetch('$TO', { method: 'POST', mode: 'no-cors' })"])))`,
    ),
    'a form': html(`<form method=post action="$TO"><button id=b>x</button></form>`, '#b'),
  };

  it.each([true, false])(
    'once halted, requests that change something fail, others go on (proxied: %s)',
    async (proxied) => {
      const start = `http://127.0.0.1:${stage.shop.port}`;
      const { page, guard, blocked } = await begin({ proxied, startUrl: start, at: `${start}/empty` });
      guard.halt();
      guard.halt();
      for (const [name, attempt] of Object.entries(CHANGES)) {
        guard.retell();
        blocked.length = 0;
        await attempt(page, `${start}/${encodeURIComponent(name)}`);
        await until(`${name} is told`, () => blocked.length > 0);
        expect(blocked[0]).toMatchObject({ why: 'the episode was stopped' });
      }
      await page.goto(`${start}/read`);
      expect(stage.shop.requests).toEqual([`GET 127.0.0.1:${stage.shop.port}/read`]);
    },
  );

  it('before it is halted the same requests arrive', async () => {
    const start = `http://127.0.0.1:${stage.shop.port}`;
    const { page, blocked } = await begin({ startUrl: start, at: `${start}/empty` });
    for (const [name, attempt] of Object.entries(CHANGES)) {
      await attempt(page, `${start}/${encodeURIComponent(name)}`);
      await until(`${name} arrives`, () =>
        stage.shop.requests.some((one) => !one.startsWith('GET') && one.includes(encodeURIComponent(name))),
      );
    }
    expect(blocked).toEqual([]);
  });
});

describe("the user's own proxy", () => {
  it('carries what is public, and never what is inner', async () => {
    const seen: string[] = [];
    const upstream = http
      .createServer((request, response) => {
        seen.push(request.url ?? '');
        response.end('from upstream');
      })
      .listen(0, '127.0.0.1');
    await new Promise((resolve) => upstream.once('listening', resolve));
    const { page, guard, blocked } = await begin({
      environment: {
        HTTP_PROXY: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
        NO_PROXY: 'shop.example',
      },
    });
    expect(guard.limitations.join()).toContain('HTTP_PROXY');
    await page.evaluate((to) => fetch(to, { mode: 'no-cors' }), `${stage.url.evil}/public`);
    await page.evaluate(
      (to) => fetch(to, { mode: 'no-cors' }).catch(() => {}),
      `http://inner.example:${stage.inner.port}/forbidden`,
    );
    await page.evaluate(() => fetch('/part'));
    expect(seen).toEqual([`${stage.url.evil}/public`]);
    expect(stage.shop.requests).toHaveLength(1);
    expect(blocked).toHaveLength(1);
    upstream.closeAllConnections();
    upstream.close();
  });

  it.each([
    ['shop.example', 443, false, { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
    ['shop.example', 443, false, { https_proxy: 'p:1' }, 'http://p:1'],
    ['shop.example', 80, true, { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['shop.example', 443, false, { ALL_PROXY: 'socks5://p:1' }, 'socks5://p:1'],
    ['a.shop.example', 443, false, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'x.example, .shop.example' }, undefined],
    ['shop.example', 443, false, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'shop.example:80' }, 'http://p:1'],
    ['myshop.example', 443, false, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'shop.example' }, 'http://p:1'],
    ['shop.example', 443, false, { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
    ['localhost', 80, true, { HTTP_PROXY: 'http://p:1' }, undefined],
    ['127.9.9.9', 80, true, { HTTP_PROXY: 'http://p:1' }, undefined],
  ])('%s:%i goes through what is set for it', (host, port, isHttp, environment, expected) => {
    expect(upstreamFor(host, port, isHttp, environment)).toBe(expected);
  });
});
