/**
 * A hand that is an action server (`control_msgs/GripperCommand`): each new place is a goal of its own, the newest takes the place of the
 * one before. A stop leaves it as it was told last: it never opens a hand. Knows no socket.
 */
import type { Command } from 'pumice/robots';
import { z } from 'zod';
import type { Link } from './link.ts';
import type { RosProfile } from './profile.ts';

export type ActionGripper = Extract<RosProfile['gripper'], { kind: 'action' }>;

export interface ActionHand {
  /** A set-point that was sent to the arm. */
  readonly told: (command: Command, nowMs: number) => void;
}

/** Least time between two goals, ms. Chosen: a hand that opens in half a second is given some places on its way. */
const GOAL_PERIOD_MS = 100;
/** Change of the opening that is worth a goal. Chosen: half a millimetre of a hand of 50 mm. */
const WORTH = 0.01;
/** For a hand to be there, or to say that it cannot, ms. Chosen: a slow hand closes in three seconds. */
const REACH_MS = 10_000;
/** Of `action_msgs/GoalStatus`: there, or not all the way there since something is in between. */
const ENDS = [4, 6] as const;
const resultSchema = z.object({ stalled: z.boolean(), reached_goal: z.boolean() });

/** @param fail - is told of a goal that the hand does not take, or does not end in time. */
export function createActionHand(
  link: Pick<Link, 'pursue'>,
  { action, closed, open, maxEffort }: ActionGripper,
  fail: (text: string) => void,
): ActionHand {
  /** How open it was led to be last, and what the newest goal says. */
  let wanted: number | undefined;
  let asked: number | undefined;
  let askedMs = Number.NEGATIVE_INFINITY;
  let newest: AbortController | undefined;

  const ask = (isOpen: number) => {
    const before = newest;
    const own = new AbortController();
    newest = own;
    const position = closed + (open - closed) * isOpen;
    const goal = { command: { position, max_effort: maxEffort } };
    link
      .pursue({
        ...{ action, type: 'control_msgs/GripperCommand', goal, endsWith: ENDS },
        ...{ schema: resultSchema, deadlineMs: REACH_MS, signal: own.signal },
      })
      .catch((error: Error) => {
        if (newest !== own) return;
        // Told again, it is asked again.
        asked = undefined;
        fail(error.message);
      });
    // After the newer one is sent: a hand that is told to stop in between lets go of what it holds.
    before?.abort(new Error('a newer goal'));
  };

  return {
    told: ({ mode, pose: { gripperOpen } }, nowMs) => {
      // What a hold says of the hand may be measured: a hand that holds a thing is never as closed as it was told.
      if (mode === 'set-point') wanted = gripperOpen;
      if (mode === 'halt') wanted = undefined;
      if (wanted === undefined || nowMs - askedMs < GOAL_PERIOD_MS) return;
      if (asked !== undefined && Math.abs(wanted - asked) < WORTH) return;
      askedMs = nowMs;
      asked = wanted;
      ask(wanted);
    },
  };
}
