/**
 * Holds a link to a bridge open. Each loss of the socket ends an epoch; after a jittered wait a fresh `Ros` over a fresh socket is made,
 * and topics are taken up and announced anew. Commands are sent now or refused. Replaces all of roslib that queues, waits for ever or
 * takes a half-open socket for a connection. Knows no robot.
 */
import { monotonicNowMs, PumiceError, sleep } from 'pumice';
import { Topic } from 'roslib';
import type { z } from 'zod';
import { parseAddress } from '../../src/address.ts';
import { type Channel, callService, pursueGoal } from './exchange.ts';
import type { Link, LinkState, LinkStatus, Publisher, Received, SendRefusal, SubscribeOptions } from './link.ts';
import { faultOfMessage, type MessageType, type Outgoing } from './messages.ts';
import { type RosVersion, typeName } from './names.ts';
import { BridgeSocket, DirectRos } from './socket.ts';

const WHO = 'ros';

/** All chosen; ms but for the counts. */
export const LINK_TIMES = {
  /** Between two pings. */
  pingPeriodMs: 100,
  /** Periods after which a pong is no longer fresh: from then on nothing is sent. */
  freshPeriods: 3,
  /** Pings in a row without a pong after which the socket is given up. */
  deadPings: 10,
  /** For a socket to open. */
  connectMs: 3000,
  /** The first wait before another socket is tried, twice that before the next, and so on to the longest. */
  firstWaitMs: 100,
  longestWaitMs: 5000,
} as const;
/** For the other side to answer a close, ms. Chosen. */
const CLOSING_MS = 200;
export type LinkTimes = { readonly [K in keyof typeof LINK_TIMES]: number };

export interface LinkOptions {
  /** `ws://HOST:9090`. */
  readonly url: string;
  readonly ros: RosVersion;
  readonly times?: Partial<LinkTimes>;
  /** 0 to below 1: spreads the waits, so that many clients do not come back at once. */
  readonly random?: () => number;
}

interface Live extends Channel {
  readonly socket: BridgeSocket;
}

/** What is kept of a topic from one socket to the next. */
interface Kept {
  readonly takeUp: (live: Live) => void;
  /** Why the link is stale by it. */
  readonly silence: (nowMs: number) => string | undefined;
}

/** Time of a wait before try number `failures` (from 0), ms: half of it is certain, half is chance. */
export const waitMs = (failures: number, { firstWaitMs, longestWaitMs }: LinkTimes, random: () => number): number =>
  (Math.min(longestWaitMs, firstWaitMs * 2 ** failures) * (1 + random())) / 2;

