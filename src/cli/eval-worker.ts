/**
 * A worker process of `pumice eval manipulator` and `eval suite`: plays the episodes that it is told of, one at a time, with a policy, critics and a body
 * of its own. It ends with its parent.
 */

import type { TaskKind } from '../../envs/sim/index.ts';
import { describeError, PumiceError } from '../errors.ts';
import { openArm, type PlayedEpisode, playEpisode } from '../eval/manipulator/episode.ts';
import type { Reply, Request } from '../eval/manipulator/messages.ts';
import { readyCritic, readyPolicy } from './ready.ts';

const reply = (message: Reply) => process.send?.(message);
// A Ctrl-C in a terminal goes to all processes: the parent decides what it means.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

let play: ((task: string, seed: number, onStep: () => void) => Promise<PlayedEpisode>) | undefined;

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
    const { settings, task } = request;
    const policy = await readyPolicy(request.policy, settings.stepTimeoutMs);
    const critics = await Promise.all(request.critics.map(readyCritic));
    if (settings.simulator) {
      const { openSimulated } = await import('../eval/manipulator/simulated.ts');
      const simulated = openSimulated({ policy, critics }, settings);
      play = simulated.play;
      return void reply({ kind: 'ready', facts: await simulated.open(task) });
    }
    if (settings.pages) {
      const { openPages } = await import('../eval/miniwob/played.ts');
      const pages = await openPages({ policy, critics }, settings);
      play = pages.play;
      return void reply({ kind: 'ready', facts: pages.facts });
    }
    const env = await openArm(settings);
    play = (kind, seed, onStep) => playEpisode({ env, policy, critics }, kind as TaskKind, seed, settings, onStep);
    return void reply({ kind: 'ready', facts: env.facts ?? {} });
  }
  const alive = () => reply({ kind: 'alive' });
  reply({ kind: 'done', episode: await play!(request.task, request.seed, alive) });
}
