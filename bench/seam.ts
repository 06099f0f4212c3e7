/**
 * The seam between two chunks: how far the tool is sent in one tick when a new chunk takes over, and what that does to where it goes.
 * A tool follows a curve at 50 Hz by chunks of 50 poses, a new one every 25 ticks; each takes one of two ways, 20 mm to either side.
 * Peers: a switch at the same tick of both, and a mean of old and new by 0.3 and 0.7 (LeRobot's default) where they overlap.
 */

import { merge, withCatchUp } from '../src/chunk/merge.ts';
import { type Path, stanceAt } from '../src/chunk/path.ts';
import { quantile, sayMachine } from './measure.ts';

const HORIZON = 50;
const EVERY = 25;
const TICKS = 4000;
const SIDE_M = 0.02;
const NOISE_M = 0.001;
const CATCH_UP_M = 0.03;
/** Of its gap to the way that it takes, a policy of deltas closes so much a tick. */
const CLOSES = 0.1;

type Point = readonly [number, number];
type Merge = (old: Path, fresh: Path, tick: number) => Path;

const wanted = (tick: number): Point => [0.4 + 0.1 * Math.sin(tick / 60), 0.15 * Math.sin(tick / 85)];
const pathOf = (points: readonly Point[], from: number): Path =>
  points.map(([x, y], at) => ({ pM: [x, y, 0.1], qXyzw: [0, 0, 0, 1], gripperOpen: 1, tick: from + at }));
const shared =
  (share: number): Merge =>
  (old, fresh, tick) =>
    fresh
      .filter((knot) => knot.tick >= tick)
      .map((knot) => {
        if (knot.tick > old.at(-1)!.tick) return knot;
        const was = stanceAt(old, knot.tick).pM;
        const mean = (axis: 0 | 1 | 2) => was[axis] * (1 - share) + knot.pM[axis] * share;
        return { ...knot, pM: [mean(0), mean(1), mean(2)] };
      });
const MERGES: Readonly<Record<string, Merge>> = {
  'switch at the same tick': shared(1),
  '0.3 old, 0.7 new': shared(0.7),
  pumice: merge,
};

/** The same numbers for every way to merge. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

function play(join: Merge, delayTicks: number, isDelta: boolean) {
  const random = randomOf(7);
  let path = pathOf([wanted(0)], 0);
  let due: { at: number; path: Path } | undefined;
  const steps: number[] = [];
  const bends: number[] = [];
  const errors: number[] = [];
  const been: Point[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    if (due && due.at === tick) {
      path = join(path, isDelta ? withCatchUp(path, due.path, tick, CATCH_UP_M) : due.path, tick);
      due = undefined;
    }
    if (tick % EVERY === 0) {
      const side = (random() < 0.5 ? -1 : 1) * SIDE_M;
      const [here] = [stanceAt(path, tick).pM];
      const points = Array.from({ length: HORIZON + 1 }, (_, ahead): Point => {
        const [x, y] = wanted(tick + ahead);
        const noise = () => NOISE_M * (2 * random() - 1);
        const goal: Point = [x + noise(), y + side + noise()];
        if (!isDelta) return goal;
        // Deltas lead from where the tool is; summed up they are a way from there to the side that was chosen.
        const [x0, y0] = wanted(tick);
        const left = (1 - CLOSES) ** ahead;
        return [goal[0] + (here[0] - x0) * left, goal[1] + (here[1] - y0 - side) * left];
      });
      if (isDelta) points[0] = [here[0], here[1]];
      due = { at: tick + (tick === 0 ? 0 : delayTicks), path: pathOf(points, tick) };
      if (tick === 0) {
        path = due.path;
        due = undefined;
      }
    }
    const [x, y] = stanceAt(path, tick).pM;
    been.push([x, y]);
    const [before, earlier] = [been.at(-2), been.at(-3)];
    if (before) steps.push(1000 * Math.hypot(x - before[0], y - before[1]));
    if (before && earlier)
      bends.push(1000 * Math.hypot(x - 2 * before[0] + earlier[0], y - 2 * before[1] + earlier[1]));
    const [wx, wy] = wanted(tick);
    errors.push(1000 * Math.hypot(x - wx, y - wy));
  }
  const rms = (values: readonly number[]) =>
    Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  return { most: Math.max(...steps), p99: quantile(steps, 0.99), bend: rms(bends), error: rms(errors) };
}

sayMachine('seam of chunks');
for (const isDelta of [false, true])
  for (const delayTicks of [8, 20]) {
    console.log(
      `  ${isDelta ? 'deltas' : 'poses'}, ${delayTicks} ticks late: mm a tick (most, p99), bend, error (rms, mm)`,
    );
    const all = Object.entries(MERGES).map(([name, join]) => ({ name, ...play(join, delayTicks, isDelta) }));
    for (const { name, most, p99, bend, error } of all)
      console.log(
        `    ${name.padEnd(24)} ${most.toFixed(1).padStart(6)} ${p99.toFixed(1).padStart(6)} ${bend.toFixed(2).padStart(6)} ${error.toFixed(1).padStart(6)}`,
      );
    const [floor, , ours] = all;
    console.log(
      `    largest step: ${(ours!.most / floor!.most).toFixed(2)} of the switch's; error ${(ours!.error / floor!.error).toFixed(2)}`,
    );
  }
