/**
 * A worker process of `pumice eval manipulator`: plays the episodes that it is told of, one at a time, with a policy, critics and a body
 * of its own. It ends with its parent.
 */

import { describeError, PumiceError } from '../errors.ts';
import { type EpisodeSettings, openArm, playEpisode, type Rig } from '../eval/manipulator/episode.ts';
import type { Choice, Reply, Request } from '../eval/manipulator/messages.ts';
import { prepare } from '../prepare.ts';
import { loadPlugin } from './registry.ts';

const reply = (message: Reply) => process.send?.(message);
// A Ctrl-C in a terminal goes to all processes: the parent decides what it means.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

/** Time to load weights or try a server, ms. Chosen. */
const CRITIC_READY_MS = 60_000;

let rig: Rig | undefined;
let settings: EpisodeSettings | undefined;

process.on('message', (request: Request) => {
  handle(request).catch((error: unknown) => {
    const fact = PumiceError.is(error)
      ? { code: error.code, ...(error.hint !== undefined && { hint: error.hint }) }
      : {};
    reply({ kind: 'unfit', message: PumiceError.is(error) ? error.message : describeError(error), ...fact });
  });
});

async function handle(request: Request): Promise<void> {
  if (request.kind === 'begin') {
    settings = request.settings;
    const policy = await readyPolicy(request.policy, settings.stepTimeoutMs);
    const critics = await Promise.all(request.critics.map(readyCritic));
    rig = { env: await openArm(settings), policy, critics };
    reply({ kind: 'ready', facts: rig.env.facts ?? {} });
    return;
  }
  const alive = () => reply({ kind: 'alive' });
  reply({ kind: 'done', episode: await playEpisode(rig!, request.task, request.seed, settings!, alive) });
}

/**
 * Makes the policy, and asks it once: weights or a server that are missing show before the first episode, and loading is no part of
 * its times. What only its example does not suit is left for the episodes to show.
 */
async function readyPolicy({ name, options }: Choice, limitMs: number) {
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
async function readyCritic({ name, options }: Choice) {
  const plugin = await loadPlugin('critic', name);
  const critic = plugin.create(plugin.options.parse(options));
  await prepare(critic, { signal: AbortSignal.timeout(CRITIC_READY_MS) });
  return critic;
}
