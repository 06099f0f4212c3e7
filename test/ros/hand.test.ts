/** A hand that is an action server: which goals it is given, and when it counts as failed. Time is the test's. */
import type { Command } from 'pumice/robots';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type ActionGripper, createActionHand } from '../../envs/ros/hand.ts';
import type { GoalOptions } from '../../envs/ros/link.ts';

const gripper: ActionGripper = {
  ...{ kind: 'action', action: '/gripper', closed: 0.8, open: 0, maxEffort: 20 },
  acceptUnstamped: 'the newest goal takes the place of an old one',
};

function given() {
  const goals: { readonly position: number; readonly signal: AbortSignal; readonly end: (error?: Error) => void }[] =
    [];
  const failures: string[] = [];
  const pursue = <S extends z.ZodType>({ goal, signal }: GoalOptions<S>) =>
    new Promise<z.output<S>>((resolve, reject) => {
      const { command } = goal as { command: { position: number } };
      const end = (error?: Error) => (error ? reject(error) : resolve({} as z.output<S>));
      signal!.addEventListener('abort', () => reject(signal!.reason), { once: true });
      goals.push({ position: command.position, signal: signal!, end });
    });
  const hand = createActionHand({ pursue }, gripper, (text) => failures.push(text));
  const tell = (gripperOpen: number, nowMs: number, mode: Command['mode'] = 'set-point') =>
    hand.told({ mode, stampMs: nowMs, pose: { pM: [0, 0, 0], qXyzw: [0, 0, 0, 1], gripperOpen } }, nowMs);
  return { tell, goals, failures, positions: () => goals.map(({ position }) => Number(position.toFixed(3))) };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a hand that is an action server', () => {
  it('is given a goal where it is to go somewhere else, in its own numbers, and none where it is to stay', () => {
    const { tell, positions } = given();
    for (let nowMs = 0; nowMs <= 1000; nowMs += 20) tell(1, nowMs);
    expect(positions()).toEqual([0]);
    tell(0, 1020);
    expect(positions()).toEqual([0, 0.8]);
  });

  it('is given some places of a slow way, and its end, also where that is reached in a hold', () => {
    const { tell, positions } = given();
    for (let nowMs = 0; nowMs <= 200; nowMs += 20) tell(1 - nowMs / 200, nowMs);
    expect(positions()).toEqual([0, 0.4, 0.8]);
    tell(0.5, 220);
    // A hold says what is measured: that is no goal, and what was led to last still is.
    tell(0.1, 320, 'hold');
    expect(positions()).toEqual([0, 0.4, 0.8, 0.4]);
    for (let nowMs = 400; nowMs < 1000; nowMs += 100) tell(0.1, nowMs, 'hold');
    expect(positions()).toHaveLength(4);
  });

  it('is told nothing by a stop: what it holds it goes on to hold', () => {
    const { tell, positions, goals } = given();
    tell(0, 0);
    tell(0.6, 20);
    tell(1, 120, 'halt');
    tell(1, 240, 'hold');
    tell(1, 360, 'idle');
    expect(positions()).toEqual([0.8]);
    expect(goals[0]!.signal.aborted).toBe(false);
  });

  it('gives up the older goal once the newer one is sent, and that is no failure; of the newest it is', async () => {
    const { tell, goals, failures } = given();
    tell(0, 0);
    tell(1, 200);
    expect(goals.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await settled();
    expect(failures).toEqual([]);
    goals[1]!.end(new Error('action /gripper: the robot refuses'));
    await settled();
    expect(failures).toEqual(['action /gripper: the robot refuses']);
    // Led there again, it is asked again.
    tell(1, 400);
    expect(goals).toHaveLength(3);
  });
});
