import { existsSync, readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { personAt } from '../../src/cli/person.ts';
import type { Context, Frame, Question, Verdict } from '../../src/index.ts';
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
  /** Asks, and comes back when the question is put; the answer is wrapped, so that it is not waited for. */
  const asked = async (over: Partial<Question> = {}) => {
    said.length = 0;
    const question = {
      id: 'q1',
      proposed: verdict.action,
      verdict,
      observation,
      canEdit: true,
      expiresMs: 1000,
      ...over,
    };
    const answer = Promise.resolve(person.approver.ask(question, context));
    await vi.waitFor(() => expect(said.at(-1)).toContain('Allow'), { interval: 1 });
    return { answer };
  };
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
    const { answer } = await asked();
    input.write(`${line}\n`);
    expect(await answer, line).toEqual({ kind: isYes ? 'approve' : 'deny' });
  }
  expect(said.join('\n')).toMatch(/button “Pay .*\n.*this pays\n.*\n.*Allow it once\?/);
  expect(said.join('')).not.toContain('\u001b');
});

it('whoever closes the input or is stopped while asked says no', async () => {
  const closed = terminal();
  const { answer } = await closed.asked();
  closed.input.end();
  expect(await answer).toEqual({ kind: 'deny' });
  expect(await (await closed.asked()).answer).toEqual({ kind: 'deny' });
  const stopped = terminal();
  const { answer: other } = await stopped.asked();
  stopped.abort.abort();
  expect(await other).toEqual({ kind: 'deny' });
});

const tick = () => new Promise((resolve) => setImmediate(resolve));

it('what was entered before the question is no answer to it', async () => {
  const { input, asked } = terminal();
  input.write('y\n');
  await tick();
  const { answer } = await asked();
  await tick();
  input.write('\n');
  expect(await answer).toEqual({ kind: 'deny' });
});

it('an answered question is over: what is stopped after it takes nothing from the next one', async () => {
  const { input, abort, asked, person } = terminal();
  const { answer: first } = await asked();
  input.write('y\n');
  expect(await first).toEqual({ kind: 'approve' });
  const next = person.line('Do it, then press Enter');
  abort.abort();
  input.write('done\n');
  expect(await next).toBe('done');
});

it('e puts another action in its place, asked for until one can be read', async () => {
  const { input, said, asked } = terminal();
  const { answer } = await asked();
  for (const line of ['e', 'click Back', '{"kind":"ui-fly"}', '{"kind":"ui-back"}']) {
    input.write(`${line}\n`);
    await tick();
  }
  expect(await answer).toEqual({ kind: 'edit', action: { kind: 'ui-back' } });
  expect(said.join('\n')).toMatch(/"ui-click"[\s\S]*no JSON[\s\S]*no action/);
  const { answer: nothing } = await asked();
  input.write('e\n');
  await tick();
  input.write('\n');
  expect(await nothing).toEqual({ kind: 'deny' });
  // A plan in motion is not edited by hand.
  const { answer: fixed } = await asked({ canEdit: false });
  input.write('e\n');
  expect(await fixed).toEqual({ kind: 'deny' });
});

it('the picture that the proposal goes by is a file for the time of the run', async () => {
  const frame = (stampMs: number, encoding: 'jpeg' | 'rgb8', data: Frame['data']) =>
    ({ data, encoding, widthPx: 1, heightPx: 1, stampMs, camera: 'page' }) as const;
  const frames = [frame(2, 'jpeg', Buffer.from('newest')), frame(1, 'jpeg', Buffer.from('old'))];
  const { input, said, asked, person } = terminal();
  const ask = async (over: Partial<Question>) => {
    const { answer } = await asked(over);
    input.write('\n');
    await answer;
    return said.findLast((line) => line.includes('picture: '))!.split('picture: ')[1]!;
  };
  const file = await ask({ observation: { ...observation, frames } });
  expect(readFileSync(file, 'utf8')).toBe('newest');
  expect(await ask({ observation })).toBe('none');
  const raw = await ask({ id: 'q2', observation: { ...observation, frames: [frame(1, 'rgb8', new Uint8Array(3))] } });
  expect(readFileSync(raw).subarray(1, 4).toString()).toBe('PNG');
  const torn = await ask({ observation: { ...observation, frames: [frame(1, 'rgb8', new Uint8Array(2))] } });
  expect(torn).toMatch(/cannot be shown/);
  person[Symbol.dispose]();
  expect(existsSync(file)).toBe(false);
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
  'at a terminal y lets through once what cannot be taken back, and without a y nothing happens',
  async () => {
    const args = ['run', FAKE_AGENT, '--button', 'Pay now', '--instruction', 'click "Pay now"', '--no-record'];
    const asking = start(args, { shell: onTerminal });
    await asking.seen('Allow it once?');
    asking.child.stdin!.write('y\r');
    const { code, out } = await asking.ended;
    expect(out).toMatch(
      /button “Pay now[\s\S]*because [\s\S]*picture: .*q1\.png[\s\S]*said yes[\s\S]*success after 3 steps/,
    );
    expect(code).toBe(0);
    const alone = await pumice([...args, '--max-steps', '2']);
    expect(alone.both).toMatch(/there is none/);
    expect(alone.code).not.toBe(0);
  },
);

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
