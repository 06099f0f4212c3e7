/**
 * Which models a server of OpenAI's form has, and how much fits into their context, where it says so (GET /models; `max_model_len` is
 * vLLM's). Servers need not have such a list: then nothing is known, and nothing is wrong.
 */
import { z } from 'zod';
import type { Environment, ModelAddress } from './server-errors.ts';

export interface ServedModel {
  readonly id: string;
  readonly contextTokens?: number;
}

const listSchema = z.object({
  data: z.array(z.object({ id: z.string(), max_model_len: z.int().positive().nullish().catch(undefined) })),
});
/** Longest wait for the list, ms. Chosen: it is at hand in a server that is up. */
const LIST_MS = 10_000;
/** Names that are shown. Chosen. */
const SHOWN = 8;

/** @returns `undefined` when the server gives no such list. @throws the signal's reason when it is aborted. */
export async function servedModels(
  { endpoint, keyName }: ModelAddress,
  signal: AbortSignal,
  environment: Environment = process.env,
): Promise<readonly ServedModel[] | undefined> {
  const key = environment[keyName]?.trim();
  try {
    const response = await fetch(endpoint.replace('/chat/completions', '/models'), {
      headers: key ? { authorization: `Bearer ${key}` } : {},
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]),
    });
    const parsed = listSchema.safeParse(response.ok ? await response.json() : undefined);
    if (!response.ok) await response.body?.cancel();
    return parsed.data?.data.map(({ id, max_model_len }) => ({
      id,
      ...(max_model_len && { contextTokens: max_model_len }),
    }));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** Says that a model is not among those that a server lists, and what is. */
export function notServed(model: string, served: readonly ServedModel[]): string {
  const names = served.slice(0, SHOWN).map(({ id }) => `'${id}'`);
  const more = served.length > SHOWN ? ` and ${served.length - SHOWN} more` : '';
  return `the server does not list model '${model}', but ${names.join(', ') || 'none'}${more}`;
}
