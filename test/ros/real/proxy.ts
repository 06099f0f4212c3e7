/** A stretch of network between a link and its bridge, that can be cut, go silent in both directions, or lose packets. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Stretch {
  readonly url: string;
  /** Every connection is reset; new ones are taken. */
  readonly cut: () => void;
  /** The same, and nobody is let in any more. */
  readonly sever: (isSevered: boolean) => void;
  /** Nothing passes, and nothing says so; what is on its way is delivered later, as by a network that was away. */
  readonly silence: (isSilent: boolean) => void;
  /** Of what passes, this share is lost at first and sent again 200 ms later, as TCP does; what comes after it waits for it. */
  readonly lose: (share: number) => void;
  readonly close: () => Promise<void>;
}

/** The least time after which Linux sends a packet again, ms. */
const AGAIN_MS = 200;

export async function openProxy(target: string): Promise<Stretch> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isSilent = false;
  let isSevered = false;
  let lost = 0;
  /** In the order in which it came, each after what was before it. */
  const pass = (from: Socket, to: Socket) => {
    let before = Promise.resolve();
    from.on('data', (data) => {
      const isLost = Math.random() < lost;
      before = before.then(async () => {
        if (isLost) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        to.write(data);
      });
    });
  };
  const apply = ([near, far]: readonly [Socket, Socket]) => {
    for (const socket of [near, far]) isSilent ? socket.pause() : socket.resume();
  };
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
  };
  const server = createServer((near) => {
    if (isSevered) return void near.on('error', () => {}).resetAndDestroy();
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      // What was taken in before is still delivered: the far side learns of the end late, as behind a real network.
      if (!isSilent) for (const socket of pair) socket.destroy();
    };
    pass(near, far);
    pass(far, near);
    for (const socket of pair) socket.on('error', () => {}).on('close', end);
    apply(pair);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    sever: (severed) => {
      isSevered = severed;
      if (severed) cut();
    },
    silence: (silent) => {
      isSilent = silent;
      for (const pair of pairs) apply(pair);
    },
    lose: (share) => {
      lost = share;
    },
    close: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      const isClosed = once(server, 'close');
      server.close();
      await isClosed;
    },
  };
}
