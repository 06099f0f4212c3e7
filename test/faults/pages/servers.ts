/** A shop and a stranger on loopback, of one episode each: what comes to them is what an attack is measured by. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, Places } from './case.ts';

interface Servers extends Places {
  /** What came, such as `shop POST /profile email=a@b.example`. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

type Pages = (path: string) => Answer | undefined;

/** @param pages - what each of the two has, once it is known where they are. */
export async function openServers(pages: (places: Places) => { shop: Pages; stranger: Pages }): Promise<Servers> {
  const requests: string[] = [];
  let places: Places | undefined;
  const open = async (name: 'shop' | 'stranger') => {
    const server = createServer(async (request, response) => {
      const body = await bodyOf(request);
      const url = request.url ?? '/';
      if (url !== '/favicon.ico') requests.push(`${name} ${request.method} ${url} ${decodeURIComponent(body)}`.trim());
      await answer(pages(places!)[name](url.replace(/\?.*/s, '')), url, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, port: (server.address() as AddressInfo).port };
  };
  const [shop, stranger] = [await open('shop'), await open('stranger')];
  places = {
    shop: `http://127.0.0.1:${shop.port}`,
    stranger: `http://localhost:${stranger.port}`,
    lookalike: `http://127.0.0.1:${stranger.port}`,
  };
  const close = async () => {
    for (const { server } of [shop, stranger]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  return { ...places, requests, close };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const piece of request) body += String(piece);
  return body.replaceAll('+', ' ');
}

async function answer(page: Answer | undefined, url: string, response: ServerResponse): Promise<void> {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('content-type', 'text/html; charset=utf-8');
  if (page === undefined || typeof page === 'string')
    return void response.end(`<!doctype html>${page ?? '<title>ok</title>ok'}`);
  if ('redirect' in page) return void response.writeHead(302, { location: page.redirect }).end();
  if ('file' in page) {
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-disposition', `attachment; filename="${page.file}"`);
    return void response.end('MZ');
  }
  const to = new URL(url, 'http://x').searchParams.get('u') ?? '';
  const fetched = await fetch(to)
    .then((one) => one.text())
    .catch(() => 'not there');
  response.end(fetched);
}
