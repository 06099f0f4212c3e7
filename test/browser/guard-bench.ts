/**
 * The stage of the guard's tests: a shop that is allowed, a stranger on the public internet, and a machine of the inner network; all of them
 * loopback servers that count what reaches them. Made-up public names are judged by made-up public addresses and dialled at the servers.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { BrowserContext, Page } from 'playwright';
import { type Blocked, createGuard, type Guard, type GuardOptions } from '../../envs/browser/guard.ts';
import { type Launched, launchBrowser } from '../../envs/browser/launch.ts';
import { originsOf } from '../../envs/browser/origins.ts';

export interface Counted {
  readonly port: number;
  readonly requests: string[];
  /** Connections, also those that carry no request. */
  connections: number;
  readonly close: () => Promise<void>;
}

/** Public addresses (of nobody that is asked) and where their servers really listen. */
const DIALLED: Readonly<Record<string, string>> = {
  '93.184.216.34': '127.0.0.1',
  '93.184.216.35': '127.0.0.2',
};

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'shop.example': ['93.184.216.34'],
  'www.shop.example': ['93.184.216.34'],
  'evil.example': ['93.184.216.35'],
  'xn--shp-sna.example': ['93.184.216.35'],
  'shop.example.evil.example': ['93.184.216.35'],
  'inner.example': ['127.0.0.1'],
  'mixed.example': ['93.184.216.35', '127.0.0.1'],
  'wild.shop.example': ['127.0.0.1'],
  'metadata.example': ['169.254.169.254'],
};

export async function countedServer(
  host: string,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Counted> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const counted: Counted = {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('connection', (socket) => {
    counted.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket) => {
    requests.push(`UPGRADE ${request.url}`);
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
  readonly close: () => Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const shop = await countedServer('127.0.0.1', answerAnything);
  const evil = await countedServer('127.0.0.2', answerAnything);
  const inner = await countedServer('::', answerAnything).catch(() => countedServer('0.0.0.0', answerAnything));
  const launched = await launchBrowser({ sources: ['explicit', 'playwright', 'path', 'sparticuz'] });
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
    close: async () => {
      await launched.browser.close();
      await Promise.all([shop, evil, inner].map((server) => server.close()));
    },
  };
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly guard: Guard;
  readonly blocked: Blocked[];
  readonly end: () => Promise<void>;
}

/** A guarded context with one page on the shop's empty page. Counters begin at zero. */
export async function visit(
  stage: Stage,
  options: Partial<GuardOptions> & { readonly at?: string } = {},
): Promise<Visit> {
  const blocked: Blocked[] = [];
  const startUrl = options.startUrl ?? `${stage.url.shop}/`;
  const guard = await createGuard({
    origins: originsOf(startUrl),
    environment: {},
    lookup: async (host) => {
      stage.lookups.push(host);
      return NAMES[host] ?? Promise.reject(Object.assign(new Error(`no such name ${host}`), { code: 'ENOTFOUND' }));
    },
    dial: (address) => DIALLED[address] ?? address,
    onBlocked: (one) => blocked.push(one),
    ...options,
    startUrl,
  });
  const context = await stage.launched.browser.newContext(guard.contextOptions);
  const page = await context.newPage();
  await guard.attach(context);
  await page.goto(options.at ?? `${stage.url.shop}/empty`);
  forget(stage);
  return {
    page,
    context,
    guard,
    blocked,
    end: async () => {
      await context.close();
      await guard.close();
    },
  };
}

export function forget(stage: Stage): void {
  stage.lookups.length = 0;
  for (const server of [stage.shop, stage.evil, stage.inner]) {
    server.requests.length = 0;
    server.connections = 0;
  }
}

export const pause = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));

/** Waits until something holds, or fails saying what did not. */
export async function until(what: string, holds: () => boolean, withinMs = 4_000): Promise<void> {
  for (let left = withinMs; !holds(); left -= 10) {
    if (left <= 0) throw new Error(`did not come about in ${withinMs} ms: ${what}`);
    await pause(10);
  }
}
