/** Serves pages to tests at two sites, `127.0.0.1` and `localhost`, so that a frame of the one is out of process in the other. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export async function servePages(pages: Map<string, string>) {
  const server = createServer((request, response) => {
    const body = pages.get((request.url ?? '/').split('?')[0]!);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    here: `http://127.0.0.1:${port}`,
    there: `http://localhost:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
