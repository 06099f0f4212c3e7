/**
 * A suite as data: which tasks, which seeds, what counts as done, and what has to hold before a number of it is worth anything.
 * One suite is one dimension: no number is ever made over two of them.
 */

import type { SimulatorSettings } from '../manipulator/episode.ts';

export interface Suite {
  readonly name: string;
  readonly summary: string;
  /** The body that plays it. */
  readonly env: 'sim' | 'simpler';
  /** Of env `simpler`: which simulator, when it counts a success, and what the number of an episode is to it. */
  readonly simulator?: Omit<SimulatorSettings, 'python'>;
  readonly tasks: readonly string[];
  /** Of every task, as `--seeds` has them. */
  readonly seeds: string;
  /** What is counted as success, in words. */
  readonly successRule: string;
  readonly guards: {
    /** Sees the true state: where it fails, the world or its judge is broken. */
    readonly oracle: { readonly policy: string; readonly atLeast: number };
    /** Does nothing: where it succeeds, the judge gives success away. */
    readonly nothing: { readonly policy: string; readonly atMost: number };
    /** The first seeds of each task, which both play. */
    readonly seedsPerTask: number;
  };
}

/** One part of several machines' work. */
export interface Shard {
  /** From 1 on. */
  readonly part: number;
  readonly of: number;
}

/** Every n-th episode, so that each part has some of every task. */
export const isInShard = (at: number, { part, of }: Shard): boolean => at % of === part - 1;
