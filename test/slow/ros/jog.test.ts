/** A person jogs the fake arm through the double of the bridge: their eyes are the arm's true position, their hand is the dead-man. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JogPerson, jogRobot } from 'pumice/envs/ros';
import { NEVER, type Observable, Subject } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBeacon } from '../../../envs/ros/beacon.ts';
import { wayOf } from '../../../envs/ros/jog-answers.ts';
import type { RosProfile } from '../../../envs/ros/profile.ts';
import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { doctor } from '../../../src/cli/doctor.ts';
import { type ArmBuild, type ArmDouble, armDouble } from '../../ros/double/arm.ts';
import { bridgeDouble, until } from '../../ros/double/bridge.ts';
import { link } from '../../ros/given.ts';

async function robot(build?: ArmBuild) {
  const double = await bridgeDouble({ clockAheadMs: 7000 });
  const arm = await armDouble(double, servoArm, build);
  onTestFinished(async () => {
    arm.close();
    await double.kill().catch(() => {});
  });
  return { double, arm };
}

/** Answers by what the arm truly did. */
function observer(arm: ArmDouble, letGo$: () => Observable<string> = () => NEVER) {
  const said: string[] = [];
  let before = { m: arm.positionM(), rad: arm.turnRad() };
  const person: JogPerson = {
    say: (text) => said.push(text),
    hold: async (what) => {
      said.push(what);
      before = { m: arm.positionM(), rad: arm.turnRad() };
      return { name: 'dead-man', stop$: letGo$() };
    },
    choose: async (question, answers) => {
      said.push(question);
      if (question.startsWith('How is the hand'))
        return arm.gripperOpen() > 0.9 ? 'o' : arm.gripperOpen() < 0.1 ? 'c' : '0';
      const kind = question.includes('move') ? 'linear' : 'angular';
      const [to, from] = kind === 'linear' ? [arm.positionM(), before.m] : [arm.turnRad(), before.rad];
      const way = wayOf(kind, [to[0] - from[0], to[1] - from[1], to[2] - from[2]]);
      const words = way && WORDS[kind][way];
      if (answers[0]!.key === 'y') return words !== undefined && question.includes(words) ? 'y' : 'n';
      return answers.find(({ says }) => says === words)?.key ?? '0';
    },
  };
  return { person, said };
}
const WORDS = {
  linear: {
    ...{ '+x': 'away from the base', '-x': 'towards the base', '+y': 'to the left', '-y': 'to the right' },
    ...{ '+z': 'up', '-z': 'down' },
  },
  angular: {
    ...{ '+x': 'clockwise, seen from behind the base', '-x': 'counter-clockwise, seen from behind the base' },
    ...{ '+y': 'with its upper end tipping away from the base', '-y': 'with its upper end tipping towards the base' },
    ...{ '+z': 'counter-clockwise, seen from above', '-z': 'clockwise, seen from above' },
  },
} as const;
const signal = new AbortController().signal;

