/**
 * A worker process of `pumice eval manipulator`: plays the episodes that it is told of, one at a time, with a policy, critics and a body
 * of its own. It ends with its parent.
 */

import { describeError, PumiceError } from '../errors.ts';
import { type EpisodeSettings, openArm, playEpisode, type Rig } from '../eval/manipulator/episode.ts';
import type { Reply, Request } from '../eval/manipulator/messages.ts';
import { readyCritic, readyPolicy } from './ready.ts';

const reply = (message: Reply) => process.send?.(message);
// A Ctrl-C in a terminal goes to all processes: the parent decides what it means.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

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
