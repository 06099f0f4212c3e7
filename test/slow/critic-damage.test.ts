/**
 * Whether a critic's verdicts reach the body: runs of the simulated arm on a labelled set, with servers of Cosmos Reason's wire that
 * know the labels. One allows all, one denies exactly the hazardous half, one exactly the other half. Damage is counted in the physics,
 * by numbers of its own.
 */
import { type Action, type ActionChunk, type Env, monotonicNowMs, type Policy, run } from 'pumice';
import { readMotions } from 'pumice/codecs';
import { cosmosReason } from 'pumice/critics/cosmos-reason';
import { afterAll, describe, expect, it } from 'vitest';
import type { Delta7 } from '../../envs/sim/arm.ts';
import { createFingerDepth, type Labels, rollOut, WIDE_REACH, worstOf } from '../../envs/sim/hazards.ts';
import { goalsOf, type Layout, layoutOf } from '../../envs/sim/layout.ts';
import { FRAME_ID, LIMITS } from '../../envs/sim/profile.ts';
import { proprioOf } from '../../envs/sim/senses.ts';
import { createWorld } from '../../envs/sim/world.ts';
import { questionIn, thinks, tierOf, YES } from '../critics/cosmos-cases.ts';
import { fakeModelServer, says } from '../models/fake-model-server.ts';

/** Cases of each half. */
const HALF = 12;
/** Steps of the expert that bring the tool near its block. Chosen: it is then above it, and has not yet closed the hand. */
const NEAR_STEPS = 9;
/** What the meter of this file calls damage, m. */
const DAMAGE = { underTableM: 0.002, movedM: 0.02 } as const;

interface Case {
  readonly layout: Layout;
  readonly before: readonly Delta7[];
  readonly chunk: readonly Delta7[];
  readonly isHazard: boolean;
}

const world = await createWorld({ reach: WIDE_REACH });
afterAll(() => world.close());

const down: Delta7 = [0, 0, -0.045, 0, 0, 0, 1];
const CANDIDATES: readonly (readonly Delta7[])[] = [
  [down, down, down],
  [down, down, [0.06, 0, 0, 0, 0, 0, 1], [0.06, 0, 0, 0, 0, 0, 1]],
  Array<Delta7>(4).fill([0, 0, 0.02, 0, 0, 0, 1]),
  Array<Delta7>(4).fill([0, 0.01, 0.005, 0, 0, 0, 1]),
];

/** Half hazards and half safe, named by trying each out; what is grey is left out. */
function labelledSet(): readonly Case[] {
  const halves: { hazards: Case[]; safe: Case[] } = { hazards: [], safe: [] };
  for (let seed = 7000; halves.hazards.length < HALF || halves.safe.length < HALF; seed++) {
    const layout = layoutOf(seed);
    const [goal] = goalsOf(layout, 'pick');
    world.reset(layout);
    const before = Array.from({ length: NEAR_STEPS }, () => world.act(world.expert(goal!)));
    const chunk = CANDIDATES[seed % CANDIDATES.length]!;
    const { labels } = rollOut(world, goal!, (step) => chunk[step]);
    const half = halfOf(labels);
    if (half !== undefined && halves[half].length < HALF)
      halves[half].push({ layout, before, chunk, isHazard: half === 'hazards' });
  }
  return [...halves.hazards, ...halves.safe];
}
/** Of the hazards only what breaks something: a tool on its way out of the area, or at a wrong block, has done nothing yet. */
const halfOf = ({ grades, collisions }: Labels) => {
  if (collisions.includes('table') || collisions.includes('knock') || collisions.includes('knock-target'))
    return 'hazards';
  return worstOf(grades) === 'safe' ? 'safe' : undefined;
};
const cases = labelledSet();
const instructionOf = (one: Case) => `pick up a block (case ${cases.indexOf(one)})`;

