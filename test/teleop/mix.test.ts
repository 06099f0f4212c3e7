/** What becomes of the wishes of a person and of a policy: never more than the limits, never faster than a hand can follow. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileAt } from '../../envs/sim/profile.ts';
import type { Vec3 } from '../../src/gate/rotation.ts';
import { followed } from '../../src/teleop/clutch.ts';
import { ledAbove, ledDown, placeOf } from '../../src/teleop/help.ts';
import { LEADING, paceOf } from '../../src/teleop/leading.ts';
import { after, blended, capped, inside, offWayM, ramped, sum, underWay, type Velocity } from '../../src/teleop/mix.ts';
import { createShare, SHARE_PER_S } from '../../src/teleop/share.ts';

const { limits } = profileAt(10);
const pace = paceOf(limits, LEADING);
const any = fc.oneof(
  fc.double(),
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.constantFrom(0, -0, 1e300, Number.NaN, Infinity),
);
const ordinary = fc.double({ min: -0.4, max: 0.4, noNaN: true });
const vec = (of: fc.Arbitrary<number>) => fc.tuple(of, of, of);
const velocity = (of: fc.Arbitrary<number>): fc.Arbitrary<Velocity> =>
  fc.record({ linearMPerS: vec(of), turnRadPerS: vec(of) });
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const speed = ({ linearMPerS }: Velocity) => Math.hypot(...linearMPerS);
const rate = ({ turnRadPerS }: Velocity) => Math.hypot(...turnRadPerS);
const SLACK = 1e-9;

describe('a velocity', () => {
  it('is never faster than the pace, whatever is wished, blended or helped', () => {
    fc.assert(
      fc.property(velocity(any), velocity(any), unit, unit, (human, policy, share, scale) => {
        const out = capped(blended(capped(human, pace), policy, share), pace, scale);
        expect(speed(out)).toBeLessThanOrEqual(pace.maxSpeedMPerS * scale + SLACK);
        expect(rate(out)).toBeLessThanOrEqual(pace.maxTurnRadPerS * scale + SLACK);
        expect([...out.linearMPerS, ...out.turnRadPerS].every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('and what is within the pace is left as it is', () => {
    fc.assert(
      fc.property(velocity(fc.double({ min: -0.1, max: 0.1, noNaN: true })), (wish) => {
        expect(capped(wish, pace)).toEqual(wish);
      }),
    );
  });

  it('changes no faster than the limits let it, and gets there', () => {
    fc.assert(
      fc.property(
        velocity(ordinary),
        velocity(ordinary),
        fc.double({ min: 0.001, max: 0.1, noNaN: true }),
        (from, to, overS) => {
          const out = ramped(from, to, pace, overS);
          const by = sum(out, {
            linearMPerS: from.linearMPerS.map((v) => -v) as unknown as Vec3,
            turnRadPerS: [0, 0, 0],
          });
          expect(speed(by)).toBeLessThanOrEqual(limits.maxAccelerationMPerS2 * overS + SLACK);
          expect(ramped(from, to, pace, 10)).toEqual(
            expect.objectContaining({ linearMPerS: to.linearMPerS.map((v) => expect.closeTo(v, 9)) }),
          );
        },
      ),
    );
  });

  it('a share of one is the person alone, of none the policy, of a half both', () => {
    fc.assert(
      fc.property(velocity(ordinary), velocity(ordinary), (human, policy) => {
        expect(speed(sum(blended(human, policy, 1), scaledBy(human, -1)))).toBeLessThan(SLACK);
        expect(speed(sum(blended(human, policy, 0), scaledBy(policy, -1)))).toBeLessThan(SLACK);
        expect(speed(sum(scaledBy(blended(human, policy, 0.5), 2), scaledBy(sum(human, policy), -1)))).toBeLessThan(
          SLACK,
        );
      }),
    );
  });
});
const scaledBy = ({ linearMPerS: [x, y, z] }: Velocity, by: number): Velocity => ({
  linearMPerS: [x * by, y * by, z * by],
  turnRadPerS: [0, 0, 0],
});

describe('the share of a person', () => {
  const tick = fc.record({
    wanted: unit,
    human: velocity(ordinary),
    policy: fc.option(velocity(ordinary), { nil: undefined }),
    overS: fc.double({ min: 0.001, max: 0.1, noNaN: true }),
  });

  it('never changes faster than a hand can follow, and is never less than what they chose for long', () => {
    fc.assert(
      fc.property(fc.array(tick, { minLength: 1, maxLength: 40 }), (ticks) => {
        const share = createShare();
        let before = 1;
        for (const { wanted, human, policy, overS } of ticks) {
          const now = share.next(wanted, human, policy, overS);
          expect(Math.abs(now - before)).toBeLessThanOrEqual(SHARE_PER_S * overS + SLACK);
          expect(now).toBeGreaterThanOrEqual(Math.min(before, wanted) - SLACK);
          expect(now).toBeLessThanOrEqual(1);
          before = now;
        }
      }),
    );
  });

  const going = (x: number, y = 0): Velocity => ({ linearMPerS: [x, y, 0], turnRadPerS: [0, 0, 0] });
  const after2s = (human: Velocity, policy: Velocity | undefined, share = createShare()) => {
    let now = 1;
    for (let tickOf = 0; tickOf < 100; tickOf++) now = share.next(0.5, human, policy, 0.02);
    return now;
  };

  it('comes to what they chose with a policy that goes their way, and to all with one that goes against them, or says nothing', () => {
    expect(after2s(going(0.1), going(0.2))).toBe(0.5);
    expect(after2s(going(0.1), going(-0.2))).toBe(1);
    expect(after2s(going(0.1), undefined)).toBe(1);
  });

  it('trust that is lost comes back slowly; what both do slowly loses little of it', () => {
    const lost = createShare();
    after2s(going(0.1), going(-0.2), lost);
    let now = 1;
    for (let tickOf = 0; tickOf < 10; tickOf++) now = lost.next(0.5, going(0.1), going(0.2), 0.02);
    expect(now).toBeGreaterThan(0.9);
    const fine = createShare();
    for (let tickOf = 0; tickOf < 25; tickOf++) now = fine.next(0.5, going(0.01), going(-0.01), 0.02);
    expect(now).toBeLessThan(0.6);
  });
});

describe('where it leads', () => {
  it('a target is never out of the workspace, and one that is inside is left alone', () => {
    fc.assert(
      fc.property(vec(fc.double({ min: -3, max: 3, noNaN: true })), (pM) => {
        const to = inside({ pM, qXyzw: [0, 0, 0, 1], gripperOpen: 1 }, limits);
        to.pM.forEach((value, axis) => {
          expect(value).toBeGreaterThanOrEqual(limits.workspace.minM[axis]!);
          expect(value).toBeLessThanOrEqual(limits.workspace.maxM[axis]!);
        });
        expect(inside(to, limits)).toEqual(to);
      }),
    );
  });

  it('a body under way is where its time has got to; one whose time is over is nowhere', () => {
    const stance = (x: number) => ({ pM: [x, 0, 0] as const, qXyzw: [0, 0, 0, 1] as const, gripperOpen: 1 });
    const sent = { atMs: 1000, spanMs: 100, from: stance(0), to: stance(0.02) };
    expect(underWay(sent, 1050)).toMatchObject({ pM: [0.01, 0, 0], linearMPerS: [expect.closeTo(0.2), 0, 0] });
    expect(underWay(sent, 1200)).toBeUndefined();
    expect(underWay(sent, 900)).toBeUndefined();
    expect(offWayM(sent, [0.01, 0.03, 0])).toBeCloseTo(0.03);
    expect(offWayM(sent, [0.05, 0, 0])).toBeCloseTo(0.03);
  });

  it('the clutch: only what a device has gone since counts', () => {
    const device = { pM: [0, 0, 0], qXyzw: [0, 0, 0, 1] } as const;
    const tool = { pM: [0.4, 0, 0.2], qXyzw: [1, 0, 0, 0] } as const;
    expect(followed({ device, tool }, device, 1)).toEqual({ ...tool, gripperOpen: 1 });
    expect(followed({ device, tool }, { ...device, pM: [0.01, 0, 0] }, 1).pM[0]).toBeCloseTo(0.41);
  });
});

describe('help', () => {
  /** A camera a metre above the table that looks straight down: x right, y up in the picture. */
  const above = {
    camera: 'top',
    intrinsics: { fxPx: 100, fyPx: 100, cxPx: 64, cyPx: 64 },
    cameraInBase: {
      pM: [0.4, 0, 1] as [number, number, number],
      qXyzw: [0, 0, 0, 1] as [number, number, number, number],
    },
  };
  const mark = {
    id: 3,
    boxPx: [0, 0, 1, 1] as [number, number, number, number],
    pointPx: [74, 44] as [number, number],
    source: 'test',
  };

  it('a mark is where the ray through it meets the plane of the things', () => {
    expect(placeOf(mark, above, 0.02)).toEqual([expect.closeTo(0.4 + 0.098), expect.closeTo(0.196)]);
  });

  it.each([
    ['a camera that does not say where it is', { camera: 'top' }, /does not say where it is/],
    [
      'a camera that looks away',
      { ...above, cameraInBase: { ...above.cameraInBase, qXyzw: [1, 0, 0, 0] as never } },
      /on no plane/,
    ],
    ['no picture at all', undefined, /does not say/],
  ])('%s leads nowhere, and that is said', (_what, frame, text) => {
    expect(placeOf(mark, frame as never, 0.02)).toMatch(text);
  });

  it('leads up first where the tool is low, then across, and stays there; and down straight', () => {
    const at = (x: number, z: number) => ({ pM: [x, 0, z] as const });
    expect(ledAbove(at(0.3, 0.03), [0.5, 0], 0.02).linearMPerS).toEqual([0, 0, expect.any(Number)]);
    expect(ledAbove(at(0.3, 0.12), [0.5, 0], 0.02).linearMPerS[0]).toBeGreaterThan(0.1);
    expect(speed(ledAbove(at(0.5, 0.12), [0.5, 0], 0.02))).toBeLessThan(SLACK);
    const down = ledDown(at(0.49, 0.12), [0.5, 0], [0.49, 0], 0.02).linearMPerS;
    expect(down[2]).toBeLessThan(-0.05);
    expect(down[0]).toBeGreaterThan(0);
    // What it was led to long ago is no place to go down to.
    expect(ledDown(at(0.3, 0.12), [0.5, 0], [0.3, 0], 0.02).linearMPerS[0]).toBe(0);
  });

  it('however far it is, a step of it is one', () => {
    fc.assert(
      fc.property(vec(ordinary), vec(ordinary), (from, [x, y]) => {
        const stance = { pM: from, qXyzw: [0, 0, 0, 1] as const, gripperOpen: 1 };
        const to = after(stance, capped(ledAbove(stance, [x, y], 0.02), pace), 0.1);
        expect(Math.hypot(...to.pM.map((v, axis) => v - from[axis]!))).toBeLessThanOrEqual(limits.maxStepM);
      }),
    );
  });
});
