/**
 * How a chat model operates a page, whatever its family: it gets a picture and a question, its answer becomes one action; an answer
 * that cannot be used is shown back once; the same action on the same page is refused the third time. Shared by the policies.
 */
import { createHash } from 'node:crypto';
import { type Action, type Context, type Observation, type Policy, PumiceError, type Thought } from 'pumice';
import {
  type Chat,
  type ChatAnswer,
  type ChatMessage,
  type DecodedAction,
  requireTargets,
  thoughtSoFar,
  UI_KINDS,
} from 'pumice/models';

/** The same action on the same page for the third time is refused: it has changed nothing twice. */
const MAX_REPEATS = 2;

/** What is asked about one look at a page. */
export interface UiQuestion {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly extra?: Readonly<Record<string, unknown>>;
}
/** What is a family's own. */
export interface UiThinker {
  /** Of the policy. */
  readonly name: string;
  readonly chat: Chat;
  /** @param jpeg - the first frame, with its marks. */
  readonly question: (observation: Observation, jpeg: Uint8Array) => UiQuestion | Promise<UiQuestion>;
  /** @throws PumiceError `decode/*`, in words that the model can act on. */
  readonly decode: (answer: ChatAnswer, observation: Observation) => DecodedAction;
  /** Whether its pictures have the marks drawn on them. */
  readonly drawsMarks?: boolean;
  /** As much of the thought as the text so far has. */
  readonly thoughtIn?: (text: string) => string;
  /** What an answer has to look like, as an objection says it. */
  readonly form?: string;
}

export function uiPolicy(thinker: UiThinker): Policy {
  const repeats = new Map<string, number>();
  return {
    name: thinker.name,
    actionKinds: UI_KINDS,
    reset: () => repeats.clear(),
    act: async (observation, context) => {
      const jpeg = await pictureOf(observation, thinker.drawsMarks ?? true, `policy ${thinker.name}`);
      const question = await thinker.question(observation, jpeg);
      context.signal.throwIfAborted();
      return think({ thinker, question, repeats, observation, context, who: `policy ${thinker.name}` });
    },
  };
}

interface Thinking {
  readonly thinker: UiThinker;
  readonly question: UiQuestion;
  /** How often each action was proposed on a page that looked the same. */
  readonly repeats: Map<string, number>;
  readonly observation: Observation;
  readonly context: Context;
  readonly who: string;
}
interface Attempt {
  readonly text: string;
  readonly usage?: Thought['usage'];
  readonly decoded?: DecodedAction;
  /** Why the answer cannot be used. */
  readonly problem?: PumiceError;
}

/** The picture as JPEG, with the marks drawn on it unless a marker did that. */
async function pictureOf(
  { frames: [frame], marks = [] }: Observation,
  draws: boolean,
  who: string,
): Promise<Uint8Array> {
  if (!frame) throw new PumiceError('config/misfit', 'expected a picture in the observation, got none', { who });
  const isReady = !draws || frame.marked === true || marks.length === 0;
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
async function think(thinking: Thinking): Promise<Thought> {
  const { messages } = thinking.question;
  const first = await attempt(thinking, messages);
  const attempts = first.problem ? [first, await askAgain(thinking, messages, first.text, first.problem)] : [first];
  const last = attempts.at(-1)!;
  const used = attempts.flatMap(({ usage }) => usage ?? []);
  const sum = (tokens: 'inputTokens' | 'outputTokens') => used.reduce((all, usage) => all + usage[tokens], 0);
  const usage = used.length > 0 && { usage: { inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens') } };
  const said = { rawText: last.text, ...usage };
  if (attempts.every(({ problem }) => PumiceError.is(problem, 'policy/stuck')))
    return { actions: [{ kind: 'done', outcome: 'failure', answer: `${last.problem?.message}` }], ...said };
  if (!last.decoded) throw unusable(last, thinking.who);
  const { action, thought } = last.decoded;
  const key = repeatKey(action, thinking.observation);
  thinking.repeats.set(key, (thinking.repeats.get(key) ?? 0) + 1);
  return { actions: [action], ...(thought && { thought }), ...said };
}

function askAgain(thinking: Thinking, messages: readonly ChatMessage[], text: string, problem: PumiceError) {
  thinking.context.report({ kind: 'progress', text: `asking again: ${problem.message}` });
  const objection = `That cannot be carried out: ${problem.message}. ${thinking.thinker.form ?? 'Answer with one JSON object as described.'}`;
  return attempt(thinking, [
    ...messages,
    { role: 'assistant', content: text.trim() || '(no text)' },
    { role: 'user', content: objection },
  ]);
}

const unusable = ({ problem, text }: Attempt, who: string) =>
  new PumiceError(problem?.code ?? 'policy/failed', `no usable answer, asked twice: ${problem?.message}`, {
    who,
    hint: 'Try a stronger model, or see with `pumice doctor model` what it makes of a picture',
    cause: new Error(`the answer was ${JSON.stringify(text.slice(0, 1000))}`, { cause: problem }),
  });

/** One question. Faults of the server are thrown; faults of the answer are a problem to talk about. */
async function attempt(thinking: Thinking, messages: readonly ChatMessage[]): Promise<Attempt> {
  const { thinker, question, observation, context } = thinking;
  let text = '';
  let usage: Thought['usage'];
  try {
    const answer = await thinker.chat.complete({
      ...question,
      messages,
      signal: context.signal,
      onDelta: tellThought(context, thinker.thoughtIn ?? thoughtSoFar),
      onWait: (why) => context.report({ kind: 'progress', text: why }),
    });
    ({ text, usage } = answer);
    const decoded = thinker.decode(answer, observation);
    requireTargets(decoded.action, observation);
    requireProgress(decoded.action, thinking);
    return { text, usage, decoded };
  } catch (problem) {
    if (!PumiceError.is(problem) || !/^(decode|policy)\//.test(problem.code)) throw problem;
    return { text, usage, problem };
  }
}

/** Passes on what the model thinks, as it comes: its reasoning, and the thought within the answer. */
function tellThought({ report }: Context, thoughtIn: (text: string) => string) {
  let text = '';
  let told = 0;
  return (delta: { readonly channel: 'text' | 'reasoning'; readonly text: string }) => {
    if (delta.channel === 'reasoning') return report({ kind: 'thought-delta', text: delta.text });
    text += delta.text;
    const thought = thoughtIn(text);
    if (thought.length > told) report({ kind: 'thought-delta', text: thought.slice(told) });
    told = thought.length;
  };
}

/** @throws PumiceError `policy/stuck` for an action that was already proposed twice on a page that looked exactly like this. */
function requireProgress(action: Action, { repeats, observation, who }: Thinking): void {
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
