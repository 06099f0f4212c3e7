/**
 * A question to the robot with one answer, by a deadline: service calls and action goals. roslib waits for ever and keeps its listeners;
 * here nothing is left behind, and what was not answered has an unknown outcome, which is a failure.
 */
import { randomUUID } from 'node:crypto';
import { PumiceError, sleep } from 'pumice';
import { isRosbridgeActionResultMessage, isRosbridgeServiceResponseMessage } from 'roslib';
import type { z } from 'zod';
import type { CallOptions, GoalOptions } from './link.ts';
import { faultOfGoal, faultOfRequest } from './messages.ts';
import { type RosVersion, typeName } from './names.ts';
import type { DirectRos } from './socket.ts';

/** The socket that is asked through, and what ends it. */
export interface Channel {
  readonly ros: DirectRos;
  readonly gone: AbortSignal;
}

interface Asked<S extends z.ZodType> {
  readonly what: string;
  readonly schema: S;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly message: { readonly op: string; readonly id: string };
  /** Reads an answer; none where the message is not the last word. */
  readonly read: (message: never) => { readonly values: unknown } | { readonly problem: string } | undefined;
  /** Sent when it is given up. */
  readonly undo?: object;
}

const WHO = 'ros';
/** `action_msgs/GoalStatus.STATUS_SUCCEEDED`. */
const SUCCEEDED = 4;

const failure = (message: string, hint: string, cause?: unknown) =>
  new PumiceError('body/unreachable', message, { who: WHO, hint, cause });

async function ask<S extends z.ZodType>({ ros, gone }: Channel, asked: Asked<S>): Promise<z.output<S>> {
  const { what, schema, deadlineMs, signal, message, read, undo } = asked;
  const over = new AbortController();
  const leave = AbortSignal.any([over.signal, gone, ...(signal ? [signal] : [])]);
  let listener: ((answer: never) => void) | undefined;
  let isAnswered = false;
  const answer = new Promise<unknown>((resolve, reject) => {
    listener = (said) => {
      const got = read(said);
      if (!got) return;
      isAnswered = true;
      if ('values' in got) return resolve(got.values);
      reject(failure(`${what}: the robot refuses: ${got.problem}`, 'Look into the log of the robot'));
    };
    ros.on(message.id, listener as (answer: unknown) => void);
  });
  answer.catch(() => {});
  const deadline = sleep(deadlineMs, leave).then(
    () => {
      throw failure(
        `${what}: expected an answer within ${deadlineMs} ms, got none`,
        'Whether it was done is not known',
      );
    },
    () => {
      signal?.throwIfAborted();
      throw failure(`${what}: the link was lost before the answer`, 'Whether it was done is not known');
    },
  );
  deadline.catch(() => {});
  try {
    ros.callOnConnection(message);
    const { data, error } = schema.safeParse(await Promise.race([answer, deadline]));
    if (!error) return data;
    const problems = error.issues.map((issue) => `${issue.path.join('.') || 'answer'}: ${issue.message}`).join('; ');
    throw failure(`${what}: expected an answer of its type, got ${problems}`, 'Check the type of the service');
  } finally {
    over.abort();
    ros.off(message.id, listener as (answer: unknown) => void);
    if (undo && !isAnswered && ros.socket.isOpen()) ros.callOnConnection(undo);
  }
}

export const callService = <S extends z.ZodType>(channel: Channel, options: CallOptions<S>): Promise<z.output<S>> => {
  const { service, type, args, schema, deadlineMs, signal } = options;
  const fault = faultOfRequest(type, args);
  if (fault !== undefined)
    throw new PumiceError('config/invalid', `service ${service}: expected a request of ${type}, got ${fault}`, {
      who: WHO,
      hint: 'Give all of its fields, and no others',
    });
  const id = `call_service:${service}:${randomUUID()}`;
  const read = (message: object) => {
    if (!('op' in message) || message.op !== 'service_response') return undefined;
    if (!isRosbridgeServiceResponseMessage(message as never)) return { problem: 'no answer of a service' };
    const { result, values } = message as unknown as { result?: unknown; values?: unknown };
    return result === true
      ? { values }
      : { problem: typeof values === 'string' && values ? values : 'no reason given' };
  };
  return ask(channel, {
    ...{ what: `service ${service}`, schema, deadlineMs, signal, read: read as never },
    // The bridge gives up too, so that its thread is free again.
    message: { op: 'call_service', id, service, args, timeout: deadlineMs / 1000 } as { op: string; id: string },
  });
};

export const pursueGoal = <S extends z.ZodType>(
  channel: Channel,
  ros: RosVersion,
  options: GoalOptions<S>,
): Promise<z.output<S>> => {
  const { action, type, goal, schema, deadlineMs, signal, endsWith = [SUCCEEDED] } = options;
  if (ros === 1)
    throw new PumiceError('config/misfit', `${action}: a bridge of ROS 1 takes no goals of actions`, {
      who: WHO,
      hint: 'Use a topic or a service of this robot',
    });
  const fault = faultOfGoal(type, goal);
  if (fault !== undefined)
    throw new PumiceError('config/invalid', `action ${action}: expected a goal of ${type}, got ${fault}`, {
      who: WHO,
      hint: 'Give all of its fields, and no others',
    });
  const id = `send_action_goal:${action}:${randomUUID()}`;
  const read = (message: object) => {
    if (!('op' in message) || message.op !== 'action_result') return undefined;
    if (!isRosbridgeActionResultMessage(message as never)) return { problem: 'no result of an action' };
    const { result, status, values } = message as unknown as { result?: unknown; status?: unknown; values?: unknown };
    // Text is what a bridge says in the place of a result.
    const isWord = typeof values === 'string';
    if (!isWord && endsWith.includes(status as number) && (result === true || status !== SUCCEEDED)) return { values };
    return { problem: `status ${status}${isWord ? `, ${values}` : ''}` };
  };
  return ask(channel, {
    ...{ what: `action ${action}`, schema, deadlineMs, signal, read: read as never },
    message: {
      ...{ op: 'send_action_goal', id, action, action_type: typeName(ros, type, 'action'), args: goal },
      feedback: false,
    } as { op: string; id: string },
    undo: { op: 'cancel_action_goal', id, action },
  });
};
