/** A real HTTP server on loopback for the protocol doubles: what it answers is up to each. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Said {
  readonly status: number;
  readonly body: string;
}
export interface Double extends AsyncDisposable {
  readonly url: string;
}

export async function serve(answer: (request: IncomingMessage, body: Buffer) => Said | 'silence'): Promise<Double> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const said = answer(request, Buffer.concat(parts));
    if (said === 'silence') return;
    response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.body);
  });
  return listening(server);
}

export async function listening(server: Server): Promise<Double> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
