/**
 * One question to a model of a known family: the request as its profile says, the thought told as it comes and never taken for the
 * answer, and a model that repeats itself cut off.
 */
import { loopBreaker, type Reading, readQvq, type Spoken, spokenOf, unread } from '../codecs/index.ts';
import { PumiceError } from '../errors.ts';
import type { Context } from '../ports.ts';
import type { ChatAnswer, ChatDelta } from './chat-answer.ts';
import type { Chat, TimedAnswer } from './openai-chat.ts';
import type { ModelProfile } from './profile.ts';
import { chatRequestOf, type Question } from './request.ts';

export interface Talk {
  readonly context: Context;
  /** Gets each piece of the text; what the model thinks apart from it is told as a thought. */
  readonly onText?: (text: string) => void;
  /** Further fields of the body, in the words of the wire. */
  readonly extra?: Readonly<Record<string, unknown>>;
}
export interface Heard {
  readonly answer: TimedAnswer;
  /** Thought and answer apart. */
  readonly spoken: Reading<Spoken>;
}

/** @throws PumiceError `model/*`, or `decode/truncated` and `decode/empty` for an answer that is none; the signal's reason. */
export async function talk(chat: Chat, profile: ModelProfile, question: Question, asked: Talk): Promise<Heard> {
  const { context, onText, extra } = asked;
  context.signal.throwIfAborted();
  const request = chatRequestOf(profile, question);
  const loop = watchLoop();
  const thinks = thinksOf(profile, question.think);
  const answer = await chat.complete({
    ...request,
    extra: { ...request.extra, ...extra },
    thinks,
    signal: context.signal,
    onDelta: (delta) => {
      if (delta.channel === 'reasoning') context.report({ kind: 'thought-delta', text: delta.text });
      else onText?.(delta.text);
      return loop.feed(delta);
    },
    onWait: (text) => context.report({ kind: 'progress', text }),
  });
  const problem = loop.problem();
  return { answer, spoken: problem ? unread(problem, { looped: true }) : spokenBy(profile, answer, thinks) };
}

/** Whether a family thinks first when it is (not) asked to. */
export const thinksOf = ({ thinking }: ModelProfile, think = false): boolean =>
  thinking.ask === 'always' || (think && thinking.ask !== 'never');

/** Thought and answer of a family apart. */
export function spokenBy(
  profile: ModelProfile,
  { text, reasoning, finish }: ChatAnswer,
  thinks: boolean,
): Reading<Spoken> {
  const said = { content: text, reasoning, finishReason: finish };
  // Without tags and always thinking: aloud, as the open weights of QVQ do.
  const isAloud = profile.thinking.ask === 'always' && profile.thinking.tags === 'none';
  return isAloud ? readQvq(said) : spokenOf(said, { toThink: thinks });
}

/** The answer without its thought. @throws PumiceError `decode/*`. */
export function answerOf(spoken: Reading<Spoken>): string {
  if (!spoken.ok) throw spoken.problem;
  return spoken.value.answer.trim();
}

/** Listens to what comes in until it repeats itself. */
export function watchLoop() {
  const breakers = { text: loopBreaker(), reasoning: loopBreaker() };
  let unit: string | undefined;
  return {
    feed: ({ channel, text }: ChatDelta): 'leave' | undefined => {
      unit ??= breakers[channel].feed(text)?.unit;
      return unit === undefined ? undefined : 'leave';
    },
    problem: (): PumiceError | undefined =>
      unit === undefined
        ? undefined
        : new PumiceError('decode/schema', `the model repeats itself: '${unit.slice(0, 80)}'`, {
            who: 'model answer',
            hint: 'Ask again, raise its temperature, or use a larger model of the family',
          }),
  };
}
