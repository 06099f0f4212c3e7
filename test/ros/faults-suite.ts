/**
 * Faults in mid-motion, through a stretch of network: the whole body, with its driver. What the arm did is by its own account, never by
 * what a send returned. Played on a real graph and on the double of the canonical bridge.
 */
import { type Critic, type Policy, run } from 'pumice';
import { ros } from 'pumice/envs/ros';
import { firstValueFrom, from } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { servoArm } from '../../envs/ros/profiles/servo-arm.ts';
import { monotonicNowMs, sleep } from '../../src/clock.ts';
import type { Answer, Env } from '../../src/ports.ts';
import type { Action, ActResult, Sensed } from '../../src/types.ts';
import { until } from './double/bridge.ts';
import type { Lies, RealArm } from './real/graph.ts';
import { openProxy, type Stretch } from './real/proxy.ts';

const context = { signal: AbortSignal.timeout(300_000), nowMs: monotonicNowMs, report: () => {} };
const answer = <T>(given: Answer<T>) => firstValueFrom(from(given));
const along = (xM: number): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [xM, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 },
});
const JOINTS = [...servoArm.robot.jointNames, 'finger'];
const TRUTH: Partial<Lies> = { frame: 'base', joints: JOINTS, isNan: false, aheadS: 0, pictureHz: 10, flood: 1 };

/** A robot behind a bridge, whatever plays the two. */
export interface FaultWorld {
  readonly url: string;
  readonly arm: () => Pick<RealArm, 'x' | 'speed' | 'executed' | 'old' | 'future' | 'notFinite'>;
  readonly lie: (what: Partial<Lies>) => void;
  /** The process of the bridge is stopped, and goes on. */
  readonly stall: (isStalled: boolean) => void;
  readonly press: (isPressed: boolean) => Promise<void>;
  /** Sets the clock of the bridge forward by so much, ms, and says what it showed before and shows now; none where it cannot be set. */
  readonly stepClock?: (byMs: number) => readonly [number, number];
  readonly close: () => Promise<void>;
}

