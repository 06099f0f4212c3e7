/**
 * Tries a model out on one marked picture: does it answer, how fast, in a form that can be read, and does it see? Asks just as the
 * `vlm` policy does. The marks have no names, so that only the picture tells which is which.
 */
import { monotonicNowMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import type { Frame, Mark, Observation } from '../types.ts';
import { decodeAction, requireTargets } from './decode-action.ts';
import type { Chat } from './openai-chat.ts';
import { UI_KINDS, uiPrompt } from './ui-prompt.ts';

export interface ProbeResult {
  /** Until the first piece of the answer, ms. */
  readonly firstMs: number;
  /** Until the whole answer, ms. */
  readonly totalMs: number;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  /** What the model said. */
  readonly text: string;
  /** Why the answer cannot be read as an action; absent when it can. */
  readonly problem?: string;
  /** Whether it chose the mark that was asked for. One picture: a hint, not a measurement. */
  readonly isRight: boolean;
}

/** As large as a page, so that the digits are as large as on one. */
const WIDTH_PX = 1280;
const HEIGHT_PX = 720;
const TASK = 'Click the blue disc.';
/** What is on the picture, and under which number. The numbers are in no order that a guess would follow. */
const THINGS = [
  { id: 5, centre: [240, 180], colour: [250, 190, 0], isRound: true },
  { id: 2, centre: [640, 520], colour: [30, 80, 230], isRound: false },
  { id: 9, centre: [1000, 200], colour: [30, 80, 230], isRound: true },
  { id: 4, centre: [260, 540], colour: [20, 150, 60], isRound: true },
] as const;
const RIGHT = 9;
const RADIUS_PX = 100;

/** @throws PumiceError `model/*` when there is no answer. */
export async function probeModel(
  chat: Chat,
  { signal, maxTokens }: { readonly signal: AbortSignal; readonly maxTokens: number },
): Promise<ProbeResult> {
  const observation = await probeObservation();
  const startMs = monotonicNowMs();
  let firstMs: number | undefined;
  const result = (text: string, isRight: boolean, problem?: string) => {
    const totalMs = monotonicNowMs() - startMs;
    return { firstMs: firstMs ?? totalMs, totalMs, text, isRight, ...(problem && { problem }) };
  };
  let answer: Awaited<ReturnType<Chat['complete']>>;
  try {
    answer = await chat.complete({
      messages: uiPrompt(observation, observation.frames[0]!.data),
      maxTokens,
      temperature: 0,
      signal,
      onDelta: () => {
        firstMs ??= monotonicNowMs() - startMs;
      },
    });
  } catch (error) {
    if (PumiceError.is(error) && /^decode\/(empty|truncated)$/.test(error.code))
      return result('', false, error.message);
    throw error;
  }
  const used = answer.usage && { usage: answer.usage };
  try {
    const { action } = decodeAction(answer.text, UI_KINDS);
    requireTargets(action, observation);
    return { ...result(answer.text, action.kind === 'ui-click' && isOnRight(action.target)), ...used };
  } catch (error) {
    if (!PumiceError.is(error)) throw error;
    return { ...result(answer.text, false, error.message), ...used };
  }
}

const boxOf = ([x, y]: readonly [number, number]): Mark['boxPx'] => [
  x - RADIUS_PX,
  y - RADIUS_PX,
  x + RADIUS_PX,
  y + RADIUS_PX,
];

function isOnRight(target: { readonly markId: number } | { readonly xPx: number; readonly yPx: number }): boolean {
  if ('markId' in target) return target.markId === RIGHT;
  const [x, y] = THINGS.find(({ id }) => id === RIGHT)!.centre;
  return Math.hypot(target.xPx - x, target.yPx - y) <= RADIUS_PX;
}

/** The picture, as an env and a marker would give it. */
export async function probeObservation(): Promise<Observation> {
  const { drawMarks, encodeJpeg } = await import('../vision/index.ts');
  const marks = THINGS.map(
    ({ id, centre }): Mark => ({ id, boxPx: boxOf(centre), pointPx: [...centre], source: 'probe' }),
  );
  const drawn: Frame = {
    data: paint(),
    encoding: 'rgb8',
    widthPx: WIDTH_PX,
    heightPx: HEIGHT_PX,
    stampMs: monotonicNowMs(),
    camera: 'probe',
    marked: true,
  };
  drawMarks(drawn, marks);
  const frames = [await encodeJpeg(drawn)];
  return { seq: 0, epoch: 0, stampMs: drawn.stampMs, instruction: TASK, history: [], frames, marks };
}

function paint(): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3).fill(255);
  for (const { centre, colour, isRound } of THINGS) {
    const [x0, y0] = centre;
    for (let y = y0 - RADIUS_PX; y < y0 + RADIUS_PX; y++)
      for (let x = x0 - RADIUS_PX; x < x0 + RADIUS_PX; x++)
        if (!isRound || Math.hypot(x - x0, y - y0) < RADIUS_PX - 6) data.set(colour, (y * WIDTH_PX + x) * 3);
  }
  return data;
}
