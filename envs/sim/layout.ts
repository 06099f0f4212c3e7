/**
 * What an episode begins with, by its seed: which colours lie where, where the arm is, how it all looks. Pure.
 * Knows the scene, but neither the physics nor the camera's picture.
 */
import type { ToolPose } from './arm.ts';
import { type Random, randomOf } from './random.ts';
import { downwards } from './rotation.ts';
import { BLOCK_HALF_M, BLOCKS, COLOURS, type Colour, PLATES, RGB } from './scene.ts';
import { type Goal, phrase, SIDES, type TaskKind } from './words.ts';

type Rgb = readonly [number, number, number];

export interface Thing {
  readonly colour: Colour;
  readonly xM: number;
  readonly yM: number;
}

/** How a scene looks, apart from where things are. */
export interface Look {
  readonly blocks: readonly Rgb[];
  readonly plates: readonly Rgb[];
  readonly table: Rgb;
  readonly background: Rgb;
  /** Brightness jitter of every other geom, by its number. */
  readonly shade: (geom: number) => number;
  /** Unit vector towards the light, and the share of light that comes from everywhere. */
  readonly light: { readonly direction: Rgb; readonly ambient: number };
}

export interface Layout {
  readonly seed: number;
  readonly blocks: readonly (Thing & { readonly yawRad: number })[];
  readonly plates: readonly Thing[];
  readonly start: ToolPose;
  readonly look: Look;
}

export interface LayoutOptions {
  /** Starts the arm anywhere above the table, not only near its usual place. For training. */
  readonly startsAnywhere?: boolean;
}

/** Where things are put, m. Chosen: all of it is within reach with the fingers straight down, and in view. */
const AREA = { xM: [0.32, 0.57], yM: [-0.24, 0.24] } as const;
/** Room around the centre of a thing, m: things of two kinds are at least as far apart as both together. */
const BLOCK_ROOM_M = 0.05;
const PLATE_ROOM_M = 0.068;
/** Room that a push needs: how far the block goes, how far behind it the fingers start, half the width of the way, m. */
const PUSH_ROOM = { aheadM: 0.17, behindM: 0.11, besideM: 0.062 } as const;
/** Edge of the table that a push may lead to, m. */
const PUSH_LIMIT_M = 0.3;

export function layoutOf(seed: number, { startsAnywhere = false }: LayoutOptions = {}): Layout {
  const random = randomOf(seed);
  const blockColours = random.shuffled(COLOURS).slice(0, BLOCKS);
  const plateColours = random.shuffled(COLOURS).slice(0, PLATES);
  const rooms = [...plateColours.map(() => PLATE_ROOM_M), ...blockColours.map(() => BLOCK_ROOM_M)];
  const places = scatter(random, rooms);
  const plates = plateColours.map((colour, at): Thing => ({ colour, ...places[at]! }));
  const blocks = blockColours.map((colour, at) => ({
    colour,
    ...places[PLATES + at]!,
    yawRad: random.between(-0.6, 0.6),
  }));
  const start: ToolPose = startsAnywhere
    ? {
        pM: [random.between(0.28, 0.6), random.between(-0.26, 0.26), random.between(0.08, 0.28)],
        rotation: downwards(random.between(-0.5, 0.5)),
      }
    : {
        pM: [random.between(0.33, 0.39), random.between(-0.08, 0.08), random.between(0.17, 0.23)],
        rotation: downwards(random.between(-0.25, 0.25)),
      };
  return { seed, blocks, plates, start, look: lookOf(random, blockColours, plateColours) };
}

/** Places for all, none too near another; begun anew when one finds no room. */
function scatter(random: Random, rooms: readonly number[]): { xM: number; yM: number }[] {
  for (;;) {
    const places: { xM: number; yM: number; roomM: number }[] = [];
    for (const roomM of rooms) {
      for (let attempt = 0; attempt < 400; attempt++) {
        const [xM, yM] = [random.between(...AREA.xM), random.between(...AREA.yM)];
        const isFree = places.every((other) => distance(xM - other.xM, yM - other.yM) > roomM + other.roomM);
        if (!isFree) continue;
        places.push({ xM, yM, roomM });
        break;
      }
    }
    if (places.length === rooms.length) return places.map(({ xM, yM }) => ({ xM, yM }));
  }
}

const distance = (dx: number, dy: number) => Math.sqrt(dx * dx + dy * dy);

const TABLES: readonly Rgb[] = [
  [0.55, 0.42, 0.3],
  [0.45, 0.45, 0.47],
  [0.7, 0.66, 0.6],
  [0.35, 0.3, 0.27],
];
const BACKGROUNDS: readonly Rgb[] = [
  [0.78, 0.82, 0.88],
  [0.55, 0.58, 0.6],
  [0.85, 0.83, 0.78],
];

function lookOf(random: Random, blocks: readonly Colour[], plates: readonly Colour[]): Look {
  const jitter = (rgb: Rgb, by: number, darkest: number): Rgb => {
    const gain = random.between(darkest, 1 + (1 - darkest) * 0.6);
    const [r, g, b] = rgb.map((value) => Math.min(1, Math.max(0, (value + random.between(-by, by)) * gain)));
    return [r!, g!, b!];
  };
  const faded = ([r, g, b]: Rgb): Rgb => [r * 0.85 + 0.1, g * 0.85 + 0.1, b * 0.85 + 0.1];
  const shades = Array.from({ length: 64 }, () => random.between(0.88, 1.07));
  const [forward, sideward] = [random.between(-0.6, 0.9) / 2, random.between(-1, 1) / 2];
  const length = Math.sqrt(forward ** 2 + sideward ** 2 + 0.81);
  return {
    blocks: blocks.map((colour) => jitter(RGB[colour], 0.06, 0.8)),
    plates: plates.map((colour) => jitter(faded(RGB[colour]), 0.05, 0.8)),
    table: jitter(random.pick(TABLES), 0.04, 0.85),
    background: jitter(random.pick(BACKGROUNDS), 0.05, 0.85),
    shade: (geom) => shades[geom % shades.length]!,
    light: {
      direction: [forward / length, sideward / length, 0.9 / length],
      ambient: random.between(0.38, 0.6),
    },
  };
}

