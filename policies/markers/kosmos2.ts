/**
 * Finds what the instruction speaks of on the first camera's picture with KOSMOS-2, and marks it: one question for each thing, each box
 * a numbered mark. The model gives a box for whatever it is asked about, there or not: a mark says where to look, not that it is so.
 * Which server: any OpenAI-compatible one that passes the prompt through as it is, such as `policies/server`.
 */
import { type Context, defineMarker, type Frame, type Mark, PumiceError, type Sensed } from 'pumice';
import { KOSMOS2_PROMPTS, type NormBox } from 'pumice/codecs';
import { type Chat, openaiChat } from 'pumice/models';
import { decodeFrame, drawMarks, encodeJpeg } from 'pumice/vision';
import { z } from 'zod';
import { boxesOf, isSettled } from './kosmos2/answer.ts';
import { phrasesOf } from './kosmos2/phrases.ts';

/** Tokens of one answer. Three boxes are eleven. */
const MAX_TOKENS = 32;
const name = 'kosmos2';

export default defineMarker({
  summary: 'boxes of the things that the instruction speaks of, found by KOSMOS-2',
  options: z.strictObject({
    modelUrl: z.string().optional().describe('address of the server, ends in /v1; default: OPENAI_BASE_URL'),
    model: z
      .string()
      .min(1)
      .default('microsoft/kosmos-2-patch14-224')
      .meta({ value: 'name', description: 'model, as the server calls it' }),
    apiKeyEnv: z
      .string()
      .min(1)
      .optional()
      .meta({ value: 'variable', description: 'variable that holds the key; default: OPENAI_API_KEY' }),
    phrases: z
      .array(z.string().regex(/^[^<>]*\S[^<>]*$/, 'expected a phrase without < and >'))
      .min(1)
      .optional()
      .describe('what to look for; default: the things in the instruction'),
    /** JPEG quality, 1 to 100. */
    quality: z.int().min(1).max(100).default(80),
  }),
  create: ({ phrases, quality, ...server }) => {
    const chat = openaiChat(server);
    return {
      name,
      mark: async (observation, context) => {
        const [first, ...others] = observation.frames;
        if (!first) return observation;
        const sent = await encodeJpeg(first, quality);
        const found = await find(chat, sent, phrases ?? phrasesOf(observation.instruction), context);
        const known = observation.marks ?? [];
        const marks = [...known, ...marksOf(found, first, 1 + Math.max(-1, ...known.map(({ id }) => id)))];
        const shown = found.length > 0 ? await encodeJpeg(await drawn(first, marks), quality) : sent;
        context.signal.throwIfAborted();
        return { ...observation, frames: [shown, ...others], ...(marks.length > 0 && { marks }) } satisfies Sensed;
      },
    };
  },
});

interface Found {
  readonly phrase: string;
  readonly box: NormBox;
}

/** One after the other: the server answers one at a time, and a queue would only hide it. */
async function find(chat: Chat, { data }: Frame, phrases: readonly string[], context: Context): Promise<Found[]> {
  const url = `data:image/jpeg;base64,${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`;
  const found: Found[] = [];
  for (const phrase of phrases) {
    const boxes = boxesOf(await answerTo(chat, url, phrase, context));
    if (boxes.length === 0) context.report({ kind: 'progress', text: `${name}: no box for '${phrase}'` });
    found.push(...boxes.map((box) => ({ phrase, box })));
  }
  return found;
}

/** Hangs up as soon as more text would change nothing: the model talks on about what nobody asked. */
async function answerTo(chat: Chat, url: string, phrase: string, { signal }: Context): Promise<string> {
  const enough = new AbortController();
  let heard = '';
  try {
    const { text } = await chat.complete({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url } },
            { type: 'text', text: KOSMOS2_PROMPTS.phrase(phrase) },
          ],
        },
      ],
      maxTokens: MAX_TOKENS,
      temperature: 0,
      signal: AbortSignal.any([signal, enough.signal]),
      onDelta: ({ text }) => {
        heard += text;
        if (isSettled(heard)) enough.abort();
      },
    });
    return text;
  } catch (error) {
    signal.throwIfAborted();
    const hasNoMore = PumiceError.is(error) && ['decode/truncated', 'decode/empty'].includes(error.code);
    if (enough.signal.aborted || hasNoMore) return heard;
    throw error;
  }
}

/** Frames speak in CSS pixels where they have any. */
function marksOf(found: readonly Found[], frame: Frame, firstId: number): Mark[] {
  const [w, h] = [frame.cssWidthPx ?? frame.widthPx, frame.cssHeightPx ?? frame.heightPx];
  return found.map(({ phrase, box: [x0, y0, x1, y1] }, i) => ({
    id: firstId + i,
    boxPx: [x0 * w, y0 * h, x1 * w, y1 * h],
    pointPx: [((x0 + x1) / 2) * w, ((y0 + y1) / 2) * h],
    name: phrase,
    source: name,
  }));
}

async function drawn(frame: Frame, marks: readonly Mark[]): Promise<Frame> {
  const raw = await decodeFrame(frame);
  // The data belongs to the observation.
  const copy: Frame = { ...raw, data: raw.data.slice(), marked: true };
  drawMarks(copy, marks);
  return copy;
}
