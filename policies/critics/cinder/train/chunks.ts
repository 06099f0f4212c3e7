/**
 * Chunks with what they would do, for training and for measuring. `train.py` starts many of these at a time.
 *
 *   node chunks.js '{"seed":1,"rows":4000,"out":"/tmp/a","ember":"ember.onnx"}'
 *
 * Somebody drives: the expert, clean or noisy or kicked, or ember, sometimes after the wrong block. At nearly half of the steps some
 * chunks are proposed and tried out, each for its own instruction. Files: `OUT.img` (128 x 128 x 3 bytes a picture), `OUT.row`.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Delta7 } from '../../../../envs/sim/arm.ts';
import { createCameras } from '../../../../envs/sim/cameras.ts';
import {
  COLLISIONS,
  type Grade,
  HAZARDS,
  isOffTable,
  JUDGED_ACTIONS,
  type RollOut,
  rollOut,
  WIDE_REACH,
} from '../../../../envs/sim/hazards.ts';
import { layoutOf } from '../../../../envs/sim/layout.ts';
import { type Random, randomOf } from '../../../../envs/sim/random.ts';
import { COLOURS } from '../../../../envs/sim/scene.ts';
import { createJudge, STEP_BUDGET, type WorldState } from '../../../../envs/sim/tasks.ts';
import { type Goal, phrase } from '../../../../envs/sim/words.ts';
import { createWorld, type World } from '../../../../envs/sim/world.ts';
import { tokensOf } from '../../../ember/input.ts';
import { KINDS, missingGoal, nextGoal, numberOf } from '../../../ember/train/goals.ts';
import { pictureOf, proprioIn, VOCABULARY } from '../../../ember/train/rollouts.ts';
import { createGate } from './gate.ts';
import { type Driver, loadEmber } from './networks.ts';
import { chunkFrom, SOURCES, type Source, sourceBy, wrongGoal } from './sources.ts';

interface Options {
  readonly seed: number;
  readonly rows: number;
  readonly out: string;
  readonly ember: string;
  /** Also tries each chunk as the gate lets it through. For measuring. */
  readonly gated?: boolean;
}

type Style = 'clean' | 'noise' | 'kicks' | 'ember';
const STYLES: readonly (readonly [Style, number])[] = [
  ['clean', 0.28],
  ['noise', 0.3],
  ['kicks', 0.2],
  ['ember', 0.22],
];
/** Drivers that are after another block than they were told. */
const WRONG_DRIVERS = 0.16;
/** Looks at which chunks are proposed, and how many. */
const PROPOSING = 0.45;
const PROPOSALS = 3;
/** Chunks that are judged by another instruction than the driver's, and by one that cannot be done. */
const OTHER_INSTRUCTIONS = 0.22;
const INFEASIBLE = 0.12;
/** Shares of lengths of chunks: policies play one action, or several, and what is left of a chunk is judged again at each step. */
const LENGTHS: readonly (readonly [number, number])[] = [
  [1, 0.28],
  [2, 0.16],
  [3, 0.12],
  [JUDGED_ACTIONS, 0.44],
];
/** Steps that are driven on after the task is done. */
const STEPS_AFTER = 3;

const drawn = <T>(random: Random, shares: readonly (readonly [T, number])[]): T => {
  let left = random();
  for (const [value, share] of shares) {
    left -= share;
    if (left < 0) return value;
  }
  return shares[0]![0];
};

async function main({ seed, rows, out, ember, gated = false }: Options): Promise<void> {
  const world = await createWorld({ reach: WIDE_REACH });
  const cameras = createCameras(world.physics);
  const driver = await loadEmber(ember);
  const [images, table] = [openSync(`${out}.img`, 'w'), openSync(`${out}.row`, 'w')];
  let pictures = 0;
  let written = 0;
  for (let episode = 0; written < rows; episode++) {
    const random = randomOf(seed * 1_000_003 + episode);
    const layout = layoutOf(seed * 1_000_003 + episode, { startsAnywhere: random() < 0.35 });
    world.reset(layout);
    const isSteady = random() < 0.5;
    cameras.reset(layout, {
      cameraM: isSteady ? 0 : Math.min(0.03, Math.abs(random.normal()) * 0.01),
      cameraRad: isSteady ? 0 : Math.min(0.05, Math.abs(random.normal()) * 0.017),
      brightness: random() < 0.5 ? 1 : random.between(0.5, 1.4),
    });
    const goal = nextGoal(random, layout, world.state());
    if (!goal) continue;
    const style = drawn(random, STYLES);
    const driven = random() < WRONG_DRIVERS ? wrongGoal(random, goal, world) : goal;
    const tokens = tokensOf(phrase(random, goal), VOCABULARY);
    const judge = createJudge();
    const kicks: Kicks = { left: 0, delta: [0, 0, 0, 0, 0, 0, 1] };
    let after = 0;
    for (let step = 0; step < STEP_BUDGET[goal.kind] && after < STEPS_AFTER && written < rows; step++) {
      const state = world.state();
      if (state.blocks.some(isOffTable)) break;
      const isProposing = random() < PROPOSING;
      const picture = isProposing || style === 'ember' ? Uint8Array.from(pictureOf(cameras)) : undefined;
      if (isProposing) {
        writeSync(images, picture!);
        const look = { world, cameras, random, driver, picture: picture!, goal, state };
        for (let count = 0; count < PROPOSALS; count++) writeSync(table, await propose(look, pictures, gated));
        pictures += 1;
        written += PROPOSALS;
      }
      const [motion] = style === 'ember' ? await driver(picture!, tokens) : [];
      world.act(motion ? dithered(random, motion) : drive(random, style, world.expert(driven), kicks));
      judge.look(goal, world.state(), world.before());
      if (judge.score().final || after > 0) after += 1;
    }
  }
  closeSync(images);
  closeSync(table);
  world.close();
  process.stderr.write(`${JSON.stringify({ seed, rows: written, pictures })}\n`);
}

