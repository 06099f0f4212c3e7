/**
 * One web socket to a bridge, as the transport of one roslib `Ros`. It lives once: what is lost is never opened again. It sends now or
 * throws, counts pings and pongs, and puts fragments together, which roslib drops when their id is 0, as the canonical bridge's first is.
 * Protocol: rosbridge_suite, ROSBRIDGE_PROTOCOL.md (v2). Knows no topic.
 */
import { monotonicNowMs, PumiceError } from 'pumice';
import { AbstractTransport, Ros } from 'roslib';
import { WebSocket } from 'ws';

/** Bytes of a message above which the socket is given up. Chosen: a raw picture of 1920 x 1080 in base64 fits. */
const MAX_BYTES = 16 << 20;
/** Messages in pieces that may be on their way at once; an older one is given up. Chosen: nobody here asks for pieces. */
const MAX_FRAGMENTED = 4;
/** Pieces of one message at most. Chosen: `MAX_BYTES` in pieces of 4 kB. */
const MAX_PIECES = 4096;

interface Fragment {
  readonly id?: unknown;
  readonly num?: unknown;
  readonly total?: unknown;
  readonly data?: unknown;
}

const isFragment = (message: unknown): message is Fragment =>
  typeof message === 'object' && message !== null && 'op' in message && message.op === 'fragment';

/** Puts messages together that come in pieces. Answers with the text of the message that a piece makes whole. */
export function createPieces(): (fragment: Fragment) => string | undefined {
  const open = new Map<string, { readonly pieces: string[]; left: number }>();
  return ({ id, num, total, data }) => {
    const isWhole = typeof num === 'number' && Number.isInteger(num) && num >= 0;
    if (!isWhole || typeof total !== 'number' || typeof data !== 'string' || id === undefined) return undefined;
    // The canonical bridge writes `total` as (length - 1) / size + 1, with a fraction.
    const count = Math.floor(total);
    if (!(num < count) || count > MAX_PIECES) return undefined;
    const key = `${typeof id} ${id}`;
    const message = open.get(key) ?? { pieces: [], left: count };
    open.set(key, message);
    if (message.pieces[num] === undefined) message.left -= 1;
    message.pieces[num] = data;
    if (message.left === 0) open.delete(key);
    else if (open.size > MAX_FRAGMENTED) open.delete(open.keys().next().value!);
    return message.left === 0 ? message.pieces.join('') : undefined;
  };
}

/** A class because roslib's decoder of CBOR is one to be derived from. */
export class BridgeSocket extends AbstractTransport {
  readonly #socket: WebSocket;
  readonly #pieces = createPieces();
  #pingedMs: number | undefined;
  #pongMs: number | undefined;
  #roundTripMs: number | undefined;
  #failure: string | undefined;
  /** Pings since the last pong. */
  unanswered = 0;
  /** Messages that could not be decoded. */
  undecodable = 0;

  constructor(url: string, handshakeMs: number) {
    super();
    this.#socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: MAX_BYTES,
      handshakeTimeout: handshakeMs,
    });
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.on('open', () => this.emit('open', undefined));
    this.#socket.on('error', ({ message }) => {
      this.#failure = message;
    });
    this.#socket.on('close', (code) => this.emit('close', this.#failure ?? `closed with code ${code}`));
    this.#socket.on('pong', (data) => this.#onPong(Number(data.toString())));
    this.#socket.on('message', (data, isBinary) => this.#onMessage(isBinary ? data : data.toString()));
    // What the decoder of roslib says of a message.
    this.on('error', () => {
      this.undecodable += 1;
    });
  }

  #onPong(pingedMs: number): void {
    // The answer to a ping of ours, and not one that the other side made up.
    if (this.#pingedMs === undefined || !(pingedMs <= this.#pingedMs)) return;
    // When the ping left, not when the pong came: all before it is known to have been taken in.
    this.#pongMs = Math.max(this.#pongMs ?? pingedMs, pingedMs);
    this.unanswered = 0;
    this.#roundTripMs = monotonicNowMs() - pingedMs;
  }

  #onMessage(data: unknown): void {
    try {
      const message: unknown = typeof data === 'string' ? JSON.parse(data) : data;
      const whole = isFragment(message) ? this.#pieces(message) : undefined;
      if (whole !== undefined) this.handleRawMessage(JSON.parse(whole));
      else if (!isFragment(message)) this.handleRawMessage(message);
    } catch {
      this.undecodable += 1;
    }
  }

  /** @throws PumiceError `body/unreachable` when it is not open: nothing is kept for later. */
  send(message: object): void {
    if (!this.isOpen())
      throw new PumiceError('body/unreachable', 'expected an open socket to the bridge, it is closed', { who: 'ros' });
    this.#socket.send(JSON.stringify(message));
  }

  ping(): void {
    if (!this.isOpen()) return;
    this.#pingedMs = monotonicNowMs();
    this.unanswered += 1;
    this.#socket.ping(String(this.#pingedMs));
  }

  /** When the newest ping left that was answered, monotonic ms. */
  get answeredMs(): number | undefined {
    return this.#pongMs;
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Bytes that the system has not taken yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(): void {
    this.#socket.close();
  }

  /** Ends it with a reset where the system can: what it still holds must not reach the robot later. */
  reset(): void {
    const stream = (this.#socket as unknown as { readonly _socket?: { readonly resetAndDestroy?: () => void } })
      ._socket;
    stream?.resetAndDestroy?.();
    this.#socket.terminate();
  }

  isConnecting = (): boolean => this.#socket.readyState === WebSocket.CONNECTING;
  isOpen = (): boolean => this.#socket.readyState === WebSocket.OPEN;
  isClosing = (): boolean => this.#socket.readyState === WebSocket.CLOSING;
  isClosed = (): boolean => this.#socket.readyState === WebSocket.CLOSED;
}

/** A roslib `Ros` over one socket that never queues: what cannot be sent now throws. */
export class DirectRos extends Ros {
  readonly socket: BridgeSocket;

  constructor(socket: BridgeSocket) {
    super({ transportFactory: async () => socket });
    this.socket = socket;
  }

  override callOnConnection(message: object): void {
    this.socket.send(message);
  }
}
