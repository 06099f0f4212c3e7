/** A recorded episode in the place of a run: all of its steps at once. Masked already when it was recorded. */
import { readEpisode } from '../record/reader.ts';
import type { History } from './history.ts';
import type { Status } from './messages.ts';
import { numberPictures, shownStep } from './shown.ts';

/** @throws PumiceError `record/invalid`. */
export async function loadRecording(path: string, history: History): Promise<Status> {
  const { facts, steps, end } = await readEpisode(path);
  const pictures = numberPictures((id, frame) => history.addFrame(id, frame));
  for (const record of steps) history.add({ kind: 'step', step: shownStep(record, pictures, (text) => text) });
  const last = steps.at(-1);
  return {
    phase: 'over',
    facts,
    instruction: last?.observation?.instruction ?? facts.instruction,
    startedWallMs: facts.startedWallMs,
    endedWallMs: facts.startedWallMs + (last ? last.stampMs + last.timings.totalMs - steps[0]!.stampMs : 0),
    thought: '',
    ...(end && { end }),
    canStart: false,
  };
}
