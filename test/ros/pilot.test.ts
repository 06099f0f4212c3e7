/** A person's controls from a topic of the robot's graph, over a real socket to the double of the bridge. */
import { monotonicNowMs, type PilotInput, sleep } from 'pumice';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type PilotOptions, rosPilot } from '../../envs/ros/pilot.ts';
import { until } from './double/bridge.ts';
import { bridge, connected, link } from './given.ts';

const TOPIC = '/teleop';

async function listening(options: Partial<PilotOptions> & Pick<PilotOptions, 'type'>, isKnown = true) {
  const double = await bridge();
  const opened = link(double.url);
  await connected(opened);
  const offsetMs = monotonicNowMs() - double.nowMs();
  const hereMs = (robotMs: number) => (isKnown ? robotMs + offsetMs : undefined);
  const heard: PilotInput[] = [];
  const parts = { link: opened, frameId: 'base', hereMs };
  const subscription = rosPilot({ topic: TOPIC, ...options }, parts).input$ as import('rxjs').Observable<PilotInput>;
  let failure: unknown;
  const ending = subscription.subscribe({ next: (input) => heard.push(input), error: (cause) => (failure = cause) });
  onTestFinished(() => ending.unsubscribe());
  const isSubscribed = () => double.operations().some(({ op, topic }) => op === 'subscribe' && topic === TOPIC);
  await until(isSubscribed, 'a subscription');
  const header = (aheadMs = 0, frame = 'base') => ({ stamp: double.stamp(aheadMs), frame_id: frame });
  const twist = (x: number, aheadMs = 0, frame = 'base') =>
    double.publish(TOPIC, 'geometry_msgs/TwistStamped', {
      header: header(aheadMs, frame),
      twist: { linear: { x, y: 0, z: 0 }, angular: { x: 0, y: 0, z: 0.1 } },
    });
  const joy = (axes: readonly number[], pressed: readonly number[]) =>
    double.publish(TOPIC, 'sensor_msgs/Joy', {
      header: header(),
      axes: [...axes],
      buttons: Array.from({ length: 8 }, (_, at) => (pressed.includes(at) ? 1 : 0)),
    });
  return { heard, twist, joy, failed: () => failure };
}
const next = (heard: readonly PilotInput[], count: number) => until(() => heard.length >= count, `sample ${count}`);

describe('twists', () => {
  it('are a held dead-man, stamped as the robot stamps them; silence lets go of it', async () => {
    const { heard, twist } = await listening({ type: 'twist' });
    expect(heard).toEqual([expect.objectContaining({ isHeld: false, mode: 'manual' })]);
    twist(0.1, -40, 'tool');
    await next(heard, 2);
    expect(heard[1]).toMatchObject({
      isHeld: true,
      command: { kind: 'eef-twist', frameId: 'tool', linearMPerS: [0.1, 0, 0], angularRadPerS: [0, 0, 0.1] },
    });
    expect(monotonicNowMs() - heard[1]!.stampMs).toBeGreaterThanOrEqual(39);
    await next(heard, 3);
    expect(heard[2]).toMatchObject({ isHeld: false });
    expect(heard[2]!.command).toBeUndefined();
  });

  it('whose age nobody can tell are none, and one with a number that is none is none either', async () => {
    const unknown = await listening({ type: 'twist' }, false);
    unknown.twist(0.1);
    const { heard, twist } = await listening({ type: 'twist' });
    twist(Number.NaN);
    await sleep(60);
    expect(heard).toHaveLength(1);
    expect(unknown.heard).toHaveLength(1);
  });
});

describe('a joystick', () => {
  it('leads while its dead-man is pressed, and not otherwise', async () => {
    const { heard, joy } = await listening({ type: 'joy', mode: 'assist', share: 0.3 });
    // A button that is stuck was never seen let go.
    expect(heard).toEqual([]);
    joy([0, 1, 0, 0, 0], []);
    await next(heard, 1);
    expect(heard[0]).toMatchObject({ isHeld: false, mode: 'assist', share: 0.3 });
    joy([0, 1, 0, -0.5, 0.04], [4]);
    await next(heard, 2);
    expect(heard[1]).toMatchObject({
      isHeld: true,
      command: { frameId: 'base', linearMPerS: [0.15, 0, 0], angularRadPerS: [0, 0, expect.closeTo(-0.3)] },
    });
    // At rest it asks for nothing; a button is for the hand.
    joy([0, 0, 0, 0, 0], [4]);
    await next(heard, 3);
    expect(heard[2]!.command).toBeUndefined();
    joy([0, 0, 0, 0, 0], [4, 0]);
    await next(heard, 4);
    expect(heard[3]).toMatchObject({ isHeld: true, command: { linearMPerS: [0, 0, 0], gripperOpen: 0 } });
    joy([0, 0, 0, 0, 0], []);
    await next(heard, 5);
    expect(heard[4]).toMatchObject({ isHeld: false });
  });

  it('that falls silent while it is held has let go of nothing', async () => {
    const { heard, joy } = await listening({ type: 'joy' });
    joy([0, 1, 0, 0, 0], []);
    joy([0, 1, 0, 0, 0], [4]);
    await next(heard, 2);
    await sleep(300);
    expect(heard.map(({ isHeld }) => isHeld)).toEqual([false, true]);
  });

  it('of which nothing is heard for a second watches over no policy: the controls have failed', async () => {
    const { joy, failed } = await listening({ type: 'joy', mode: 'supervised' });
    joy([0, 0, 0, 0, 0], []);
    await until(() => failed() !== undefined, 'the failure');
    expect(failed()).toMatchObject({ code: 'body/not-ready', message: expect.stringMatching(/nobody watches/) });
  });

  it('is what supervised needs: twists are refused', async () => {
    await expect(listening({ type: 'twist', mode: 'supervised' })).rejects.toMatchObject({ code: 'config/invalid' });
  });
});
