/**
 * What a judge and the expert may know of the simulated world and a policy may not. It exists only where it was asked for
 * (`oracle: true`), and nothing of it is ever part of an observation (`test/sim/env.test.ts`).
 */
import type { Action, Context, EpisodeEnd, Mark, Oracle, Trace } from 'pumice';
import type { Arm, Delta7 } from './arm.ts';
import type { CameraName, Cameras } from './cameras.ts';
import type { Physics } from './physics.ts';
import { FRAME_ID } from './profile.ts';
import { blockName, CONTROL_HZ, plateName } from './scene.ts';
import { createJudge, HELD_LOOKS, type Score, type WorldState } from './tasks.ts';
import type { Goal } from './words.ts';
import type { World } from './world.ts';

export interface SimOracle extends Oracle {
  readonly state: () => WorldState;
  readonly goal: () => Goal | undefined;
  /** Judges by another goal from here on, as when the instruction was changed. */
  readonly setGoal: (goal: Goal) => void;
  readonly score: () => Score;
  /** What the expert would do now; absent when the goal is none of this scene. */
  readonly expertAction: () => Action | undefined;
  /** Blocks and plates in view, by segmentation, numbered from 1: blocks first. */
  readonly marks: (camera: CameraName) => readonly Mark[];
  /** Where each of them has been in the picture since the reset, one point a step. */
  readonly traces: (camera: CameraName) => readonly Trace[];
  /** Servo targets of every physics step since the reset, `[8]` each. */
  readonly commands: () => readonly Float64Array[];
}

export interface OracleParts {
  readonly world: Pick<World, 'state' | 'before' | 'expert'> & {
    readonly physics: Pick<Physics, 'id'>;
    readonly arm: Pick<Arm, 'commands'>;
  };
  readonly cameras: Cameras;
  readonly sizePx: number;
}

/** @returns the oracle, and what the body tells it: that an episode begins, that a step is over. */
export function createOracle({ world, cameras, sizePx }: OracleParts) {
  let goal: Goal | undefined;
  let since = { before: undefined as WorldState | undefined, judge: createJudge() };
  let past: (readonly (readonly [number, number, number])[])[] = [];

  const things = () => {
    const { blocks, plates } = world.state();
    return [
      ...blocks.map(({ colour, pM }, at) => ({ name: `${colour} block`, role: 'block', geom: blockName(at), pM })),
      ...plates.map(({ colour, pM }, at) => ({ name: `${colour} plate`, role: 'plate', geom: plateName(at), pM })),
    ];
  };
  const oracle: SimOracle = {
    state: world.state,
    goal: () => goal,
    setGoal: (asked) => {
      goal = asked;
      since = { before: world.state(), judge: createJudge() };
    },
    score: () => since.judge.score(),
    expertAction: () => goal && actionOf(world.expert(goal)),
    marks: (camera) => {
      const { segmentation } = cameras.draw(camera, sizePx);
      return things().flatMap(({ name, role, geom }, at) => {
        const seen = extentOf(segmentation, world.physics.id('geom', geom), sizePx);
        return seen ? [{ id: at + 1, ...seen, role, name, source: 'sim' }] : [];
      });
    },
    traces: (camera) =>
      things().map((_, at) => ({
        markId: at + 1,
        pointsPx: past.flatMap((points) => {
          const point = cameras.project(camera, points[at]!);
          return point ? [[point[0] * sizePx, point[1] * sizePx] as const] : [];
        }),
        stepMs: 1000 / CONTROL_HZ,
      })),
    commands: world.arm.commands,
    judge: async (_context: Context): Promise<EpisodeEnd | undefined> => {
      const { first } = since.judge.score();
      return first ? { outcome: 'success', reason: `the goal was held for ${HELD_LOOKS} looks` } : undefined;
    },
  };
  return {
    oracle,
    began: (asked: Goal | undefined) => {
      goal = asked;
      since = { before: world.before(), judge: createJudge() };
      past = [things().map(({ pM }) => pM)];
    },
    stepped: () => {
      if (goal && since.before) since.judge.look(goal, world.state(), since.before);
      past.push(things().map(({ pM }) => pM));
    },
  };
}

/** A change of the commanded pose, as an action. */
export const actionOf = ([dx, dy, dz, droll, dpitch, dyaw, gripperOpen]: Delta7): Action => ({
  kind: 'eef-delta',
  frameId: FRAME_ID,
  dPosM: [dx, dy, dz],
  dRpyRad: [droll, dpitch, dyaw],
  gripperOpen,
});

/** Box around the pixels of a geom, and one of its pixels near their middle; undefined when it is not in view. */
function extentOf(segmentation: ArrayLike<number>, geom: number, sizePx: number) {
  let [x0, y0, x1, y1] = [sizePx, sizePx, -1, -1];
  const xs: number[] = [];
  const ys: number[] = [];
  for (let at = 0; at < sizePx * sizePx; at++) {
    if (segmentation[at] !== geom) continue;
    const [x, y] = [at % sizePx, Math.floor(at / sizePx)];
    xs.push(x);
    ys.push(y);
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
  }
  if (x1 < 0) return undefined;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  // The middle of what is seen may lie on something in front; the nearest pixel of the thing itself does not.
  let nearest = 0;
  for (let at = 1; at < xs.length; at++)
    if ((xs[at]! - meanX) ** 2 + (ys[at]! - meanY) ** 2 < (xs[nearest]! - meanX) ** 2 + (ys[nearest]! - meanY) ** 2)
      nearest = at;
  const boxPx: [number, number, number, number] = [x0, y0, x1 + 1, y1 + 1];
  const pointPx: [number, number] = [xs[nearest]! + 0.5, ys[nearest]! + 0.5];
  return { boxPx, pointPx };
}
