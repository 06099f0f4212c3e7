/**
 * What keys, sticks and sliders mean, as shares of full speed along six axes of the frame in which a tool is moved. Pure.
 * Keys go by their place on the keyboard (`KeyboardEvent.code`), gamepads by the standard layout of the Gamepad API (W3C).
 */
import type { ActionOf } from '../../types.ts';

export const AXES = ['x', 'y', 'z', 'roll', 'pitch', 'yaw'] as const;
export type Axis = (typeof AXES)[number];
/** Shares of full speed, -1 to 1. */
export type Sticks = Readonly<Record<Axis, number>>;

export const AT_REST: Sticks = { x: 0, y: 0, z: 0, roll: 0, pitch: 0, yaw: 0 };

export const KEYS: Readonly<Record<string, readonly [axis: Axis, share: 1 | -1]>> = {
  KeyW: ['x', 1],
  KeyS: ['x', -1],
  KeyA: ['y', 1],
  KeyD: ['y', -1],
  KeyE: ['z', 1],
  KeyQ: ['z', -1],
  KeyU: ['roll', 1],
  KeyO: ['roll', -1],
  KeyI: ['pitch', 1],
  KeyK: ['pitch', -1],
  KeyJ: ['yaw', 1],
  KeyL: ['yaw', -1],
};
export const DEAD_MAN_KEY = 'Space';
export const HAND_KEY = 'KeyG';
export const DESCEND_KEY = 'KeyF';

/** Buttons of a standard gamepad: either shoulder is the dead-man. */
const PAD = { hand: 0, descend: 2, deadMan: [4, 5], up: 12, down: 13, left: 14, right: 15 } as const;
/** Share of a stick's way that is nothing. Chosen: worn sticks come to rest within a tenth. */
const DEAD_BAND = 0.15;

export const sticksOfKeys = (pressed: ReadonlySet<string>): Sticks =>
  joined(
    ...[...pressed].map((code) => {
      const [axis, share] = KEYS[code] ?? [];
      return axis && share ? { ...AT_REST, [axis]: share } : AT_REST;
    }),
  );

/** What is needed of a `Gamepad`. */
export interface PadState {
  readonly axes: readonly number[];
  readonly buttons: readonly { readonly pressed: boolean }[];
}

export interface PadReading {
  readonly sticks: Sticks;
  readonly isHeld: boolean;
  readonly isHandPressed: boolean;
  readonly isDescendPressed: boolean;
}

/** The left stick leads on the table, the right one up, down and around; the cross tilts. */
export function readPad({ axes, buttons }: PadState): PadReading {
  const along = (index: number) => beyondBand(axes[index] ?? 0);
  const isPressed = (index: number) => buttons[index]?.pressed === true;
  const between = (more: number, less: number) => Number(isPressed(more)) - Number(isPressed(less));
  return {
    sticks: {
      ...{ x: -along(1) || 0, y: -along(0) || 0, z: -along(3) || 0, yaw: -along(2) || 0 },
      ...{ pitch: between(PAD.up, PAD.down), roll: between(PAD.left, PAD.right) },
    },
    isHeld: PAD.deadMan.some(isPressed),
    isHandPressed: isPressed(PAD.hand),
    isDescendPressed: isPressed(PAD.descend),
  };
}

function beyondBand(value: number): number {
  if (!Number.isFinite(value)) return 0;
  const beyond = Math.min(1, Math.max(0, Math.abs(value) - DEAD_BAND) / (1 - DEAD_BAND));
  return Math.sign(value) * beyond || 0;
}

/** All of them together, none beyond full speed. */
export function joined(...all: readonly Sticks[]): Sticks {
  const sum = (axis: Axis) =>
    Math.min(
      1,
      Math.max(
        -1,
        all.reduce((share, sticks) => share + sticks[axis], 0),
      ),
    );
  return Object.fromEntries(AXES.map((axis) => [axis, sum(axis)])) as Record<Axis, number>;
}

export const isAtRest = (sticks: Sticks): boolean => AXES.every((axis) => sticks[axis] === 0);

/** Of the body's limits, what a stick needs. */
export interface StickLimits {
  readonly frameId: string;
  readonly maxSpeedMPerS: number;
  readonly maxTurnRadPerS: number;
}

type Vec3 = [number, number, number];

/** Sticks as they are meant by who looks at a picture whose upper edge lies that way: along the axes of the body's frame. */
export function fromPicture(sticks: Sticks, upRad: number): Sticks {
  const [cos, sin] = [Math.cos(upRad), Math.sin(upRad)];
  const turn = (along: number, left: number): [number, number] => [along * cos - left * sin, along * sin + left * cos];
  const [x, y] = turn(sticks.x, sticks.y);
  const [roll, pitch] = turn(sticks.roll, sticks.pitch);
  return { ...sticks, x, y, roll, pitch };
}

/** @param speedScale - share of the body's greatest speed at which a stick leads that is pushed all the way. */
export function twistOf(
  sticks: Sticks,
  { frameId, maxSpeedMPerS, maxTurnRadPerS }: StickLimits,
  speedScale: number,
  gripperOpen: number,
): ActionOf<'eef-twist'> {
  const part = (axes: readonly [Axis, Axis, Axis], most: number): Vec3 => {
    const shares = axes.map((axis) => sticks[axis]) as Vec3;
    // Two keys at once are no faster than one.
    const scale = (most * speedScale) / Math.max(1, Math.hypot(...shares));
    return shares.map((share) => share * scale) as Vec3;
  };
  return {
    ...{ kind: 'eef-twist', frameId, gripperOpen },
    linearMPerS: part(['x', 'y', 'z'], maxSpeedMPerS),
    angularRadPerS: part(['roll', 'pitch', 'yaw'], maxTurnRadPerS),
  };
}
