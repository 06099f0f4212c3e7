/**
 * The simulated world, synchronous and in lockstep: one control step of 0.2 s a call. What the env drives and what training uses.
 * After `reset` nothing is moved but by the eight servos: no position is written, no force applied (`test/sim/replay.test.ts`).
 */
import { type Arm, createArm, type Delta7, poseAfter, type ToolPose, type Watch } from './arm.ts';
import { expertAction, nearestQuarter } from './expert.ts';
import type { Layout } from './layout.ts';
import { createPhysics, type Physics } from './physics.ts';
import { multiply, ofVector, toRpy, toVector, transpose, yawOf } from './rotation.ts';
import {
  BLOCK_HALF_M,
  BLOCKS,
  blockName,
  FINGERS,
  PLATE_HALF_HEIGHT_M,
  PLATES,
  plateName,
  SCENE_MJCF,
} from './scene.ts';
import type { WorldState } from './tasks.ts';
import type { Goal } from './words.ts';

export interface World {
  readonly physics: Physics;
  readonly arm: Arm;
  readonly layout: () => Layout;
  /** Lays the scene out and lets it come to rest. */
  readonly reset: (layout: Layout) => void;
  /** One control step by a change of the commanded pose. Answers with the change that was really commanded. */
  readonly act: (delta: Delta7, watch?: Watch) => Delta7;
  /** One control step towards a pose; no further than one step may go. */
  readonly actTo: (pose: ToolPose, gripperOpen: number) => Delta7;
  /** One control step with nothing new commanded. */
  readonly hold: () => void;
  readonly state: () => WorldState;
  /** The state when the scene had come to rest. */
  readonly before: () => WorldState;
  readonly expert: (goal: Goal) => Delta7;
  /** Keeps the state, to try something out. What is returned puts it back: what follows is the same again, bit for bit. */
  readonly save: () => () => void;
  readonly close: () => void;
}

export interface Reach {
  readonly minM: readonly [number, number, number];
  readonly maxM: readonly [number, number, number];
}

/** Most that one control step may change the commanded pose: what the controller itself takes, wider than what the gate lets through. */
export const MOST_STEP = { translationM: 0.09, rotationRad: 0.4 } as const;
/** Where the controller lets the tool centre point be commanded to, m. */
export const REACH: Reach = { minM: [0.2, -0.36, 0.012], maxM: [0.68, 0.36, 0.36] };
/** Physics steps in which things that were put down come to rest. */
const SETTLING_STEPS = 10;

export interface WorldOptions {
  /** Keeps the servo targets of every physics step, for a bit-exact replay. */
  readonly logsCommands?: boolean;
  /** Another scene with the same names. */
  readonly mjcf?: string;
  /** Another limit to where the tool may be commanded: a wider one, to see what comes of commands that should never come. */
  readonly reach?: Reach;
}

