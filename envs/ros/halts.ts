/**
 * What a robot is asked for beside its commands: to be ready before the first one and after each stop, to pause when it stands in a halt,
 * and to stop protectively in a stop of category 0. Decides by that whether a command is sent. Knows no socket, and no time but what it
 * is told.
 */
import type { Mode } from 'pumice/robots';
import type { StopCategory } from '../../src/ports.ts';
import type { RosProfile, ServiceProfile } from './profile.ts';

/** What is done with a command: `leave` is nothing, as it is meant; `not ready` is nothing, though the robot was to move. */
export type Order = 'send' | 'leave' | 'not ready';

export interface Halts {
  /** Makes the robot ready. @throws Error with its words, when it says no. */
  readonly prepare: () => Promise<void>;
  /** Asks for the protective stop as long as category 0 is in force and it was not granted. To be called whatever else happens. */
  readonly watch: (category: StopCategory | undefined, nowMs: number) => void;
  /** `speedMPerS`: none where it is not known. */
  readonly orderFor: (mode: Mode, speedMPerS: number | undefined) => Order;
}

export interface HaltsParts {
  readonly profile: Pick<RosProfile, 'start' | 'pause' | 'protectiveStop' | 'robot'>;
  /** @throws Error when the robot says no, or nothing. */
  readonly call: (service: ServiceProfile) => Promise<void>;
  /** Stops the robot, with the reason. */
  readonly stop: (why: string) => void;
}

/** For a service of the robot, ms. Chosen. */
export const SERVICE_MS = 5000;
/** Between two attempts at a protective stop, ms. Chosen: it may be asked for twice, and must not be asked for 50 times a second. */
const RETRY_MS = 500;

export function createHalts({ profile: { start, pause, protectiveStop, robot }, call, stop }: HaltsParts): Halts {
  let state: 'ready' | 'pausing' | 'paused' | 'waking' = 'ready';
  /** It was in a stop since it was made ready. */
  let isStopped = false;
  /** It would not pause in this stop: it is told to stand still as before. */
  let isPauseRefused = false;
  /** Of the protective stop: what came of it, for the stop of category 0 that is in force. */
  let cutOff: 'none' | 'asked' | 'refused' | 'granted' = 'none';
  let askedMs = Number.NEGATIVE_INFINITY;
  let isAsking = false;

  const prepare = async () => {
    for (const service of start) await call(service);
  };
  const wake = () => {
    state = 'waking';
    isPauseRefused = false;
    prepare().then(
      () => {
        state = 'ready';
        isStopped = false;
      },
      ({ message }: Error) => {
        state = 'ready';
        stop(message);
      },
    );
  };
  const rest = (service: ServiceProfile) => {
    state = 'pausing';
    call(service).then(
      () => {
        state = 'paused';
      },
      ({ message }: Error) => {
        state = 'ready';
        isPauseRefused = true;
        stop(message);
      },
    );
  };
  return {
    prepare,
    watch: (category, nowMs) => {
      if (category !== 0) {
        cutOff = 'none';
        askedMs = Number.NEGATIVE_INFINITY;
        return;
      }
      // One that is on its way belongs to this stop or to the one before, which a person has ended since: then it is asked for again.
      if (!protectiveStop || isAsking || cutOff === 'granted' || nowMs - askedMs < RETRY_MS) return;
      [isAsking, cutOff, askedMs] = [true, 'asked', nowMs];
      call(protectiveStop)
        .then(
          () => {
            if (cutOff === 'asked') cutOff = 'granted';
          },
          ({ message }: Error) => {
            if (cutOff === 'asked') cutOff = 'refused';
            stop(message);
          },
        )
        .finally(() => {
          isAsking = false;
        });
    },
    orderFor: (mode, speedMPerS) => {
      if (mode === 'halt' || mode === 'idle') isStopped = true;
      if (mode === 'idle') return 'leave';
      if (mode === 'halt') {
        const isStill = speedMPerS !== undefined && speedMPerS <= robot.driver!.restSpeedMPerS;
        if (pause && isStill && state === 'ready' && !isPauseRefused) rest(pause);
        return state === 'paused' ? 'leave' : 'send';
      }
      if (state === 'ready' && !isStopped) return 'send';
      // What was asked for in the stop comes first: a robot that is made ready must not be stopped by it afterwards.
      if (!isAsking && (state === 'ready' || state === 'paused')) wake();
      return mode === 'hold' ? 'leave' : 'not ready';
    },
  };
}
