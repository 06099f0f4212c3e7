/** The door of the dashboard, over real HTTP and real sockets. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ENTRY, pageModules } from '../../src/dashboard/modules.ts';
import { newToken } from '../../src/dashboard/security.ts';
import { type DashboardServer, serveDashboard } from '../../src/dashboard/server.ts';

const tokens = { control: newToken(), view: newToken() };
let server: DashboardServer;
const pressed: string[] = [];

beforeAll(async () => {
  const frame = async (id: number) =>
    id === 7
      ? { data: Buffer.from('pixels'), encoding: 'jpeg' as const, widthPx: 1, heightPx: 1, stampMs: 0, camera: 'c' }
      : undefined;
  server = await serveDashboard({
    ...{ host: '127.0.0.1', port: 0, tokens, frame },
    onViewer: (socket, right) => socket.send(right),
    onStopSocket: (socket) => socket.on('message', () => pressed.push('socket')),
    onStop: () => {
      pressed.push('http');
      return { isTaken: true };
    },
  });
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}
/** With any headers: `fetch` would not let a test lie about its host. */
const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      answer.on('end', () => resolve({ status: answer.statusCode!, text, headers: answer.headers }));
    });
    call.on('error', reject).end();
  });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** What a socket is told first, or the status with which it is refused. */
const connect = (path: string, protocols: readonly string[], headers: Readonly<Record<string, string>>) =>
  new Promise<string | number>((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, [...protocols], { headers });
    socket.on('message', (data) => {
      socket.close();
      resolve(String(data));
    });
    socket.on('unexpected-response', (_request, answer) => resolve(answer.statusCode!));
    socket.on('open', () => path === '/stop' && socket.send('x', () => resolve('open')));
    socket.on('error', () => {});
  });
const own = () => ({ origin: `http://127.0.0.1:${server.port}` });
const withToken = (token: string) => ['pumice', `pumice.token.${token}`];

describe('the page', () => {
  it('comes with all of its code, and with a policy that lets no other code run', async () => {
    const { status, text, headers } = await ask('/');
    expect(status).toBe(200);
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(text).not.toMatch(/\son\w+=|style=/);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    for (const path of pageModules().keys()) expect((await ask(path)).status, path).toBe(200);
    expect((await ask(ENTRY)).headers['content-type']).toMatch(/javascript/);
  });

  it('is what it imports, and nothing else of the package or of this machine', async () => {
    const paths = [...pageModules().keys()];
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.length).toBeLessThan(60);
    // Nothing that checks shapes, reads files or draws on servers.
    expect(paths.join(' ')).not.toMatch(/types\.js|zod|node:|worker|security/);
    for (const path of [
      '/code/src/types.js',
      '/code/src/dashboard/server.js',
      '/code/package.json',
      '/package.json',
      '/code/src/dashboard/page/../security.js',
      '/code/src/dashboard/page/%2e%2e/security.js',
      '/lib/zod.js',
      '/etc/passwd',
    ])
      expect((await ask(path)).status, path).toBe(404);
  });
});

describe('a request', () => {
  it('for another name is refused, whatever it asks for and whatever it holds: DNS rebinding', async () => {
    for (const path of ['/', ENTRY, '/frame/7', '/style.css'])
      expect((await ask(path, { host: `evil.example:${server.port}`, ...bearer(tokens.control) })).status).toBe(421);
    expect((await ask('/', { host: `localhost:${server.port}` })).status).toBe(200);
  });

  it('of another page is refused', async () => {
    for (const origin of ['https://evil.example', 'null', `http://localhost:${server.port}`])
      expect((await ask('/frame/7', { origin, ...bearer(tokens.control) })).status).toBe(403);
    expect((await ask('/frame/7', { ...own(), ...bearer(tokens.control) })).status).toBe(200);
  });

  it('for a picture needs a token; one to stop needs that of who commands', async () => {
    expect((await ask('/frame/7')).status).toBe(401);
    expect((await ask('/frame/7', bearer('x'))).status).toBe(401);
    expect(await ask('/frame/7', bearer(tokens.view))).toMatchObject({ status: 200, text: 'pixels' });
    expect((await ask('/frame/8', bearer(tokens.view))).status).toBe(404);
    expect((await ask('/stop', bearer(tokens.view), 'POST')).status).toBe(401);
    expect((await ask('/stop', {}, 'POST')).status).toBe(401);
    expect(pressed).toEqual([]);
    expect((await ask('/stop', bearer(tokens.control), 'POST')).status).toBe(200);
    expect(pressed).toEqual(['http']);
    // The token in the address is no token: addresses are logged.
    expect((await ask(`/frame/7?token=${tokens.control}`)).status).toBe(401);
  });
});

describe('a socket', () => {
  it('is told what its token is good for', async () => {
    expect(await connect('/live', withToken(tokens.control), own())).toBe('control');
    expect(await connect('/live', withToken(tokens.view), own())).toBe('view');
  });

  it('is refused without token, of other pages, for other names and other places', async () => {
    expect(await connect('/live', ['pumice'], own())).toBe(401);
    expect(await connect('/live', withToken('x'), own())).toBe(401);
    expect(await connect('/live', withToken(tokens.control), {})).toBe(403);
    expect(await connect('/live', withToken(tokens.control), { origin: 'https://evil.example' })).toBe(403);
    const rebound = { host: `evil.example:${server.port}`, origin: `http://evil.example:${server.port}` };
    expect(await connect('/live', withToken(tokens.control), rebound)).toBe(421);
    expect(await connect('/else', withToken(tokens.control), own())).toBe(404);
  });

  it('of the stop button is for who commands alone', async () => {
    pressed.length = 0;
    expect(await connect('/stop', withToken(tokens.view), own())).toBe(403);
    expect(await connect('/stop', withToken(tokens.control), own())).toBe('open');
    await expect.poll(() => pressed).toEqual(['socket']);
  });
});

describe('a place that is taken', () => {
  it('is told with what to do', async () => {
    const options = {
      tokens,
      frame: async () => undefined,
      onViewer: () => {},
      onStopSocket: () => {},
      onStop: () => ({}),
    };
    await expect(serveDashboard({ host: '127.0.0.1', port: server.port, ...options })).rejects.toMatchObject({
      code: 'server/port-in-use',
      hint: 'Give another port or address',
    });
  });
});
