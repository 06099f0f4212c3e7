/**
 * Rollouts for training: what the expert does from many states, written as samples. `train.py` starts many of these at a time.
 *
 *   node rollouts.js '{"mode":"expert","seed":1,"samples":4000,"out":"/tmp/a"}'
 *
 * `expert`: the expert drives, clean, with noise, or with kicks, and sometimes a step late. `dagger`: mostly the student drives, and
 * the expert says at each step what it would have done. Files: `OUT.img` (128 x 128 x 3 bytes a sample), `OUT.row` (floats, below).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Delta7 } from '../../../envs/sim/arm.ts';
import { createCameras } from '../../../envs/sim/cameras.ts';
import { expertAction } from '../../../envs/sim/expert.ts';
import { layoutOf } from '../../../envs/sim/layout.ts';
import { type Random, randomOf } from '../../../envs/sim/random.ts';
import { createJudge, STEP_BUDGET, type WorldState } from '../../../envs/sim/tasks.ts';
import { type Goal, phrase, TASKS, TRAINED_WORDS } from '../../../envs/sim/words.ts';
import { createWorld, type World } from '../../../envs/sim/world.ts';
import type { RawImage } from '../../../src/vision/decode.ts';
import { resizeArea } from '../../../src/vision/resize.ts';
import { HORIZON, NO_PROPRIO, PICTURE_PX, proprioOf, tokensOf } from '../input.ts';
import { missingGoal, nextGoal } from './goals.ts';
import { askStudent } from './student.ts';

interface Options {
  readonly mode: 'expert' | 'dagger';
  readonly seed: number;
  readonly samples: number;
  readonly out: string;
}

/** The frame that policies are shown, and what becomes of it: trained as it is used. */
const FRAME_PX = 224;
export const VOCABULARY: readonly string[] = ['<pad>', '<unknown>', ...TRAINED_WORDS];

/** One look: what was seen, what the expert would do, and where things are in the picture. */
interface Look {
  readonly picture: Uint8Array;
  readonly proprio: readonly number[];
  readonly tokens: readonly number[];
  readonly expert: Delta7;
  /** Target, destination and tool in parts of the picture, and whether there are such. */
  readonly points: readonly number[];
  readonly hasTarget: number;
  readonly hasDestination: number;
  readonly tableXy: readonly [number, number, number, number];
  /** Sine and cosine of four times the yaw of the target, which is a square; yaw of the tool. */
  readonly turn: readonly [number, number, number];
  readonly kind: number;
  readonly done: number;
  readonly cannot: number;
}

/** How a segment is driven. `weights` say which labels of a chunk hold in it. */
type Style = 'clean' | 'noise' | 'kicks' | 'late' | 'student' | 'late-student';

/** Chunk labels that hold: later ones only where what was labelled is also what was done. */
const CHUNK_LABELS: Readonly<Record<Style, number>> = {
  clean: HORIZON,
  noise: HORIZON,
  kicks: 1,
  late: 2,
  student: 1,
  'late-student': 2,
};

export function frameOf(cameras: ReturnType<typeof createCameras>): RawImage {
  const { rgb } = cameras.draw('third', FRAME_PX);
  return { data: rgb as Uint8Array<ArrayBuffer>, widthPx: FRAME_PX, heightPx: FRAME_PX };
}

export const pictureOf = (cameras: ReturnType<typeof createCameras>): Uint8Array =>
  resizeArea(frameOf(cameras), PICTURE_PX, PICTURE_PX).data;

export const proprioIn = ({ arm }: World): number[] => {
  const { pM, rotation } = arm.measured();
  return proprioOf(pM, rotation, arm.gripperOpen());
};

async function main({ mode, seed, samples, out }: Options): Promise<void> {
  const world = await createWorld();
  const cameras = createCameras(world.physics);
  const [images, rows] = [openSync(`${out}.img`, 'w'), openSync(`${out}.row`, 'w')];
  let written = 0;
  for (let episode = 0; written < samples; episode++) {
    const random = randomOf(seed * 1_000_003 + episode);
    const layout = layoutOf(seed * 1_000_003 + episode, {
      startsAnywhere: random() < (mode === 'expert' ? 0.5 : 0.25),
    });
    world.reset(layout);
    const isSteady = random() < 0.25;
    cameras.reset(layout, {
      cameraM: isSteady ? 0 : Math.min(0.05, Math.abs(random.normal()) * 0.019),
      cameraRad: isSteady ? 0 : Math.min(0.08, Math.abs(random.normal()) * 0.033),
      brightness: random() < 0.4 ? 1 : random.between(0.5, 1.4),
    });
    const episodeStyle = styleBy(random, mode);
    const hasProprio = random() < 0.5;
    let held: string | undefined;
    const segments = 1 + (random() < 0.5 ? 1 : 0) + (random() < 0.3 ? 1 : 0);
    for (let segment = 0; segment < segments; segment++) {
      const wanted = nextGoal(random, layout, world.state(), held);
      if (!wanted) break;
      const goal = held === undefined && random() < 0.12 ? missingGoal(random, layout, wanted) : wanted;
      const { looks, isDone, kind } = drive({ world, cameras, random, goal, style: episodeStyle, hasProprio });
      for (const [at, look] of looks.entries()) {
        writeSync(images, look.picture);
        writeSync(rows, rowOf(look, looks, at, CHUNK_LABELS[episodeStyle]));
      }
      written += looks.length;
      if (!isDone || written >= samples) break;
      held = kind === 'pick' ? goal.block : undefined;
    }
  }
  closeSync(images);
  closeSync(rows);
  world.close();
  process.stderr.write(`${JSON.stringify({ mode, seed, samples: written })}\n`);
}

