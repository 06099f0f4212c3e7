/**
 * Checks of Magma's fixtures: the functions of codecs, held against what the original programs gave. Numbers that come of adding
 * and dividing alone agree bit for bit; others to 1e-12, since libraries add in different orders.
 */

import * as codecs from '../codecs/index.ts';
import { LLAMA3_ACTION_TEXTS } from '../codecs/llama3-action-tokens.ts';
import { boxCornersIn, markIdIn, pointIn } from '../codecs/magma-ui-compat.ts';
import { type Check, CLOSE, differences, type Entry, rowsOf } from './golden-check.ts';
import { postProcessRows } from './golden-simpler.ts';

const VOCAB = codecs.LLAMA3_VOCAB_SIZE;
const stats = (entry: Entry): codecs.ActionStats => ({ name: String(entry.stats_key ?? 'golden'), ...entry.stats });
/** Nothing is scaled: what is decoded are the bins' middles. */
const BINS: codecs.ActionStats = {
  name: 'bins',
  q01: Array(7).fill(-1),
  q99: Array(7).fill(1),
  mask: Array(7).fill(false),
};
const decode = (ids: number[], vocabSize: number | undefined, of: codecs.ActionStats) =>
  codecs.decodeActionNumbers(ids, { vocabSize: vocabSize ?? VOCAB, stats: of, mode: 'compat' });

/** As a delta, for the encoder. */
function deltaOf(numbers: readonly number[]) {
  const [x, y, z, roll, pitch, yaw, gripperOpen] = numbers as [number, number, number, number, number, number, number];
  const motion = { dPosM: [x, y, z] as const, dRpyRad: [roll, pitch, yaw] as const };
  return { kind: 'eef-delta' as const, frameId: 'base', ...motion, gripperOpen };
}

/** Bin of an id, as far as the decoder tells: the middle of bin i of 255 is (2 i + 1) / 255 - 1. */
const binOf = (middle: number) => Math.round(((middle + 1) * 255 - 1) / 2);

function* actionDecode(entry: Entry) {
  const bins = decode(entry.token_ids, entry.vocab_size, BINS);
  if (entry.normalized !== undefined) yield* differences(bins, entry.normalized, 0, 'normalized');
  if (entry.bin_index !== undefined) yield* differences(bins.map(binOf), entry.bin_index, 0, 'bin_index');
  yield* differences(decode(entry.token_ids, entry.vocab_size, stats(entry)), entry.action, 0, 'action');
}

function* actionEncode(entry: Entry) {
  const form = { vocabSize: entry.vocab_size ?? VOCAB, stats: BINS };
  const ids = codecs.encodeActionTokens(deltaOf(entry.normalized_in), form);
  yield* differences(ids, entry.token_ids, 0, 'token_ids');
  if (entry.decoded_again !== undefined)
    yield* differences(decode(ids, form.vocabSize, BINS), entry.decoded_again, 0, 'decoded_again');
}

function* tokenOfTable({ id, text, hex, bin_index }: Entry) {
  const ours = LLAMA3_ACTION_TEXTS[id - (VOCAB - LLAMA3_ACTION_TEXTS.length)] ?? null;
  yield* differences(ours, text, 0, 'text');
  if (hex !== undefined && ours !== null) yield* differences(Buffer.from(ours).toString('hex'), hex, 0, 'hex');
  const [middle] = decode(Array(7).fill(id), VOCAB, BINS);
  if (bin_index !== undefined) yield* differences(binOf(middle!), bin_index, 0, 'bin_index');
}

function* ensemble(entry: Entry) {
  const average = codecs.actionEnsemble({
    horizon: entry.pred_action_horizon,
    temperature: entry.action_ensemble_temp,
  });
  yield* differences(entry.inputs.map(average.next), entry.outputs, CLOSE, 'outputs');
}

function* uiParse(entry: Entry) {
  const { response, labels = {}, screen_size, resolved } = entry;
  const [widthPx, heightPx] = screen_size as [number, number];
  const markId = markIdIn(response);
  if ('extract_mark_id' in entry)
    yield* differences(markId === undefined ? null : Number(markId), entry.extract_mark_id, 0, 'extract_mark_id');
  if ('extract_bbox' in entry) yield* differences(boxCornersIn(response), entry.extract_bbox, 0, 'extract_bbox');
  if ('pred_2_point' in entry) yield* orFailed(pointIn(response), entry.pred_2_point, 'pred_2_point');

  const reading = codecs.readMagmaUi(response, { picture: { widthPx, heightPx }, marks: labels, mode: 'compat' });
  const target = reading.ok ? reading.value.target : undefined;
  const got = {
    kind: target?.kind ?? 'none',
    mark_id: target?.kind === 'mark' ? target.markId : markId === undefined ? null : Number(markId),
    bbox_norm: target?.kind === 'mark' ? labels[target.markId] : undefined,
    center_px: target?.kind === 'mark' ? target.pointPx : undefined,
    point_px: target?.kind === 'point' ? target.pointPx : undefined,
  };
  yield* differences(got, resolved, CLOSE, 'resolved');
  // Whether an edge belongs to the screen is no matter of the answer.
  const isOnEdge = got.point_px && (got.point_px[0] === widthPx || got.point_px[1] === heightPx);
  if ('on_screen' in entry && !isOnEdge)
    yield* differences(reading.ok && !reading.flags.suspect, entry.on_screen, 0, 'on_screen');
}

