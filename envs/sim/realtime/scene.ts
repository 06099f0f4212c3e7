/**
 * What the physics thread tells of the world, as numbers in boxes: the scene, which is what cameras see, and the state, which judges and
 * the expert see. Knows no thread.
 */
import type { Seen } from '../cameras.ts';
import type { Geom, Physics } from '../physics.ts';
import { BLOCKS, PLATES } from '../scene.ts';
import type { WorldState } from '../tasks.ts';

/** What of a scene does not change: told once. */
export interface Fixed {
  readonly geoms: readonly Geom[];
}

/** `[stampMs, hand position 3, hand rotation 9, positions [ngeom, 3], rotations [ngeom, 9]]`. */
export const sceneNumbers = (geoms: number): number => 1 + 12 + 12 * geoms;

export function sceneValues(stampMs: number, physics: Physics, hand: number): Float64Array {
  const positions = physics.geomPositions();
  const values = new Float64Array(sceneNumbers(physics.geoms.length));
  values[0] = stampMs;
  values.set(physics.bodyPosition(hand), 1);
  values.set(physics.bodyRotation(hand), 4);
  values.set(positions, 13);
  values.set(physics.geomRotations(), 13 + positions.length);
  return values;
}

export interface SceneView extends Seen {
  /** Shows another moment. */
  readonly show: (values: Float64Array) => void;
}

/** A scene as cameras look at it, with no physics behind. */
export function createSceneView({ geoms }: Fixed): SceneView {
  let values = new Float64Array(sceneNumbers(geoms.length));
  const from = 13 + 3 * geoms.length;
  return {
    show: (newest) => {
      values = Float64Array.from(newest);
    },
    geoms,
    // The hand is the only body that a camera sits on.
    id: (_kind, name) => geoms.find((geom) => geom.name === name)?.id ?? 0,
    geomPositions: () => values.subarray(13, from),
    geomRotations: () => values.subarray(from),
    bodyPosition: () => [values[1]!, values[2]!, values[3]!],
    bodyRotation: () => Array.from(values.subarray(4, 13)),
  };
}

const BLOCK_NUMBERS = 5;
/** `[stampMs, tool x y z yaw, gripperOpen, x y z yaw fingers of each block, x y z of each plate]`. */
export const WORLD_NUMBERS = 6 + BLOCK_NUMBERS * BLOCKS + 3 * PLATES;

export const worldValues = (stampMs: number, { tool, gripperOpen, blocks, plates }: WorldState): readonly number[] => [
  stampMs,
  ...tool.pM,
  tool.yawRad,
  gripperOpen,
  ...blocks.flatMap(({ pM, yawRad, fingers }) => [...pM, yawRad, fingers]),
  ...plates.flatMap(({ pM }) => pM),
];

/** @param laid - which colours lie there, in the order of the layout. */
export function worldStateOf(
  values: ArrayLike<number>,
  laid: Pick<WorldState, 'blocks' | 'plates'>,
): WorldState & { readonly stampMs: number } {
  const triple = (at: number) => [values[at]!, values[at + 1]!, values[at + 2]!] as const;
  return {
    stampMs: values[0]!,
    tool: { pM: triple(1), yawRad: values[4]! },
    gripperOpen: values[5]!,
    blocks: laid.blocks.map(({ colour }, index) => {
      const at = 6 + BLOCK_NUMBERS * index;
      return { colour, pM: triple(at), yawRad: values[at + 3]!, fingers: values[at + 4] as 0 | 1 | 2 };
    }),
    plates: laid.plates.map(({ colour }, index) => ({ colour, pM: triple(6 + BLOCK_NUMBERS * BLOCKS + 3 * index) })),
  };
}
