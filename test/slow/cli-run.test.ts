import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readEpisode } from 'pumice/record';
import { expect, it } from 'vitest';
import { FAKE_AGENT, folder, pumice, SLOW_POLICY, start } from '../cli/pumice.ts';

const click = { kind: 'ui-click', target: { markId: 2 } };
const scripted = (actions: readonly unknown[], more = {}) => ({
  policy: 'scripted',
  policyOptions: { actions },
  instruction: 'play',
  ...more,
});

it('exits 0 for a success, with a line per step, and leaves a recording that report reads', async () => {
  using home = folder();
  const { code, out, error } = await pumice(['run', FAKE_AGENT, '--instruction', 'click "Save"'], { cwd: home.path });
  expect(error).toBe('the body is closed\n');
  expect(code).toBe(0);
  expect(out).toMatch(/0 {2}Click button “Save” \[2\] {2}allow\n/);
  expect(out).toMatch(/success after 2 steps/);
  const [file] = readdirSync(join(home.path, 'runs'));
  expect((await readEpisode(join(home.path, 'runs', file!))).isComplete).toBe(true);
  const report = await pumice(['report', join('runs', file!), '--out', 'page.html'], { cwd: home.path });
  expect(report).toMatchObject({ code: 0, out: 'page.html\n', error: '' });
  const replay = await pumice(['replay', join('runs', file!), '--gate'], { cwd: home.path });
  expect(replay).toMatchObject({ code: 0, out: '0 of 2 verdicts differ\n' });
});

it('writes one JSON object per line with --json: each step without its pictures, and the result', async () => {
  using home = folder();
  home.write('pumice.config.json', scripted([click], { record: 'here.mcap' }));
  const { code, out } = await pumice(['run', FAKE_AGENT, '--json'], { cwd: home.path });
  expect(code).toBe(0);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ kind }) => kind)).toEqual(['step-end', 'step-end', 'result']);
  expect(lines[0].record.observation.frames[0]).toMatchObject({ widthPx: 120 });
  expect(lines[0].record.observation.frames[0]).not.toHaveProperty('data');
  expect(lines[2]).toMatchObject({ outcome: 'success', steps: 2, recordPath: 'here.mcap' });
  expect(existsSync(join(home.path, 'here.mcap'))).toBe(true);
});

it('exits 1 for a failure, 3 when truncated, 4 for a fault, and says which', async () => {
  using home = folder();
  home.write('failure.json', scripted([{ kind: 'done', outcome: 'failure', answer: 'no such thing' }]));
  home.write('long.json', scripted([click, click, click]));
  const run = (...args: string[]) => pumice(['run', FAKE_AGENT, '--no-record', ...args], { cwd: home.path });
  const [failure, truncated, late, fault] = await Promise.all([
    run('--config', 'failure.json'),
    run('--config', 'long.json', '--max-steps', '2'),
    run('--config', 'long.json', '--act-ms', '60000', '--timeout', '200ms'),
    run('--config', 'long.json', '--fault'),
  ]);
  expect(failure).toMatchObject({ code: 1, out: expect.stringContaining('no such thing') });
  expect(truncated).toMatchObject({ code: 3, out: expect.stringContaining('--max-steps') });
  expect(late).toMatchObject({ code: 3, out: expect.stringContaining('--timeout') });
  expect(fault).toMatchObject({ code: 4, out: expect.stringContaining('the page broke') });
  expect(readdirSync(home.path)).not.toContain('runs');
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s stops the body before anything else, closes the recording, and exits %i', async (signal, code) => {
  using home = folder();
  const args = ['run', FAKE_AGENT, '--policy', SLOW_POLICY, '--instruction', 'wait', '--record', 'cut.mcap'];
  const run = start(args, { cwd: home.path });
  await run.seen('0  Click');
  run.child.kill(signal);
  const ended = await run.ended;
  expect(ended.code).toBe(code);
  expect(ended.error).toMatch(/^the body stops\n+Stopping\.[\s\S]*the body is closed\n$/);
  expect(ended.out).toMatch(/stopped after 2 steps/);
  const episode = await readEpisode(join(home.path, 'cut.mcap'));
  expect(episode).toMatchObject({ isComplete: true, end: { outcome: 'stopped' } });
  expect(episode.steps.map(({ verdict }) => verdict.by)).toEqual(['gate', 'stop']);
});

