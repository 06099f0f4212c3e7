/**
 * The forms in which policies answer, as thin wrappers around any policy that answers with deltas: long chunks of targets, chunks of
 * deltas, one delta, late answers, two good ways at random. And a teacher to wrap: the expert of the simulated arm, rolled out over the
 * next steps as if nothing but the tool and what it holds moved. For tests and benches.
 */
import {
  type Action,
  type ActionOf,
  type Answer,
  type Observation,
  type Policy,
  PumiceError,
  sleep,
  type Thought,
} from 'pumice';
import type { Goal, SimOracle, WorldState } from 'pumice/envs/sim';
import { from, lastValueFrom } from 'rxjs';
import { type Delta7, poseAfter } from '../../envs/sim/arm.ts';
import { expertAction } from '../../envs/sim/expert.ts';
import { ofQuaternion } from '../../envs/sim/rotation.ts';
import { stepped } from '../../src/chunk/poses.ts';

const ask = <T>(answer: Answer<T>): Promise<T> => lastValueFrom(from(answer));
type Delta = ActionOf<'eef-delta'>;
const isDelta = (action: Action): action is Delta => action.kind === 'eef-delta';

/** Another form of what a policy answers; words such as `done` stay what and where they are. */
const reshaped = (
  inner: Policy,
  name: string,
  kinds: Policy['actionKinds'],
  reshape: (thought: Thought, seen: Observation) => Thought,
): Policy => ({
  ...inner,
  name: `${inner.name} ${name}`,
  actionKinds: kinds,
  act: async (seen, context) => reshape(await ask(inner.act(seen, context)), seen),
});

/** As many actions as asked for: cut, or filled up with standing still at the end. A word ends a chunk, so nothing follows it. */
function ofLength(actions: readonly Action[], steps: number): readonly Action[] {
  const last = actions.at(-1)!;
  if (!isDelta(last)) return actions.slice(0, steps);
  const still: Delta = { ...last, dPosM: [0, 0, 0], dRpyRad: [0, 0, 0] };
  return Array.from({ length: steps }, (_, at) => actions[at] ?? still);
}