/** What can be asked for in a layout, of one kind: only what can be done in it. */
export function goalsOf(layout: Layout, kind: TaskKind): readonly Goal[] {
  const { blocks, plates } = layout;
  switch (kind) {
    case 'hover':
    case 'pick':
      return blocks.map(({ colour }) => ({ kind, block: colour }));
    case 'put':
      return blocks.flatMap((block) => plates.map((plate) => ({ kind, block: block.colour, plate: plate.colour })));
    case 'stack':
      return blocks.flatMap((block) =>
        blocks.filter((onto) => onto !== block).map((onto) => ({ kind, block: block.colour, onto: onto.colour })),
      );
    case 'push':
      return blocks.flatMap((block) =>
        SIDES.filter((side) => isPushable(layout, block, side === 'left' ? -1 : 1)).map((side) => ({
          kind,
          block: block.colour,
          side,
        })),
      );
  }
}

/** Whether nothing stands in the way of a push along y, and the block stays on the table. */
function isPushable({ blocks, plates }: Layout, block: Thing, sign: -1 | 1): boolean {
  const from = block.yM - sign * PUSH_ROOM.behindM;
  const to = block.yM + sign * PUSH_ROOM.aheadM;
  if (Math.abs(to) > PUSH_LIMIT_M) return false;
  const isClear = (other: Thing, halfM: number) =>
    Math.abs(other.xM - block.xM) > PUSH_ROOM.besideM + halfM - BLOCK_HALF_M ||
    Math.max(from, to) < other.yM - halfM ||
    Math.min(from, to) > other.yM + halfM;
  return (
    blocks.every((other) => other === block || isClear(other, 0.03)) && plates.every((plate) => isClear(plate, 0.058))
  );
}

/** One thing to do, by its seed: what `pumice eval` asks for. */
export interface SimTask {
  readonly seed: number;
  readonly goal: Goal;
  readonly instruction: string;
}

export interface TaskOptions {
  /** Phrasings that no model was trained on. */
  readonly isUnseen?: boolean;
  /** Asks for a block of the colour that is not on the table. */
  readonly isAbsent?: boolean;
}

/**
 * A task of a kind, by its seed. Where the layout of the seed does not allow for any (a push needs room), the next seed is tried
 * that is not one of the small numbers that people give.
 */
export function taskOf(
  kind: TaskKind,
  seed: number,
  { isUnseen = false, isAbsent = false }: TaskOptions = {},
): SimTask {
  for (let layoutSeed = seed; ; layoutSeed = (layoutSeed + 1_000_003) >>> 0) {
    const layout = layoutOf(layoutSeed);
    const goals = goalsOf(layout, kind);
    if (goals.length === 0) continue;
    // A stream of its own, so that what is asked for does not hang on how many numbers a layout took.
    const random = randomOf(layoutSeed ^ 0x5eed_7a5c);
    const asked = random.pick(goals);
    const missing = COLOURS.find((colour) => layout.blocks.every((block) => block.colour !== colour))!;
    const goal: Goal = isAbsent ? { ...asked, block: missing } : asked;
    return { seed: layoutSeed, goal, instruction: phrase(random, goal, isUnseen ? 'unseen' : 'trained') };
  }
}

/**
 * A layout with the colours that a goal names: what is missing takes the place of something that the goal does not name.
 * For demos; an evaluation takes layouts as they are.
 */
export function fitted(layout: Layout, goal: Goal): Layout {
  const repaint = <T extends Thing>(things: readonly T[], wanted: readonly Colour[]): readonly T[] => {
    const missing = wanted.filter((colour) => things.every((thing) => thing.colour !== colour));
    return things.map((thing) => {
      const colour = wanted.includes(thing.colour) ? undefined : missing.shift();
      return colour === undefined ? thing : { ...thing, colour };
    });
  };
  const blocks = repaint(layout.blocks, goal.kind === 'stack' ? [goal.block, goal.onto] : [goal.block]);
  const plates = repaint(layout.plates, goal.kind === 'put' ? [goal.plate] : []);
  const colourOf = (thing: Thing, before: Thing, rgb: Rgb): Rgb =>
    thing.colour === before.colour ? rgb : RGB[thing.colour];
  return {
    ...layout,
    blocks,
    plates,
    look: {
      ...layout.look,
      blocks: blocks.map((block, at) => colourOf(block, layout.blocks[at]!, layout.look.blocks[at]!)),
      plates: plates.map((plate, at) => colourOf(plate, layout.plates[at]!, layout.look.plates[at]!)),
    },
  };
}

/**
 * The layout for a goal: with the colours that it names. A push needs room, so the seeds after the one that was given are tried for it.
 * Where nothing is to be fitted there is no goal.
 */
export function layoutFor(seed: number, goal: Goal | undefined): Layout {
  if (!goal) return layoutOf(seed);
  for (let candidate = seed; ; candidate = (candidate + 1_000_003) >>> 0) {
    const layout = fitted(layoutOf(candidate), goal);
    const isPossible = goalsOf(layout, goal.kind).some((possible) => JSON.stringify(possible) === JSON.stringify(goal));
    if (isPossible || goal.kind !== 'push') return layout;
  }
}
