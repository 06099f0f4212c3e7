/**
 * The stage of the guard's tests: a shop that is allowed, a stranger on the public internet, and a machine of the inner network; all of them
 * loopback servers that count what reaches them. Made-up public names are judged by made-up public addresses and dialled at the servers.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright';
import { type Blocked, createGuard, type Guard, type GuardOptions } from '../../envs/browser/guard.ts';
import { type Launched, launchBrowser } from '../../envs/browser/launch.ts';
import { originsOf } from '../../envs/browser/origins.ts';

export interface Counted {
  readonly port: number;
  readonly requests: string[];
  /** Addresses that were connected to, also by connections that carried no request. */
  readonly connections: string[];
  readonly close: () => Promise<void>;
}

/** Public addresses (of nobody that is asked) and where their servers really listen. */
const DIALLED: Readonly<Record<string, string>> = {
  '93.184.216.34': '127.0.0.1',
  '93.184.216.35': '127.0.0.2',
};

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'inner.example': ['127.0.0.1'],
  'mixed.example': ['93.184.216.35', '127.0.0.1'],
  'rebound.shop.example': ['127.0.0.1'],
  'metadata.example': ['169.254.169.254'],
};

function addressesOf(host: string): readonly string[] {
  const known = NAMES[host];
  if (known) return known;
  if (/(^|\.)shop\.example$/.test(host)) return ['93.184.216.34'];
  if (/(^|\.)evil\.example$/.test(host)) return ['93.184.216.35'];
  throw Object.assign(new Error(`no such name ${host}`), { code: 'ENOTFOUND' });
}

