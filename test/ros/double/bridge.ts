/**
 * A double of the canonical bridge with a graph behind it, over real sockets. Source of what it does: measurements of rosbridge_suite
 * 0.11.17 (ROS 1) with roslib and with raw sockets, and its protocol text: no status ever, a connection that is dead after a bare number,
 * zeros for what is missing, NaN taken, fragments numbered from 0. What a node received is what counts; `publish` tells nothing.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { freePort } from '../../free-port.ts';
import { cbor } from './cbor.ts';
import { asJson, filled, plainName, templateOf, type Value } from './types.ts';

export interface Arrival {
  readonly message: Value;
  readonly receivedMs: number;
}
export type Answer = { readonly values: Value } | { readonly failure: string } | 'silent';

export interface BridgeDouble {
  readonly url: string;
  /** What its clock shows, ms since 1970. */
  readonly nowMs: () => number;
  /** The same as its messages have it, and so far ahead. */
  readonly stamp: (aheadMs: number) => Value;
  /** Sets its clock forward by so much, or back. */
  readonly stepClock: (byMs: number) => void;
  /** What nodes received on a topic. */
  readonly received: (topic: string) => readonly Arrival[];
  /** A node of the graph hears a topic from now on. */
  readonly onMessage: (topic: string, listener: (message: Value) => void) => void;
  /** A node of the graph says something. */
  readonly publish: (topic: string, type: string, message: Record<string, unknown>) => void;
  readonly serve: (
    service: string,
    fields: readonly string[],
    answer: (args: Record<string, unknown>) => Answer,
  ) => void;
  readonly act: (
    action: string,
    answer: (goal: unknown) => { readonly status: number; readonly values: Value } | 'silent',
  ) => void;
  readonly cancelled: () => readonly string[];
  /** Operations that clients asked for, as they came. */
  readonly operations: () => readonly Record<string, unknown>[];
  readonly clients: () => number;
  /** What only the log of the bridge says. */
  readonly log: () => readonly string[];
  /** Sends bytes to every client as they are. */
  readonly sendRaw: (text: string) => void;
  /** As after a bare number on each connection: all that comes is dropped, and pings are answered. */
  readonly poison: () => void;
  /** The same for every connection that comes. */
  readonly deafen: () => void;
  /** The process is stopped: it reads nothing and answers nothing, and its sockets stay open. */
  readonly stall: () => void;
  readonly resume: () => void;
  /** The process is killed: all sockets are gone. */
  readonly kill: () => Promise<void>;
  /** Listens at the same address again, with the same graph. */
  readonly restart: () => Promise<void>;
}

export interface BridgeOptions {
  readonly ros?: 1 | 2;
  /** What its clock shows beyond this machine's, ms. */
  readonly clockAheadMs?: number;
}

interface Client {
  readonly socket: WebSocket;
  readonly subscriptions: Map<string, string>;
  readonly advertised: Map<string, string>;
  isPoisoned: boolean;
}

