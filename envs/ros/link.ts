/**
 * What the connection layer promises, in types. One link is one address of a bridge, held open: a socket that is lost is replaced by a
 * fresh one, and nothing that was meant for the old one is ever sent on the new one. Knows no robot.
 */
import type { z } from 'zod';
import type { GoalType, MessageType, Outgoing, ServiceType } from './messages.ts';
import type { RosVersion } from './names.ts';

/**
 * `connected`: the socket answers pings in time and every watched topic speaks. `stale`: it is open, but one of them does not.
 * `down`: there is no socket.
 */
export const LINK_STATES = ['down', 'stale', 'connected'] as const;
export type LinkState = (typeof LINK_STATES)[number];

/** Why a message was not sent. It was not kept either: whoever still wants it has to make a new one. */
export const SEND_REFUSALS = ['down', 'no fresh pong', 'send buffer not empty', 'invalid'] as const;
export type SendRefusal = (typeof SEND_REFUSALS)[number];

export interface LinkStatus {
  readonly state: LinkState;
  /** Counts the sockets that opened: what was decided in an older epoch is void. */
  readonly epoch: number;
  /** Why it is not `connected`, for people. */
  readonly cause?: string;
  /** When this state began, monotonic ms. */
  readonly sinceMs: number;
  /** From ping to pong, ms; absent until the first pong of this socket. */
  readonly roundTripMs?: number;
}

export interface SubscribeOptions<S extends z.ZodType> {
  readonly topic: string;
  readonly type: MessageType;
  /** What comes is read by it; what does not fit is dropped, counted and told as a problem. */
  readonly schema: S;
  /** `cbor` for anything with bytes in it; never png, which adds half a second. */
  readonly compression?: 'none' | 'cbor';
  /** Messages that wait at the bridge, newest last; 1 unless said otherwise: what waits there only grows old. */
  readonly queueLength?: number;
  /** Least time between two messages, ms, kept by the bridge. */
  readonly throttleMs?: number;
  /** With no message yet, or none for longer than this, the link is `stale`. Absent: silence means nothing. */
  readonly maxSilenceMs?: number;
}

export interface Received<T> {
  readonly message: T;
  /** When it came, monotonic ms. */
  readonly receivedMs: number;
  readonly epoch: number;
}

/** One topic that is listened to; taken up again on every fresh socket. */
export interface Subscription<T> {
  /** The newest message, whatever its age. Messages of an older epoch are gone with their socket. */
  readonly newest: () => Received<T> | undefined;
  readonly count: () => number;
  /** Messages that did not fit the schema, and what was wrong with the last one. */
  readonly unfit: () => { readonly count: number; readonly problem?: string };
  readonly close: () => void;
}

/** One topic that is spoken to; announced anew on every fresh socket. */
export interface Publisher {
  readonly topic: string;
  readonly type: MessageType;
  /** Sends now, or answers why not. Never throws, never waits, never keeps anything. */
  readonly send: (message: Outgoing) => SendRefusal | undefined;
}

export interface CallOptions<S extends z.ZodType> {
  readonly service: string;
  readonly type: ServiceType;
  readonly args: Readonly<Record<string, unknown>>;
  readonly schema: S;
  /** A call without an answer by then has an unknown outcome, and fails. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

export interface GoalOptions<S extends z.ZodType> {
  readonly action: string;
  readonly type: GoalType;
  readonly goal: Readonly<Record<string, unknown>>;
  readonly schema: S;
  /** Statuses with which its result counts (`action_msgs/GoalStatus`); 4, succeeded, alone unless said otherwise. */
  readonly endsWith?: readonly number[];
  /** A goal without a result by then is cancelled, and fails. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

export interface Link {
  readonly ros: RosVersion;
  readonly status: () => LinkStatus;
  /** Emits the status now and whenever it changes. Returns what ends it. */
  readonly onStatus: (listener: (status: LinkStatus) => void) => () => void;
  readonly subscribe: <S extends z.ZodType>(
    options: SubscribeOptions<S>,
    onMessage?: (received: Received<z.output<S>>) => void,
  ) => Subscription<z.output<S>>;
  /** @throws PumiceError `config/invalid` for a topic that is announced already. */
  readonly advertise: (topic: string, type: MessageType) => Publisher;
  /** @throws PumiceError `body/unreachable` when it could not be sent, was not answered in time, or was refused by the robot. */
  readonly call: <S extends z.ZodType>(options: CallOptions<S>) => Promise<z.output<S>>;
  /** @throws PumiceError the same; a goal that is given up is cancelled first, where there still is a socket. */
  readonly pursue: <S extends z.ZodType>(options: GoalOptions<S>) => Promise<z.output<S>>;
  /** Gives the socket up at once and opens a fresh one: for whoever sees that nothing comes through it. */
  readonly renew: (why: string) => void;
  /** Resolves as soon as the link is `connected`; rejects with what keeps it from it, at the deadline or when cut. */
  readonly ready: (deadlineMs: number, signal?: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}
