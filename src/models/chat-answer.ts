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
  /** What the text was made of, where the server says so: some tokens are lost in text. */
  readonly tokenIds?: readonly number[];
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
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
function parseJson(text: string, clean: Clean): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const came = text.trim() === '' ? 'nothing' : `'${brief(clean(text))}'`;
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
export function gatherAnswer(clean: Clean, onDelta: (delta: ChatDelta) => void) {
  const heard = { text: '', reasoning: '' };
  let finishReason: string | undefined;
  let usage: ChatAnswer['usage'];
  let isDone = false;
  const tokenIds: number[] = [];
  const add = (channel: ChatDelta['channel'], text: string | null | undefined) => {
    if (!text) return;
    heard[channel] += text;
    onDelta({ channel, text });
  };
  const take = (body: string) => {
    const json = parseJson(body, clean);
    const parsed = partSchema.safeParse(json);
    if (!parsed.success || (json as { error?: unknown }).error)
      throw new PumiceError('model/http', `expected an answer, got '${brief(clean(messageIn(body)))}'`, { who });
    const [choice] = parsed.data.choices;
    const piece = choice?.message ?? choice?.delta;
    add('reasoning', piece?.reasoning_content ?? piece?.reasoning);
    add('text', piece?.content);
    tokenIds.push(...(choice?.token_ids ?? []));
    finishReason = choice?.finish_reason ?? finishReason;
    const tokens = parsed.data.usage;
    if (tokens) usage = { inputTokens: tokens.prompt_tokens, outputTokens: tokens.completion_tokens };
  };
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data.trim() === '[DONE]') isDone = true;
      else take(data);
    },
  });
  return {
    heard,
    take,
    feed: (text: string) => parser.feed(text),
    /** Whether a stream said that it was at its end. */
    isAtEnd: () => isDone || finishReason !== undefined,
    /** @throws PumiceError `decode/truncated`, `decode/empty`. */
    finish: (maxTokens: number): ChatAnswer => {
      const { text, reasoning } = heard;
      const tail = brief(clean((text || reasoning).slice(-80)));
      if (finishReason === 'length')
        throw new PumiceError('decode/truncated', `the answer was cut at ${maxTokens} tokens, after '${tail}'`, {
          who,
          hint: 'Raise maxTokens of the policy, or use a model that thinks less',
        });
      if (text.trim() === '') {
        const why = reasoning ? 'only reasoning came' : `finish reason '${finishReason ?? 'none'}'`;
        throw new PumiceError('decode/empty', `expected text, the answer is empty (${why})`, { who });
      }
      return { text, reasoning, ...(tokenIds.length > 0 && { tokenIds }), ...(usage && { usage }) };
    },
  };
}
