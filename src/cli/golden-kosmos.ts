/** Checks of fixtures of KOSMOS-2, CogVLM2-Video and GLM-4.5V, by base name: prompts, answers, places, frames. */
import { cogvlm2Frames } from '../codecs/cogvlm2-frames.ts';
import { glmMobileParts, glmPcParts } from '../codecs/glm45v-parts.ts';
import { readKosmos2 } from '../codecs/kosmos2.ts';
import { boxOfCells, cellsOfBox, KOSMOS2_IDS, kosmos2IdOfTag, kosmos2TagOfId } from '../codecs/kosmos2-grid.ts';
import { kosmos2Prompt, type PhraseBoxes } from '../codecs/kosmos2-prompt.ts';
import { type Check, differences, type Entry, type Row, rowsOf } from './golden-check.ts';
import { answers, orError } from './golden-qwen-geometry.ts';

function* checkEntities({ text, expected }: Entry): Iterable<string> {
  const reading = readKosmos2(text, 'compat');
  if (!reading.ok) return yield `text: expected an answer, got a failure: ${reading.problem.message}`;
  const { rawCaption, caption, entities } = reading.value;
  const got = {
    raw_caption: rawCaption,
    caption,
    entities: entities.map(({ name, span, spanUtf16, boxesNorm, suspect }) => ({
      name,
      span,
      span_utf16: spanUtf16,
      boxes: boxesNorm,
      suspect,
    })),
  };
  yield* differences(got, expected);
}

/** A tuple is written `{ t }`; each becomes a list of boxes, so that a tuple of a wrong length stays one. */
const tuples = (boxes: unknown): PhraseBoxes =>
  boxes === null
    ? null
    : ((Array.isArray(boxes) ? boxes : [boxes]).map((box: Entry | null) => box?.t ?? null) as PhraseBoxes);

function* checkPrompt({ text, bboxes, image, expected }: Entry): Iterable<string> {
  const got = orError(() => {
    const boxes = (bboxes as unknown[] | null)?.map(tuples);
    return kosmos2Prompt(text, boxes, image);
  });
  yield* answers(got, expected.prompt ?? expected, 0, 'prompt');
}

/** Ids of a whole prompt: every one that is no word is a tag, and back the same. */
function* checkIds(ids: Entry): Iterable<string> {
  for (const id of ids as unknown as number[]) {
    const tag = kosmos2TagOfId(id);
    if (tag === undefined ? id >= KOSMOS2_IDS['<image>'] : kosmos2IdOfTag(tag) !== id)
      yield `ids: expected the id of a word or a tag, got ${id}`;
  }
}

function* checkPrompts(file: unknown): Generator<Row> {
  yield* rowsOf(file, 'cases', checkPrompt);
  yield* rowsOf(file, 'test_suite_input_ids', checkIds);
  // No list, so no rows; but a table that is another one is a failure.
  for (const [tag, id] of Object.entries(((file as Entry | null)?.token_ids ?? {}) as Entry))
    if (typeof id === 'number' && idOf(tag) !== id)
      yield { name: `token_ids ${tag}`, differences: [`expected ${id}, got ${idOf(tag)}`] };
}
const idOf = (tag: string): number | undefined => kosmos2IdOfTag(tag) ?? (KOSMOS2_IDS as Record<string, number>)[tag];

function* checkPlaces(file: unknown): Generator<Row> {
  yield* rowsOf(file, 'index_to_box', ({ ul, lr, side, box }) =>
    answers(
      orError(() => boxOfCells(ul, lr, side)),
      box,
      0,
      'box',
    ),
  );
  yield* rowsOf(file, 'box_to_index', ({ box, side, ul, lr, error }) =>
    answers(
      orError(() => cellsOfBox(box, side)),
      error === undefined ? [ul, lr] : { error },
      0,
      'cells',
    ),
  );
}

function* checkVideo({ strategy, total_frames, avg_fps, timestamps, expected }: Entry): Iterable<string> {
  const video = timestamps ? { timestampsS: timestamps } : { totalFrames: total_frames, avgFps: avg_fps };
  const got = orError(() => {
    const { indices, frameS } = cogvlm2Frames(video, strategy);
    return { indices, frame_seconds: frameS };
  });
  yield* answers(got, expected, 0, 'expected');
}

function* checkGlm({ text, mobile, pc }: Entry): Iterable<string> {
  const gotMobile = orError(() => {
    const parts = glmMobileParts(text);
    return parts && { ...parts, parsed_action: parts.parsedAction };
  });
  const { action, actionText, memory } = glmPcParts(text);
  if (mobile !== undefined) yield* answers(gotMobile, mobile, 0, 'mobile');
  if (pc !== undefined) yield* answers({ action, action_text: actionText, memory }, pc, 0, 'pc');
}

export const KOSMOS_CHECKS: Readonly<Record<string, Check>> = {
  kosmos2_entities: (file) => rowsOf(file, 'cases', checkEntities),
  kosmos2_prompt: checkPrompts,
  kosmos2_geometry: checkPlaces,
  cogvlm2_frames: (file) => rowsOf(file, 'cases', checkVideo),
  glm45v_gui_parse: (file) => rowsOf(file, 'cases', checkGlm),
};
