/**
 * Puts the answer of a chat together, from one JSON body or from the pieces of a stream (server-sent events), and says when it is
 * none. Knows the shapes of OpenAI's chat completions and of its imitators' reasoning fields; opens no connection.
 */
import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { PumiceError } from '../errors.ts';
import { brief } from './brief.ts';

/** A piece of an answer that is coming in. */
export interface ChatDelta {
  readonly channel: 'text' | 'reasoning';
  readonly text: string;
}
export interface ChatAnswer {
  readonly text: string;
  /** What the model thought first, where the server keeps that apart. */
  readonly reasoning: string;
  /** The field in which the text came: a server may file an answer without thought under reasoning. */
  readonly channel: 'content' | 'reasoning';
  /** Why it ended: `stop`; `length`, cut at the limit of tokens; `left`, by the caller; or the server's own word. */
  readonly finish: string;
  /** What the text was made of, where the server says so: some tokens are lost in text. */
  readonly tokenIds?: readonly number[];
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
}
/** Gets the pieces as they come. `'leave'`: the rest is not wanted. */
export type OnDelta = (delta: ChatDelta) => unknown;
export interface Wanted {
  readonly maxTokens: number;
  /** Whether the question asks to think first. Where it does not, all that came as reasoning is the answer. */
  readonly thinks?: boolean | undefined;
  /** Takes what there is of an answer that was cut at the limit of tokens. */
  readonly mayBeCut?: boolean | undefined;
}

const said = z.object({
  content: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
});
/** A whole answer (`message`) or a piece of one (`delta`); only what is used, since servers differ in the rest. */
const partSchema = z.object({
  choices: z
    .array(
      z.object({
        message: said.nullish(),
        delta: said.nullish(),
        token_ids: z.array(z.int()).nullish().catch(undefined),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish().catch(undefined),
});

const who = 'model server';

/** Takes out of a text that is to be shown what nobody may see. */
export type Clean = (text: string) => string;

/** Reads JSON of a server, which need not be any. The platform's own error is left out: it quotes the text. */
function parseJson(text: string, type: string, clean: Clean): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const came = text.trim() === '' ? 'nothing' : `${type && `${type}: `}'${brief(clean(text))}'`;
    const hint = 'Check that --model-url is the address of an OpenAI-compatible server, ending in /v1';
    throw new PumiceError('decode/not-json', `expected JSON, got ${came}`, { who, hint });
  }
}

/** The human part of an error body, in any of the forms that servers use; else the text itself. */
export function messageIn(body: string): string {
  try {
    const { error, message, detail } = JSON.parse(body) ?? {};
    const best = error?.message ?? error ?? message ?? detail;
    return best === undefined ? body : typeof best === 'string' ? best : JSON.stringify(best);
  } catch {
    return body;
  }
}

/**
 * Gathers an answer. `take` gets one body, or `feed` the text of a stream; `finish` has the last word.
 *
 * @param clean - for what errors show; the answer itself is left as it came.
 */
export function gatherAnswer(clean: Clean, onDelta: OnDelta) {
  const heard = { text: '', reasoning: '' };
  const tokenIds: number[] = [];
  let finishReason: string | undefined;
  let usage: ChatAnswer['usage'];
  let events = 0;
  let isDone = false;
  let isLeft = false;
  const add = (channel: ChatDelta['channel'], text: string | null | undefined) => {
    if (!text || isLeft) return;
    heard[channel] += text;
    isLeft = onDelta({ channel, text }) === 'leave';
  };
  const take = (body: string, type = '') => {
    const json = parseJson(body, type, clean);
    const parsed = partSchema.safeParse(json);
    if (!parsed.success || (json as { error?: unknown }).error)
      throw new PumiceError('model/http', `expected an answer, got '${brief(clean(messageIn(body)))}'`, {
        who,
        hint: "Look into the model server's log",
      });
    const [choice] = parsed.data.choices;
    const piece = choice?.message ?? choice?.delta;
    // Between two versions, servers send the same thought in both fields.
    add('reasoning', piece?.reasoning || piece?.reasoning_content);
    add('text', piece?.content);
    for (const id of choice?.token_ids ?? []) tokenIds.push(id);
    finishReason = choice?.finish_reason ?? finishReason;
    const tokens = parsed.data.usage;
    if (tokens) usage = { inputTokens: tokens.prompt_tokens, outputTokens: tokens.completion_tokens };
  };
  const parser = createParser({
    onEvent: ({ data }) => {
      events += 1;
      if (data.trim() === '[DONE]') isDone = true;
      else take(data);
    },
  });
  return {
    heard,
    take,
    /** Says whether it held an event: a stream may keep its connection alive with comments. */
    feed: (text: string): boolean => {
      const before = events;
      parser.feed(text);
      return events > before;
    },
    /** Whether a stream said that it was at its end. */
    isAtEnd: () => isDone || finishReason !== undefined,
    /** Whether the caller wants no more. */
    isLeft: () => isLeft,
    /** @throws PumiceError `decode/truncated`, `decode/empty`. */
    finish: (wanted: Wanted): ChatAnswer => {
      const finish = isLeft ? 'left' : (finishReason ?? 'stop');
      const rest = { finish, ...(tokenIds.length > 0 && { tokenIds }), ...(usage && { usage }) };
      return { ...textIn(heard, finish, wanted, clean), ...rest };
    },
  };
}

/** Which of what was heard is the answer, if any is. */
function textIn(
  { text, reasoning }: { readonly text: string; readonly reasoning: string },
  finish: string,
  { maxTokens, thinks, mayBeCut }: Wanted,
  clean: Clean,
): Pick<ChatAnswer, 'text' | 'reasoning' | 'channel'> {
  const isBlank = text.trim() === '';
  if (finish === 'length' && (isBlank || !mayBeCut)) {
    const tail = brief(clean((text || reasoning).slice(-80)));
    throw new PumiceError('decode/truncated', `the answer was cut at ${maxTokens} tokens, after '${tail}'`, {
      who,
      hint: 'Raise maxTokens of the policy, or use a model that thinks less',
    });
  }
  if (isBlank && thinks === false && reasoning.trim() !== '' && finish === 'stop')
    return { text: reasoning, reasoning: '', channel: 'reasoning' };
  if (isBlank && finish !== 'left') {
    const why = reasoning ? 'only reasoning came' : `finish reason '${finish}'`;
    const hint = reasoning ? 'Turn thinking off, or the reasoning parser of the server' : "Look into the server's log";
    throw new PumiceError('decode/empty', `expected text, the answer is empty (${why})`, { who, hint });
  }
  return { text, reasoning, channel: 'content' };
}
