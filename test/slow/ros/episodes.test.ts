/** `pumice eval robot` at a terminal of its own, against the fake arm: a link that is lost, an interrupt, the same command again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEpisode } from 'pumice/record';
import { expect, it, onTestFinished } from 'vitest';
import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { armDouble } from '../../ros/double/arm.ts';
import { bridgeDouble, until } from '../../ros/double/bridge.ts';

/** Away from home, towards the base; done. */
const STEP = { kind: 'eef-delta', frameId: 'base', dPosM: [-0.03, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 };

interface Terminal {
  readonly child: ChildProcess;
  /** Waits for words, and enters a line. */
  readonly answer: (words: string, line: string) => Promise<void>;
  readonly shown: () => string;
  readonly exitCode: () => Promise<number | null>;
}

function terminalOf(flags: readonly string[]): Terminal {
  const program = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const child = spawn('python3', ['-c', program, process.execPath, 'dist/src/cli/main.js', ...flags]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  let shown = '';
  let read = 0;
  child.stdout.on('data', (text) => {
    shown += text;
  });
  return {
    child,
    shown: () => shown,
    answer: async (words, line) => {
      await until(() => shown.indexOf(words, read) >= 0, `${words} in ${shown.slice(-400)}`, 30_000);
      read = shown.indexOf(words, read) + words.length;
      child.stdin.write(line);
    },
    exitCode: async () => (await exit)[0],
  };
}

// Night: starts the command three times.
it.skipIf(!process.env.NIGHT)(
  'attempts that were cut by a lost link or left unjudged are begun again, by the same command',
  async () => {
    const double = await bridgeDouble({ clockAheadMs: 7000 });
    const arm = await armDouble(double, servoArm);
    const folder = mkdtempSync(join(tmpdir(), 'pumice-episodes-'));
    onTestFinished(async () => {
      arm.close();
      await double.kill().catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    });
    const json = join(folder, 'result.json');
    const flags = [
      ...[
        'eval',
        'robot',
        '--url',
        double.url,
        '--profile',
        'servo-arm',
        '--instruction',
        'go away',
        '--attempts',
        '2',
      ],
      ...['--policy', 'scripted', '--policy-options', JSON.stringify({ actions: [STEP, STEP] })],
      ...['--records', folder, '--json', json],
    ];
    const first = terminalOf(flags);
    await first.answer('Stand clear', '\n');
    await first.answer('Reset the scene', '\n');
    await until(() => arm.speedMPerS() > 0.05, 'a motion');
    await double.kill();
    await until(() => arm.speedMPerS() < 0.001, 'rest');
    await first.answer('Not counted, and begun again', '');
    await double.restart();
    await first.answer('Stand clear', '\n');
    await first.answer('Reset the scene', '\n');
    await first.answer('How did it go?', 's gone\n');
    await first.answer('2 of 2', '');
    await first.answer('Stand clear', '\u0003');
    expect(await first.exitCode()).toBe(130);
    expect(existsSync(json)).toBe(false);

    const second = terminalOf(flags);
    await second.answer('2 of 2', '');
    await second.answer('Stand clear', '\n');
    await second.answer('Reset the scene', '\n');
    await until(() => arm.speedMPerS() > 0.05, 'a motion');
    // The key that stops it: then the person says what it was.
    second.child.stdin!.write(' ');
    await until(() => arm.speedMPerS() < 0.001, 'rest');
    await second.answer('It ended: stopped', '');
    await second.answer('How did it go?', 'f I stopped it\n');
    expect(await second.exitCode()).toBe(0);
    expect(second.shown()).toMatch(/go away\s+1\/2/);
    const { episodes } = JSON.parse(readFileSync(json, 'utf8'));
    expect(episodes).toMatchObject([
      { seed: 1, success: true, note: 'gone', outcome: 'success' },
      { seed: 2, success: false, note: 'I stopped it', outcome: 'stopped' },
    ]);
    const { end } = await readEpisode(episodes[1].recordPath);
    expect(end).toMatchObject({
      outcome: 'stopped',
      judged: { by: 'person', outcome: 'failure', note: 'I stopped it' },
    });
    expect(existsSync(`${json}.partial`)).toBe(false);
  },
  120_000,
);
