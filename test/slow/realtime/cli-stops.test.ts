/** Whoever sits before `pumice run manipulator --real-time` can stop the arm: by a key, by a datagram, by saying nothing. */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { folder, start } from '../../cli/pumice.ts';
import { freePort } from '../../free-port.ts';

const RUN = [
  'run',
  'manipulator',
  'pick up the red block',
  '--real-time',
  '--no-wrist',
  '--no-record',
  // What stops it asks nobody.
  '--critic',
  'none',
  '--seed',
  '3',
  '--execute',
  '4',
];

async function tell(port: number, text: string): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise((sent) => socket.send(text, port, '127.0.0.1', sent));
  socket.close();
}

const TRIES = 5;
/** Until it moves: where the machine is so busy that its policy thinks for too long, the run ends before, and is begun again. */
async function moving(cwd: string, ...more: readonly string[]): Promise<ReturnType<typeof start>> {
  for (let tries = TRIES; ; tries--) {
    const one = start([...RUN, ...more], { cwd });
    const why = await one.seen('Move the tool').catch((error: Error) => error);
    if (why === undefined) return one;
    if (tries === 1) throw why;
  }
}

it('a datagram at the stop port stops it', async () => {
  using home = folder();
  const port = await freePort();
  const { ended } = await moving(home.path, '--stop-port', String(port));
  await tell(port, 'stop');
  const { code, out } = await ended;
  expect(out).toMatch(
    /stopped after \d+ steps?: .*(a datagram came from 127\.0\.0\.1|its stop word was written|the arm is halted)/,
  );
  expect(code).not.toBe(0);
});

it('a dead-man that nobody renews stops it; one that is renewed does not', async () => {
  using home = folder();
  const port = await freePort();
  const alive = setInterval(() => void tell(port, 'alive'), 200);
  const { child, ended } = await moving(home.path, '--stop-port', String(port), '--dead-man-ms', '1500');
  // Longer than it may be silent.
  await new Promise((later) => setTimeout(later, 2500));
  expect(child.exitCode).toBeNull();
  clearInterval(alive);
  const { out } = await ended;
  expect(out).toMatch(
    /stopped after \d+ steps?: .*(was not renewed within 1500 ms|its stop word was written|the arm is halted)/,
  );
});

it('a key stops it, at a terminal', () => {
  using home = folder();
  const script = resolve(import.meta.dirname, 'press_key.py');
  const main = resolve(import.meta.dirname, '../../../dist/src/cli/main.js');
  const atTerminal = [script, 'Move the tool', ' ', process.execPath, main, ...RUN];
  let shown = '';
  for (let tries = TRIES; tries > 0 && !shown.includes('Move the tool'); tries--)
    shown = String(execFileSync('python3', atTerminal, { cwd: home.path, timeout: 60_000 }));
  expect(shown).toContain('Space, q or Escape stops it.');
  expect(shown).toMatch(/stopped.* after \d+ steps?: .*space was pressed/);
});

it('a dead-man without a port, and a port without real time, are refused in words', async () => {
  using home = folder();
  const { ended } = start([...RUN, '--dead-man-ms', '500'], { cwd: home.path });
  expect((await ended).error).toContain('a dead-man is renewed at the stop port');
  const lockstep = start(['run', 'manipulator', 'pick up the red block', '--stop-port', '4000'], { cwd: home.path });
  expect((await lockstep.ended).error).toContain('Give --real-time too');
});
