/** Policies and critics made and tried by name, so that what is missing shows before the first step, and loading is no part of its time. */
import { PumiceError } from '../errors.ts';
import type { Choice } from '../eval/manipulator/messages.ts';
import type { Critic, Policy } from '../ports.ts';
import { prepare } from '../prepare.ts';
import { loadPlugin } from './registry.ts';

/** Time to load weights or try a server, ms. Chosen. */
const CRITIC_READY_MS = 60_000;

/**
 * Makes the policy, and asks it once: weights or a server that are missing show before the first episode, and loading is no part of
 * its times. What only its example does not suit is left for the episodes to show.
 */
export async function readyPolicy({ name, options }: Choice, limitMs: number): Promise<Policy> {
  const plugin = await loadPlugin('policy', name);
  const policy = plugin.create(plugin.options.parse(options));
  const example = plugin.example();
  const signal = AbortSignal.timeout(limitMs);
  const late = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  try {
    policy.reset({ instruction: example.instruction, seed: 0 });
    await Promise.race([policy.act(example, { signal, nowMs: () => example.stampMs, report: () => {} }), late]);
  } catch (error) {
    if (PumiceError.is(error) && /^(config|plugin|model|secret)\//.test(error.code)) throw error;
  }
  return policy;
}

/** Weights or a server that are missing show before the first episode. */
export async function readyCritic({ name, options }: Choice): Promise<Critic> {
  const plugin = await loadPlugin('critic', name);
  const critic = plugin.create(plugin.options.parse(options));
  await prepare(critic, { signal: AbortSignal.timeout(CRITIC_READY_MS) });
  return critic;
}
