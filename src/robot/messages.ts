/**
 * What the messages between the threads of a body say, number by number. All stamps are of the one monotonic clock, ms.
 * A pose: x y z (m), qx qy qz qw, gripperOpen 0..1, in the frame of the body's profile.
 */
import type { ActionOf } from '../types.ts';

/** Where the tool is to be or is, and how open the hand. */
export type ToolPose = Pick<ActionOf<'eef-pose'>, 'pM' | 'qXyzw' | 'gripperOpen'>;

/** What the body is told: nothing at all, go there, come to rest and stay, or stop for good. */
export const MODES = ['idle', 'set-point', 'hold', 'halt'] as const;
export type Mode = (typeof MODES)[number];

export interface Command {
  /**
   * `idle` leaves the body to its own brakes, `set-point` leads it, `hold` brings it to rest and keeps it there, `halt` does the same in
   * a stop that a person has to clear.
   */
  readonly mode: Mode;
  readonly stampMs: number;
  readonly pose: ToolPose;
}

export interface BodyState {
  /** When the body had this state. */
  readonly stampMs: number;
  readonly measured: ToolPose;
  /** The set-point that the body follows. */
  readonly commanded: ToolPose;
  readonly speedMPerS: number;
  readonly turnRadPerS: number;
  readonly qRad: readonly number[];
  readonly qdRadPerS: readonly number[];
}

export const POSE_NUMBERS = 8;
export const COMMAND_NUMBERS = 2 + POSE_NUMBERS;
const STATE_HEAD_NUMBERS = 4 + 2 * POSE_NUMBERS;
/** How many numbers the state of a body with that many joints has. */
export const stateNumbers = (joints: number): number => STATE_HEAD_NUMBERS + 2 * joints;

export const poseNumbers = ({ pM, qXyzw, gripperOpen }: ToolPose): readonly number[] => [...pM, ...qXyzw, gripperOpen];

export function poseAt(values: ArrayLike<number>, start: number): ToolPose {
  const at = (index: number) => values[start + index]!;
  return { pM: [at(0), at(1), at(2)], qXyzw: [at(3), at(4), at(5), at(6)], gripperOpen: at(7) };
}

export const commandNumbers = ({ mode, stampMs, pose }: Command): readonly number[] => [
  MODES.indexOf(mode),
  stampMs,
  ...poseNumbers(pose),
];

export const commandOf = (values: ArrayLike<number>): Command => ({
  mode: MODES[values[0]!]!,
  stampMs: values[1]!,
  pose: poseAt(values, 2),
});

export const stateValues = (state: BodyState): readonly number[] => [
  state.stampMs,
  ...poseNumbers(state.measured),
  ...poseNumbers(state.commanded),
  state.speedMPerS,
  state.turnRadPerS,
  state.qRad.length,
  ...state.qRad,
  ...state.qdRadPerS,
];

export function stateOf(values: ArrayLike<number>): BodyState {
  const speeds = 1 + 2 * POSE_NUMBERS;
  const joints = values[speeds + 2]!;
  const from = (start: number) => Array.from({ length: joints }, (_, joint) => values[start + joint]!);
  return {
    stampMs: values[0]!,
    measured: poseAt(values, 1),
    commanded: poseAt(values, 1 + POSE_NUMBERS),
    speedMPerS: values[speeds]!,
    turnRadPerS: values[speeds + 1]!,
    qRad: from(STATE_HEAD_NUMBERS),
    qdRadPerS: from(STATE_HEAD_NUMBERS + joints),
  };
}