interface Given {
  readonly world: FaultWorld;
  readonly proxy: Stretch;
}
interface Fault {
  readonly name: string;
  readonly begin: (given: Given) => void;
  readonly end: (given: Given) => void;
  /** Why it was stopped, as it is told. */
  readonly reason: RegExp;
}
const lie = (name: string, what: Partial<Lies>, reason: RegExp): Fault => ({
  ...{ name, begin: ({ world }) => world.lie(what), end: ({ world }) => world.lie(TRUTH), reason },
});
const FAULTS: readonly Fault[] = [
  {
    name: 'the bridge is stopped',
    begin: ({ world }) => world.stall(true),
    end: ({ world }) => world.stall(false),
    reason: /no command could be sent|state is frozen/,
  },
  {
    name: 'packets are dropped in both directions',
    begin: ({ proxy }) => proxy.silence(true),
    end: ({ proxy }) => proxy.silence(false),
    reason: /no command could be sent|state is frozen/,
  },
  lie('the robot tells NaN', { isNan: true }, /state is frozen|does not come to rest/),
  lie('the robot tells of another frame', { frame: 'world' }, /is of frame 'world', expected 'base'/),
  lie('a joint is missing', { joints: JOINTS.slice(1) }, /joints shoulder-yaw are not there/),
  lie("the robot's clock is set forward", { aheadS: 5 }, /stamp is \d+ ms ahead of the bridge's clock/),
  lie("the robot's clock is set back", { aheadS: -5 }, /is \d+ ms old by its stamp when it comes/),
];

/** @param why - why it cannot be played here, if so. */
export function faultSuite(where: string, open: () => Promise<FaultWorld>, why?: string): void {
  describe.skipIf(why !== undefined)(`faults in mid-motion, ${where}${why ? ` (skipped: ${why})` : ''}`, () => {
    let world: FaultWorld;
    let proxy: Stretch;
    let env: Env;
    beforeAll(async () => {
      world = await open();
      proxy = await openProxy(world.url);
      env = await ros({ url: proxy.url, profile: servoArm });
      await answer(env.reset({ instruction: 'go' }, context));
    }, 300_000);
    afterAll(async () => {
      await env?.close();
      await proxy?.close();
      await world?.close();
    });
    const observe = (): Promise<Sensed> => answer(env.observe(context));
    const act = (action: Action): Promise<ActResult> => answer(env.act(action, context));
    /** To and fro until it is stopped, or has gone so often; resolves when it moves. */
    const begins = async (mostActs = 30) => {
      const moving = async () => {
        for (let acts = 1; ; acts++) {
          const result = await act(along(acts % 2 === 0 ? 0.04 : -0.04));
          if (result.status !== 'done' || acts === mostActs) return result;
        }
      };
      let ended: ActResult | undefined;
      const acting = moving();
      acting.then((result) => (ended = result)).catch(() => {});
      await until(() => world.arm().speed > 0.04 || ended !== undefined, 'a motion');
      expect(ended, 'it ended before it moved').toBeUndefined();
      return { acting };
    };
    /** What it is stopped with, in mid-motion. An arm that other work on this machine keeps from coming to rest is stopped for that, and begins again. */
    const stoppedBy = async (begin: () => void, why: RegExp): Promise<ActResult> => {
      for (let tries = 0; ; tries++) {
        const { acting } = await begins();
        begin();
        const result = await acting;
        const { reason = '' } = result;
        if (tries === 2 || why.test(reason) || !reason.endsWith('halted: does not come to rest')) return result;
        world.lie(TRUTH);
        await again();
        await home();
      }
    };
    const plainSocket = async () => {
      const socket = new WebSocket(world.url);
      socket.on('error', () => {});
      await new Promise((resolve) => socket.once('open', resolve));
      return socket;
    };
    /** For a tenth of a second: where it turns round it stands still for one reading. */
    const rests = async () => {
      let sinceMs = monotonicNowMs();
      await until(() => {
        if (world.arm().speed >= 0.001) sinceMs = monotonicNowMs();
        return monotonicNowMs() - sinceMs > 100;
      }, 'rest');
    };
    const again = async () => {
      const backMs = monotonicNowMs();
      await until(async () => (await observe()).proprio!.stampMs > backMs, 'the robot to be heard again', 60_000);
      await rests();
      await answer(env.reset({ instruction: 'go' }, context));
    };
    const home = async () => {
      for (let tries = 0; Math.abs(world.arm().x - 0.45) > 0.01 && tries < 5; tries++)
        await act(along(Math.min(0.04, Math.max(-0.04, 0.45 - world.arm().x))));
    };

    beforeEach(async () => {
      await again();
      await home();
    }, 60_000);

    for (const { name, begin, end, reason } of FAULTS)
      it(`${name}: it rests, says why, does not go on when that is over, and does when a person begins again`, async () => {
        const { future } = world.arm();
        let x = Number.NaN;
        try {
          const { status, reason: said } = await stoppedBy(() => begin({ world, proxy }), reason);
          await rests();
          console.log(`${name}: ${status}: ${said}`);
          expect(status).toBe('stopped');
          expect(said).toMatch(reason);
          x = world.arm().x;
        } finally {
          end({ world, proxy });
        }
        const backMs = monotonicNowMs();
        await until(async () => (await observe()).proprio!.stampMs > backMs, 'the robot to be heard again', 60_000);
        expect(await act(along(0.02))).toMatchObject({ status: 'stopped' });
        expect(world.arm().x).toBeCloseTo(x, 3);
        await again();
        expect(await act(along(x > 0.45 ? -0.01 : 0.01))).toMatchObject({ status: 'done' });
        expect(world.arm()).toMatchObject({ future, notFinite: 0 });
      });

    it('the clock of the bridge is set forward, and back: for less than half a second commands have a stamp of the clock before, and none has afterwards', async ({
      skip,
    }) => {
      if (!world.stepClock) return skip('a clock that others share cannot be set');
      for (const byMs of [5000, -5000]) {
        const before = world.arm();
        const { acting } = await begins(6);
        const [beforeMs, afterMs] = world.stepClock(byMs);
        expect(Math.abs(afterMs - beforeMs - byMs)).toBeLessThan(1000);
        const { status, reason } = await acting;
        await rests();
        const { old, future } = world.arm();
        const wrong = old - before.old + future - before.future;
        console.log(
          `the clock of the bridge is set by ${byMs} ms: ${status}: ${reason}; ${wrong} commands dropped for their stamp`,
        );
        // None where the robot's own stamps told of it first.
        expect(wrong, `${byMs}`).toBeLessThan(servoArm.robot.driver!.commandRateHz / 2);
        await again();
        await home();
        expect(world.arm()).toMatchObject({ old, future });
      }
    });

    it('the socket is reset: it goes on within its own watchdog, or stands until a person begins again; nothing old moves it', async () => {
      const { old, future } = world.arm();
      const { acting } = await begins(4);
      proxy.cut();
      const { status } = await acting;
      await rests();
      console.log(`the socket is reset: ${status}`);
      expect(['done', 'stopped']).toContain(status);
      expect(world.arm()).toMatchObject({ future, old });
    });

    it('packets are lost and sent again: what comes late is dropped by its stamp, and it goes where it is told or stands', async () => {
      const before = world.arm();
      proxy.lose(0.02);
      const results: string[] = [];
      for (let i = 0; i < 6; i++) results.push((await act(along(i % 2 === 0 ? -0.02 : 0.02))).status);
      proxy.lose(0);
      await rests();
      const { executed, old, future } = world.arm();
      console.log(
        `packets lost: ${results.join(' ')}; ${executed - before.executed} executed, ${old - before.old} old`,
      );
      expect(future).toBe(before.future);
      // When nothing comes any more it goes on as it was told last, until its watchdog trips.
      const { robot, watchdogMs, maxCommandAgeMs } = servoArm;
      const mostM = 0.02 + (robot.limits.maxSpeedMPerS * (watchdogMs + maxCommandAgeMs)) / 1000;
      expect(Math.abs(world.arm().x - before.x)).toBeLessThan(mostM);
      expect(executed).toBeGreaterThan(before.executed);
    });

    it('a flood of what it listens to, and one who listens and reads nothing, do not keep commands from the arm', async () => {
      const slow = await plainSocket();
      slow.send(JSON.stringify({ op: 'subscribe', topic: '/joint_states', type: 'sensor_msgs/msg/JointState' }));
      (slow as unknown as { _socket: { pause: () => void } })._socket.pause();
      world.lie({ flood: 20 });
      const before = world.arm();
      const results: string[] = [];
      for (let i = 0; i < 6; i++) results.push((await act(along(i % 2 === 0 ? -0.02 : 0.02))).status);
      world.lie({ flood: 1 });
      slow.terminate();
      const { executed, old, future } = world.arm();
      console.log(`flood: ${results.join(' ')}; ${executed - before.executed} executed, ${old - before.old} old`);
      expect(results).toEqual(results.map(() => 'done'));
      expect(executed - before.executed).toBeGreaterThan(60);
      expect(future).toBe(before.future);
    });

    it('a camera that stops, or is too slow, stops it, and is named', async () => {
      for (const pictureHz of [0, 1]) {
        world.lie({ pictureHz });
        await until(async () => (await act(along(0.001))).status === 'stopped', 'the stop', 30_000);
        expect((await act(along(0.001))).reason).toMatch(
          /camera third \(.*\): expected a picture every 600 ms, none for/,
        );
        world.lie(TRUTH);
        await sleep(300);
        await again();
      }
    });

    it('e-stop, pressed while it looks, while it is led by nobody (as in a thought or a verdict), and while it acts: it stands until a person begins again', async () => {
      const isPressed = async () => (await observe()).health!.eStop === 'pressed';
      for (const phase of ['look', 'nobody leads', 'act']) {
        const acting = phase === 'act' ? (await begins()).acting : undefined;
        const looking = phase === 'look' ? observe() : undefined;
        await world.press(true);
        await until(isPressed, 'the press to be seen');
        await rests();
        const { x } = world.arm();
        if (acting) expect(await acting).toMatchObject({ status: 'stopped' });
        await looking;
        expect((await act(along(0.02))).reason).toMatch(/the e-stop of the robot is pressed/);
        await world.press(false);
        await until(async () => !(await isPressed()), 'the release to be seen');
        expect(await act(along(0.02))).toMatchObject({ status: 'stopped' });
        expect(world.arm().x, phase).toBeCloseTo(x, 3);
        await again();
        await home();
      }
    });

    it('e-stop, pressed in the thought and in the verdict of a run: it ends and says why, and nothing of it moves the arm', async () => {
      for (const phase of ['thought', 'verdict'] as const) {
        let isIn = false;
        /** Long enough for a press to be seen. */
        const dwell = async (here: string) => {
          isIn = here === phase;
          if (isIn) await sleep(1500);
        };
        const policy: Policy = {
          ...{ name: 'slow-fake', actionKinds: ['eef-delta'], reset: () => {} },
          act: async () => {
            await dwell('thought');
            return { actions: [along(world.arm().x > 0.45 ? -0.02 : 0.02)] };
          },
        };
        const critic: Critic = {
          name: 'slow-fake',
          judge: async () => {
            await dwell('verdict');
            return { kind: 'allow', reasons: [] };
          },
        };
        const running = run({ env, policy, critics: [critic], instruction: 'go', budget: { maxSteps: 20 } });
        await until(() => isIn, `the ${phase}`);
        await rests();
        const { x } = world.arm();
        await world.press(true);
        const { outcome, reason } = await running.result;
        expect({ outcome, reason }, phase).toMatchObject({
          outcome: 'fault',
          reason: expect.stringContaining('e-stop'),
        });
        expect(world.arm().x, phase).toBeCloseTo(x, 3);
        await world.press(false);
        await until(async () => (await observe()).health!.eStop === 'released', 'the release to be seen');
        await again();
      }
    });
  });
}
