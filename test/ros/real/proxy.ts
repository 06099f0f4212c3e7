/** A stretch of network between a link and its bridge, that can be cut, go silent in both directions, or be slow. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Stretch {
  readonly url: string;
  /** Every connection is reset; new ones are taken. */
  readonly cut: () => void;
  /** Nothing passes, and nothing says so; what is on its way is delivered later, as by a network that was away. */
  readonly silence: (isSilent: boolean) => void;
  readonly close: () => Promise<void>;
}

export async function openProxy(target: string): Promise<Stretch> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isSilent = false;
  const apply = ([near, far]: readonly [Socket, Socket]) => {
    for (const socket of [near, far]) isSilent ? socket.pause() : socket.resume();
  };
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      // What was taken in before is still delivered: the far side learns of the end late, as behind a real network.
      if (!isSilent) for (const socket of pair) socket.destroy();
    };
    near
      .on('data', (data) => far.write(data))
      .on('error', () => {})
      .on('close', end);
    far
      .on('data', (data) => near.write(data))
      .on('error', () => {})
      .on('close', end);
    apply(pair);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    },
    silence: (silent) => {
      isSilent = silent;
      for (const pair of pairs) apply(pair);
    },
    close: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      const isClosed = once(server, 'close');
      server.close();
      await isClosed;
    },
  };
}