/** Chunks of so many targets. */
export const targets = (inner: Policy, steps = 16): Policy =>
  reshaped(inner, `in ${steps} targets`, ['eef-pose', 'done', 'hand-over'], (thought, { proprio }) => {
    let pose = commandedIn(proprio);
    const actions = ofLength(thought.actions, steps).map((action): Action => {
      if (!isDelta(action)) return action;
      pose = { ...pose, ...stepped(pose, action, { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' }) };
      return { ...pose, kind: 'eef-pose', gripperOpen: action.gripperOpen };
    });
    return { ...thought, actions };
  });

/** Chunks of so many deltas. */
export const deltas = (inner: Policy, steps = 8): Policy =>
  reshaped(inner, `in ${steps} deltas`, inner.actionKinds, (thought) => ({
    ...thought,
    actions: ofLength(thought.actions, steps),
  }));

/** One delta at a time, and nothing of how long it lasts: Magma's form. */
export const oneDelta = (inner: Policy): Policy =>
  reshaped(inner, 'in one delta', inner.actionKinds, ({ dtMs: _, ...thought }) => ({
    ...thought,
    actions: thought.actions.slice(0, 1),
  }));

/** Answers so much later than it could. */
export const late = (inner: Policy, byMs = 800): Policy => ({
  ...inner,
  name: `${inner.name} ${byMs} ms late`,
  act: async (seen, context) => {
    const thought = await ask(inner.act(seen, context));
    await sleep(byMs, context.signal);
    return thought;
  },
});

/**
 * Two good ways at random: each chunk leads round one side of its straight way or the other, and ends where it would have ended anyway.
 *
 * @param asideM - how far aside it is in the middle.
 */
export const bimodal = (inner: Policy, random: () => number, asideM = 0.02): Policy =>
  reshaped(inner, 'by one of two ways', inner.actionKinds, (thought) => {
    const side = random() < 0.5 ? -1 : 1;
    const moving = thought.actions.filter(isDelta);
    const [x, y] = [0, 1].map((axis) => moving.reduce((sum, { dPosM }) => sum + dPosM[axis]!, 0)) as [number, number];
    const wayM = Math.hypot(x, y);
    // What hardly moves is at work on something: there is one way for that.
    if (wayM < 3 * asideM) return thought;
    const bulge = (at: number) => asideM * side * Math.sin((Math.PI * at) / moving.length);
    const actions = thought.actions.map((action, at): Action => {
      if (!isDelta(action)) return action;
      const by = (bulge(at + 1) - bulge(at)) / wayM;
      const [dx, dy, dz] = action.dPosM;
      return { ...action, dPosM: [dx - y * by, dy + x * by, dz] };
    });
    return { ...thought, actions };
  });

/** The next steps of the expert, as far as they can be foreseen. Its oracle has to be open, and no policy else may look through it. */
export function foresight(oracle: SimOracle, steps: number): Policy {
  let before: WorldState | undefined;
  return {
    name: 'expert',
    actionKinds: ['eef-delta', 'done'],
    reset: () => {
      before = undefined;
    },
    act: async ({ proprio }) => {
      const goal = oracle.goal();
      if (!goal)
        throw new PumiceError('policy/failed', 'expected a goal that the judge understands, got none', {
          who: 'policy expert',
        });
      before ??= oracle.state();
      if (oracle.score().first) return { actions: [{ kind: 'done', outcome: 'success' }] };
      return { actions: foreseen(goal, oracle.state(), before, commandedIn(proprio), steps), dtMs: 200 };
    },
  };
}

/** Steps that a hand takes to close around a thing. */
const CLOSING_STEPS = 3;
/** Opening of a hand that holds a block: neither empty nor open, as the expert asks. */
const HOLDING = 0.5;

function foreseen(goal: Goal, now: WorldState, before: WorldState, from: Pose, steps: number): Action[] {
  let state = now;
  let commanded: ReturnType<typeof poseAfter> = { pM: from.pM, rotation: ofQuaternion(from.qXyzw) };
  let closedFor = 0;
  return Array.from({ length: steps }, (): Action => {
    const delta = expertAction(goal, state, before, commanded);
    const after = poseAfter(commanded, delta);
    closedFor = delta[6] === 0 ? closedFor + 1 : 0;
    state = moved(goal, state, after.pM, delta, closedFor >= CLOSING_STEPS);
    commanded = after;
    const [x, y, z, roll, pitch, yaw, gripperOpen] = delta;
    return { kind: 'eef-delta', frameId: from.frameId, dPosM: [x, y, z], dRpyRad: [roll, pitch, yaw], gripperOpen };
  });
}

/** The world a step later: the tool is where it was told to be, and a held block with it. */
function moved(
  goal: Goal,
  { blocks, tool, ...rest }: WorldState,
  pM: readonly [number, number, number],
  delta: Delta7,
  isClosed: boolean,
): WorldState {
  const shut = delta[6] === 0;
  let gripperOpen = shut ? 0.75 : 1;
  const after = blocks.map((block) => {
    if (block.colour !== goal.block) return block;
    const by = block.pM.map((value, axis) => value - tool.pM[axis]!) as [number, number, number];
    const isAround = Math.hypot(by[0], by[1]) < 0.016 && Math.abs(by[2]) < 0.02;
    if (!shut || !isAround) return { ...block, fingers: 0 as const };
    const isHeld = isClosed || block.fingers === 2;
    if (!isHeld) return block;
    gripperOpen = HOLDING;
    return { ...block, fingers: 2 as const, pM: [pM[0] + by[0], pM[1] + by[1], pM[2] + by[2]] as const };
  });
  return { ...rest, blocks: after, tool: { ...tool, pM }, gripperOpen } as WorldState;
}

type Pose = NonNullable<NonNullable<Observation['proprio']>['tcpPose']>;

function commandedIn(proprio: Observation['proprio']): Pose {
  const pose = proprio?.commandedTcpPose;
  if (pose) return pose;
  throw new PumiceError('policy/failed', 'expected proprio.commandedTcpPose, and the observation has none', {
    who: 'policy expert',
  });
}
