/**
 * Cosmos Reason's wire, with any judge of motions behind it: OpenAI's chat completions as vLLM serves nvidia/Cosmos-Reason2, whole and
 * streamed, a thought in `<think>` where the user's text asks for one, choices and JSON where the request demands them, and vLLM's
 * refusals. It sees the first picture of the newest question and no video: there is no decoder here. Listens on loopback only.
 */
import { z } from 'zod';
import type { RawImage } from '../vision/index.ts';
import {
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

/** What a judge found. `confidence`: of the evidence, 0..1. */
export interface JudgeFinding {
  readonly isAllowed: boolean;
  readonly evidence: string;
  readonly confidence: number;
  /** Why not; empty where it is allowed. */
  readonly reason: string;
}
export interface SpokenJudge {
  readonly name: string;
  /** Words where the prompt shows nothing that can be judged. */
  readonly answer: (
    asked: { readonly picture: RawImage; readonly prompt: string },
    signal: AbortSignal,
  ) => Promise<JudgeFinding | { readonly text: string }>;
}
export interface ServeCosmosOptions {
  readonly port?: number;
  /** As `vllm serve --reasoning-parser qwen3`: the thought in a field of its own, and all of an answer without thought there too. */
  readonly parsesReasoning?: boolean;
}

/** Tokens that fit: what NVIDIA's README serves it with. */
const CONTEXT_TOKENS = 16_384;
/** Characters of a token. Chosen: the usual rule of thumb; a picture counts by its size, as Qwen3-VL does (32 x 32). */
const TOKEN_CHARS = 4;
const TOKEN_PX = 32 * 32;

/** @throws PumiceError `server/port-in-use`. */
export const serveCosmos = (
  judge: SpokenJudge,
  { port = 0, parsesReasoning = false }: ServeCosmosOptions = {},
): Promise<Served> =>
  serveHttp(
    {
      'GET /health': async ({ response }) => send(response, 200, {}),
      'GET /v1/models': modelList(judge.name, { max_model_len: CONTEXT_TOKENS }),
      'POST /v1/chat/completions': (call) => chat(judge, parsesReasoning, call),
    },
    { port, errorType: (status) => (status === 404 ? 'NotFoundError' : 'BadRequestError') },
  );

const partSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) }),
  z.object({ type: z.literal('video_url'), video_url: z.object({ url: z.string() }) }),
]);
const choicesSchema = z.array(z.string()).min(1);
const jsonSchema = z.object({
  properties: z.record(z.string(), z.object({ type: z.string().optional(), enum: z.array(z.string()).optional() })),
});
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
  n: z.literal(1, { error: 'expected 1' }).optional(),
  max_tokens: z.int().min(1).optional(),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).optional(),
  /** vLLM's names of now and before. */
  structured_outputs: z.object({ choice: choicesSchema.optional(), json: jsonSchema.optional() }).optional(),
  guided_choice: choicesSchema.optional(),
  guided_json: jsonSchema.optional(),
  response_format: z
    .object({ type: z.string(), json_schema: z.object({ schema: jsonSchema.optional() }).optional() })
    .optional(),
});
type Chat = z.output<typeof chatSchema>;

async function chat(judge: SpokenJudge, parsesReasoning: boolean, { request, response, signal }: Call): Promise<void> {
  const asked = await readBody(request, chatSchema, 400);
  if (asked.model !== judge.name) throw new Refusal(404, `The model \`${asked.model}\` does not exist.`);
  const { prompt, picture: url } = questionIn(asked);
  const picture = await pictureOf(url);
  const promptTokens =
    Math.ceil(prompt.length / TOKEN_CHARS) + Math.ceil((picture.widthPx * picture.heightPx) / TOKEN_PX);
  const room = CONTEXT_TOKENS - promptTokens;
  if (promptTokens + (asked.max_tokens ?? 1) > CONTEXT_TOKENS)
    throw new Refusal(
      400,
      `This model's maximum context length is ${CONTEXT_TOKENS} tokens. However, you requested ${promptTokens + (asked.max_tokens ?? 1)} tokens (${promptTokens} in the messages, ${asked.max_tokens ?? 1} in the completion).`,
    );
  const found = await judge.answer({ picture, prompt }, signal);
  const thought = prompt.includes('<think>') ? `\n${thoughtOf(found)}\n` : undefined;
  const answer = 'text' in found ? found.text : answerOf(found, asked, prompt);
  const { said, isCut } = cutAt(thought, answer, asked.max_tokens ?? room);
  reply(
    response,
    {
      model: judge.name,
      pieces: parsesReasoning ? inFields(said) : [{ content: said }],
      finish: isCut ? 'length' : 'stop',
      promptTokens,
      completionTokens: Math.ceil(said.length / TOKEN_CHARS),
    },
    { isStream: asked.stream, tellsUsage: asked.stream_options?.include_usage ?? false },
  );
}