/** Of an error, only that it is one is compared. */
function* orFailed(got: unknown, want: unknown, path: string) {
  const isError = typeof want === 'object' && want !== null && ('error' in want || 'raises' in want);
  if (!isError) yield* differences(got, want, CLOSE, path);
  else if (got !== undefined) yield `${path}: expected that it fails, got ${JSON.stringify(got)}`;
}

function* tomParse({ response, expected }: Entry): Generator<string> {
  const picture = { widthPx: codecs.TRACE_GRID, heightPx: codecs.TRACE_GRID };
  const reading = codecs.readMagmaTraces(response, { picture, mode: 'compat' });
  const isFailure = expected === null || 'raises' in expected || expected.result === null;
  if (isFailure) {
    if (reading.ok) yield `expected that it fails, got ${JSON.stringify(reading.value)}`;
    return;
  }
  if (!reading.ok) return yield `expected ${JSON.stringify(expected)}, got: ${reading.problem.message}`;
  const { traces, steps } = reading.value;
  const got = {
    marks: traces.map(({ label }) => label),
    traces_256: Object.fromEntries(traces.map(({ label, pointsGrid }) => [label, pointsGrid])),
    steps,
  };
  yield* differences(got, expected, 0);
}

function* libero(entry: Entry) {
  const numbers = decode(entry.token_ids, entry.vocab_size, stats(entry));
  yield* differences([...numbers.slice(0, 6), codecs.liberoGripper(numbers[6]!)], entry.action, CLOSE, 'action');
}

function* serverPredict(entry: Entry) {
  const ids: number[] = entry.last_8_ids ?? [...entry.answer_ids, 128_009];
  const { normalized, deltas } = codecs.magmaServerNumbers(ids);
  yield* differences(normalized, entry.normalized_actions, 0, 'normalized_actions');
  yield* differences(deltas, entry.delta_values, CLOSE, 'delta_values');
}

function* anyres(entry: Entry) {
  const grid = codecs.anyresGrid(entry.width, entry.height, { basePx: entry.base, maxCrops: entry.num_crops });
  const got = {
    resized_hw: [grid.heightPx, grid.widthPx],
    grid_rows_cols: [grid.rows, grid.columns],
    crops: grid.rows * grid.columns,
  };
  const { resized_hw, grid_rows_cols, crops = got.crops } = entry;
  yield* differences(got, { resized_hw, grid_rows_cols, crops });
}

const PROMPTS: Readonly<Record<string, (input: Entry) => string>> = {
  robot_action: ({ instruction }) => codecs.magmaPrompt(codecs.magmaQuestion.arm(instruction)),
  openvla: ({ instruction }) => codecs.openvlaPrompt(instruction),
  openvla_v01: ({ instruction }) => codecs.openvlaV01Prompt(instruction),
  ui_som: ({ instruction }) => codecs.magmaPrompt(codecs.magmaQuestion.uiMarks(instruction)),
  ui_qa: ({ question, instruction }) => codecs.magmaPrompt(codecs.magmaQuestion.uiQuestion(question ?? instruction)),
  tom: ({ mark_ids, task, speed, steps }) =>
    codecs.magmaPrompt(codecs.magmaQuestion.trace({ markIds: mark_ids, task, speed, steps })),
  locate_marks: () => codecs.magmaPrompt(codecs.magmaQuestion.locateMarks()),
  server_predict: ({ prompt }) => codecs.magmaPrompt(prompt),
};

function* prompts({ kind, input, prompt }: Entry): Generator<string> {
  const make = PROMPTS[kind];
  if (!make) return yield `no prompt of kind '${kind}'; there is: ${Object.keys(PROMPTS).join(', ')}`;
  yield* differences(make(input), prompt, 0, 'prompt');
}

const poseOf = ({ p, q }: Entry): codecs.ToolPose => ({ posM: p, quat: [q[1], q[2], q[3], q[0]] });

function* poseTargets({ frame, prev_target, current, action, target }: Entry) {
  const got = codecs.poseTarget(frame, poseOf(prev_target), poseOf(current ?? prev_target), action);
  const want = poseOf(target);
  yield* differences(got.posM, want.posM, CLOSE, 'p');
  // q and -q are one rotation.
  const other = got.quat.map((part) => -part);
  const [here, there] = [
    [...differences(got.quat, want.quat, CLOSE, 'q')],
    [...differences(other, want.quat, CLOSE, 'q')],
  ];
  if (there.length > 0) yield* here;
}

const cases =
  (judge: (entry: Entry) => Iterable<string>): Check =>
  (file) =>
    rowsOf(file, 'cases', judge);

export const MAGMA_CHECKS: Readonly<Record<string, Check>> = {
  action_decode: cases(actionDecode),
  action_encode: cases(actionEncode),
  action_ensemble: cases(ensemble),
  action_text: cases(({ text, token_ids }) => differences(codecs.actionTokensOfText(text), token_ids, 0, 'token_ids')),
  action_token_table: (file) => rowsOf(file, 'tokens', tokenOfTable),
  anyres_grid: cases(anyres),
  libero_gripper: cases(libero),
  pose_target: cases(poseTargets),
  prompts: cases(prompts),
  server_predict: cases(serverPredict),
  simpler_postprocess: cases(postProcessRows),
  tom_parse: cases(tomParse),
  ui_parse: cases(uiParse),
};