export async function countedServer(
  host: string,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Counted> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    if (request.url !== '/favicon.ico') requests.push(`${request.method} ${request.headers.host}${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const counted: Counted = {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: [],
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('connection', (socket) => {
    counted.connections.push((socket.localAddress ?? '').replace('::ffff:', ''));
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket) => {
    requests.push(`UPGRADE ${request.headers.host}${request.url}`);
    socket.destroy();
  });
  return counted;
}

/** `/redirect?code=302&to=...`, `/refresh?to=...`, `/html?...` (the rest is the page); anything else is an empty page. */
function answerAnything(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://x');
  const to = url.searchParams.get('to') ?? '';
  response.setHeader('access-control-allow-origin', '*');
  if (url.pathname === '/redirect')
    return void response.writeHead(Number(url.searchParams.get('code')), { location: to }).end();
  if (url.pathname === '/refresh') response.setHeader('refresh', `0; url=${to}`);
  response.setHeader('content-type', url.pathname.endsWith('.js') ? 'text/javascript' : 'text/html');
  response.end(
    url.pathname.endsWith('.js')
      ? (url.searchParams.get('js') ?? '')
      : `<!doctype html>${url.searchParams.get('html') ?? ''}`,
  );
}

export interface Stage {
  readonly launched: Launched;
  /** Allowed; start URL `http://shop.example:port`. */
  readonly shop: Counted;
  /** Public, but not allowed: `http://evil.example:port`. */
  readonly evil: Counted;
  /** Listens on every address of this machine: `http://127.0.0.1:port`, `http://[::1]:port` ... */
  readonly inner: Counted;
  readonly url: { readonly shop: string; readonly evil: string; readonly inner: string };
  readonly lookups: string[];
  readonly asked: { count: number };
  readonly close: () => Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const shop = await countedServer('127.0.0.1', answerAnything);
  const evil = await countedServer('127.0.0.2', answerAnything);
  const inner = await countedServer('::', answerAnything).catch(() => countedServer('0.0.0.0', answerAnything));
  const launched = await launchBrowser();
  return {
    launched,
    shop,
    evil,
    inner,
    url: {
      shop: `http://shop.example:${shop.port}`,
      evil: `http://evil.example:${evil.port}`,
      inner: `http://127.0.0.1:${inner.port}`,
    },
    lookups: [],
    asked: { count: 0 },
    close: async () => {
      await launched.browser.close();
      await Promise.all([shop, evil, inner].map((server) => server.close()));
    },
  };
}

/** Three addresses that were never asked for before, so that nothing of an earlier test can be taken for this one's. */
export function fresh(stage: Stage): { readonly ally: string; readonly evil: string; readonly inner: string } {
  stage.asked.count += 1;
  const { count } = stage.asked;
  return {
    ally: `http://s${count}.shop.example:${stage.shop.port}`,
    evil: `http://e${count}.evil.example:${stage.evil.port}`,
    inner: `http://127.9.${count >> 8}.${count & 255}:${stage.inner.port}`,
  };
}

/** What a server was asked under one origin. */
export const askedAt = (server: Counted, origin: string): string[] =>
  server.requests.filter((request) => request.includes(` ${new URL(origin).host}/`));

export interface Visit {
  page: Page;
  context: BrowserContext;
  guard: Guard;
  readonly blocked: Blocked[];
  /** A new page on the shop's empty page, with nothing counted; all others are closed. */
  readonly again: () => Promise<void>;
  /** What was counted and told so far. */
  readonly forget: () => void;
  readonly end: () => Promise<void>;
}

/** How long a context may take for its next page before it is given up for a new one, ms: a page that an attack left behind can hang. */
const AGAIN_MS = 4_000;

/** A guarded context with one page on the shop's empty page. Counters begin at zero. */
export async function visit(
  stage: Stage,
  options: Partial<GuardOptions> & { readonly at?: string } = {},
): Promise<Visit> {
  const blocked: Blocked[] = [];
  const startUrl = options.startUrl ?? `${stage.url.shop}/`;
  const start = options.at ?? `${stage.url.shop}/empty`;
  const guarded = async () => {
    const guard = await createGuard({
      origins: originsOf(startUrl),
      environment: {},
      lookup: async (host) => {
        stage.lookups.push(host);
        return addressesOf(host);
      },
      dial: (address) => DIALLED[address] ?? address,
      onBlocked: (one) => blocked.push(one),
      ...options,
      startUrl,
    });
    const context = await stage.launched.browser.newContext(guard.contextOptions);
    const page = await context.newPage();
    await guard.attach(context);
    await page.goto(start);
    return { guard, context, page };
  };
  const nextPage = async () => {
    const old = visit.context.pages();
    const page = await visit.context.newPage();
    await Promise.all(old.map((one) => one.close()));
    await page.goto(start, { waitUntil: 'commit' });
    return { page };
  };
  const visit: Visit = {
    ...(await guarded()),
    blocked,
    again: async () => {
      const next = await Promise.race([nextPage().catch(() => undefined), sleep(AGAIN_MS)]);
      if (next) visit.page = next.page;
      else {
        console.warn(
          `no next page within ${AGAIN_MS} ms; pages left: ${visit.context.pages().map((one) => one.url())}`,
        );
        void visit.context.close().catch(() => {});
        void visit.guard.close().catch(() => {});
        Object.assign(visit, await guarded());
      }
      visit.forget();
    },
    forget: () => {
      blocked.length = 0;
      visit.guard.retell();
      forget(stage);
    },
    end: async () => {
      await visit.context.close();
      await visit.guard.close();
    },
  };
  forget(stage);
  return visit;
}

export function forget(stage: Stage): void {
  stage.lookups.length = 0;
  for (const server of [stage.shop, stage.evil, stage.inner]) {
    server.requests.length = 0;
    server.connections.length = 0;
  }
}

export type Attempt = (page: Page, to: string) => Promise<unknown>;

/** Runs page script, with `$TO` filled in, whose own failure is of no interest. */
export const script =
  (code: string): Attempt =>
  (page, to) =>
    page.evaluate(code.replaceAll('$TO', to)).catch(() => {});

/** Writes a page, with `$TO` filled in, and clicks something in it. */
export const html =
  (markup: string, click?: string): Attempt =>
  async (page, to) => {
    await page.setContent(markup.replaceAll('$TO', to), { waitUntil: 'commit' }).catch(() => {});
    if (click) await page.click(click, { noWaitAfter: true, force: true, timeout: 2_000 }).catch(() => {});
  };

/** How long to look whether something forbidden arrives after all, ms. */
export const LOOK_MS = 60;

export const pause = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));

/** Waits until something holds, or fails saying what did not. */
export async function until(what: string, holds: () => boolean, withinMs = 4_000): Promise<void> {
  for (let left = withinMs; !holds(); left -= 10) {
    if (left <= 0) throw new Error(`did not come about in ${withinMs} ms: ${what}`);
    await pause(10);
  }
}