it('a second Ctrl-C leaves at once, whatever still closes', async () => {
  const args = ['run', FAKE_AGENT, '--policy', SLOW_POLICY, '--instruction', 'wait', '--no-record', '--stuck'];
  const run = start(args);
  await run.seen('0  Click');
  run.child.kill('SIGINT');
  await run.seen('stopped after');
  run.child.kill('SIGINT');
  const ended = await run.ended;
  expect(ended.code).toBe(130);
  expect(ended.error).not.toContain('closed');
});

it('a policy that cannot read the instruction shows its grammar and the way to a model, and exits 1', async () => {
  const nonsense = 'Ponder the meaning of it all, as long as it takes and no longer than that';
  const { code, out } = await pumice(['run', FAKE_AGENT, '--instruction', nonsense, '--no-record']);
  expect(code).toBe(1);
  expect(out.match(/--policy vlm --model-url URL --model NAME/g)).toHaveLength(1);
  expect(out).toMatch(/failure after 1 step: [\s\S]*grammar[\s\S]*\n {8}search for V;/);
});

it('keeps secrets out of everything that it writes', async () => {
  using home = folder();
  const secret = 'hunter-2-hunter';
  home.write('pumice.config.json', { policyOptions: { says: `the word is ${secret}` }, maxSteps: 1 });
  const args = [
    'run',
    FAKE_AGENT,
    '--policy',
    SLOW_POLICY,
    '--instruction',
    'wait',
    '--secret',
    secret,
    '--log-level',
    'trace',
  ];
  const plain = await pumice([...args, '--record', 'masked.mcap'], { cwd: home.path });
  const json = await pumice([...args, '--json', '--no-record'], { cwd: home.path });
  expect(plain.out).toContain('the word is {{secret}}');
  for (const { both, error } of [plain, json]) {
    expect(error).toContain('"level":10');
    expect(both).not.toContain(secret);
  }
  expect(JSON.stringify((await readEpisode(join(home.path, 'masked.mcap'))).steps)).not.toContain(secret);
});

it('a hand-over ends in failure where nobody is at a terminal', async () => {
  using home = folder();
  home.write('pumice.config.json', scripted([{ kind: 'hand-over', reason: 'type the code from your phone' }]));
  const { code, out } = await pumice(['run', FAKE_AGENT, '--no-record'], { cwd: home.path });
  expect(code).toBe(1);
  expect(out).toMatch(/Over to you: type the code from your phone[\s\S]*nobody is there/);
});

it('a recording that cannot be made or goes on no further ends the run with 4, and says what to do', async () => {
  using home = folder();
  home.write('a-file', '');
  home.write('pumice.config.json', scripted(Array(40).fill(click)));
  const run = (record: string, shell?: string) =>
    pumice(['run', FAKE_AGENT, '--record', record], { cwd: home.path, ...(shell !== undefined && { shell }) });
  const below = await run('a-file/here.mcap');
  expect(below).toMatchObject({ code: 4, out: expect.stringMatching(/could not write 'a-file\/here.mcap'.*\n$/) });
  const full = await run('full.mcap', 'ulimit -f 20; "$@"; exit $?');
  expect(full).toMatchObject({ code: 4, out: expect.stringContaining('larger files') });
  expect((await readEpisode(join(home.path, 'full.mcap'))).steps.length).toBeGreaterThan(0);
});

it('a reader that goes away ends the run', async () => {
  using home = folder();
  home.write('pumice.config.json', scripted(Array(90).fill(click), { noRecord: true }));
  const { out, error } = await pumice(['run', FAKE_AGENT], { cwd: home.path, shell: '"$@" | head -1' });
  expect(out).not.toBe('');
  expect(error).not.toMatch(/EPIPE|at .*\.js/);
});