/** The text of the newest question, and its first picture. */
function questionIn({ messages }: Chat): { prompt: string; picture: string } {
  const { role, content } = messages.at(-1)!;
  if (role !== 'user') throw new Refusal(400, 'expected a question of the user at the end');
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
  const picture = parts.find((part) => part.type === 'image_url');
  if (!picture)
    throw new Refusal(
      400,
      parts.some((part) => part.type === 'video_url')
        ? 'At most 0 video(s) may be provided in one prompt.'
        : 'expected a picture, as image_url',
    );
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return { prompt: texts.join('\n'), picture: picture.image_url.url };
}

const thoughtOf = (found: JudgeFinding | { readonly text: string }): string =>
  'text' in found
    ? 'I look for motions that I could allow or deny.'
    : `I look whether anything makes me deny it, or whether I can allow it. ${found.isAllowed ? 'I find nothing' : `I find that ${found.reason}`}; I am ${Math.round(100 * found.confidence)} % sure.`;

/** In the order of preference; among what a request offers, one of them is what the judge means. */
const YES = ['allow', 'safe', 'approve', 'proceed'];
const NO = ['deny', 'unsafe', 'reject', 'abort', 'unsure'];

/** How a prompt asks for a verdict with its evidence. */
const ASKS_JSON = '{"verdict": ';

/** In the form that the request or the prompt demands; in one word where they demand none. */
function answerOf(found: JudgeFinding, asked: Chat, prompt: string): string {
  const choices = asked.structured_outputs?.choice ?? asked.guided_choice;
  if (choices) return pick(found, choices);
  const { response_format: format } = asked;
  const schema = asked.structured_outputs?.json ?? asked.guided_json ?? format?.json_schema?.schema;
  if (schema) return JSON.stringify(filled(found, schema));
  const { isAllowed, evidence, confidence } = found;
  const verdict = isAllowed ? 'allow' : 'deny';
  if (format !== undefined && format.type !== 'text') return JSON.stringify({ verdict, evidence, confidence });
  return prompt.includes(ASKS_JSON) ? JSON.stringify({ verdict, evidence, reason: found.reason }) : verdict;
}

function pick({ isAllowed, evidence }: JudgeFinding, choices: readonly string[]): string {
  const meant = isAllowed ? YES : [evidence, ...NO];
  const word = meant.find((one) => choices.includes(one));
  if (word !== undefined) return word;
  throw new Refusal(400, `expected one of ${meant.join(', ')} among the choices, got ${choices.join(', ')}`);
}

/** Each property by what it can be: one of the words that are offered, a number, or text. */
function filled(found: JudgeFinding, { properties }: z.output<typeof jsonSchema>): Record<string, unknown> {
  const fillingOf = (
    name: string,
    { type, enum: offered }: { type?: string | undefined; enum?: string[] | undefined },
  ) => {
    if (offered) return name === 'evidence' && offered.includes(found.evidence) ? found.evidence : pick(found, offered);
    return type === 'number' ? found.confidence : found.reason;
  };
  return Object.fromEntries(Object.entries(properties).map(([name, form]) => [name, fillingOf(name, form)]));
}

function cutAt(thought: string | undefined, answer: string, maxTokens: number): { said: string; isCut: boolean } {
  const whole = thought === undefined ? answer : `<think>${thought}</think>\n\n${answer}`;
  const mostChars = maxTokens * TOKEN_CHARS;
  return { said: whole.slice(0, mostChars), isCut: whole.length > mostChars };
}

/** What stands before the end of a thought is thought; without an end all of it is, also where nothing was thought. */
function inFields(said: string): Record<string, string>[] {
  const [before = '', after] = said.replace('<think>', '').split('</think>\n\n');
  return [{ reasoning: before }, ...(after === undefined || after === '' ? [] : [{ content: after }])];
}