describe('a jog', () => {
  it('of a robot with an axis that is flipped and a hand that is inverted finds both, slowly, and leaves it where it stood', async () => {
    const { double, arm } = await robot({
      linear: ['-x', '+y', '+z'],
      angular: ['+x', '-y', '+z'],
      isHandInverted: true,
    });
    const { person, said } = observer(arm);
    const { profile, problems, decides } = await jogRobot({ url: double.url, profile: servoArm, person, signal });
    expect(problems).toEqual([]);
    expect((profile.command as Extract<RosProfile['command'], { kind: 'twist' }>).axes).toEqual({
      linear: ['-x', '+y', '+z'],
      angular: ['+x', '-y', '+z'],
    });
    expect(profile.gripper).toMatchObject({ closed: 1, open: 0 });
    expect(decides.filter((line) => line.includes('it was'))).toHaveLength(3);
    expect(said.filter((line) => line === 'Did it move away from the base?')).toHaveLength(1);
    expect(arm.meter.fastestMPerS).toBeLessThanOrEqual(0.05 + 1e-9);
    expect(arm.meter).toMatchObject({ future: 0, notFinite: 0 });
    // Open loop: there, and back, a command leads until the next one comes, and one later than the age limit is dropped.
    const mostM = (2 * 0.05 * servoArm.maxCommandAgeMs) / 1000;
    for (const [at, value] of [0.45, 0, 0.2].entries())
      expect(Math.abs(arm.positionM()[at]! - value)).toBeLessThanOrEqual(mostM);
  });

  it('rests as soon as the dead-man is let go in mid-motion, and ends after the third time', async () => {
    const { double, arm } = await robot();
    let letGo = new Subject<string>();
    const { person, said } = observer(arm, () => {
      letGo = new Subject();
      return letGo;
    });
    const jogging = jogRobot({ url: double.url, profile: servoArm, person, signal });
    jogging.catch(() => {});
    for (let tries = 1; tries <= 3; tries++) {
      await until(() => arm.speedMPerS() > 0.02, 'a motion');
      const at = arm.positionM()[0];
      letGo.next('was not renewed within 200 ms');
      await until(() => arm.speedMPerS() < 0.001, 'rest');
      expect(arm.positionM()[0] - at).toBeLessThan(0.01);
    }
    await expect(jogging).rejects.toThrow(/stopped: dead-man: was not renewed/);
    expect(said.filter((line) => line.startsWith('It stopped: stopped: dead-man'))).toHaveLength(2);
    expect(arm.speedMPerS()).toBeLessThan(0.001);
  });

  it('ends where its e-stop is pressed in mid-motion, and begins nowhere near the edge of the workspace', async () => {
    const { double, arm } = await robot();
    const { person, said } = observer(arm);
    const jogging = jogRobot({ url: double.url, profile: servoArm, person, signal });
    jogging.catch(() => {});
    await until(() => arm.speedMPerS() > 0.02, 'a motion');
    arm.pressEStop(true);
    await expect(jogging).rejects.toThrow(/its e-stop is pressed/);
    expect(said.join('\n')).toMatch(/It stopped: fault: .*the e-stop of the robot is pressed/);
    arm.pressEStop(false);
    const { limits } = servoArm.robot;
    const narrow = { ...limits.workspace, maxM: [0.47, 0.36, 0.36] as const };
    const profile = { ...servoArm, robot: { ...servoArm.robot, limits: { ...limits, workspace: narrow } } };
    const { executed } = arm.meter;
    await expect(jogRobot({ url: double.url, profile, person, signal })).rejects.toThrow(
      /no room of 0.05 m on every side: x is 0\.\d+, expected 0.250 to 0.420/,
    );
    expect(arm.meter.executed).toBe(executed);
  });

  it('is refused where the examination finds a fault: an e-stop that is pressed, another one that drives', async () => {
    const { double, arm } = await robot();
    arm.pressEStop(true);
    createBeacon(link(double.url), { drives: true, periodMs: 10 });
    for (const stream of [process.stdin, process.stdout]) {
      const isTTY = Object.getOwnPropertyDescriptor(stream, 'isTTY');
      Object.defineProperty(stream, 'isTTY', { value: true, configurable: true });
      onTestFinished(
        () => void Object.defineProperty(stream, 'isTTY', isTTY ?? { value: undefined, configurable: true }),
      );
    }
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    onTestFinished(() => void vi.restoreAllMocks());
    const options = { url: double.url, profile: 'servo-arm', jog: true, out: join(tmpdir(), 'never.json') };
    expect(await doctor('ros', options)).toBe(1);
    expect(written.join('')).toMatch(/fail.*driver.*1 other pumice drives/);
    expect(written.join('')).toMatch(/fail.*e_stop.*the e-stop of the robot is pressed/);
    expect(written.at(-1)).toBe('Nothing is jogged before that is mended.\n');
    expect(arm.meter.executed + arm.meter.afterEStop).toBe(0);
  });

  // Night: a process of its own, and a terminal.
  it.skipIf(!process.env.NIGHT)(
    'is over when the terminal is gone in mid-motion: the robot rests, and nothing is written',
    async () => {
      const { double, arm } = await robot();
      const folder = mkdtempSync(join(tmpdir(), 'pumice-jog-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const out = join(folder, 'arm.json');
      const flags = ['doctor', 'ros', '--url', double.url, '--profile', 'servo-arm', '--jog', '--out', out];
      // A terminal of its own: what kills it hangs up on the command.
      const terminal = spawn('python3', [
        ...['-c', 'import pty, sys; pty.spawn(sys.argv[1:])', process.execPath, 'dist/src/cli/main.js'],
        ...flags,
      ]);
      onTestFinished(() => void terminal.kill('SIGKILL'));
      let shown = '';
      terminal.stdout.on('data', (text) => {
        shown += text;
      });
      await until(() => shown.includes('Hold the space bar'), 'the question', 30_000);
      const pressing = setInterval(() => terminal.stdin.write(' '), 30);
      onTestFinished(() => clearInterval(pressing));
      await until(() => arm.speedMPerS() > 0.02, 'a motion');
      const at = arm.positionM()[0];
      clearInterval(pressing);
      terminal.kill('SIGKILL');
      await once(terminal, 'exit');
      await until(() => double.clients() === 0, 'the end of the command', 20_000);
      await until(() => arm.speedMPerS() < 0.001, 'rest');
      expect(arm.positionM()[0] - at).toBeLessThan(0.02);
      expect(existsSync(out)).toBe(false);
    },
  );
});
