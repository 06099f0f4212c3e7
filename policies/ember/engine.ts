/** Ember's network as one question and one answer: which numbers go in by which name, and which come out. Knows no body and no sentence. */
import { createNetwork, type Network } from '../shared/network.ts';

export interface EmberInput {
  /** `128 x 128 x 3`, row-major RGB. */
  readonly picture: Uint8Array;
  readonly tokens: readonly number[];
  readonly proprio: readonly number[];
}

export interface EmberOutput {
  /** `[4, 7]` flat: m, rad, gripper 0..1. */
  readonly action: readonly number[];
  /** `[4, 7]` flat: 0..254. */
  readonly bins: readonly number[];
  /** Target and destination, `[2, 2]` flat: x y in parts of the picture. */
  readonly points: readonly number[];
  readonly done: number;
  readonly cannot: number;
}

export interface Engine extends Omit<Network, 'infer'> {
  /** Rejects as soon as the signal is aborted; the inference under way is then for nobody. */
  readonly infer: (input: EmberInput, signal: AbortSignal) => Promise<EmberOutput>;
}

/** @param runtimes - engines to try, best first; those that are installed where none are named. */
export function createEngine(weights: Uint8Array, runtimes?: readonly string[]): Engine {
  const network = createNetwork({
    who: 'policy ember',
    failure: 'policy/failed',
    weights,
    inputs: ['image', 'tokens', 'proprio'],
    outputs: ['action', 'bins', 'points', 'done', 'cannot'],
    ...(runtimes && { runtimes }),
  });
  return {
    ...network,
    infer: async ({ picture, tokens, proprio }, signal) => {
      const side = Math.sqrt(picture.length / 3);
      const { action, bins, points, done, cannot } = await network.infer(
        {
          image: { type: 'uint8', shape: [1, side, side, 3], data: picture },
          tokens: { type: 'int64', shape: [1, tokens.length], data: tokens },
          proprio: { type: 'float32', shape: [1, proprio.length], data: proprio },
        },
        signal,
      );
      return { action: action!, bins: bins!, points: points!, done: done![0]!, cannot: cannot![0]! };
    },
  };
}
