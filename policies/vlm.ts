/**
 * Any vision model behind an OpenAI-compatible server as a policy for user interfaces: the picture with numbered marks, their list,
 * the goal and what happened so far go in, one action comes out. An answer that cannot be used is shown back once. Knows no family
 * of models. What pages say is data: it is fenced in the prompt, and what the model makes of it still has to pass the gate.
 */
import { createHash } from 'node:crypto';
import {
  type Action,
  type Context,
  definePolicy,
  type Observation,
  PumiceError,
  parseOptions,
  type Thought,
} from 'pumice';
import {
  type Chat,
  type ChatMessage,
  type DecodedAction,
  decodeAction,
  openaiChat,
  requireTargets,
  thoughtSoFar,
  UI_KINDS,
  uiPrompt,
} from 'pumice/models';
import { z } from 'zod';

/** The same action on the same page for the third time is refused: it has changed nothing twice. */
const MAX_REPEATS = 2;
const who = 'policy vlm';

const plugin = definePolicy({
  summary: 'a vision model behind any OpenAI-compatible server',
  options: z.strictObject({
    modelUrl: z.string().optional().describe('address of the server, ends in /v1; default: OPENAI_BASE_URL'),
    model: z
      .string({ error: 'expected the name of the model that the server knows it by' })
      .min(1)
      .meta({ value: 'name', description: 'model, as the server calls it' }),
    apiKeyEnv: z
      .string()
      .min(1)
      .optional()
      .meta({ value: 'variable', description: 'variable that holds the key; default: OPENAI_API_KEY' }),
    maxTokens: z.int().min(1).default(1500).describe('tokens of one answer, thinking included'),
    temperature: z.number().min(0).max(2).default(0).describe('0 for the likeliest answer'),
  }),
  actionKinds: UI_KINDS,
  example: (): Observation => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'press Save',
    history: [],
    frames: [{ data: new Uint8Array(48), encoding: 'rgb8', widthPx: 4, heightPx: 4, stampMs: 0, camera: 'page' }],
    marks: [{ id: 7, boxPx: [0, 0, 4, 4], pointPx: [2, 2], role: 'button', name: 'Save', source: 'dom' }],
  }),
  create: ({ maxTokens, temperature, ...server }) => {
    const chat = openaiChat(server);
    const repeats = new Map<string, number>();
    return {
      name: 'vlm',
      actionKinds: UI_KINDS,
      reset: () => repeats.clear(),
      act: async (observation, context) => {
        const messages = uiPrompt(observation, await pictureOf(observation));
        context.signal.throwIfAborted();
        return think({ chat, maxTokens, temperature, repeats, observation, context }, messages);
      },
    };
  },
});
export default plugin;

type Options = z.input<typeof plugin.options>;
/** The policy as a value, for programs: `vlm({ url, model })`. */
export const vlm = ({ url, ...options }: Omit<Options, 'modelUrl'> & { readonly url?: string }) =>
  plugin.create(parseOptions(plugin.options, { ...options, ...(url !== undefined && { modelUrl: url }) }, who));

// ---------------------------------------------------------------- thinking

interface Thinking {
  readonly chat: Chat;
  readonly maxTokens: number;
  readonly temperature: number;
  /** How often each action was proposed on a page that looked the same. */
  readonly repeats: Map<string, number>;
  readonly observation: Observation;
  readonly context: Context;
}
interface Attempt {
  readonly text: string;
  readonly usage?: Thought['usage'];
  readonly decoded?: DecodedAction;
  /** Why the answer cannot be used. */
  readonly problem?: PumiceError;
}

/** The picture as JPEG, with the marks drawn on it unless a marker did that. */
async function pictureOf({ frames: [frame], marks = [] }: Observation): Promise<Uint8Array> {
  if (!frame) throw new PumiceError('config/misfit', 'expected a picture in the observation, got none', { who });
  const isReady = frame.marked === true || marks.length === 0;
  if (isReady && frame.encoding === 'jpeg') return frame.data;
  const { decodeFrame, drawMarks, encodeJpeg } = await import('pumice/vision');
  if (isReady) return (await encodeJpeg(frame)).data;
  const raw = await decodeFrame(frame);
  // The data belongs to the observation.
  const marked = { ...raw, data: raw.data.slice() };
  drawMarks(marked, marks);
  return (await encodeJpeg(marked)).data;
}

