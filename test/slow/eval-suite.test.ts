/** `pumice eval suite`, as a user calls it: killed and resumed, in shards, with a policy whose process or server breaks. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit.ts';
import { ARM_POLICY, type Folder, folder, pumice, start } from '../cli/pumice.ts';

const call = (json: string, ...flags: string[]) => {
  const part = ['--policy', ARM_POLICY, '--tasks', 'hover', '--workers', '2'];
  if (!flags.includes('--seeds')) part.push('--seeds', '1000-1003');
  return ['eval', 'suite', 'tabletop', ...part, '--json', json, ...flags];
};
const text = (home: Folder, name: string) => readFileSync(join(home.path, name), 'utf8');
const kept = (home: Folder, name: string) =>
  existsSync(join(home.path, name)) ? text(home, name).split('\n').length - 2 : 0;

it('killed twice with -9 at random, it ends in the file of the run that nobody killed', async () => {
  using home = folder();
  const at = { cwd: home.path };
  const whole = await pumice(call('whole.json'), at);
  expect(whole.error).toContain('12/12 episodes');
  expect(whole.code).toBe(0);

  // Its records are no part of the result: what was cut lies aside, and stands in nobody's way.
  const recorded = ['--records', 'records'];
  const cuts: number[] = [];
  for (let kill = 0; kill < 2; kill++) {
    const before = kept(home, 'cut.json.partial');
    const run = start(call('cut.json', ...recorded), at);
    const more = 1 + Math.floor(Math.random() * 2);
    while (kept(home, 'cut.json.partial') < before + more) await wait(20);
    await wait(Math.random() * 400);
    run.child.kill('SIGKILL');
    await run.ended;
    cuts.push(kept(home, 'cut.json.partial'));
  }
  // Not vacuous: each was killed with something done, and with something left.
  expect(existsSync(join(home.path, 'cut.json'))).toBe(false);
  expect(cuts[0]).toBeGreaterThan(0);
  expect(cuts[1]).toBeLessThan(12);
  const resumed = await pumice(call('cut.json', ...recorded), at);
  expect(resumed.code).toBe(0);
  expect(text(home, 'cut.json')).toBe(text(home, 'whole.json'));
  expect(existsSync(join(home.path, 'cut.json.partial'))).toBe(false);

  // The same in two shards, put together.
  for (const part of ['1', '2']) expect((await pumice(call(`${part}.json`, '--shard', `${part}/2`), at)).code).toBe(0);
  const merged = await pumice(['eval', 'merge', '2.json', '1.json', '--json', 'merged.json'], at);
  expect(merged.out).toContain('4 episodes of 2 shards');
  expect(text(home, 'merged.json')).toBe(text(home, 'whole.json'));
}, 300_000);

it('an episode whose process ended is played again, one that failed is not; without its server nothing is reported', async () => {
  using home = folder();
  const at = { cwd: home.path };
  const does = (way: string, more: object = {}) => [
    ...['--seeds', way === 'unserved' ? '1000' : '1000-1001'],
    ...['--policy-options', JSON.stringify({ does: way, ...more })],
  ];
  const crashed = await pumice(call('crashed.json', ...does('exits', { onceIn: join(home.path, 'crashed') })), at);
  expect(crashed.code).toBe(0);
  const { summary, guards } = JSON.parse(text(home, 'crashed.json'));
  expect(existsSync(join(home.path, 'crashed'))).toBe(true);
  expect(summary).toMatchObject({ successes: 2, attempts: 2 });
  expect([guards.oracle.summary.rate, guards.nothing.summary.rate]).toEqual([1, 0]);

  // Played again it would be done: from then on the policy is the expert.
  const failed = await pumice(call('failed.json', ...does('declines', { onceIn: join(home.path, 'failed') })), at);
  expect(failed.code).toBe(0);
  expect(JSON.parse(text(home, 'failed.json')).summary.successes).toBeLessThan(2);

  const unserved = await pumice(call('unserved.json', ...does('unserved')), at);
  expect(unserved.error).toMatch(/hover 1000 was played 3 times: .*nobody answers.*it goes on/);
  expect(unserved.code).not.toBe(0);
  expect(existsSync(join(home.path, 'unserved.json'))).toBe(false);
  expect(kept(home, 'unserved.json.partial')).toBe(2);

  const compared = await pumice(['compare', 'crashed.json', 'failed.json', '--html', 'page.html'], at);
  expect(compared.out).toMatch(/hover {2,}2 /);
  expect(text(home, 'page.html')).toContain('on equal seeds');
}, 300_000);

it('where the oracle fails on a real body, or nothing succeeds there, nothing is reported', async () => {
  using home = folder();
  const at = { cwd: home.path };
  const play = (name: string, oracle: string, nothing: string) => {
    const guards = {
      oracle: { policy: oracle, atLeast: 0.9 },
      nothing: { policy: nothing, atMost: 0.1 },
      seedsPerTask: 1,
    };
    const suite = { name, summary: 'a try', env: 'sim', tasks: ['hover'], seeds: '1000', successRule: 'held', guards };
    writeFileSync(join(home.path, `${name}.json`), JSON.stringify(suite));
    const file = `${name}-result.json`;
    return pumice(['eval', 'suite', `${name}.json`, '--policy', 'expert', '--workers', '1', '--json', file], at);
  };
  const [blind, generous] = [await play('blind', 'hold', 'hold'), await play('generous', 'expert', 'expert')];
  expect([blind.code, generous.code]).toEqual([EXIT.fault, EXIT.fault]);
  expect(blind.error).toMatch(/blind reports nothing: the oracle \(hold\) did 0 of 1 of hover/);
  expect(generous.error).toMatch(/generous reports nothing: a policy that does nothing \(expert\) did 1 of 1 of hover/);
  // No number of the policy, which would have done it.
  for (const { out } of [blind, generous]) expect(out).not.toMatch(/^policy$/m);
  for (const one of ['blind', 'generous']) expect(existsSync(join(home.path, `${one}-result.json`))).toBe(false);
}, 60_000);
