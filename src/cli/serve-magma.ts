/**
 * Magma's wire, with any model behind it: the forms of its own server (`server/main.py` of microsoft/Magma `e373780`: GET /health,
 * POST /predict, POST /predict_from_file) and OpenAI's chat completions, whole and streamed, with token ids beside the text as
 * pumice's own model server gives them. Writes the chat template as Magma's tokenizer does. Listens on loopback only; knows no model.
 */
import { z } from 'zod';
import { decodeActionNumbers, LLAMA3_VOCAB_SIZE, nearestSayable, textOfActionTokens } from '../codecs/index.ts';
import { decodeImage, type RawImage } from '../vision/index.ts';
import {
  bodyOf,
  type Call,
  modelList,
  pictureOf,
  Refusal,
  readBody,
  reply,
  type Served,
  send,
  serveHttp,
} from './serve-http.ts';

export interface SpokenQuestion {
  readonly picture: RawImage;
  /** All that the tokenizer gets, template included. */
  readonly prompt: string;
  readonly temperature: number;
  readonly seed: number;
}
/** Seven action tokens, or words. */
export type SpokenAnswer = { readonly ids: readonly number[] } | { readonly text: string };
export interface SpokenModel {
  readonly name: string;
  readonly answer: (question: SpokenQuestion, signal: AbortSignal) => Promise<SpokenAnswer>;
}

export interface ServeOptions {
  readonly port?: number;
  /** Whether chat answers carry token ids. Without them text has to do, and tokens that text loses are replaced by their neighbours. */
  readonly ids?: boolean;
}
const SYSTEM = 'You are agent that can see, talk and act.';
/** Of `/predict`, which has no field for it; its own default is sampling at 0.7. */
const REST_TEMPERATURE = 0;

/** @throws PumiceError `server/port-in-use`. */
export const serveMagma = (model: SpokenModel, { port = 0, ids = true }: ServeOptions = {}): Promise<Served> =>
  serveHttp(
    {
      'GET /health': async ({ response }) => send(response, 200, { status: 'healthy', model_loaded: true }),
      'GET /v1/models': modelList(model.name),
      'POST /predict': async (call) => {
        const body = await readBody(call.request, predictSchema, 422);
        await predict(model, call, body.image, body.prompt);
      },
      'POST /predict_from_file': async (call) => {
        const type = call.request.headers['content-type'] ?? '';
        const bytes = new Uint8Array(await bodyOf(call.request));
        const form = await new Response(bytes, { headers: { 'content-type': type } }).formData().catch(() => undefined);
        const [file, prompt] = [form?.get('file'), form?.get('prompt')];
        if (typeof prompt !== 'string' || !(file instanceof Blob)) throw new Refusal(422, 'expected file and prompt');
        await predict(model, call, Buffer.from(await file.arrayBuffer()).toString('base64'), prompt);
      },
      'POST /v1/chat/completions': (call) => chat(model, ids, call),
    },
    { port },
  );

// ---------------------------------------------------------------- template

const turn = (role: string, text: string) => `<|start_header_id|>${role}<|end_header_id|>\n\n${text.trim()}<|eot_id|>`;

/** What Magma's tokenizer makes of messages, one picture in each text that begins with `<image>`. */
const templateOf = (turns: readonly { readonly role: string; readonly text: string }[]): string =>
  `<|begin_of_text|>${turns.map(({ role, text }) => turn(role, text)).join('')}<|start_header_id|>assistant<|end_header_id|>\n\n`.replaceAll(
    '<image>',
    '<image_start><image><image_end>',
  );

// ---------------------------------------------------------------- Magma's own server

const predictSchema = z.object({ image: z.string(), prompt: z.string() });

/** Fixed ranges of its `denormalize_actions`, which are no robot's. */
const DELTA_RANGES = [0.05, 0.05, 0.05, 3.14, 3.14, 3.14] as const;

async function predict(model: SpokenModel, { response, signal }: Call, image: string, prompt: string): Promise<void> {
  const picture = await decodeImage(Buffer.from(image, 'base64'));
  const question = {
    picture,
    prompt: templateOf([
      { role: 'system', text: SYSTEM },
      { role: 'user', text: `<image>\n${prompt}` },
    ]),
    temperature: REST_TEMPERATURE,
    seed: 0,
  };
  const said = await model.answer(question, signal);
  const ids = 'ids' in said ? nearestSayable(said.ids) : undefined;
  // Its answer always holds seven numbers: words are read as the highest bin.
  const normalized = decodeActionNumbers(ids ?? new Array<number>(7).fill(0), {
    vocabSize: LLAMA3_VOCAB_SIZE,
    stats: UNSCALED,
    mode: 'compat',
  });
  send(response, 200, {
    text_response: 'text' in said ? said.text : textOfActionTokens(ids!),
    normalized_actions: normalized,
    delta_values: normalized.map((value, at) => (at < 6 ? value * DELTA_RANGES[at]! : (value + 1) / 2)),
  });
}

const UNSCALED = {
  name: 'none',
  q01: new Array<number>(7).fill(-1),
  q99: new Array<number>(7).fill(1),
  mask: new Array<boolean>(7).fill(false),
};

// ---------------------------------------------------------------- OpenAI's form

const partSchema = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) }),
]);
const chatSchema = z.object({
  model: z.string(),
  messages: z
    .array(
      z.object({
        role: z.enum(['system', 'user', 'assistant']),
        content: z.union([z.string(), z.array(partSchema)]),
      }),
    )
    .min(1),
  temperature: z.number().min(0).max(2).default(1),
  max_tokens: z.int().min(1).default(1000),
  seed: z.int().default(0),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).optional(),
});

async function chat(model: SpokenModel, tellsIds: boolean, { request, response, signal }: Call): Promise<void> {
  const asked = await readBody(request, chatSchema, 400);
  if (asked.model !== model.name) throw new Refusal(404, `The model \`${asked.model}\` does not exist.`);
  const urls: string[] = [];
  const turns = asked.messages.map(({ role, content }) => {
    if (typeof content === 'string') return { role, text: content };
    const pictures = content.filter((part) => part.type === 'image_url').map((part) => part.image_url.url);
    urls.push(...pictures);
    const words = content.filter((part) => part.type === 'text').map((part) => part.text);
    return { role, text: `${'<image>\n'.repeat(pictures.length)}${words.join('\n')}` };
  });
  const [url] = urls;
  if (url === undefined || urls.length > 1) throw new Refusal(400, `expected one picture, got ${urls.length}`);
  const picture = await pictureOf(url);
  const { temperature, seed } = asked;
  const said = await model.answer({ picture, prompt: templateOf(turns), temperature, seed }, signal);
  const ids = 'text' in said ? [] : tellsIds ? said.ids : nearestSayable(said.ids);
  const text = 'text' in said ? said.text : textOfActionTokens(ids);
  reply(
    response,
    {
      model: model.name,
      pieces: [{ content: text }],
      ...(tellsIds && ids.length > 0 && { beside: { token_ids: ids } }),
      finish: 'stop',
      promptTokens: 300,
      completionTokens: 'text' in said ? Math.ceil(text.length / 4) : ids.length + 1,
    },
    { isStream: asked.stream, tellsUsage: asked.stream_options?.include_usage ?? false },
  );
}
