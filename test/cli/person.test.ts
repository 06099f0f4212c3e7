import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { personAt } from '../../src/cli/person.ts';
import type { Context, Verdict } from '../../src/index.ts';
import { FAKE_AGENT, folder, pumice, SLOW_POLICY, start } from './pumice.ts';

const verdict: Verdict = {
  kind: 'ask',
  action: { kind: 'ui-click', target: { markId: 1 }, button: 'left', count: 1 },
  reasons: ['critic: this pays'],
  by: 'critic',
};
const observation = {
  ...{ seq: 0, epoch: 0, stampMs: 0, instruction: 'pay', frames: [], history: [] },
  marks: [{ id: 1, boxPx: [0, 0, 9, 9], pointPx: [4, 4], role: 'button', name: 'Pay\u001b[2J', source: 'dom' }],
} as const;

function terminal() {
  const input = new PassThrough();
  const said: string[] = [];
  const person = personAt({ input, say: (text) => said.push(text) });
  const abort = new AbortController();
  const context: Context = { signal: abort.signal, nowMs: () => 0, report: () => {} };
  const asked = () => Promise.resolve(person.approver.ask({ verdict, observation }, context));
  return { input, said, person, abort, asked };
}

it('an approval is a y and nothing else', async () => {
  const { input, said, asked } = terminal();
  for (const [line, isYes] of [
    ['y', true],
    ['', false],
    ['no', false],
    [' YES ', true],
    ['yeah right', false],
  ] as const) {
    const answer = asked();
    input.write(`${line}\n`);
    expect(await answer, line).toBe(isYes);
  }
  expect(said[0]).toMatch(/button “Pay .*this pays.*Allow it\?/);
  expect(said.join('')).not.toContain('\u001b');
});

it('whoever closes the input or is stopped while asked says no', async () => {
  const closed = terminal();
  const answer = closed.asked();
  closed.input.end();
  expect(await answer).toBe(false);
  expect(await closed.asked()).toBe(false);
  const stopped = terminal();
  const other = stopped.asked();
  stopped.abort.abort();
  expect(await other).toBe(false);
});

/** A terminal of its own for the command: `script` of util-linux. */
const onTerminal = 'script -qec "$(printf "%q " "$@")" /dev/null';
const hasScript = process.platform === 'linux';

it.skipIf(!hasScript)('at a terminal a hand-over waits for Enter, then the run goes on', async () => {
  using home = folder();
  const actions = [
    { kind: 'hand-over', reason: 'type the code' },
    { kind: 'ui-click', target: { markId: 2 } },
  ];
  home.write('pumice.config.json', {
    policy: 'scripted',
    policyOptions: { actions },
    instruction: 'play',
    noRecord: true,
  });
  const run = start(['run', FAKE_AGENT], { cwd: home.path, shell: onTerminal });
  await run.seen('press Enter');
  run.child.stdin!.write('\r');
  const { code, out } = await run.ended;
  expect(out).toMatch(/Over to you: type the code[\s\S]*Click button “Save”[\s\S]*success after 3 steps/);
  expect(code).toBe(0);
});

it.skipIf(!hasScript)(
  'at a terminal the thought is shown while it grows, and Ctrl-C of the keyboard stops',
  async () => {
    const args = ['run', FAKE_AGENT, '--policy', SLOW_POLICY, '--instruction', 'wait', '--no-record'];
    const run = start(args, { shell: onTerminal });
    await run.seen('thinking hm');
    run.child.stdin!.write('\u0003');
    const { code, out } = await run.ended;
    expect(out).toContain('\r\u001b[2K');
    expect(out).toMatch(/the body stops[\s\S]*Stopping\.[\s\S]*stopped after 2 steps/);
    expect(code).toBe(130);
  },
);

it('without a terminal no control character is written', async () => {
  const { out } = await pumice(['run', FAKE_AGENT, '--instruction', 'click "Save"', '--no-record']);
  expect(out).not.toMatch(/(?!\n)\p{Cc}/u);
});