/** @throws PumiceError `config/invalid` when the scene is broken or lacks a part. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const { logsCommands = false, mjcf = SCENE_MJCF, reach = REACH } = options;
  const physics = await createPhysics(mjcf);
  const arm = createArm(physics, logsCommands);
  const blocks = numbered(BLOCKS, (at) => ({
    address: physics.jointAddress(blockName(at)).qpos,
    geom: physics.id('geom', blockName(at)),
  }));
  const plates = numbered(PLATES, (at) => physics.id('body', plateName(at)));
  const fingers = FINGERS.map((name) => physics.id('geom', name));
  let layout: Layout | undefined;
  let before: WorldState | undefined;

  const state = (): WorldState => {
    const laid = known(layout);
    const q = physics.qpos();
    const contacts = physics.contacts();
    const touches = (a: number, b: number) =>
      contacts.some(([one, other]) => (one === a && other === b) || (one === b && other === a));
    const tool = arm.measured();
    return {
      blocks: blocks.map(({ address, geom }, at) => ({
        colour: laid.blocks[at]!.colour,
        pM: [q[address]!, q[address + 1]!, q[address + 2]!],
        yawRad: sideYaw(q.subarray(address + 3, address + 7)),
        fingers: fingers.filter((finger) => touches(finger, geom)).length as 0 | 1 | 2,
      })),
      plates: laid.plates.map(({ colour, xM, yM }) => ({ colour, pM: [xM, yM, PLATE_HALF_HEIGHT_M] })),
      tool: { pM: tool.pM, yawRad: yawOf(tool.rotation) },
      gripperOpen: arm.gripperOpen(),
    };
  };

  const actTo = (wanted: ToolPose, gripperOpen: number, watch?: Watch): Delta7 => {
    const from = arm.commanded();
    const pose = within(reach, from, wanted);
    const reached = arm.moveTo(pose, Math.min(1, Math.max(0, gripperOpen)), watch);
    return deltaBetween(from, reached, arm.commandedGripper());
  };

  return {
    physics,
    arm,
    layout: () => known(layout),
    reset: (asked) => {
      layout = asked;
      physics.reset();
      asked.plates.forEach(({ xM, yM }, at) => {
        physics.placeFixedBody(plates[at]!, [xM, yM, PLATE_HALF_HEIGHT_M]);
      });
      asked.blocks.forEach(({ xM, yM, yawRad }, at) => {
        const [w, z] = [Math.cos(yawRad / 2), Math.sin(yawRad / 2)];
        physics.qpos().set([xM, yM, BLOCK_HALF_M, w, 0, 0, z], blocks[at]!.address);
      });
      arm.place(asked.start, 1);
      physics.forward();
      for (let step = 0; step < SETTLING_STEPS; step++) physics.step();
      physics.forward();
      before = state();
    },
    act: (delta, watch) => actTo(poseAfter(arm.commanded(), delta), delta[6], watch),
    actTo: (pose, gripperOpen) => actTo(pose, gripperOpen),
    hold: () => {
      arm.moveTo(arm.commanded(), arm.commandedGripper());
    },
    state,
    before: () => known(before),
    expert: (goal) => expertAction(goal, state(), known(before), arm.commanded()),
    save: () => {
      const parts = [arm.save(), physics.save()];
      return () => {
        for (const restore of parts) restore();
      };
    },
    close: physics.close,
  };
}

/** The nearest pose that one step may be commanded to. */
function within(reach: Reach, from: ToolPose, wanted: ToolPose): ToolPose {
  const way = wanted.pM.map((value, at) => value - from.pM[at]!);
  const length = Math.sqrt(way.reduce((sum, value) => sum + value * value, 0));
  const share = length > MOST_STEP.translationM ? MOST_STEP.translationM / length : 1;
  const turn = toVector(multiply(wanted.rotation, transpose(from.rotation)));
  const angle = Math.sqrt(turn.reduce((sum, value) => sum + value * value, 0));
  const turnShare = angle > MOST_STEP.rotationRad ? MOST_STEP.rotationRad / angle : 1;
  const pM = way.map((value, at) => Math.min(reach.maxM[at]!, Math.max(reach.minM[at]!, from.pM[at]! + value * share)));
  return {
    pM: pM as [number, number, number],
    rotation: multiply(ofVector([turn[0] * turnShare, turn[1] * turnShare, turn[2] * turnShare]), from.rotation),
  };
}

function deltaBetween(from: ToolPose, to: ToolPose, gripperOpen: number): Delta7 {
  const [dx, dy, dz] = to.pM.map((value, at) => value - from.pM[at]!) as [number, number, number];
  return [dx, dy, dz, ...toRpy(multiply(to.rotation, transpose(from.rotation))), gripperOpen];
}

/** Heading of whichever axis of a cube lies most level, by its quaternion `[w, x, y, z]`; modulo a quarter turn it is all one. */
function sideYaw([w, x, y, z]: ArrayLike<number> & Iterable<number>): number {
  const axes = [
    [1 - 2 * (y! * y! + z! * z!), 2 * (x! * y! + w! * z!), 2 * (x! * z! - w! * y!)],
    [2 * (x! * y! - w! * z!), 1 - 2 * (x! * x! + z! * z!), 2 * (y! * z! + w! * x!)],
    [2 * (x! * z! + w! * y!), 2 * (y! * z! - w! * x!), 1 - 2 * (x! * x! + y! * y!)],
  ] as const;
  const level = axes.reduce((best, axis) => (Math.abs(axis[2]) < Math.abs(best[2]) - 0.3 ? axis : best));
  return nearestQuarter(Math.atan2(level[1], level[0]));
}

const numbered = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the world was not laid out: call reset first');
  return value;
}
