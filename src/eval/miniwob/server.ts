/** Serves one folder of files on the loopback address. Knows nothing of what is in them. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

/** Most pages of the set declare no charset, so it has to come from here. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.gif': 'image/gif',
  '.svg': 'image/svg+xml',
};

export interface FileServer {
  /** e.g. `http://127.0.0.1:41235`. */
  readonly origin: string;
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Serves the files under `folder` on a free port of 127.0.0.1 until closed. Nothing outside the folder is readable. */
export async function serveFolder(folder: string): Promise<FileServer> {
  const root = normalize(folder + sep);
  const server = createServer(async (request, response) => {
    const path = pathOf(request.url ?? '/');
    const file = path === undefined ? undefined : join(root, path);
    const body = file?.startsWith(root) ? await readFile(file).catch(() => undefined) : undefined;
    if (!file || !body) return void response.writeHead(404).end();
    const type = MEDIA_TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=3600' }).end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close };
}

/** The decoded path of a request; `undefined` when it cannot be decoded. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
}
