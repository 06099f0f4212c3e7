/**
 * What robots are told to do with their gripper, from an opening of 0 (closed) to 1 (open). Pure: the state of a latch goes in and
 * comes out. From microsoft/Magma `e373780` (`magma_model.py`, `agents/libero`) and simpler-env/SimplerEnv `4ab7178`.
 */

/** The google robot's gripper moves by differences, and a large one is held for some steps. */
export interface Latch {
  readonly isOn: boolean;
  /** Steps for which it has been held. */
  readonly repeat: number;
  /** What is held. */
  readonly held: number;
  /** Opening of the step before; absent at the beginning. */
  readonly previous?: number;
}

export const OPEN_LATCH: Latch = { isOn: false, repeat: 0, held: 0 };

/** Difference above which it is held. */
const LATCH_FROM = 0.5;

/**
 * The difference to the step before, above 0 to close. While one is held, others are lost: the opening that they lead to is only
 * remembered.
 */
export function latchedGripper(open: number, latch: Latch, latchSteps: number): { gripper: number; latch: Latch } {
  const change = latch.previous === undefined ? 0 : latch.previous - open;
  const begins = !latch.isOn && Math.abs(change) > LATCH_FROM;
  const isOn = latch.isOn || begins;
  const held = begins ? change : latch.held;
  const repeat = isOn ? latch.repeat + 1 : latch.repeat;
  const next = repeat === latchSteps ? OPEN_LATCH : { isOn, repeat, held };
  return { gripper: isOn ? held : change, latch: { ...next, previous: open } };
}

/** widowx in SimplerEnv: 1 opens, -1 closes. */
export const widowxGripper = (open: number): number => 2 * Number(open > 0.5) - 1;

/** LIBERO: -1 opens, 1 closes, and exactly half does neither. */
export const liberoGripper = (open: number): number => Math.sign(2 * open - 1) * -1;
