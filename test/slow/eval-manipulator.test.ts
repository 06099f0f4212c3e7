/** What takes long of `pumice eval manipulator`: a policy that never gives its process back, and many episodes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ARM_POLICY, folder, pumice, SAYS_NO } from '../cli/pumice.ts';

const call = (...flags: string[]) => ['eval', 'manipulator', '--policy', ARM_POLICY, '--json', 'r.json', ...flags];

it('a policy that blocks its process is ended, and the next episode is played', async () => {
  using home = folder();
  const options = JSON.stringify({ does: 'spins', fromSeed: 1001 });
  const args = ['--task', 'hover', '--seeds', '1000-1001', '--step-timeout', '1', '--policy-options', options];
  expect((await pumice(call(...args), { cwd: home.path })).code).toBe(0);
  const { episodes } = JSON.parse(readFileSync(join(home.path, 'r.json'), 'utf8'));
  expect(episodes[0]).toMatchObject({ success: true });
  expect(episodes[1]).toMatchObject({ outcome: 'fault', reason: expect.stringMatching(/stood still for 31 s/) });
});

it('the expert does hover, pick and put through loop and gate, on 5 seeds each, in worker processes', async () => {
  using home = folder();
  expect((await pumice(call('--task', 'hover,pick,put', '--seeds', '1000-1004'), { cwd: home.path })).code).toBe(0);
  const { summary } = JSON.parse(readFileSync(join(home.path, 'r.json'), 'utf8'));
  expect(summary.rate).toBe(1);
});

it('critics judge where they are named, and the result says which', async () => {
  using home = folder();
  const args = ['--task', 'hover', '--seeds', '1000', '--critic', `${SAYS_NO} {"to": "eef-delta"}`];
  expect((await pumice(call(...args), { cwd: home.path })).code).toBe(0);
  const { setup, episodes } = JSON.parse(readFileSync(join(home.path, 'r.json'), 'utf8'));
  expect(setup.critics).toEqual([{ name: SAYS_NO, options: expect.objectContaining({ to: 'eef-delta' }) }]);
  expect(episodes[0]).toMatchObject({ success: false, held: false });
  expect(episodes[0].denied).toBeGreaterThan(0);
});
