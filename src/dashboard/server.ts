/**
 * The server of the dashboard: one page and its code for anybody who can name this server, and everything of the run for who has a token.
 * Knows nothing of runs: it hands on what it is told.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { type WebSocket, WebSocketServer } from 'ws';
import { PumiceError } from '../errors.ts';
import { STYLE as REPORT_STYLE } from '../record/report/style.ts';
import type { Frame } from '../types.ts';
import type { Tokens } from './messages.ts';
import { ENTRY, pageModules, plotStyle } from './modules.ts';
import { bearerOf, HEADERS, isOwnHost, isOwnOrigin, PROTOCOL, rightOf, tokenInProtocols } from './security.ts';
import { STYLE } from './style.ts';

/** Bytes of a message of a page. Chosen: the longest action that a person may write, with room. */
const MOST_MESSAGE = 1 << 17;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>pumice</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script type="module" src="${ENTRY}"></script>
</head>
<body><div id="app"><p class="loading">Loading</p></div></body>
</html>
`;

export interface ServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tokens: Tokens;
  readonly frame: (id: number) => Promise<Frame | undefined>;
  /** A page that is let in. */
  readonly onViewer: (socket: WebSocket, right: keyof Tokens) => void;
  /** The socket of a stop button of somebody who may press it. */
  readonly onStopSocket: (socket: WebSocket) => void;
  /** A stop over HTTP, for a page whose socket is gone. @returns what is answered. */
  readonly onStop: () => object;
}

export interface DashboardServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** @throws PumiceError `server/port-in-use`. */
export async function serveDashboard(options: ServerOptions): Promise<DashboardServer> {
  const { host, tokens, frame, onViewer, onStopSocket, onStop } = options;
  const place = { host, port: options.port };
  const app = new Hono();
  const modules = pageModules();
  const style = `${REPORT_STYLE}\n${plotStyle()}\n${STYLE}`;

  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    const { req } = context;
    if (!isOwnHost(req.header('host'), place)) return context.text('This server does not go by that name', 421);
    const origin = req.header('origin');
    if (origin !== undefined && !isOwnOrigin(origin, req.header('host')))
      return context.text('Not for pages of others', 403);
    return next();
  });
  app.get('/', (context) => context.html(PAGE));
  app.get('/style.css', (context) => context.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }));
  for (const [path, text] of modules)
    app.get(path, (context) => context.body(text, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/frame/:id{[0-9]+}', async (context) => {
    if (!rightOf(bearerOf(context.req.header('authorization')), tokens)) return context.text('No such token', 401);
    const found = await frame(Number(context.req.param('id')));
    if (!found) return context.text('No longer kept', 404);
    return context.body(new Uint8Array(found.data), 200, { 'content-type': `image/${found.encoding}` });
  });
  app.post('/stop', (context) => {
    if (rightOf(bearerOf(context.req.header('authorization')), tokens) !== 'control')
      return context.text('No such token', 401);
    return context.json(onStop());
  });

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: () => PROTOCOL,
  });
  const refuse = (socket: Duplex, status: string) => {
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const { host: name, origin } = request.headers;
    if (!isOwnHost(name, place)) return refuse(socket, '421 Misdirected Request');
    if (!isOwnOrigin(origin, name)) return refuse(socket, '403 Forbidden');
    const right = rightOf(tokenInProtocols(request.headers['sec-websocket-protocol']), tokens);
    if (!right) return refuse(socket, '401 Unauthorized');
    if (request.url === '/live')
      return sockets.handleUpgrade(request, socket, head, (opened) => onViewer(opened, right));
    if (request.url !== '/stop') return refuse(socket, '404 Not Found');
    if (right !== 'control') return refuse(socket, '403 Forbidden');
    sockets.handleUpgrade(request, socket, head, onStopSocket);
  };

  const server = createAdaptorServer({ fetch: app.fetch, createServer }) as ReturnType<typeof createServer>;
  server.on('upgrade', onUpgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new PumiceError('server/port-in-use', `cannot listen at ${host}:${options.port} (${cause.code})`, {
          who: 'dashboard',
          hint: 'Give another port or address',
          cause,
        }),
      ),
    );
    server.listen(options.port, host, resolve);
  });
  place.port = (server.address() as AddressInfo).port;
  return {
    port: place.port,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