/** Python's JSON reads NaN and Infinity; JavaScript's does not. */
const parse = (text: string): unknown =>
  JSON.parse(text.replace(/(?<=[:,[]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, '"python $1"'), (_, value) =>
    typeof value === 'string' && value.startsWith('python ') ? Number(value.slice(7)) : value,
  );

export async function bridgeDouble({ ros = 2, clockAheadMs = 0 }: BridgeOptions = {}): Promise<BridgeDouble> {
  const clients = new Set<Client>();
  const types = new Map<string, string>();
  const arrivals = new Map<string, Arrival[]>();
  const listeners = new Map<string, ((message: Value) => void)[]>();
  const services = new Map<string, { fields: readonly string[]; answer: (args: Record<string, unknown>) => Answer }>();
  const actions = new Map<string, Parameters<BridgeDouble['act']>[1]>();
  const operations: Record<string, unknown>[] = [];
  const cancelled: string[] = [];
  const log: string[] = [];
  // It has to be free again when the bridge comes back.
  const port = await freePort();
  let server: WebSocketServer;

  let steppedMs = 0;
  const nowMs = () => performance.timeOrigin + performance.now() + clockAheadMs + steppedMs;
  const stamp = (aheadMs: number): Value => {
    const ms = nowMs() + aheadMs;
    const seconds = Math.floor(ms / 1000);
    const nanoseconds = Math.floor((ms - 1000 * seconds) * 1e6);
    return ros === 1 ? { secs: seconds, nsecs: nanoseconds } : { sec: seconds, nanosec: nanoseconds };
  };

  /** Into the graph: to nodes, and to the clients that listen. */
  const spread = (topic: string, message: Value) => {
    const list = arrivals.get(topic) ?? [];
    arrivals.set(topic, list);
    list.push({ message, receivedMs: performance.now() });
    for (const listener of listeners.get(topic) ?? []) listener(message);
    for (const { socket, subscriptions } of clients) {
      const compression = subscriptions.get(topic);
      if (compression === 'cbor') socket.send(cbor({ op: 'publish', topic, msg: message }));
      else if (compression) socket.send(JSON.stringify({ op: 'publish', topic, msg: asJson(message) }));
    }
  };
  const enter = (topic: string, type: string, message: unknown) => {
    const template = templateOf(ros, type);
    if (!template) throw new Error(`${type} is unknown`);
    types.set(topic, plainName(type));
    spread(topic, filled(template, message, stamp(0), topic));
  };

  const serviceAnswer = (name: string, args: Record<string, unknown>): Answer => {
    const service = services.get(name);
    if (!service) return { failure: `Service ${name} does not exist` };
    const stray = Object.keys(args).find((field) => !service.fields.includes(field));
    return stray === undefined ? service.answer(args) : { failure: `does not have a field ${stray}` };
  };

  const carryOut = (client: Client, asked: Record<string, unknown>) => {
    const { op, topic, type, msg, id } = asked as Record<string, string> & { msg: unknown };
    const answer = (message: object) => client.socket.send(JSON.stringify(message));
    if (op === 'advertise') {
      if (!templateOf(ros, type!)) throw new Error(`${type} is unknown`);
      client.advertised.set(topic!, type!);
      types.set(topic!, plainName(type!));
    } else if (op === 'publish') {
      const known = client.advertised.get(topic!) ?? types.get(topic!);
      if (!known) throw new Error(`cannot infer the type of ${topic}`);
      enter(topic!, known, msg);
    } else if (op === 'subscribe') {
      if (type && types.has(topic!) && types.get(topic!) !== plainName(type)) throw new Error('wrong type');
      client.subscriptions.set(topic!, (asked.compression as string | undefined) ?? 'none');
    } else if (op === 'unsubscribe') client.subscriptions.delete(topic!);
    else if (op === 'unadvertise') client.advertised.delete(topic!);
    else if (op === 'call_service') {
      const { service, args } = asked as { service: string; args: Record<string, unknown> };
      const got = serviceAnswer(service, args ?? {});
      if (got === 'silent') return;
      const said = 'values' in got ? { values: got.values, result: true } : { values: got.failure, result: false };
      answer({ op: 'service_response', id, service, ...said });
    } else if (op === 'send_action_goal') {
      const { action, args } = asked as { action: string; args: unknown };
      const got = actions.get(action)?.(args) ?? { status: 6, values: 'no such action' };
      if (got !== 'silent') answer({ op: 'action_result', id, action, ...got, result: typeof got.values !== 'string' });
    } else if (op === 'cancel_action_goal') cancelled.push(id!);
    else throw new Error(`unknown operation ${op}`);
  };

  const receive = (client: Client, text: string) => {
    if (client.isPoisoned) return void log.push('a message without an op');
    try {
      const asked = parse(text);
      if (typeof asked !== 'object' || asked === null) {
        client.isPoisoned = true;
        throw new Error('a message without an op');
      }
      operations.push(asked as Record<string, unknown>);
      carryOut(client, asked as Record<string, unknown>);
    } catch (error) {
      // The canonical bridge writes a line into its log, and nothing to the client.
      log.push((error as Error).message);
    }
  };

  /** Who knocked while it was stalled. */
  const knocks: ((isLetIn: boolean) => void)[] = [];
  let isStalled = false;
  let isDeaf = false;
  const listen = async () => {
    const verifyClient = (_: unknown, letIn: (isLetIn: boolean) => void) =>
      void (isStalled ? knocks.push(letIn) : letIn(true));
    server = new WebSocketServer({ host: '127.0.0.1', port, verifyClient });
    server.on('connection', (socket) => {
      const client: Client = { socket, subscriptions: new Map(), advertised: new Map(), isPoisoned: isDeaf };
      clients.add(client);
      socket.on('message', (data) => receive(client, data.toString()));
      socket.on('close', () => clients.delete(client));
      socket.on('error', () => {});
    });
    await once(server, 'listening');
  };
  const streams = () => [...clients].map(({ socket }) => (socket as unknown as { _socket: Socket })._socket);

  await listen();
  return {
    url: `ws://127.0.0.1:${port}`,
    nowMs,
    stamp,
    stepClock: (byMs) => {
      steppedMs += byMs;
    },
    received: (topic) => arrivals.get(topic) ?? [],
    onMessage: (topic, listener) => listeners.set(topic, [...(listeners.get(topic) ?? []), listener]),
    publish: enter,
    serve: (service, fields, answer) => services.set(service, { fields, answer }),
    act: (action, answer) => actions.set(action, answer),
    cancelled: () => cancelled,
    operations: () => operations,
    clients: () => clients.size,
    log: () => log,
    sendRaw: (text) => {
      for (const { socket } of clients) socket.send(text);
    },
    poison: () => {
      for (const client of clients) client.isPoisoned = true;
    },
    deafen: () => {
      isDeaf = true;
    },
    stall: () => {
      isStalled = true;
      for (const stream of streams()) stream.pause();
    },
    resume: () => {
      isStalled = false;
      for (const letIn of knocks.splice(0)) letIn(true);
      for (const stream of streams()) stream.resume();
    },
    kill: async () => {
      for (const { socket } of clients) socket.terminate();
      clients.clear();
      const isClosed = once(server, 'close');
      server.close();
      await isClosed;
    },
    restart: listen,
  };
}

/** Waits until something is so; what is waited for is looked at each time that the event loop has come round. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, mostMs = 10_000): Promise<void> {
  for (const beganMs = performance.now(); !(await isSo()); await new Promise((resolve) => setTimeout(resolve, 1)))
    if (performance.now() - beganMs > mostMs) throw new Error(`waited ${mostMs} ms for: ${what}`);
}
