/** The chain of joints: where the tool is, and which joints bring it to a pose. MuJoCo, which shares no code with it, says what is true. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createChain } from '../../envs/ros/chain.ts';
import { simulatedChain } from '../../envs/ros/profiles/simulated.ts';
import { toQuaternion } from '../../envs/sim/rotation.ts';
import { JOINTS } from '../../envs/sim/scene.ts';
import { createWorld } from '../../envs/sim/world.ts';
import { turnBetween } from '../../src/gate/rotation.ts';

const joints = simulatedChain([...JOINTS]);
const moving = joints.filter(({ kind }) => kind !== 'fixed');
const chain = createChain(joints);
const within = fc.tuple(...moving.map(({ min, max }) => fc.double({ min, max, noNaN: true })));
/** Where the arm works: its elbow bent, its fingers down, away from the ends of its joints. */
const usual = fc.tuple(
  ...[
    [-0.6, 0.6],
    [-0.2, 0.6],
    [1.2, 2],
    [-0.3, 0.3],
    [1, 1.8],
    [-1, 1],
  ].map(([min, max]) => fc.double({ min: min!, max: max!, noNaN: true })),
);
const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, at) => value - b[at]!));

it('the tool is where the physics says, for any joints', async () => {
  const { physics, close } = await createWorld();
  const tcp = physics.id('site', 'tcp');
  const places = JOINTS.map((name) => physics.jointAddress(name).qpos);
  fc.assert(
    fc.property(within, (q) => {
      places.forEach((place, at) => {
        physics.qpos()[place] = q[at]!;
      });
      physics.forward();
      const { pM, qXyzw } = chain.poseOf(q);
      expect(distance(pM, physics.sitePosition(tcp))).toBeLessThan(1e-6);
      expect(Math.hypot(...turnBetween(qXyzw, toQuaternion(physics.siteRotation(tcp))))).toBeLessThan(1e-5);
    }),
    { numRuns: 50 },
  );
  close();
});

it('a pose near by is reached, to a tenth of a millimetre', () => {
  const near = fc.tuple(
    usual,
    fc.array(fc.double({ min: -0.03, max: 0.03, noNaN: true }), { minLength: 6, maxLength: 6 }),
  );
  fc.assert(
    fc.property(near, ([q, changes]) => {
      const goal = chain.poseOf(q.map((value, at) => value + changes[at]!));
      const { qRad, gapM, gapRad } = chain.towards(goal, q, 100);
      expect(Math.max(gapM, gapRad)).toBeLessThan(1.5e-4);
      expect(distance(chain.poseOf(qRad).pM, goal.pM)).toBeCloseTo(gapM, 9);
    }),
  );
});

it('no joint leaves its limits or goes faster than it may, whatever pose is asked for; and what is missing is said', () => {
  const place = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      within,
      fc.tuple(place, place, place),
      fc.double({ min: 1, max: 60, noNaN: true }),
      (q, pM, sinceMs) => {
        const { qRad, gapM } = chain.towards({ pM, qXyzw: [1, 0, 0, 0] }, q, sinceMs);
        qRad.forEach((value, at) => {
          const { min, max, maxPerS } = moving[at]!;
          expect(value).toBeGreaterThanOrEqual(min);
          expect(value).toBeLessThanOrEqual(max);
          expect(Math.abs(value - q[at]!)).toBeLessThanOrEqual((maxPerS * sinceMs) / 1000 + 1e-9);
        });
        expect(gapM).toBeCloseTo(distance(chain.poseOf(qRad).pM, pM), 9);
      },
    ),
  );
});

it('a joint that is locked is counted and stays; one that slides moves the tool along its axis', () => {
  const [first, ...rest] = joints;
  const slide = { ...first!, name: 'rail', kind: 'prismatic', axis: [0, 1, 0], originM: [0, 0, 0] } as const;
  const locked = { ...first!, name: 'roll', originM: [0, 0, 0] as [number, number, number], min: 0, max: 0 };
  const longer = createChain([{ ...slide, axis: [0, 1, 0], originM: [0, 0, 0] }, first!, locked, ...rest]);
  expect(longer.names).toEqual(['rail', 'shoulder-yaw', 'roll', ...JOINTS.slice(1)]);
  const q = [0, 0.2, 0, 0.3, 1.5, 0, 1.3, 0];
  const here = longer.poseOf(q);
  const moved = longer.poseOf([0.1, ...q.slice(1)]);
  expect(distance(moved.pM, [here.pM[0], here.pM[1] + 0.1, here.pM[2]])).toBeLessThan(1e-9);
  const { qRad, gapM } = longer.towards(moved, q, 1000);
  expect(gapM).toBeLessThan(1e-3);
  expect(qRad[2]).toBe(0);
});
