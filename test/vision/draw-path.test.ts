/** The way of a tool on a picture, against the projection that the simulator draws its own pictures with. */
import fc from 'fast-check';
import type { Frame } from 'pumice';
import { drawPath, isCalibrated, pixelOf } from 'pumice/vision';
import { expect, it } from 'vitest';
import { cameraLookingAt, projectPoint } from '../../envs/sim/raster/index.ts';
import { labelOf } from '../../envs/sim/senses.ts';

const SIDE_PX = 128;
const CAMERA = { ...cameraLookingAt([1.1, -0.5, 0.8], [0.4, 0, 0]), fovyRad: 0.8 };
const frame = (): Frame => ({
  ...labelOf('third', CAMERA, SIDE_PX, 0),
  data: new Uint8Array(3 * SIDE_PX * SIDE_PX).fill(90),
  encoding: 'rgb8',
});
const colourAt = ({ data }: Frame, [x, y]: readonly [number, number]) => {
  const at = 3 * (Math.floor(y) * SIDE_PX + Math.floor(x));
  return [...data.subarray(at, at + 3)];
};

it('A point is where the simulator sees it', () => {
  const inReach = fc.tuple(
    fc.double({ min: 0.1, max: 0.7, noNaN: true }),
    fc.double({ min: -0.4, max: 0.4, noNaN: true }),
    fc.double({ min: 0, max: 0.5, noNaN: true }),
  );
  fc.assert(
    fc.property(inReach, (pM) => {
      const [x, y] = projectPoint(CAMERA, SIDE_PX, SIDE_PX, pM);
      const place = pixelOf(frame(), pM)!;
      expect(place[0]).toBeCloseTo(x, 3);
      expect(place[1]).toBeCloseTo(y, 3);
    }),
  );
});

it('A point behind the camera is nowhere', () => {
  expect(pixelOf(frame(), [1.8, -1, 1.6])).toBeUndefined();
});

it('A way ends in a ring where the gripper is open and in a disc where it is shut, drawn where the simulator sees the end', () => {
  const end = [0.35, 0.1, 0.05] as const;
  const [x, y] = projectPoint(CAMERA, SIDE_PX, SIDE_PX, end);
  const from = { pM: [0.45, -0.1, 0.2], gripperOpen: 1 } as const;
  const [open, shut] = [frame(), frame()];
  expect(drawPath(open, [from, { pM: end, gripperOpen: 1 }])).toBe(true);
  expect(drawPath(shut, [from, { pM: end, gripperOpen: 0 }])).toBe(true);
  expect(colourAt(open, [x, y])).toEqual([255, 255, 255]);
  expect(colourAt(shut, [x, y])).toEqual([255, 80, 0]);
  // Twin: where nothing goes the picture stays as it was.
  expect(colourAt(shut, [2, 2])).toEqual([90, 90, 90]);
});

it('A way that leaves the picture is said not to lie within it', () => {
  const from = { pM: [0.4, 0, 0.1], gripperOpen: 1 } as const;
  expect(drawPath(frame(), [from, { pM: [0.4, 3, 0.1], gripperOpen: 1 }])).toBe(false);
  expect(drawPath(frame(), [from, { pM: [1.8, -1, 1.6], gripperOpen: 1 }])).toBe(false);
});

it('Nothing is drawn where the camera does not say where it stands, and the error says so', () => {
  const { cameraInBase: _, ...blind } = frame();
  expect(isCalibrated(blind)).toBe(false);
  expect(isCalibrated(frame())).toBe(true);
  expect(() => drawPath(blind, [{ pM: [0.4, 0, 0.1], gripperOpen: 1 }])).toThrow(/does not say where it stands/);
  expect(blind.data.every((value) => value === 90)).toBe(true);
});
