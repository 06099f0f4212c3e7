/** `pumice eval manipulator`, as a user calls it: real physics, worker processes, a policy of the user's own. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARM_POLICY, type Folder, folder, pumice, start } from '../cli/pumice.ts';

const call = (...flags: string[]) => ['eval', 'manipulator', '--policy', ARM_POLICY, ...flags];
const does = (way: string, fromSeed = 0) => ['--policy-options', JSON.stringify({ does: way, fromSeed })];
const text = (home: Folder, name: string) => readFileSync(join(home.path, name), 'utf8');
const resultIn = (home: Folder, name: string) =>
  JSON.parse(text(home, name)) as {
    summary: { successes: number; attempts: number };
    episodes: readonly Record<string, unknown>[];
    compared?: { summary: { successes: number } };
    comparison?: readonly Record<string, unknown>[];
  };

it('the same command gives the same file with one worker and with two, and with a stop in between', async () => {
  using home = folder();
  const at = { cwd: home.path };
  const command = (json: string, workers: string) =>
    call('--task', 'pick', '--seeds', '1000-1003', '--json', json, '--workers', workers);

  const whole = await pumice(command('one.json', '1'), at);
  expect(whole.code).toBe(0);
  expect(whole.out).toMatch(/pick +4 +100\.0 % +100\.0 % +100\.0 % +51\.0 - 100\.0 %/);
  await pumice(command('two.json', '2'), at);
  expect(text(home, 'two.json')).toBe(text(home, 'one.json'));

  const stopped = start(command('cut.json', '1'), at);
  await stopped.seen('1/4 episodes');
  stopped.child.kill('SIGINT');
  const { code, error, out } = await stopped.ended;
  expect(code).toBe(130);
  expect(error).toMatch(
    /Stopped after \d of 4 episodes\. The same command goes on from here \(kept in cut\.json\.partial\)/,
  );
  expect(out).toMatch(/pick +\d /);
  expect(existsSync(join(home.path, 'cut.json'))).toBe(false);

  // Another command does not mix its episodes with these.
  const other = await pumice([...command('cut.json', '1'), '--perturb', 'unseen'], at);
  expect(other.error).toMatch(/begun by another command: perturb was \{\}, is \{"unseen":true\}/);
  expect(other.code).toBe(2);

  const resumed = await pumice(command('cut.json', '2'), at);
  expect(resumed.code).toBe(0);
  expect(text(home, 'cut.json')).toBe(text(home, 'one.json'));
  expect(existsSync(join(home.path, 'cut.json.partial'))).toBe(false);
});

describe('a policy that misbehaves costs its episode, never the evaluation', () => {
  it.each([
    ['throws', /arm-policy: no idea/],
    ['hangs', /no answer within 300 ms/],
    ['late', /no answer within 300 ms/],
    ['exits', /process of the episode ended \(exit code 7\)/],
  ])('%s', async (way, reason) => {
    using home = folder();
    const args = call('--task', 'hover', '--seeds', '1000-1001', '--workers', '1', '--json', 'r.json');
    const { code } = await pumice([...args, ...does(way, 1001), '--step-timeout', '0.3'], { cwd: home.path });
    expect(code).toBe(0);
    const { episodes } = resultIn(home, 'r.json');
    expect(episodes[0]).toMatchObject({ seed: 1000, success: true });
    expect(episodes[1]).toMatchObject({ seed: 1001, success: false, reason: expect.stringMatching(reason) });
  });
});

it('what the gate cuts is counted', async () => {
  using home = folder();
  const args = call('--task', 'hover', '--seeds', '7', '--json', 'r.json', ...does('huge'));
  await pumice(args, { cwd: home.path });
  const [episode] = resultIn(home, 'r.json').episodes;
  expect((episode!.limited as number) + (episode!.denied as number)).toBeGreaterThan(0);
});

it('two policies on the same episodes are compared by pairs', async () => {
  using home = folder();
  const args = call(
    '--task',
    'hover',
    '--seeds',
    '1-2',
    '--compare',
    ARM_POLICY,
    '--compare-options',
    '{"does":"nothing"}',
  );
  const { out } = await pumice([...args, '--json', 'r.json'], { cwd: home.path });
  expect(out).toMatch(
    /task +both +only arm-policy \(1\) +only arm-policy \(2\) +neither +p \(McNemar\)\nhover +0 +2 +0 +0 +0\.5000/,
  );
  const { summary, compared, comparison } = resultIn(home, 'r.json');
  expect([summary.successes, compared!.summary.successes]).toEqual([2, 0]);
  expect(comparison).toEqual([{ task: 'hover', both: 0, onlyFirst: 2, onlySecond: 0, neither: 0, p: 0.5 }]);
});

it('a block that is not there: to lift none is done, and to say so is counted', async () => {
  using home = folder();
  const args = call('--task', 'pick', '--seeds', '3', '--perturb', 'absent', '--json', 'r.json', ...does('declines'));
  await pumice(args, { cwd: home.path });
  expect(resultIn(home, 'r.json').episodes[0]).toMatchObject({ success: true, declined: true, wrong: false, steps: 1 });
});

it('records are made on request', async () => {
  using home = folder();
  await pumice(call('--task', 'hover', '--seeds', '3', '--records', 'kept', ...does('declines')), { cwd: home.path });
  expect(existsSync(join(home.path, 'kept', 'arm-policy-hover-3.mcap'))).toBe(true);
});