function styleBy(random: Random, mode: Options['mode']): Style {
  const share = random();
  if (mode === 'dagger') return share < 0.75 ? 'student' : 'late-student';
  return share < 0.3 ? 'clean' : share < 0.62 ? 'noise' : share < 0.88 ? 'kicks' : 'late';
}

interface Drive {
  readonly world: World;
  readonly cameras: ReturnType<typeof createCameras>;
  readonly random: Random;
  readonly goal: Goal;
  readonly style: Style;
  readonly hasProprio: boolean;
}

/** Steps after a success, so that being done is seen from several states; steps in which nothing can be done. */
const STEPS_AFTER = 3;
const STEPS_IN_VAIN = 8;

/** Drives one instruction to its end, or to the end of its budget. */
function drive(given: Drive): { looks: Look[]; isDone: boolean; kind: Goal['kind'] } {
  const { world, random, style } = given;
  let { goal } = given;
  let before = world.state();
  let tokens = tokensOf(phrase(random, goal), VOCABULARY);
  let isMissing = isMissingIn(goal, before);
  let switchAt = random() < 0.22 ? 1 + random.below(10) : -1;
  let judge = createJudge();
  const looks: Look[] = [];
  let doneSteps = 0;
  let vainSteps = 0;
  let pending: Delta7 | undefined;
  let isExperts = false;
  const kicks = { left: 0, delta: [0, 0, 0, 0, 0, 0, 1] as Delta7 };

  for (let step = 0; step < STEP_BUDGET[goal.kind]; step++) {
    const state = world.state();
    if (step === switchAt && isDropped(state)) {
      switchAt = -1;
      const other = nextGoal(random, world.layout(), state);
      if (other) {
        goal = other;
        before = state;
        tokens = tokensOf(phrase(random, goal), VOCABULARY);
        isMissing = isMissingIn(goal, before);
        judge = createJudge();
        step = 0;
      }
    }
    const block = state.blocks.find(({ colour }) => colour === goal.block);
    if (block && isLost(block.pM)) break;
    judge.look(goal, state, before);
    const expert: Delta7 = isMissing ? [0, 0, 0, 0, 0, 0, 1] : expertAction(goal, state, before, world.arm.commanded());
    const look = lookAt(given, { state, goal, tokens, expert, isMissing, isMet: judge.score().final });
    looks.push(look);
    if (judge.score().final) doneSteps += 1;
    if (isMissing) vainSteps += 1;
    if (doneSteps > STEPS_AFTER || vainSteps > STEPS_IN_VAIN) break;

    let action: Delta7;
    if (style === 'student' || style === 'late-student') {
      const answer = askStudent(look.picture, given.hasProprio ? look.proprio : NO_PROPRIO, tokens);
      if (!answer) break;
      if (random() < 0.15) isExperts = random() < 0.2;
      const chosen = answer.chunk[style === 'late-student' ? 1 : 0] as unknown as Delta7;
      const dithered = chosen.map((value, at) => (at < 3 ? value + 0.004 * random.normal() : value));
      dithered[6] = (chosen[6] > 0.5 ? 1 : 0) ^ (random() < 0.02 ? 1 : 0);
      action = isExperts ? expert : (dithered as unknown as Delta7);
    } else
      action =
        style === 'kicks'
          ? kicked(random, expert, kicks, look.proprio)
          : style === 'noise'
            ? noisy(random, expert)
            : expert;
    if (style === 'late' || style === 'late-student') {
      const due = pending ?? ([0, 0, 0, 0, 0, 0, 1] as Delta7);
      pending = action;
      world.act(due);
    } else world.act(action);
  }
  return { looks, isDone: doneSteps > STEPS_AFTER, kind: goal.kind };
}

