/** The simulated arm on the command line: the sentence stands by itself, a seed says which world. */
import { join } from 'node:path';
import { readEpisode } from 'pumice/record';
import { expect, it } from 'vitest';
import { type Folder, folder, pumice } from '../cli/pumice.ts';

const DOWN = { kind: 'eef-delta', frameId: 'base', dPosM: [0, 0, -0.02], dRpyRad: [0, 0, 0], gripperOpen: 1 };
/** Who judges is no matter here, and a network takes its time to load. */
const BY_RULES = { policy: 'scripted', wrist: false, critics: ['none'] };
const SENTENCE = 'pick up the red block';

async function runIn(home: Folder, record: string, ...args: readonly string[]) {
  home.write('pumice.config.json', { ...BY_RULES, policyOptions: { actions: [DOWN] } });
  const ended = await pumice(['run', 'manipulator', ...args, '--record', record], { cwd: home.path });
  expect(ended, ended.both).toMatchObject({ code: 0, error: '' });
  return readEpisode(join(home.path, record));
}

it('takes the sentence and the seed, and another seed is another world', async () => {
  using home = folder();
  const third = await runIn(home, 'third.mcap', SENTENCE, '--seed', '3');
  expect(third.facts).toMatchObject({ instruction: SENTENCE, seed: 3, env: 'sim' });
  expect(third.steps[0]!.act).toMatchObject({ status: 'done', executed: { kind: 'eef-delta' } });
  const again = await runIn(home, 'again.mcap', '--instruction', SENTENCE, '--seed', '3');
  const fourth = await runIn(home, 'fourth.mcap', SENTENCE, '--seed', '4');
  const [picture, same, other] = [third, again, fourth].map(({ steps }) => steps[0]!.observation!.frames[0]!.data);
  expect(same).toEqual(picture);
  expect(other).not.toEqual(picture);
});

it('--dry-run shows and records what would have been done, and does nothing', async () => {
  using home = folder();
  const { facts, steps } = await runIn(home, 'dry.mcap', SENTENCE, '--seed', '3', '--dry-run');
  expect(facts?.facts.dryRun).toBe('nothing was sent to the body');
  expect(steps[0]).toMatchObject({ proposed: DOWN, verdict: { kind: 'allow' }, act: { status: 'refused' } });
  expect(steps[1]!.observation!.proprio!.tcpPose).toEqual(steps[0]!.observation!.proprio!.tcpPose);
});

it('a sentence that is given twice is refused as usage', async () => {
  const ended = await pumice(['run', 'manipulator', SENTENCE, '--instruction', SENTENCE, '--policy', 'scripted']);
  expect(ended.code).toBe(2);
  expect(ended.error).toContain('expected one instruction');
});

it('cinder judges where no critic is named, and none where that is said', async () => {
  using home = folder();
  const { facts } = await runIn(home, 'none.mcap', SENTENCE, '--dry-run');
  expect(facts?.critics).toEqual([]);
  home.write('pumice.config.json', { policy: 'scripted', policyOptions: { actions: [] }, wrist: false });
  const ended = await pumice(['run', 'manipulator', SENTENCE, '--record', 'cinder.mcap'], { cwd: home.path });
  expect(ended, ended.both).toMatchObject({ code: 0, out: expect.stringMatching(/^Judged by rules and cinder\./) });
  const { facts: judged, steps } = await readEpisode(join(home.path, 'cinder.mcap'));
  expect(judged?.critics).toEqual(['cinder']);
  expect(steps.at(-1)!.verdict.opinions).toMatchObject([{ critic: 'cinder', kind: 'allow' }]);
});
