import { expect, it } from 'vitest';
import { ARM_POLICY, FAKE_AGENT, folder, pumice } from '../cli/pumice.ts';

/** An evaluation of arms that lacks its task. */
const ARM = ['eval', 'manipulator', '--policy', ARM_POLICY];

const hasNoStack = (text: string) => expect(text).not.toMatch(/\n\s+at /);

it.concurrent.each([
  ['an unknown command', ['rnu'], /unknown command 'rnu'[\s\S]*Did you mean run/],
  ['an unknown flag', ['run', 'ui-navigator', '--instrution', 'x'], /Did you mean --instruction\?/],
  ['no agent', ['run'], /Agents: manipulator, teleop-assist, ui-navigator/],
  ['a flag where the agent should be', ['run', '--url', 'http://x.example'], /expected an agent before --url/],
  ['an unknown agent', ['run', 'ui-navigatr'], /no agent 'ui-navigatr' \(there is: ui-navigator/],
  [
    'an unknown policy, closest first',
    ['run', 'ui-navigator', '--policy', 'repaly'],
    /no policy 'repaly' \(there is: replay/,
  ],
  ['a policy file that is not there', ['run', 'ui-navigator', '--policy', './none.js'], /no policy file/],
  [
    'a file that is no policy',
    ['run', 'ui-navigator', '--policy', FAKE_AGENT],
    /is no policy: expected .* definePolicy/,
  ],
  ['an instruction without a URL', ['run', 'ui-navigator', '--instruction', 'x'], /url: expected .*--url https/],
  ['a URL that is none', ['run', 'ui-navigator', '--instruction', 'x', '--url', 'shop'], /url: expected a whole http/],
  ['no instruction', ['run', 'ui-navigator', '--url', 'http://127.0.0.1:9'], /instruction: .*--instruction/],
  ['a number that is none', ['run', FAKE_AGENT, '--max-steps', 'many'], /maxSteps: .*expected number/],
  ['a duration without its unit', ['run', FAKE_AGENT, '--timeout', '5'], /timeout: expected a duration .*like 90s/],
  [
    'a policy without what it needs',
    ['run', FAKE_AGENT, '--policy', 'replay'],
    /policy replay: from: expected the path/,
  ],
  ['a secret in another form', ['run', 'ui-navigator', '--secret', 'word'], /a secret must be NAME=ENV@ORIGIN/],
  [
    'a config file that is not there',
    ['run', FAKE_AGENT, '--config', 'none.json'],
    /none\.json: there is no such file/,
  ],
  ['replay of nothing in particular', ['replay', 'x.mcap'], /either --policy NAME or --gate/],
  ['an evaluation of nothing', ['eval', 'miniwob'], /required option '--tasks <list>'/],
  ['an unknown suite', ['eval', 'maxiwob', '--tasks', 'all'], /unknown command 'maxiwob'[\s\S]*Did you mean miniwob/],
  ['seeds that are none', ['eval', 'miniwob', '--tasks', 'all', '--seeds', 'x'], /expected seeds like 11-15/],
  ['no episode at a time', ['eval', 'miniwob', '--tasks', 'all', '--parallel', '0'], /--parallel: expected a whole/],
  ['an evaluation of no task', ['eval', 'manipulator'], /required option '--task <list>'/],
  ['an unknown task', [...ARM, '--task', 'pikc'], /no task 'pikc' \(closest: pick/],
  ['another body', [...ARM, '--task', 'pick', '--env', 'browser'], /no tasks for 'browser' \(there is: sim\)/],
  ['seeds of an arm that are none', [...ARM, '--task', 'pick', '--seeds', '5-1'], /expected seeds like 11-15/],
  ['no worker', [...ARM, '--task', 'pick', '--workers', 'x'], /--workers: expected a whole number/],
  ['no such perturbation', [...ARM, '--task', 'pick', '--perturb', 'fog=1'], /no 'fog=1'[\s\S]*camera=0.02/],
  ['a perturbation out of range', [...ARM, '--task', 'pick', '--perturb', 'light=2'], /perturb.light/],
  ['no such camera', [...ARM, '--task', 'pick', '--cameras', 'top'], /no camera 'top' \(there is: third, wrist\)/],
  ['no time to think', [...ARM, '--task', 'pick', '--step-timeout', '0'], /--step-timeout: expected seconds/],
  [
    'weights that are not there, before the first episode',
    [...ARM, '--task', 'pick', '--policy-options', '{"does":"misses"}'],
    /the weights are not there\. Fetch them/,
  ],
  ['doctor of a model without its name', ['doctor', 'model'], /expected --model NAME/],
  ['doctor of something else', ['doctor', 'teeth'], /Allowed choices are machine, model/],
])('%s is usage: exit 2, and says what to do', async (_what, args, says) => {
  const { code, error, out } = await pumice(args);
  expect(error + out).toMatch(says);
  expect(code).toBe(2);
  hasNoStack(error);
});

it('a secret whose variable is not set is usage, and names the variable', async () => {
  const secret = 'password=PUMICE_TEST_NOT_SET@http://127.0.0.1:9';
  const args = ['run', 'ui-navigator', '--url', 'http://127.0.0.1:9', '--instruction', 'x', '--secret', secret];
  const { code, error } = await pumice(args);
  expect(error).toMatch(/PUMICE_TEST_NOT_SET is not set\. Set PUMICE_TEST_NOT_SET/);
  expect(code).toBe(2);
});

it('a recording that is none is a failure, not a crash', async () => {
  using home = folder();
  home.write('not.mcap', 'hello');
  for (const args of [
    ['report', 'not.mcap'],
    ['report', 'none.mcap'],
    ['replay', 'not.mcap', '--gate'],
  ]) {
    const { code, error } = await pumice(args, { cwd: home.path });
    expect(error).toMatch(/Give an .mcap file/);
    expect(code).toBe(1);
    hasNoStack(error);
  }
});

it('the config file is read strictly: errors name the file and the key; flags win over it', async () => {
  using home = folder();
  const run = (...args: string[]) => pumice(['run', FAKE_AGENT, '--no-record', ...args], { cwd: home.path });
  home.write('pumice.config.json', { instruction: 'play', maxStep: 3 });
  expect(await run()).toMatchObject({ code: 2, error: expect.stringMatching(/pumice\.config\.json: .*maxStep"/) });
  home.write('pumice.config.json', { instruction: 'play', policyOptions: { loudness: 3 } });
  expect(await run()).toMatchObject({ code: 2, error: expect.stringMatching(/policy mark-matcher: .*loudness"/) });
  home.write('pumice.config.json', '{ "instruction": ');
  expect(await run()).toMatchObject({ code: 2, error: expect.stringMatching(/pumice\.config\.json: cannot be read/) });
  home.write('pumice.config.json', [1]);
  expect(await run()).toMatchObject({
    code: 2,
    error: expect.stringMatching(/expected an object with options, got a list/),
  });
  home.write('other.mjs', 'export default { instruction: "press \\"Nothing here\\"", maxSteps: 90, actMs: 2 };');
  const won = await run('--config', 'other.mjs', '--instruction', 'click "Save"', '--max-steps', '1');
  expect(won).toMatchObject({ code: 3, out: expect.stringMatching(/Click button “Save”[\s\S]*1 steps done/) });
});

it('errors are JSON too where JSON is asked for', async () => {
  const { out, code } = await pumice(['run', FAKE_AGENT, '--json', '--max-steps', 'x', '--instruction', 'x']);
  expect(JSON.parse(out)).toMatchObject({ kind: 'error', code: 'config/invalid' });
  expect(code).toBe(2);
});
