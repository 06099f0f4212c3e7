/**
 * The oracle of the real-time arm: the same judge, expert and marks as in lockstep, by what the physics thread tells of the world.
 * It looks at the goal no more often than a step in lockstep takes, so that a goal has to be held for as long.
 */
import type { ToolPose } from '../../../src/robot/messages.ts';
import { createCameras, type Disturbance } from '../cameras.ts';
import { expertAction } from '../expert.ts';
import type { Layout } from '../layout.ts';
import { createOracle } from '../oracle.ts';
import { ofQuaternion } from '../rotation.ts';
import { CONTROL_HZ } from '../scene.ts';
import type { WorldState } from '../tasks.ts';
import type { Goal } from '../words.ts';
import { createSceneView, worldStateOf } from './scene.ts';
import type { Threads } from './threads.ts';

export interface ChannelParts {
  readonly threads: Pick<Threads, 'fixed' | 'scene' | 'world'>;
  readonly sizePx: number;
  /** What the expert's deltas add to. */
  readonly commanded: () => ToolPose;
}

/** How far apart looks at the goal are, ms: a step in lockstep. */
const LOOK_MS = 1000 / CONTROL_HZ;

export function openChannel({ threads, sizePx, commanded }: ChannelParts) {
  const view = createSceneView(threads.fixed);
  const cameras = createCameras(view);
  let laid: WorldState | undefined;
  let lookedMs = 0;
  const state = () => worldStateOf(threads.world(), laid!);
  const { oracle, began, stepped } = createOracle({
    sizePx,
    cameras: {
      ...cameras,
      draw: (name, size) => {
        view.show(threads.scene());
        return cameras.draw(name, size);
      },
    },
    world: {
      state,
      before: () => laid!,
      expert: (goal: Goal) => {
        const { pM, qXyzw } = commanded();
        return expertAction(goal, state(), laid!, { pM, rotation: ofQuaternion(qXyzw) });
      },
      physics: view,
      arm: { commands: () => [] },
    },
  });
  return {
    oracle,
    began: (before: WorldState, layout: Layout, disturbance: Disturbance, goal: Goal | undefined) => {
      laid = before;
      lookedMs = state().stampMs;
      cameras.reset(layout, disturbance);
      view.show(threads.scene());
      began(goal);
    },
    /** To be called whenever something is asked of the arm. */
    look: () => {
      if (!laid) return;
      const { stampMs } = state();
      if (stampMs - lookedMs < LOOK_MS) return;
      lookedMs = stampMs;
      view.show(threads.scene());
      stepped();
    },
  };
}