/** @throws PumiceError `config/invalid` for what is no address of a web socket. */
export function openLink({ url, ros, times: given, random = Math.random }: LinkOptions): Link {
  if (!/^wss?:$/.test(parseAddress(url)?.protocol ?? ''))
    throw new PumiceError('config/invalid', `expected an address that begins with ws:// or wss://, got '${url}'`, {
      who: WHO,
      hint: 'Give the address of the bridge, such as ws://robot:9090',
    });
  const times: LinkTimes = { ...LINK_TIMES, ...given };
  const closing = new AbortController();
  const kept = new Set<Kept>();
  const listeners = new Set<(status: LinkStatus) => void>();
  const taken = new Set<string>();
  let live: Live | undefined;
  let epoch = 0;
  let lost = 'no socket was opened yet';
  let told: Pick<LinkStatus, 'state' | 'epoch' | 'sinceMs'> = { state: 'down', epoch: 0, sinceMs: monotonicNowMs() };

  const hasFreshPong = ({ socket }: Live, nowMs: number) =>
    socket.answeredMs !== undefined && nowMs - socket.answeredMs <= times.freshPeriods * times.pingPeriodMs;

  const judge = (nowMs: number): { readonly state: LinkState; readonly cause?: string } => {
    if (!live?.socket.isOpen()) return { state: 'down', cause: lost };
    if (!hasFreshPong(live, nowMs)) {
      const { answeredMs } = live.socket;
      return {
        state: 'stale',
        cause: answeredMs === undefined ? 'no ping was answered yet' : `no pong for ${age(nowMs, answeredMs)}`,
      };
    }
    for (const { silence } of kept) {
      const cause = silence(nowMs);
      if (cause !== undefined) return { state: 'stale', cause };
    }
    return { state: 'connected' };
  };
  const status = (): LinkStatus => {
    const nowMs = monotonicNowMs();
    const { state, cause } = judge(nowMs);
    if (state !== told.state || epoch !== told.epoch) told = { state, epoch, sinceMs: nowMs };
    const roundTripMs = live?.socket.roundTripMs;
    return { ...told, ...(cause !== undefined && { cause }), ...(roundTripMs !== undefined && { roundTripMs }) };
  };
  /** The listeners know this state of this epoch. */
  let heard = told;
  const look = () => {
    const now = status();
    if (heard === told) return;
    heard = told;
    for (const listener of listeners) listener(now);
  };

  /** One socket, from its making to its end. Answers whether it ever answered a ping. */
  const attempt = async (): Promise<boolean> => {
    const socket = new BridgeSocket(url, times.connectMs);
    const gone = new AbortController();
    const own = new DirectRos(socket);
    socket.on('open', () => {
      epoch += 1;
      live = { socket, ros: own, gone: gone.signal };
      for (const { takeUp } of kept) takeUp(live);
      socket.ping();
    });
    socket.on('close', (why) => {
      lost = givenUp === socket ? lost : String(why);
      live = undefined;
      gone.abort();
      look();
    });
    await own.connect(url);
    const end = AbortSignal.any([gone.signal, closing.signal]);
    while (!end.aborted) {
      await sleep(times.pingPeriodMs, end).catch(() => {});
      if (socket.unanswered >= times.deadPings) giveUp(socket, `no pong for ${socket.unanswered} pings`);
      socket.ping();
      look();
    }
    if (!gone.signal.aborted) await bid(socket, gone.signal);
    return socket.answeredMs !== undefined;
  };
  /** The socket whose end was ours, and not that of the other side. */
  let givenUp: BridgeSocket | undefined;
  const giveUp = (socket: BridgeSocket, why: string) => {
    lost = why;
    givenUp = socket;
    socket.reset();
  };
  /** Closes a socket in good order, or not, where the other side does not answer. */
  const bid = async (socket: BridgeSocket, gone: AbortSignal) => {
    socket.close();
    await sleep(CLOSING_MS, gone).then(
      () => socket.reset(),
      () => {},
    );
  };
  const supervise = async () => {
    for (let failures = 0; !closing.signal.aborted; ) {
      failures = (await attempt()) ? 0 : failures + 1;
      await sleep(waitMs(failures, times, random), closing.signal).catch(() => {});
    }
  };
  const supervised = supervise();

  const subscribe: Link['subscribe'] = <S extends z.ZodType>(
    { topic, type, schema, compression = 'none', queueLength = 1, throttleMs = 0, maxSilenceMs }: SubscribeOptions<S>,
    onMessage?: (received: Received<z.output<S>>) => void,
  ) => {
    claim(`subscribe ${topic}`, 'is listened to already');
    let newest: Received<z.output<S>> | undefined;
    let sinceMs = monotonicNowMs();
    let count = 0;
    let unfit = 0;
    let problem: string | undefined;
    let own: Topic<unknown> | undefined;
    const receive = (said: unknown) => {
      const { data, error } = schema.safeParse(said);
      if (error) {
        unfit += 1;
        problem = error.issues.map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`).join('; ');
        return;
      }
      count += 1;
      newest = { message: data, receivedMs: monotonicNowMs(), epoch };
      onMessage?.(newest);
    };
    const entry: Kept = {
      takeUp: ({ ros: client }) => {
        newest = undefined;
        sinceMs = monotonicNowMs();
        own = new Topic({
          ...{ ros: client, name: topic, messageType: typeName(ros, type, 'msg'), compression },
          ...{ throttle_rate: throttleMs, queue_length: queueLength, reconnect_on_close: false },
        });
        own.subscribe(receive);
      },
      silence: (nowMs) => {
        const silentMs = nowMs - (newest?.receivedMs ?? sinceMs);
        if (maxSilenceMs === undefined || (newest && silentMs <= maxSilenceMs)) return undefined;
        const why = problem === undefined ? '' : ` (${unfit} did not fit ${type}: ${problem})`;
        return `${topic}: expected a message every ${maxSilenceMs} ms, none for ${Math.round(silentMs)} ms${why}`;
      },
    };
    kept.add(entry);
    if (live?.socket.isOpen()) entry.takeUp(live);
    return {
      newest: () => newest,
      count: () => count,
      unfit: () => ({ count: unfit, ...(problem !== undefined && { problem }) }),
      close: () => {
        kept.delete(entry);
        taken.delete(`subscribe ${topic}`);
        if (live?.socket.isOpen()) own?.unsubscribe();
      },
    };
  };

  const advertise = (topic: string, type: MessageType): Publisher => {
    claim(`advertise ${topic}`, 'is announced already');
    let own: Topic<Outgoing> | undefined;
    const entry: Kept = {
      takeUp: ({ ros: client }) => {
        own = new Topic({
          ...{ ros: client, name: topic, messageType: typeName(ros, type, 'msg') },
          ...{ queue_size: 1, reconnect_on_close: false },
        });
        own.advertise();
      },
      silence: () => undefined,
    };
    kept.add(entry);
    if (live?.socket.isOpen()) entry.takeUp(live);
    const refusal = (message: Outgoing): SendRefusal | undefined => {
      if (faultOfMessage(type, message) !== undefined) return 'invalid';
      if (!live?.socket.isOpen()) return 'down';
      if (!hasFreshPong(live, monotonicNowMs())) return 'no fresh pong';
      return live.socket.bufferedBytes > 0 ? 'send buffer not empty' : undefined;
    };
    return {
      topic,
      type,
      send: (message) => {
        const why = refusal(message);
        if (why === undefined) own!.publish(message);
        return why;
      },
    };
  };
  const claim = (what: string, problem: string) => {
    if (taken.has(what))
      throw new PumiceError('config/invalid', `${what}: ${problem}`, { who: WHO, hint: 'Use the one that there is' });
    taken.add(what);
  };

  /** The socket that may be asked through now. */
  const channel = (what: string): Channel => {
    if (live?.socket.isOpen() && hasFreshPong(live, monotonicNowMs())) return live;
    const { cause } = judge(monotonicNowMs());
    throw new PumiceError('body/unreachable', `${what}: expected a link to ${url}, it is down: ${cause}`, {
      who: WHO,
      hint: 'Check the bridge and the network',
      retryable: true,
    });
  };

  const ready = async (deadlineMs: number, signal?: AbortSignal) => {
    const isReady = new AbortController();
    const onStatus = () => status().state === 'connected' && isReady.abort();
    listeners.add(onStatus);
    onStatus();
    const waits = [isReady.signal, closing.signal, ...(signal ? [signal] : [])];
    await sleep(deadlineMs, AbortSignal.any(waits)).catch(() => {});
    listeners.delete(onStatus);
    signal?.throwIfAborted();
    if (isReady.signal.aborted) return;
    throw new PumiceError('body/unreachable', `expected a link to ${url} within ${deadlineMs} ms: ${status().cause}`, {
      who: WHO,
      hint: 'Check that a rosbridge server listens there, and that what is named is published, as the type that is named',
    });
  };

  return {
    ros,
    status,
    onStatus: (listener) => {
      listeners.add(listener);
      listener(status());
      return () => void listeners.delete(listener);
    },
    subscribe,
    advertise,
    call: async (options) => callService(channel(`service ${options.service}`), options),
    pursue: async (options) => pursueGoal(channel(`action ${options.action}`), ros, options),
    renew: (why) => live && giveUp(live.socket, why),
    ready,
    close: async () => {
      closing.abort();
      await supervised;
    },
  };
}

const age = (nowMs: number, stampMs: number): string => `${Math.round(nowMs - stampMs)} ms`;
