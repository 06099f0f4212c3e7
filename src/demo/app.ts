/**
 * The small web app that `npm start` lets an agent work in: the order desk of a stone yard, on loopback, with its state in memory.
 * Several can run side by side; they share nothing. Knows nothing of agents or browsers.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PumiceError } from '../errors.ts';
import { SCRIPT, STYLE } from './assets.ts';
import { LABELS, type Labels } from './labels.ts';
import { ICON, loginPage, messagePage, orderPage, ordersPage, pickupsPage, type View } from './pages.ts';
import { ACCOUNT, CARRIERS, createState, findOrders, STATUSES, type State } from './state.ts';
import { type DemoTask, demoTasks } from './tasks.ts';

export interface DemoApp {
  /** Where it begins, e.g. `http://127.0.0.1:41234/`. */
  readonly url: string;
  readonly tasks: readonly DemoTask[];
  /** What the yard knows now. */
  readonly state: () => State;
  /** Everything as it was at first; nobody is logged in. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export interface DemoOptions {
  /** A free one by default. */
  readonly port?: number;
  /** Other words on the buttons. */
  readonly labels?: Partial<Labels>;
}

const WHO = 'demo app';
const HOST = '127.0.0.1';
const COOKIE = 'yard-session';
/** Size above which a form is refused, bytes. Chosen: the largest form of the yard fits several times. */
const MAX_BODY_BYTES = 10_000;

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/**
 * Starts an app of its own state.
 * @throws PumiceError `server/port-in-use` when that port was asked for and is taken.
 */
export async function startDemo(options: DemoOptions = {}): Promise<DemoApp> {
  const labels = { ...LABELS, ...options.labels };
  let state = createState();
  const server = createServer((request, response) => {
    answer(state, labels, request).then(
      (reply) => send(response, request, reply),
      (cause: unknown) => send(response, request, { status: 500, page: String(cause) }),
    );
  });
  await listen(server, options.port ?? 0);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    tasks: demoTasks(() => state),
    state: () => state,
    reset: () => {
      state = createState();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const isTaken = cause.code === 'EADDRINUSE';
      const message = isTaken ? `expected port ${port} to be free, another program listens there` : cause.message;
      const hint = isTaken ? 'Name another port, or none to get a free one' : 'Name a port from 1024 to 65535, or none';
      reject(new PumiceError(isTaken ? 'server/port-in-use' : 'config/invalid', message, { who: WHO, hint, cause }));
    });
    server.listen(port, HOST, resolve);
  });
}

interface Reply {
  readonly status?: number;
  readonly page?: string;
  readonly type?: string;
  readonly redirect?: string;
  readonly cookie?: string;
}

function send(response: ServerResponse, request: IncomingMessage, { status, page = '', ...reply }: Reply): void {
  response.writeHead(status ?? (reply.redirect === undefined ? 200 : 303), {
    ...HEADERS,
    'content-type': `${reply.type ?? 'text/html'}; charset=utf-8`,
    ...(reply.redirect !== undefined && { location: reply.redirect }),
    ...(reply.cookie !== undefined && { 'set-cookie': `${COOKIE}=${reply.cookie}; HttpOnly; SameSite=Strict; Path=/` }),
  });
  response.end(request.method === 'HEAD' ? '' : page);
}

const ASSETS: Readonly<Record<string, Reply>> = {
  '/yard.css': { page: STYLE, type: 'text/css' },
  '/yard.js': { page: SCRIPT, type: 'text/javascript' },
  '/yard.svg': { page: ICON, type: 'image/svg+xml' },
};

/** One request as the pages see it. */
interface Visit {
  readonly state: State;
  readonly view: View;
  readonly session: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
}

async function answer(state: State, labels: Labels, request: IncomingMessage): Promise<Reply> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', `http://${HOST}`);
  const asset = ASSETS[pathname];
  if (asset) return asset;
  const session = new RegExp(`${COOKIE}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1] ?? '';
  const user = state.sessions.get(session);
  const view = { labels, user };
  const form = request.method === 'POST' ? await readForm(request) : new URLSearchParams();
  if (!form) return { status: 413, page: messagePage(view, 'Too much', 'That form is heavier than our stones.') };
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const visit: Visit = { state, view, session, query, form };
  if (pathname === '/login') return method === 'POST' ? logIn(visit) : { page: loginPage(view) };
  if (user === undefined) return { redirect: '/login' };
  for (const [verb, pattern, handle] of ROUTES) {
    const match = verb === method && pattern.exec(pathname);
    if (match) return handle(visit, match[1] ?? '');
  }
  return notFound(view);
}

/** A form; none when it is too large or does not say how large it is. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const length = request.headers['content-length'];
  if (length === undefined || Number(length) > MAX_BODY_BYTES) return undefined;
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece;
  return new URLSearchParams(body);
}

function logIn({ state, view, form }: Visit): Reply {
  const user = form.get('user')?.trim() ?? '';
  if (user !== ACCOUNT.user || form.get('password') !== ACCOUNT.password)
    return { status: 403, page: loginPage(view, 'We do not know this user with this password.') };
  const session = randomUUID();
  state.sessions.set(session, user);
  return { redirect: '/orders', cookie: session };
}

const notFound = (view: View): Reply => ({
  status: 404,
  page: messagePage(view, 'Not here', 'We turned every stone and found no such page.'),
});

type Route = readonly [verb: 'GET' | 'POST', pattern: RegExp, handle: (visit: Visit, id: string) => Reply];
const ROUTES: readonly Route[] = [
  ['GET', /^\/$/, () => ({ redirect: '/orders' })],
  [
    'POST',
    /^\/logout$/,
    ({ state, session }) => {
      state.sessions.delete(session);
      return { redirect: '/login' };
    },
  ],
  [
    'GET',
    /^\/orders$/,
    ({ state, view, query }) => {
      const filter = {
        words: query.get('q')?.trim() ?? '',
        status: STATUSES.find((status) => status === query.get('status')),
        rushOnly: query.has('rush'),
      };
      return { page: ordersPage(view, filter, findOrders(state, filter)) };
    },
  ],
  [
    'GET',
    /^\/orders\/([\w-]+)$/,
    ({ state, view, query }, id) => {
      const order = state.orders.get(id);
      if (!order) return notFound(view);
      state.opened.push(id);
      return { page: orderPage(view, order, query.has('delivered') ? 'Delivered. One stone lighter.' : undefined) };
    },
  ],
  [
    'POST',
    /^\/orders\/([\w-]+)\/deliver$/,
    ({ state, view }, id) => {
      const order = state.orders.get(id);
      if (order?.status !== 'Ready') return notFound(view);
      state.orders.set(id, { ...order, status: 'Delivered' });
      return { redirect: `/orders/${id}?delivered` };
    },
  ],
  [
    'GET',
    /^\/pickups$/,
    ({ state, view, query }) => ({
      page: pickupsPage(view, state.pickups, query.has('booked') ? 'Booked. They will come for it.' : undefined),
    }),
  ],
  [
    'POST',
    /^\/pickups$/,
    ({ state, view, form }) => {
      const [carrier, date] = [CARRIERS.find((name) => name === form.get('carrier')), form.get('date') ?? ''];
      if (!carrier || !/^\d{4}-\d{2}-\d{2}$/.test(date))
        return { status: 422, page: messagePage(view, 'Not booked', 'A pickup needs a carrier and a date.') };
      state.pickups.push({ carrier, date, crane: form.has('crane'), note: form.get('note')?.trim() ?? '' });
      return { redirect: '/pickups?booked' };
    },
  ],
];
