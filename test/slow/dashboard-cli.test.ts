/** `pumice run ... --dashboard` and `pumice dashboard FILE`, as processes of their own, led over the socket that a page uses. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Command, FromPage, Status, ToPage } from '../../src/dashboard/messages.ts';
import { FAKE_AGENT, folder, type Started, start } from '../cli/pumice.ts';
import { until } from '../dashboard/stand.ts';

/** The address that a process says its dashboard is at. */
async function addressOf({ child, seen }: Started): Promise<string> {
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (text: string) => {
      said += text;
    });
  await seen('Dashboard: ');
  await until(() => /Dashboard: http\S+\n/.test(said), 'the address');
  return /Dashboard: (http\S+)\n/.exec(said)![1]!;
}

/** A person's page, without the page. */
async function visit(url: string) {
  const { origin, hash } = new URL(url);
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/live`, ['pumice', `pumice.token.${hash.slice(1)}`], {
    origin,
  });
  let status: Status | undefined;
  let steps = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as ToPage;
    if (message.kind === 'status') status = message.status;
    if (message.kind === 'entries') steps += message.entries.filter(({ kind }) => kind === 'step').length;
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  // A program that ends takes its sockets along.
  socket.on('error', () => {});
  const say = (message: FromPage) => socket.send(JSON.stringify(message));
  return {
    status: () => status,
    steps: () => steps,
    command: (command: Command) => say({ kind: 'command', command }),
    is: (isSo: (status: Status) => boolean, what: string) => until(() => status !== undefined && isSo(status), what),
    leave: () => socket.terminate(),
  };
}

describe.concurrent('pumice run --dashboard', { timeout: 60_000 }, () => {
  test('without an instruction waits for one at the page, begins again there, and ends when nobody is there any more', async () => {
    using home = folder();
    const led = start(['run', FAKE_AGENT, '--dashboard', '--record', 'mine.mcap'], { cwd: home.path });
    const person = await visit(await addressOf(led));
    await person.is(({ canStart }) => canStart, 'it can be begun');
    person.command({ kind: 'start', instruction: 'click "Save"' });
    await person.is(({ phase, end, canStart }) => phase === 'over' && end?.outcome === 'success' && canStart, 'done');
    expect(person.steps()).toBeGreaterThan(0);
    person.command({ kind: 'start', instruction: 'tick "Agree"' });
    await person.is(({ instruction, canStart }) => instruction === 'tick "Agree"' && canStart, 'done again');
    person.leave();
    const { code, both } = await led.ended;
    expect(code, both).toBe(0);
    expect(['mine.mcap', 'mine-2.mcap'].map((name) => existsSync(join(home.path, name)))).toEqual([true, true]);
  });

  test('what is asked about is approved there', async () => {
    using home = folder();
    const args = ['run', FAKE_AGENT, '--button', 'Pay now', '--dashboard', '--no-record'];
    const led = start(args, { cwd: home.path });
    const person = await visit(await addressOf(led));
    await person.is(({ canStart }) => canStart, 'it can be begun');
    person.command({ kind: 'start', instruction: 'click "Pay now"' });
    await person.is(({ question }) => question !== undefined, 'a question');
    const { id, verdict } = person.status()!.question!;
    expect(verdict.reasons.join(' ')).toMatch(/pay/i);
    person.command({ kind: 'answer', questionId: id, answer: { kind: 'approve' } });
    await person.is(({ phase, end }) => phase === 'over' && end?.outcome === 'success', 'done');
    person.leave();
    expect((await led.ended).code).toBe(0);
  });

  test('nobody has to come: with an instruction it ends as without a dashboard', async () => {
    using home = folder();
    const args = ['run', FAKE_AGENT, 'click "Pay now"', '--button', 'Pay now', '--max-steps', '2', '--dashboard'];
    const { code, both } = await start([...args, '--no-record'], { cwd: home.path }).ended;
    // Who is not there says no, and does not keep it waiting.
    expect(both).toContain('nobody is at the dashboard');
    expect(code).toBe(3);
  });

  test('an address for it without it is usage', async () => {
    const { code, error } = await start(['run', FAKE_AGENT, 'x', '--dashboard-port', '4801']).ended;
    expect(code).toBe(2);
    expect(error).toContain('Give --dashboard too');
  });

  test('Ctrl-C ends the waiting for somebody', async () => {
    using home = folder();
    const led = start(['run', FAKE_AGENT, '--dashboard'], { cwd: home.path });
    await addressOf(led);
    led.child.kill('SIGINT');
    expect((await led.ended).code).toBe(130);
  });
});

describe('pumice dashboard', () => {
  test('shows a recording until Ctrl-C; a file that is none is refused', async () => {
    using home = folder();
    const made = start(['run', FAKE_AGENT, 'click "Save"', '--record', 'a.mcap'], { cwd: home.path });
    expect((await made.ended).code).toBe(0);
    const led = start(['dashboard', 'a.mcap'], { cwd: home.path });
    const person = await visit(await addressOf(led));
    await person.is(({ phase, end }) => phase === 'over' && end?.outcome === 'success', 'the end');
    expect(person.steps()).toBeGreaterThan(0);
    led.child.kill('SIGINT');
    expect((await led.ended).code).toBe(0);
    const none = await start(['dashboard', 'none.mcap'], { cwd: home.path }).ended;
    expect(none.code).toBe(1);
    expect(none.error).toContain('Give an .mcap file that was recorded by pumice');
  });
});
