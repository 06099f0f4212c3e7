/**
 * The plan: the actions of the newest chunk that are still to play, and the epoch that makes older thoughts void.
 * Knows nothing of time, bodies or checks.
 */
import type { Action, ActionChunk, Observation, Thought } from './types.ts';

/** What the loop has to know of any plan. */
export type PlanInHand = Pick<Plan, 'epoch' | 'modifiedInARow' | 'advance' | 'void'>;

export interface Plan {
  /** Rises with every deny, stop, reset and new instruction. */
  readonly epoch: number;
  /** Verdicts of `modify` in a row on the chunk in hand. */
  readonly modifiedInARow: number;
  /** The chunk in hand and its next action, if any is left. */
  readonly peek: () => { readonly chunk: ActionChunk; readonly action: Action } | undefined;
  /** Takes a thought as the chunk in hand. A thought of an older epoch is refused: undefined. */
  readonly accept: (thought: Thought, basedOn: Observation) => ActionChunk | undefined;
  /** The next action was carried out. */
  readonly advance: (wasModified: boolean) => void;
  /** Drops what is left, and voids every thought under way. */
  readonly void: () => void;
}

export function createPlan(): Plan {
  let epoch = 0;
  let chunks = 0;
  let cursor = 0;
  let modifiedInARow = 0;
  let chunk: ActionChunk | undefined;
  const peek = () => {
    const action = chunk?.actions[cursor];
    return chunk && action ? { chunk, action } : undefined;
  };
  return {
    get epoch() {
      return epoch;
    },
    get modifiedInARow() {
      return modifiedInARow;
    },
    peek,
    accept: (thought, basedOn) => {
      if (basedOn.epoch !== epoch) return undefined;
      const pose = basedOn.proprio?.tcpPose;
      chunk = {
        ...thought,
        id: `c${++chunks}`,
        epoch,
        basedOnSeq: basedOn.seq,
        basedOnStampMs: basedOn.stampMs,
        ...(pose && { poseAtFrame: pose }),
      };
      cursor = 0;
      modifiedInARow = 0;
      return chunk;
    },
    advance: (wasModified) => {
      cursor += 1;
      modifiedInARow = wasModified ? modifiedInARow + 1 : 0;
    },
    void: () => {
      chunk = undefined;
      epoch += 1;
      modifiedInARow = 0;
    },
  };
}