/** Asks. What is wrong with the first answer is shown back, once. */
async function think(thinking: Thinking, messages: readonly ChatMessage[]): Promise<Thought> {
  const first = await attempt(thinking, messages);
  const attempts = first.problem ? [first, await askAgain(thinking, messages, first.text, first.problem)] : [first];
  const last = attempts.at(-1)!;
  const used = attempts.flatMap(({ usage }) => usage ?? []);
  const sum = (tokens: 'inputTokens' | 'outputTokens') => used.reduce((all, usage) => all + usage[tokens], 0);
  const usage = used.length > 0 && { usage: { inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens') } };
  const said = { rawText: last.text, ...usage };
  if (attempts.every(({ problem }) => PumiceError.is(problem, 'policy/stuck')))
    return { actions: [{ kind: 'done', outcome: 'failure', answer: `${last.problem?.message}` }], ...said };
  if (!last.decoded) throw unusable(last);
  const { action, thought } = last.decoded;
  const key = repeatKey(action, thinking.observation);
  thinking.repeats.set(key, (thinking.repeats.get(key) ?? 0) + 1);
  return { actions: [action], ...(thought && { thought }), ...said };
}

function askAgain(thinking: Thinking, messages: readonly ChatMessage[], text: string, problem: PumiceError) {
  thinking.context.report({ kind: 'progress', text: `asking again: ${problem.message}` });
  const objection = `That cannot be carried out: ${problem.message}. Answer with one JSON object as described.`;
  return attempt(thinking, [
    ...messages,
    { role: 'assistant', content: text.trim() || '(no text)' },
    { role: 'user', content: objection },
  ]);
}

const unusable = ({ problem, text }: Attempt) =>
  new PumiceError(problem?.code ?? 'policy/failed', `no usable answer, asked twice: ${problem?.message}`, {
    who,
    hint: 'Try a stronger model, or see with `pumice doctor model` what it makes of a picture',
    cause: new Error(`the answer was ${JSON.stringify(text.slice(0, 1000))}`, { cause: problem }),
  });

/** One question. Faults of the server are thrown; faults of the answer are a problem to talk about. */
async function attempt(thinking: Thinking, messages: readonly ChatMessage[]): Promise<Attempt> {
  const { chat, maxTokens, temperature, observation, context } = thinking;
  let text = '';
  let usage: Thought['usage'];
  try {
    const answer = await chat.complete({
      messages,
      maxTokens,
      temperature,
      signal: context.signal,
      onDelta: tellThought(context),
      onWait: (why) => context.report({ kind: 'progress', text: why }),
    });
    ({ text, usage } = answer);
    const decoded = decodeAction(text, UI_KINDS);
    requireTargets(decoded.action, observation);
    requireProgress(decoded.action, thinking);
    return { text, usage, decoded };
  } catch (problem) {
    if (!PumiceError.is(problem) || !/^(decode|policy)\//.test(problem.code)) throw problem;
    return { text, usage, problem };
  }
}

/** Passes on what the model thinks, as it comes: its reasoning, and the thought within the answer. */
function tellThought({ report }: Context) {
  let text = '';
  let told = 0;
  return (delta: { readonly channel: 'text' | 'reasoning'; readonly text: string }) => {
    if (delta.channel === 'reasoning') return report({ kind: 'thought-delta', text: delta.text });
    text += delta.text;
    const thought = thoughtSoFar(text);
    if (thought.length > told) report({ kind: 'thought-delta', text: thought.slice(told) });
    told = thought.length;
  };
}

/** @throws PumiceError `policy/stuck` for an action that was already proposed twice on a page that looked exactly like this. */
function requireProgress(action: Action, { repeats, observation }: Thinking): void {
  if (action.kind === 'done' || action.kind === 'hand-over') return;
  if ((repeats.get(repeatKey(action, observation)) ?? 0) < MAX_REPEATS) return;
  const message = `stuck: ${JSON.stringify(action)} for the third time on a page that has not changed. Choose another action, hand over, or be done with "failure"`;
  throw new PumiceError('policy/stuck', message, { who });
}

/** An action on a page as it looks: with the same picture and the same boxes, the same number is the same thing. */
function repeatKey(action: Action, { frames: [frame], marks = [], ui }: Observation): string {
  const boxes = marks.map(({ id, boxPx }) => [id, boxPx]);
  const hash = createHash('sha256').update(JSON.stringify([ui?.url, action, boxes]));
  return hash.update(frame?.data ?? new Uint8Array()).digest('hex');
}