const isDropped = ({ blocks }: WorldState) => blocks.every(({ fingers, pM }) => fingers < 2 && pM[2] < 0.035);
const isLost = ([x, y, z]: readonly [number, number, number]) =>
  z < -0.05 || x < 0.22 || x > 0.68 || Math.abs(y) > 0.36;
const isMissingIn = (goal: Goal, { blocks, plates }: WorldState) =>
  blocks.every(({ colour }) => colour !== goal.block) ||
  (goal.kind === 'put' && plates.every(({ colour }) => colour !== goal.plate)) ||
  (goal.kind === 'stack' && blocks.every(({ colour }) => colour !== goal.onto));

function noisy(random: Random, [x, y, z, a, b, c, grip]: Delta7): Delta7 {
  const [moved, turned] = [() => 0.012 * random.normal(), () => 0.06 * random.normal()];
  return [
    x + moved(),
    y + moved(),
    z + moved(),
    a + turned(),
    b + turned(),
    c + turned(),
    random() < 0.02 ? 1 - grip : grip,
  ];
}

/** Now and then something else is done for a few steps, from where the expert then has to find back. */
function kicked(
  random: Random,
  expert: Delta7,
  kicks: { left: number; delta: Delta7 },
  proprio: readonly number[],
): Delta7 {
  if (kicks.left > 0) {
    kicks.left -= 1;
    return kicks.delta;
  }
  if (random() >= 0.07) return expert;
  kicks.left = 2 + random.below(4);
  const grip = random() < 0.7 ? (proprio[7]! > 0.8 ? 1 : 0) : random.below(2);
  const normal = (size: number) => size * random.normal();
  kicks.delta = [normal(0.03), normal(0.03), normal(0.025), normal(0.08), normal(0.08), normal(0.12), grip];
  return kicks.delta;
}

interface Seen {
  readonly state: WorldState;
  readonly goal: Goal;
  readonly tokens: readonly number[];
  readonly expert: Delta7;
  readonly isMissing: boolean;
  readonly isMet: boolean;
}

function lookAt({ world, cameras }: Drive, { state, goal, tokens, expert, isMissing, isMet }: Seen): Look {
  const block = state.blocks.find(({ colour }) => colour === goal.block);
  const target = block?.pM;
  const destination =
    goal.kind === 'put'
      ? state.plates.find(({ colour }) => colour === goal.plate)?.pM
      : goal.kind === 'stack'
        ? state.blocks.find(({ colour }) => colour === goal.onto)?.pM
        : undefined;
  const [u, v] = (target && cameras.project('third', target)) ?? [0.5, 0.5];
  const [s, t] = (destination && cameras.project('third', destination)) ?? [0.5, 0.5];
  const [p, q] = cameras.project('third', state.tool.pM) ?? [0.5, 0.5];
  const yawRad = block?.yawRad ?? 0;
  return {
    picture: pictureOf(cameras),
    proprio: proprioIn(world),
    tokens,
    expert,
    points: [u, v, s, t, p, q],
    hasTarget: target ? 1 : 0,
    hasDestination: destination ? 1 : 0,
    tableXy: [target?.[0] ?? 0, target?.[1] ?? 0, destination?.[0] ?? 0, destination?.[1] ?? 0],
    turn: [Math.sin(4 * yawRad), Math.cos(4 * yawRad), state.tool.yawRad],
    kind: TASKS.indexOf(goal.kind),
    done: isMet ? 1 : 0,
    cannot: isMissing ? 1 : 0,
  };
}

/** `[8 proprio, 28 chunk, 4 weights, 6 points, 3 has, 4 table, 3 turn, 20 tokens, kind, done, cannot]`, as `data.py` reads it. */
function rowOf(look: Look, looks: readonly Look[], at: number, labels: number): Buffer {
  const steps = Array.from({ length: HORIZON }, (_, later) => later);
  const chunk = steps.flatMap((later) => [...looks[Math.min(looks.length - 1, at + later)]!.expert]);
  // What is done for another instruction says nothing about this one.
  const holds = (later: number) => later < labels && looks[at + later]?.tokens === look.tokens;
  const weights = steps.map((later) => (later === 0 || holds(later) ? 1 : 0));
  return Buffer.from(
    Float32Array.from([
      ...look.proprio,
      ...chunk,
      ...weights,
      ...look.points,
      look.hasTarget,
      look.hasDestination,
      1,
      ...look.tableXy,
      ...look.turn,
      ...look.tokens,
      look.kind,
      look.done,
      look.cannot,
    ]).buffer,
  );
}

if (process.argv[2] !== undefined && import.meta.url.endsWith(process.argv[1]!.split('/').at(-1)!))
  await main(JSON.parse(process.argv[2]) as Options);
