/** What keys, sticks and pictures mean to who leads an arm. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AT_REST,
  AXES,
  fromPicture,
  isAtRest,
  joined,
  KEYS,
  readPad,
  sticksOfKeys,
  twistOf,
} from '../../src/dashboard/page/axes.ts';
import { drivingOf } from '../../src/dashboard/page/who-drives.ts';
import { pictureRef, thinSteps } from '../../src/dashboard/shown.ts';
import type { Frame, StepRecord } from '../../src/types.ts';
import { sampleSteps } from '../record/sample.ts';

const LIMITS = { frameId: 'base', maxSpeedMPerS: 0.4, maxTurnRadPerS: 2 };
const share = fc.double({ min: -1, max: 1, noNaN: true });
const sticks = fc.record({ x: share, y: share, z: share, roll: share, pitch: share, yaw: share });

describe('sticks', () => {
  it('are two keys for each axis, which take each other back', () => {
    for (const axis of AXES) {
      const codes = Object.entries(KEYS).flatMap(([code, [of]]) => (of === axis ? [code] : []));
      expect(codes).toHaveLength(2);
      expect(sticksOfKeys(new Set(codes.slice(0, 1)))[axis]).toBe(1);
      expect(isAtRest(sticksOfKeys(new Set(codes)))).toBe(true);
    }
    expect(isAtRest(sticksOfKeys(new Set(['KeyX', 'Space'])))).toBe(true);
  });

  it('never lead faster than the body may, however many are pushed', () => {
    fc.assert(
      fc.property(sticks, sticks, fc.double({ min: 0, max: 1, noNaN: true }), (one, other, scale) => {
        const { linearMPerS, angularRadPerS } = twistOf(joined(one, other), LIMITS, scale, 1);
        const [speed, turn] = [Math.hypot(...linearMPerS), Math.hypot(...angularRadPerS)];
        return speed <= LIMITS.maxSpeedMPerS * scale + 1e-9 && turn <= LIMITS.maxTurnRadPerS * scale + 1e-9;
      }),
    );
    const full = { x: 1, y: -1, z: 1, roll: 1, pitch: 1, yaw: -1 };
    const { linearMPerS, angularRadPerS } = twistOf(full, LIMITS, 1, 1);
    expect(Math.hypot(...linearMPerS)).toBeCloseTo(LIMITS.maxSpeedMPerS);
    expect(Math.hypot(...angularRadPerS)).toBeCloseTo(LIMITS.maxTurnRadPerS);
  });

  it('are read off a gamepad, where a stick that rests is nothing', () => {
    const pad = (axes: readonly number[], pressed: readonly number[] = []) =>
      readPad({ axes, buttons: Array.from({ length: 17 }, (_, at) => ({ pressed: pressed.includes(at) })) });
    expect(isAtRest(pad([0.1, -0.14, 0, 0.12]).sticks)).toBe(true);
    expect(pad([0, -1, 0, 0]).sticks.x).toBe(1);
    expect(pad([-1, 0, 0, 0]).sticks.y).toBe(1);
    expect(pad([0, 0, 0, -1]).sticks.z).toBe(1);
    expect(pad([0, 0, 0, 0], [4]).isHeld).toBe(true);
    expect(pad([0, 0, 0, 0], [6]).isHeld).toBe(false);
    // One that has fewer axes, or says nonsense, leads nowhere.
    expect(isAtRest(readPad({ axes: [Number.NaN], buttons: [] }).sticks)).toBe(true);
  });
});

describe('forward in the picture', () => {
  const frame = (qXyzw: [number, number, number, number]): Frame => ({
    ...{ data: new Uint8Array(), encoding: 'rgb8', widthPx: 1, heightPx: 1, stampMs: 0, camera: 'c' },
    cameraInBase: { pM: [1, 0, 1], qXyzw },
  });
  const half = Math.SQRT1_2;

  it('is forward of the arm where the camera looks as the arm does', () => {
    // Right of the picture is right of the arm, which is -y; up is up.
    const { upRad } = pictureRef(1, frame([0.5, -0.5, -0.5, 0.5]));
    expect(upRad).toBeCloseTo(0);
    expect(fromPicture({ ...AT_REST, x: 1 }, upRad!).x).toBeCloseTo(1);
  });

  it('is towards the arm where the camera looks at it', () => {
    const { upRad } = pictureRef(1, frame([0.5, 0.5, 0.5, 0.5]));
    const meant = fromPicture({ ...AT_REST, x: 1, y: 0.5 }, upRad!);
    expect(meant.x).toBeCloseTo(-1);
    expect(meant.y).toBeCloseTo(-0.5);
  });

  it('is not known of a camera that lies on its side, or says not where it is', () => {
    expect(pictureRef(1, frame([0, half, 0, half]))).not.toHaveProperty('upRad');
    const { cameraInBase: _none, ...bare } = frame([0, 0, 0, 1]);
    expect(pictureRef(1, bare)).not.toHaveProperty('upRad');
  });

  it('turns where the sticks lead, and never how far', () => {
    fc.assert(
      fc.property(sticks, fc.double({ min: -4, max: 4, noNaN: true }), (given, upRad) => {
        const turned = fromPicture(given, upRad);
        return Math.abs(Math.hypot(turned.x, turned.y) - Math.hypot(given.x, given.y)) < 1e-9 && turned.z === given.z;
      }),
    );
  });
});

describe('who drives', () => {
  const human = (over: object) =>
    ({ human: { share: 1, intervention: false, isHeld: true, mode: 'manual', ...over } }) as StepRecord;

  it('is said as it is in the step', () => {
    expect(drivingOf('running', human({})).who).toBe('person');
    expect(drivingOf('running', human({ isHeld: false })).who).toBe('nobody');
    expect(drivingOf('running', human({ mode: 'supervised', isHeld: false, share: 0 })).who).toBe('policy');
    expect(drivingOf('running', human({ mode: 'supervised' })).text).toMatch(/taken over/i);
    expect(drivingOf('running', human({ mode: 'assist', share: 0.6 })).text).toBe('Person 60 %, policy 40 %.');
    expect(drivingOf('running', human({ mode: 'assist', share: 0 })).who).toBe('policy');
    expect(drivingOf('over', human({})).who).toBe('nobody');
    expect(drivingOf('running', undefined).who).toBe('nobody');
  });

  it('is no flood of steps: what tells the same is shown ten times a second, what tells anything else at once', async () => {
    const [first] = await sampleSteps();
    const at = (stampMs: number, over: object = {}): StepRecord => ({ ...first!, ...human(over), stampMs });
    const isShown = thinSteps();
    const shown = Array.from({ length: 60 }, (_, step) => isShown(at(step * 16)));
    expect(shown.filter(Boolean).length).toBeGreaterThanOrEqual(8);
    expect(shown.filter(Boolean).length).toBeLessThanOrEqual(10);
    expect(isShown(at(950, { refused: 'too old' }))).toBe(true);
    // Without a person every step is.
    const { human: _human, ...alone } = at(951);
    expect([isShown(alone), isShown({ ...alone, stampMs: 952 })]).toEqual([true, true]);
  });
});
