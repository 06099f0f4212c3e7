/** What commands a robot, against a fake arm in the graph of the double of the bridge. Set-points are those of the test, not of a driver. */
import {
  COMMAND_NUMBERS,
  type Command,
  commandNumbers,
  createBox,
  createStopWord,
  openBox,
  openStopWord,
  stateNumbers,
  stateOf,
  type ToolPose,
} from 'pumice/robots';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBeacon } from '../../../envs/ros/beacon.ts';
import { runCommandLink } from '../../../envs/ros/command-link.ts';
import { LINK_FIELDS, linkNumbersOf, type Said } from '../../../envs/ros/link-numbers.ts';
import type { RosProfile } from '../../../envs/ros/profile.ts';
import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { monotonicNowMs } from '../../../src/clock.ts';
import { type ArmDouble, armDouble } from '../../ros/double/arm.ts';
import { type BridgeDouble, until } from '../../ros/double/bridge.ts';
import { bridge, link, TIMES } from '../../ros/given.ts';

interface Rig {
  readonly double: BridgeDouble;
  readonly arm: ArmDouble;
  readonly said: readonly Said[];
  readonly failure: () => Error | undefined;
  readonly give: (command: Partial<Command>) => void;
  readonly state: () => ReturnType<typeof stateOf> | undefined;
  readonly numbers: () => ReturnType<typeof linkNumbersOf> | undefined;
  readonly stopWord: ReturnType<typeof openStopWord>;
}

async function rig(
  options: {
    readonly clockAheadMs?: number;
    readonly profile?: RosProfile;
    readonly listenMs?: number;
    readonly before?: (rig: { double: BridgeDouble; arm: ArmDouble }) => unknown;
  } = {},
): Promise<Rig> {
  const { clockAheadMs = 0, profile = servoArm, listenMs = 50, before } = options;
  const double = await bridge({ ros: profile.ros, clockAheadMs });
  const arm = await armDouble(double, { ...servoArm, tcp: profile.tcp });
  onTestFinished(arm.close);
  await before?.({ double, arm });
  const commandBox = createBox(COMMAND_NUMBERS);
  const stateBox = createBox(stateNumbers(profile.robot.jointNames.length));
  const linkBox = createBox(LINK_FIELDS);
  const stopWord = createStopWord();
  const [commands, states, numbers] = [openBox(commandBox), openBox(stateBox), openBox(linkBox)];
  const said: Said[] = [];
  let failure: Error | undefined;
  const end = new AbortController();
  const over = runCommandLink(
    {
      url: double.url,
      profile,
      commandBox,
      stateBox,
      linkBox,
      stopWord,
      times: { ...TIMES, freshPeriods: 10, deadPings: 40 },
      listenMs,
    },
    (words) => said.push(words),
    end.signal,
  ).catch((error) => {
    failure = error;
  });
  onTestFinished(async () => {
    end.abort();
    await over;
  });
  return {
    ...{ double, arm, said, failure: () => failure, stopWord: openStopWord(stopWord) },
    give: (command) =>
      commands.write(commandNumbers({ mode: 'set-point', stampMs: monotonicNowMs(), pose: home, ...command })),
    state: () => {
      const message = states.read();
      return message && stateOf(message.values);
    },
    numbers: () => {
      const message = numbers.read();
      return message && linkNumbersOf(message.values);
    },
  };
}
const home: ToolPose = { pM: [0.45, 0, 0.2], qXyzw: [1, 0, 0, 0], gripperOpen: 1 };
const ready = ({ said, state, failure }: Rig) =>
  until(() => {
    const error = failure();
    if (error) throw error;
    return said.some(({ kind }) => kind === 'ready') && state() !== undefined;
  }, 'a robot that is ready');
const troubles = ({ said }: Rig) => said.flatMap((words) => (words.kind === 'trouble' ? [words.text] : []));

