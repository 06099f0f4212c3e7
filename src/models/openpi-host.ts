/**
 * The other end of openpi's wire: its own clients, and the robots and benchmarks that speak it, connect here. Knows nothing of what answers.
 * As the original: what the server says of itself first, then one answer a question; what failed is a frame of text, which its clients raise.
 * Wire: Physical-Intelligence/openpi, src/openpi/serving/websocket_policy_server.py.
 */
import type { WebSocket } from 'ws';
import { describeError } from '../errors.ts';
import { isMap, packed, type ReceivedMap, type SentMap, unpacked } from './msgpack-numpy.ts';
import { hostSockets, type SocketHost } from './socket-host.ts';

/** Bytes of a question: four pictures of 1024 x 1024. Chosen. */
const MAX_BYTES = 16 << 20;
/** As the original closes what failed. */
const INTERNAL_ERROR = 1011;

export type HostAnswer =
  | { readonly answer: SentMap }
  /** `isOver`: nothing more is answered on this connection. */
  | { readonly error: string; readonly isOver: boolean };

/** One connection. */
export interface HostedClient {
  /** One at a time. */
  readonly ask: (observation: ReceivedMap) => Promise<HostAnswer>;
  readonly left: () => void;
}

export interface HostOptions {
  /** Address to listen at; this machine alone is 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  /** What clients have to send as `Authorization: Api-Key`; none is asked for without. */
  readonly key?: string | undefined;
  /** What is said to each client at once. */
  readonly metadata: SentMap;
  /** Gets ready for a client, which waits for the first message. */
  readonly onClient: () => Promise<HostedClient>;
}

/** @throws PumiceError `config/invalid` where it cannot listen. */
export const hostOpenpi = ({ host, port, key, metadata, onClient }: HostOptions): Promise<SocketHost> =>
  hostSockets({
    ...{ who: 'openpi host', host, port, maxBytes: MAX_BYTES },
    ...{ healthPath: '/healthz', healthText: 'OK\n' },
    authorization: key === undefined ? undefined : `Api-Key ${key}`,
    onSocket: (socket) => void attend(socket, onClient(), metadata),
  });

async function attend(socket: WebSocket, coming: Promise<HostedClient>, metadata: SentMap): Promise<void> {
  let isBusy = false;
  const fail = (words: string) => {
    socket.send(words);
    socket.close(INTERNAL_ERROR, 'The error is in the frame before');
  };
  const answer = async (data: Buffer, isBinary: boolean) => {
    // Answers have no number: a second question could be taken for the first one's.
    if (isBusy) return fail('one question at a time: wait for the answer');
    const observation = isBinary ? unpacked(data) : undefined;
    if (!isMap(observation)) return fail('expected a map in msgpack, as openpi-client sends it');
    isBusy = true;
    try {
      const said = await (await coming).ask(observation);
      if ('answer' in said) socket.send(packed(said.answer));
      else if (said.isOver) fail(said.error);
      else socket.send(said.error);
    } catch (error) {
      fail(describeError(error));
    } finally {
      isBusy = false;
    }
  };
  socket.on('error', () => {});
  socket.on('message', (data: Buffer, isBinary) => void answer(data, isBinary));
  socket.on('close', () => void coming.then((client) => client.left()).catch(() => {}));
  await coming.then(
    () => socket.send(packed(metadata)),
    (error: unknown) => fail(describeError(error)),
  );
}