interface Kicks {
  left: number;
  delta: Delta7;
}

/** What the driver does in place of what the expert says. */
function drive(random: Random, style: Style, expert: Delta7, kicks: Kicks): Delta7 {
  const normal = (size: number) => size * random.normal();
  const [x, y, z, a, b, c, grip] = expert;
  if (style === 'noise') {
    const turned = (rad: number) => rad + normal(0.06);
    const said = random() < 0.02 ? 1 - grip : grip;
    return [x + normal(0.012), y + normal(0.012), z + normal(0.012), turned(a), turned(b), turned(c), said];
  }
  if (style !== 'kicks') return expert;
  if (kicks.left > 0) {
    kicks.left -= 1;
    return kicks.delta;
  }
  if (random() >= 0.07) return expert;
  kicks.left = 2 + random.below(4);
  const said = random() < 0.7 ? grip : random.below(2);
  kicks.delta = [normal(0.03), normal(0.03), normal(0.025), normal(0.08), normal(0.08), normal(0.12), said];
  return kicks.delta;
}

const dithered = (random: Random, [x, y, z, ...rest]: Delta7): Delta7 => [
  x + 0.004 * random.normal(),
  y + 0.004 * random.normal(),
  z + 0.004 * random.normal(),
  ...rest,
];

interface Look {
  readonly world: World;
  readonly cameras: ReturnType<typeof createCameras>;
  readonly random: Random;
  readonly driver: Driver;
  readonly picture: Uint8Array;
  readonly goal: Goal;
  readonly state: WorldState;
}

/** One chunk, tried out for an instruction, as a row. */
async function propose(look: Look, picture: number, isGated: boolean): Promise<Buffer> {
  const { world, random, driver, state } = look;
  const other = random() < OTHER_INSTRUCTIONS ? nextGoal(random, world.layout(), state) : undefined;
  const asked = other ?? look.goal;
  const goal = random() < INFEASIBLE ? missingGoal(random, world.layout(), asked) : asked;
  const tokens = tokensOf(phrase(random, goal), VOCABULARY);
  const source = sourceBy(random);
  const length = drawn(random, LENGTHS);
  const chunk = source === 'ember' ? await driver(look.picture, tokens) : [];
  const before = { proprio: proprioIn(world), commandedM: world.arm.commanded().pM };
  const next = chunkFrom(source, world, goal, random, chunk);
  const tried = rollOut(world, goal, (step) => (step < length ? next(step) : undefined));
  const gate = createGate(world);
  const passed = isGated
    ? rollOut(world, goal, (step) => (step < length ? gate.pass(tried.chunk[step]!) : undefined))
    : tried;
  return rowOf(look, { picture, ...before, tried, passed, tokens, goal, source, length });
}

interface Row {
  readonly picture: number;
  readonly proprio: readonly number[];
  readonly commandedM: readonly number[];
  readonly tried: RollOut;
  readonly passed: RollOut;
  readonly tokens: readonly number[];
  readonly goal: Goal;
  readonly source: Source;
  readonly length: number;
}

const NUMBERS: Readonly<Record<Grade, number>> = { safe: 0, grey: 0.5, gross: 1 };
const numbersOf = ({ labels }: RollOut) => HAZARDS.map((hazard) => NUMBERS[labels.grades[hazard]]);

/** In the order of `COLUMNS` in `chunks.py`. */
function rowOf({ cameras, state }: Look, row: Row): Buffer {
  const { blocks, plates } = state;
  const { measures, collisions } = row.tried.labels;
  const pointOf = (pM: readonly number[] | undefined) => {
    const seen = pM && cameras.project('third', pM);
    return seen ? [1, ...seen] : [0, 0.5, 0.5];
  };
  const placeOf = (things: readonly { readonly colour: string; readonly pM: readonly number[] }[], colour: string) =>
    things.find((thing) => thing.colour === colour)?.pM;
  const destination =
    row.goal.kind === 'put'
      ? placeOf(plates, row.goal.plate)
      : row.goal.kind === 'stack'
        ? placeOf(blocks, row.goal.onto)
        : undefined;
  return Buffer.from(
    Float32Array.from([
      row.picture,
      ...row.proprio,
      ...row.commandedM,
      ...row.tried.chunk.flat(),
      ...numbersOf(row.tried),
      ...numbersOf(row.passed),
      ...COLLISIONS.map((kind) => Number(collisions.includes(kind))),
      measures.underTableM,
      measures.knockM,
      measures.knockTargetM,
      measures.dropM,
      measures.outsideM,
      Number(measures.isBlockOff),
      ...row.tokens,
      numberOf(row.goal),
      ...COLOURS.flatMap((colour) => pointOf(placeOf(blocks, colour))),
      ...COLOURS.flatMap((colour) => pointOf(placeOf(plates, colour))),
      ...pointOf(placeOf(blocks, row.goal.block)),
      ...pointOf(destination),
      ...COLOURS.flatMap((colour) => placeOf(blocks, colour) ?? [0, 0, 0]),
      SOURCES.indexOf(row.source),
      KINDS.indexOf(row.goal.kind),
      row.length,
    ]).buffer,
  );
}

await main(JSON.parse(process.argv[2] ?? '{}') as Options);
