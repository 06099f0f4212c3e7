/** A plan in the making or in hand, as those who judge it are shown it. Pure. */
import type { ProposedChunk } from '../ports.ts';
import type { Action, ActionChunk } from '../types.ts';
import { ahead, type Path } from './path.ts';

/** What of a chunk is still to come. `clock`: ticks of plan time that were played. */
export function shown(
  chunk: ActionChunk,
  path: Path,
  clock: number,
  { dtMs }: { readonly dtMs: number },
): ProposedChunk {
  const frameId = chunk.poseAtFrame?.frameId ?? '';
  const actions = ahead(path, clock).map(
    ({ pM, qXyzw, gripperOpen }): Action => ({
      kind: 'eef-pose',
      frameId,
      pM: [...pM],
      qXyzw: [...qXyzw],
      gripperOpen,
    }),
  );
  const ending = chunk.actions.find(({ kind }) => kind === 'done' || kind === 'hand-over');
  return {
    id: chunk.id,
    actions: ending ? [...actions, ending] : actions,
    dtMs,
    ...(chunk.thought !== undefined && { thought: chunk.thought }),
  };
}