/** The arm in the state in which a case begins, and what became of the scene. */
function bodyOf(one: Case) {
  const fingerDepthM = createFingerDepth(world);
  let deepestM = Number.NEGATIVE_INFINITY;
  let moved = 0;
  const places = () => world.state().blocks.map(({ pM }) => pM);
  const look = () => {
    deepestM = Math.max(deepestM, fingerDepthM());
  };
  let at: ReturnType<typeof places> = [];
  const blank = { data: new Uint8Array(3 * 64 * 64), encoding: 'rgb8' as const, widthPx: 64, heightPx: 64 };
  const env: Env = {
    name: 'labelled',
    actionKinds: ['eef-delta'],
    // What the rules would stop is let through to the critic.
    limits: {
      ...LIMITS,
      motion: {
        ...(LIMITS.motion as Exclude<typeof LIMITS.motion, 'unlimited' | undefined>),
        ...{
          workspace: { minM: [-1, -1, -1], maxM: [1, 1, 1] },
          keepOut: [],
          maxStepM: 1,
          maxSpeedMPerS: 9,
          maxAccelerationMPerS2: 99,
        },
        ...{ decelerationMPerS2: 99, maxFollowingErrorM: 1 },
      },
    },
    reset: async () => {
      world.reset(one.layout);
      for (const delta of one.before) world.act(delta);
      at = places();
    },
    observe: async () => {
      const stampMs = monotonicNowMs();
      return { stampMs, frames: [{ ...blank, stampMs, camera: 'third' }], proprio: proprioOf(world.arm, stampMs) };
    },
    act: async (action) => {
      if (action.kind !== 'eef-delta') return { status: 'done', executed: action };
      world.act([...action.dPosM, ...action.dRpyRad, action.gripperOpen] as unknown as Delta7, look);
      moved += 1;
      return { status: 'done', executed: action };
    },
    halt: () => {},
    close: async () => {},
  };
  const isDamaged = () => {
    world.hold();
    const ways = places().map((pM, nth) => Math.hypot(pM[0] - at[nth]![0], pM[1] - at[nth]![1]));
    return deepestM >= DAMAGE.underTableM || Math.max(...ways) >= DAMAGE.movedM;
  };
  return { env, isDamaged, moved: () => moved };
}

const actionOf = ([dx, dy, dz, roll, pitch, yaw, gripperOpen]: Delta7): Action => ({
  ...{ kind: 'eef-delta', frameId: FRAME_ID, dPosM: [dx, dy, dz], dRpyRad: [roll, pitch, yaw], gripperOpen },
});
const playing = ({ chunk }: Case): Policy => ({
  name: 'labelled',
  actionKinds: ['eef-delta'],
  reset: () => {},
  act: async (): Promise<Pick<ActionChunk, 'actions'>> => ({ actions: chunk.map(actionOf) }),
});

/** Plays the whole set against a server that says no to what it is told to. */
async function play(isDenied: (one: Case) => boolean) {
  await using server = await fakeModelServer((response, asked) => {
    if (tierOf(asked) === 'reasoned') return thinks(YES)(response, asked);
    const reading = readMotions(questionIn(asked).text);
    const which = reading.ok ? Number(/case (\d+)/.exec(reading.value.instruction)?.[1]) : Number.NaN;
    says(isDenied(cases[which]!) ? 'collision' : 'safe')(response, asked);
  });
  const tally = { damaged: 0, hazardSteps: 0, safeSteps: 0 };
  for (const one of cases) {
    const critic = cosmosReason({ url: server.url, model: 'nvidia/Cosmos-Reason2-8B' });
    const { env, isDamaged, moved } = bodyOf(one);
    const budget = { maxSteps: one.chunk.length };
    const episode = run({
      env,
      policy: playing(one),
      critics: [critic],
      instruction: instructionOf(one),
      budget,
    } as never);
    await episode.result;
    if (isDamaged()) tally.damaged += 1;
    tally[one.isHazard ? 'hazardSteps' : 'safeSteps'] += moved();
  }
  return tally;
}

describe('on a labelled set, of which half would do damage', () => {
  it('a server that allows everything lets the damage happen, and one that denies exactly the hazardous half lets none', async () => {
    const allowing = await play(() => false);
    const denying = await play(({ isHazard }) => isHazard);
    const contrary = await play(({ isHazard }) => !isHazard);
    const stepsOf = (isOne: (one: Case) => boolean) =>
      cases.filter(isOne).reduce((sum, { chunk }) => sum + chunk.length, 0);
    const hazardSteps = stepsOf(({ isHazard }) => isHazard);
    const safeSteps = stepsOf(({ isHazard }) => !isHazard);
    expect(allowing).toEqual({ damaged: HALF, hazardSteps, safeSteps });
    expect(denying).toEqual({ damaged: 0, hazardSteps: 0, safeSteps });
    // It counts which are denied, and not how many.
    expect(contrary).toEqual({ damaged: HALF, hazardSteps, safeSteps: 0 });
  });
});

it('the set has both halves', () => {
  expect(new Set(cases.map(instructionOf)).size).toBe(2 * HALF);
  expect(cases.filter(({ isHazard }) => isHazard)).toHaveLength(HALF);
});
