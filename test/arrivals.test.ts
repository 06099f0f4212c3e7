import type { Frame, Sensed } from 'pumice';
import { expect, it } from 'vitest';
import { createArrivals } from '../src/arrivals.ts';
import { frame, proprio } from './gate/given.ts';

const seen = (frames: readonly Partial<Frame>[], readMs?: number): Sensed => ({
  stampMs: 0,
  frames: frames.map(frame),
  ...(readMs !== undefined && { proprio: proprio({ stampMs: readMs }) }),
});
const timesOf = ({ frames, proprio }: Sensed) => [
  ...frames.map(({ firstSeenMs }) => firstSeenMs),
  proprio?.firstSeenMs,
];

it('what is newer than all before has just come, and what is not came when the newest did, camera by camera', () => {
  let nowMs = 0;
  const arrived = createArrivals(() => nowMs);
  const at = (ms: number, ...args: Parameters<typeof seen>) => {
    nowMs = ms;
    return timesOf(arrived(seen(...args)));
  };
  expect(at(10, [{ camera: 'a', stampMs: 5 }], 7)).toEqual([10, 10]);
  expect(
    at(
      20,
      [
        { camera: 'a', stampMs: 5 },
        { camera: 'b', stampMs: 1 },
      ],
      8,
    ),
  ).toEqual([10, 20, 20]);
  // A clock that jumps ahead and back again gains nothing by it.
  expect(at(30, [{ camera: 'a', stampMs: 900 }])).toEqual([30, undefined]);
  expect(at(40, [{ camera: 'a', stampMs: 31 }], 8)).toEqual([30, 20]);
  expect(
    at(
      900,
      [
        { camera: 'a', stampMs: 900 },
        { camera: 'b', stampMs: 2 },
      ],
      9,
    ),
  ).toEqual([30, 900, 900]);
  expect(
    at(910, [
      { camera: 'a', stampMs: 901 },
      { camera: 'b', stampMs: NaN },
    ]),
  ).toEqual([910, 900, undefined]);
});