describe('what commands a robot behind a bridge', () => {
  it('sends each set-point once, with a stamp of the robot and never of its future, also where its clock is wrong', async () => {
    const made = await rig({ clockAheadMs: 3_600_000 });
    await ready(made);
    let given = 0;
    await until(() => {
      made.give({ pose: { ...home, pM: [0.45 + Math.min(0.05, given * 0.001), 0, 0.2], gripperOpen: 0.25 } });
      given += 1;
      return Math.abs(made.arm.positionM()[0] - 0.5) < 0.003 && made.state()!.measured.pM[0] > 0.49;
    }, 'the tool to be there');
    const { meter } = made.arm;
    const { sent, refused } = made.numbers()!;
    expect(meter.executed).toBeGreaterThan(10);
    expect(meter.executed + meter.old).toBeLessThanOrEqual(given);
    expect(sent + refused).toBeLessThanOrEqual(given);
    expect(meter).toMatchObject({ future: 0, notFinite: 0 });
    expect(made.arm.gripperOpen()).toBeCloseTo(0.25);
    expect(Math.abs(made.numbers()!.offsetMs - 3_600_000 - performance.timeOrigin)).toBeLessThan(100);
  });

  it('sends nothing of a driver that died, and nothing where the body is to be left alone', async () => {
    const made = await rig();
    await ready(made);
    const { executed } = made.arm.meter;
    for (let i = 0; i < 5; i++) {
      const before = made.numbers()!.refused;
      made.give({ stampMs: monotonicNowMs() - 200 });
      await until(() => made.numbers()!.refused > before, 'a refusal');
      made.give({ mode: 'idle' });
    }
    expect(made.arm.meter.executed).toBe(executed);
    await until(() => {
      made.give({ mode: 'hold' });
      return made.arm.meter.executed > executed;
    }, 'a command that is followed');
  });

  it('stops the robot when its e-stop is pressed, and says so', async () => {
    const made = await rig();
    await ready(made);
    expect(made.stopWord.read()).toBeUndefined();
    made.arm.pressEStop(true);
    await until(() => made.stopWord.read() === 1, 'the stop');
    expect(troubles(made)).toEqual(['/e_stop: the e-stop of the robot is pressed']);
    await until(() => made.numbers()!.eStop === 1, 'the number');
  });

  it('stops it when its e-stop falls silent: what is not known is pressed', async () => {
    const profile = { ...servoArm, eStop: { ...servoArm.eStop!, maxSilenceMs: 150 } };
    const made = await rig({ profile });
    await ready(made);
    await made.arm.lie({ isSilent: true });
    await until(() => made.stopWord.read() === 1, 'the stop');
    expect(troubles(made)).toContain('/e_stop: the e-stop of the robot is silent');
    // A machine that stood still may have been silent before the arm was: then a last word comes yet.
    await until(() => Number.isNaN(made.numbers()!.eStop), 'an e-stop that is unknown');
  });

  it('stops it when no command could be sent for as long as its own watchdog waits: it does not go on by itself after that', async () => {
    const made = await rig();
    await ready(made);
    await made.double.kill();
    await until(() => {
      made.give({});
      return troubles(made).some((text) => text.startsWith('no command could be sent: '));
    }, 'the stop');
    expect(made.stopWord.read()).toBe(1);
  });

  it('does not begin where another one drives, and stops when another one begins', async () => {
    const made = await rig({
      listenMs: 500,
      before: ({ double }) => void createBeacon(link(double.url), { drives: true, periodMs: 10 }),
    });
    await until(() => made.failure() !== undefined, 'a refusal');
    expect(made.failure()).toMatchObject({ code: 'body/driver' });
    const first = await rig();
    await ready(first);
    createBeacon(link(first.double.url), { drives: true, periodMs: 10 });
    await until(() => first.stopWord.read() === 1, 'the stop');
    expect(troubles(first)).toEqual(['another one drives this robot']);
  });

  it('does not know where a robot is that tells of another frame or lacks a joint, and says which', async () => {
    const lies = [
      [{ frameId: 'world' }, "/tool_pose: is of frame 'world', expected 'base'"],
      [
        { jointNames: ['shoulder'] },
        /^\/joint_states: joints shoulder-yaw, elbow, .* are not there \(there are: shoulder, finger\)$/,
      ],
    ] as const;
    for (const [lie, words] of lies) {
      const made = await rig({ before: ({ arm }) => arm.lie(lie) });
      await until(() => troubles(made).length > 0, 'trouble');
      expect(troubles(made)[0]).toMatch(words);
      expect(made.state()).toBeUndefined();
    }
  });

  it('knows where a tool is by the transforms that a robot tells one by one, and nothing of one that none leads to', async () => {
    const tcp = { kind: 'tf', frameId: 'base', childFrameId: 'tool' } as const;
    const made = await rig({ profile: { ...servoArm, tcp } });
    await ready(made);
    const beganMs = made.state()!.stampMs;
    await until(() => {
      made.give({ pose: { ...home, pM: [0.47, 0.01, 0.2] } });
      return Math.abs(made.arm.positionM()[0] - 0.47) < 0.003 && made.arm.speedMPerS() < 0.001;
    }, 'the tool to be there');
    await until(() => Math.abs(made.state()!.measured.pM[0] - made.arm.positionM()[0]) < 0.001, 'what it says of it');
    const { measured, stampMs } = made.state()!;
    expect(measured.pM[1]).toBeCloseTo(made.arm.positionM()[1], 3);
    expect(measured.pM[2]).toBeCloseTo(0.2, 3);
    expect(Math.abs(measured.qXyzw[0])).toBeCloseTo(1, 6);
    // As old as the transform that moves: what does not has no age.
    expect(stampMs).toBeGreaterThan(beganMs);
    expect(stampMs).toBeLessThanOrEqual(monotonicNowMs());
    // After a link that was lost all of it is told anew.
    await made.double.kill();
    await made.double.restart();
    const backMs = monotonicNowMs();
    await until(() => made.state()!.stampMs > backMs, 'the robot to be heard again');
    expect(made.state()!.measured.pM[0]).toBeCloseTo(0.47, 2);

    const lost = await rig({
      profile: { ...servoArm, tcp: { ...tcp, childFrameId: 'camera' } },
      before: ({ arm }) => arm.lie({ toolFrame: 'tool' }),
    });
    await until(() => lost.said.some(({ kind }) => kind === 'ready'), 'a link that is ready');
    await until(() => {
      lost.give({});
      return lost.stopWord.read() === 1;
    }, 'the stop');
    expect(troubles(lost)).toContain('no command could be sent: the robot does not say where it is');
    expect(lost.state()).toBeUndefined();
    expect(lost.arm.meter.executed).toBe(0);
  });

  it('calls what its profile names before the first command, and fails with the words of a robot that says no', async () => {
    const start = [{ service: '/servo/start', type: 'std_srvs/Trigger', args: {} }] as const;
    const profile = { ...servoArm, start: [...start] };
    const made = await rig({
      profile,
      before: ({ double }) => double.serve('/servo/start', [], () => ({ values: { success: true, message: 'on' } })),
    });
    await ready(made);
    const calls = made.double.operations().filter(({ op }) => op === 'call_service');
    expect(calls).toHaveLength(1);
    const other = await rig({
      profile,
      before: ({ double }) =>
        double.serve('/servo/start', [], () => ({ values: { success: false, message: 'no power' } })),
    });
    await until(() => other.failure() !== undefined, 'a refusal');
    expect(other.failure()!.message).toBe('ros: service /servo/start: the robot says no: no power');
  });

  it('gives a hand that is an action server its goals, and stops where it takes none', async () => {
    const hand = { kind: 'action', action: '/gripper', closed: 0, open: 0.08, maxEffort: 20 } as const;
    const gripper = { ...hand, acceptUnstamped: 'the newest goal takes the place of an old one' };
    const goals: unknown[] = [];
    const answers = { stalled: true, reached_goal: false };
    const made = await rig({
      profile: { ...servoArm, gripper },
      before: ({ double }) =>
        double.act('/gripper', (goal) => {
          goals.push(goal);
          // As a hand that has a thing between its fingers.
          return { status: 6, values: answers };
        }),
    });
    await ready(made);
    await until(() => {
      made.give({ pose: { ...home, gripperOpen: 0.25 } });
      return goals.length > 0;
    }, 'a goal');
    expect(goals[0]).toEqual({ command: { position: 0.02, max_effort: 20 } });
    expect(made.stopWord.read()).toBeUndefined();
    made.double.act('/gripper', () => ({ status: 6, values: 'no such action' }));
    await until(() => {
      made.give({ pose: { ...home, gripperOpen: 1 } });
      return made.stopWord.read() === 1;
    }, 'the stop');
    expect(troubles(made).join()).toMatch(/action \/gripper: the robot refuses: status 6, no such action/);
  });

  it('pauses a robot that stands in a halt, makes it ready before it moves again, and sends nothing in between', async () => {
    const trigger = (service: string) => ({ service, type: 'std_srvs/Trigger', args: {} }) as const;
    const profile = { ...servoArm, start: [trigger('/servo/start')], pause: trigger('/servo/pause') };
    const asked: string[] = [];
    const made = await rig({
      profile,
      before: ({ double }) => {
        for (const service of ['/servo/start', '/servo/pause'])
          double.serve(service, [], () => {
            asked.push(service);
            return { values: { success: true, message: '' } };
          });
      },
    });
    await ready(made);
    await until(() => {
      made.give({ mode: 'halt' });
      return asked.length === 2;
    }, 'the pause');
    const sentUntil = () => made.numbers()!.sent;
    let before = -1;
    await until(() => {
      const isStill = sentUntil() === before;
      before = sentUntil();
      made.give({ mode: 'halt' });
      return isStill;
    }, 'silence');
    const { executed } = made.arm.meter;
    made.give({ mode: 'halt' });
    await until(() => {
      if (asked.length < 3) expect(made.arm.meter.executed).toBe(executed);
      made.give({ mode: 'hold' });
      return made.arm.meter.executed > executed;
    }, 'a command that is followed');
    expect(asked).toEqual(['/servo/start', '/servo/pause', '/servo/start']);
  });

  it('asks for the protective stop in category 0, though its driver is dead, and again when the link is back', async () => {
    const profile = {
      ...servoArm,
      protectiveStop: { service: '/estop', type: 'std_srvs/SetBool', args: { data: true } } as const,
    };
    const cuts: unknown[] = [];
    const made = await rig({ profile });
    await ready(made);
    await made.double.kill();
    made.stopWord.stop(0);
    await until(
      () => troubles(made).some((text) => text.startsWith('ros: service /estop: ')),
      'a failure that is told',
    );
    made.double.serve('/estop', ['data'], ({ data }) => {
      cuts.push(data);
      return { values: { success: true, message: '' } };
    });
    await made.double.restart();
    await until(() => cuts.length > 0, 'the protective stop');
    expect(cuts).toEqual([true]);
  });

  it('stops a robot that would be led before it is ready again after a stop: it would leap when it is', async () => {
    const profile = { ...servoArm, start: [{ service: '/servo/start', type: 'std_srvs/Trigger', args: {} } as const] };
    let starts = 0;
    const made = await rig({
      profile,
      before: ({ double }) =>
        double.serve('/servo/start', [], () => {
          starts += 1;
          return starts === 1 ? { values: { success: true, message: '' } } : 'silent';
        }),
    });
    await ready(made);
    await until(() => {
      made.give({ mode: 'halt' });
      return made.arm.meter.executed > 0;
    }, 'a halt');
    await until(() => {
      made.give({});
      return made.stopWord.read() === 1;
    }, 'the stop');
    expect(troubles(made)).toEqual(['no command could be sent: the robot is not ready again after a stop']);
  });
});
