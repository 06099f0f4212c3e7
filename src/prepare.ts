/** Lets a plugin try out what it depends on, such as a model, before there is a body to move. Knows nothing of what that is. */
import { firstValueFrom, from } from 'rxjs';
import { monotonicNowMs } from './clock.ts';
import type { Context, Critic, Policy } from './ports.ts';

export interface PrepareOptions {
  readonly signal: AbortSignal;
  readonly report?: Context['report'];
}

/** @throws what the plugin throws: it is not to be used then. */
export async function prepare(
  one: Pick<Policy | Critic, 'prepare'>,
  { signal, report = () => {} }: PrepareOptions,
): Promise<void> {
  const context: Context = { signal, nowMs: monotonicNowMs, report };
  await firstValueFrom(from(one.prepare?.(context) ?? []), { defaultValue: undefined });
}
