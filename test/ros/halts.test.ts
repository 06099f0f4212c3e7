/** What a robot is asked for beside its commands, by hand: services that answer when the test says so, and a clock of the test. */
import type { Mode } from 'pumice/robots';
import { describe, expect, it } from 'vitest';
import { createHalts, type Order } from '../../envs/ros/halts.ts';
import type { ServiceProfile } from '../../envs/ros/profile.ts';
import { servoArm } from '../../envs/ros/profiles/servo-arm.ts';

const service = (name: string): ServiceProfile => ({ service: name, type: 'std_srvs/Trigger', args: {} });
const START = [service('/power'), service('/start')];

interface Call {
  readonly name: string;
  readonly grant: () => Promise<void>;
  readonly refuse: (why: string) => Promise<void>;
}

function made(parts: { readonly start?: ServiceProfile[]; readonly isBare?: boolean } = {}) {
  const { start = START, isBare = false } = parts;
  const calls: Call[] = [];
  const stops: string[] = [];
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const halts = createHalts({
    profile: {
      ...{ robot: servoArm.robot, start },
      ...(!isBare && { pause: service('/pause'), protectiveStop: service('/cut-off') }),
    },
    call: ({ service: name }) =>
      new Promise((resolve, reject) => {
        calls.push({
          name,
          grant: () => {
            resolve();
            return settle();
          },
          refuse: (why) => {
            reject(new Error(why));
            return settle();
          },
        });
      }),
    stop: (why) => stops.push(why),
  });
  return {
    ...{ halts, calls, stops },
    names: () => calls.map(({ name }) => name),
    /** Answers to the same command, twice: what is asked once is asked once. */
    orders: (mode: Mode, speedMPerS?: number): readonly [Order, Order] => [
      halts.orderFor(mode, speedMPerS),
      halts.orderFor(mode, speedMPerS),
    ],
  };
}

describe('a robot that is halted', () => {
  it('is told to stand still until it stands, is paused once then, and told nothing while it is paused', async () => {
    const { calls, names, orders } = made();
    expect(orders('set-point', 0.2)).toEqual(['send', 'send']);
    expect(orders('halt', 0.2)).toEqual(['send', 'send']);
    expect(orders('halt')).toEqual(['send', 'send']);
    expect(names()).toEqual([]);
    expect(orders('halt', 0.001)).toEqual(['send', 'send']);
    expect(names()).toEqual(['/pause']);
    await calls[0]!.grant();
    expect(orders('halt', 0.001)).toEqual(['leave', 'leave']);
    expect(names()).toEqual(['/pause']);
  });

  it('is not paused by a hold, which ends by itself, and has no pause where its profile names none', () => {
    const { names, orders } = made();
    expect(orders('hold', 0)).toEqual(['send', 'send']);
    expect(names()).toEqual([]);
    const bare = made({ isBare: true });
    expect(bare.orders('halt', 0)).toEqual(['send', 'send']);
    bare.halts.watch(0, 0);
    expect(bare.names()).toEqual([]);
  });

  it('is told to stand still as before where it would not be paused, is asked once in this stop, and again in the next', async () => {
    const { calls, names, orders, stops } = made({ start: [] });
    orders('halt', 0);
    await calls[0]!.refuse('no');
    expect(stops).toEqual(['no']);
    expect(orders('halt', 0)).toEqual(['send', 'send']);
    expect(names()).toEqual(['/pause']);
    orders('hold', 0);
    await Promise.resolve();
    expect(orders('hold', 0)).toEqual(['send', 'send']);
    orders('halt', 0);
    expect(names()).toEqual(['/pause', '/pause']);
  });

  it('is made ready after the stop in the order of its profile, and no set-point is sent before it is', async () => {
    const { calls, names, orders } = made();
    orders('halt', 0);
    await calls[0]!.grant();
    expect(orders('hold', 0)).toEqual(['leave', 'leave']);
    expect(orders('set-point', 0)).toEqual(['not ready', 'not ready']);
    expect(names()).toEqual(['/pause', '/power']);
    await calls[1]!.grant();
    expect(names()).toEqual(['/pause', '/power', '/start']);
    expect(orders('set-point', 0)).toEqual(['not ready', 'not ready']);
    await calls[2]!.grant();
    expect(orders('set-point', 0)).toEqual(['send', 'send']);
    expect(names()).toHaveLength(3);
  });

  it('is made ready also after a stop in which it was not paused, or was left alone', async () => {
    for (const mode of ['halt', 'idle'] as const) {
      const { calls, names, orders } = made({ isBare: true });
      expect(orders(mode)).toEqual(mode === 'halt' ? ['send', 'send'] : ['leave', 'leave']);
      expect(orders('hold', 0)).toEqual(['leave', 'leave']);
      await calls[0]!.grant();
      await calls[1]!.grant();
      expect(names()).toEqual(['/power', '/start']);
      expect(orders('hold', 0)).toEqual(['send', 'send']);
    }
  });

  it('is stopped with the words of a robot that does not become ready, told to stand still, and asked anew by the next person', async () => {
    const { calls, names, orders, stops } = made();
    orders('halt', 0.2);
    orders('hold', 0.2);
    await calls[0]!.refuse('no power');
    expect(stops).toEqual(['no power']);
    expect(orders('halt', 0.2)).toEqual(['send', 'send']);
    expect(orders('set-point', 0.2)).toEqual(['not ready', 'not ready']);
    expect(names()).toEqual(['/power', '/power']);
  });

  it('is told to stand still while it is made ready and stopped again meanwhile, and is made ready again after that', async () => {
    const { calls, names, orders } = made({ isBare: true });
    orders('halt', 0);
    orders('hold', 0);
    expect(orders('halt', 0)).toEqual(['send', 'send']);
    await calls[0]!.grant();
    await calls[1]!.grant();
    expect(orders('halt', 0)).toEqual(['send', 'send']);
    expect(orders('hold', 0)).toEqual(['leave', 'leave']);
    expect(names()).toEqual(['/power', '/start', '/power']);
  });

  it('is made ready after its pause has come, not beside it', async () => {
    const { calls, names, orders } = made();
    orders('halt', 0);
    expect(orders('hold', 0)).toEqual(['leave', 'leave']);
    expect(names()).toEqual(['/pause']);
    await calls[0]!.grant();
    orders('hold', 0);
    expect(names()).toEqual(['/pause', '/power']);
  });
});

describe('a stop of category 0', () => {
  it('asks for the protective stop at once, though no command comes, and once when it is granted', async () => {
    const { halts, calls, names, orders } = made();
    halts.watch(1, 0);
    expect(names()).toEqual([]);
    halts.watch(0, 20);
    halts.watch(0, 40);
    expect(names()).toEqual(['/cut-off']);
    await calls[0]!.grant();
    halts.watch(0, 10_000);
    expect(names()).toEqual(['/cut-off']);
    expect(orders('idle', 0.2)).toEqual(['leave', 'leave']);
  });

  it('asks again, and not 50 times a second, where the robot refuses or the link is lost', async () => {
    const { halts, calls, names, stops } = made();
    halts.watch(0, 0);
    await calls[0]!.refuse('the link was lost before the answer');
    for (let ms = 20; ms < 1100; ms += 20) {
      halts.watch(0, ms);
      await calls.at(-1)!.refuse('it is down');
    }
    expect(names()).toEqual(['/cut-off', '/cut-off', '/cut-off']);
    expect(stops[0]).toBe('the link was lost before the answer');
  });

  it('asks for itself, though the one before it was granted, or is granted only now', async () => {
    const { halts, calls, names } = made();
    halts.watch(0, 0);
    await calls[0]!.grant();
    halts.watch(undefined, 20);
    halts.watch(0, 40);
    expect(names()).toEqual(['/cut-off', '/cut-off']);
    halts.watch(undefined, 60);
    halts.watch(0, 80);
    await calls[1]!.grant();
    halts.watch(0, 100);
    expect(names()).toEqual(['/cut-off', '/cut-off', '/cut-off']);
  });

  it('is answered before the robot is made ready again: what stops it must not come after what starts it', async () => {
    const { halts, calls, names, orders } = made();
    halts.watch(0, 0);
    orders('idle', 0);
    halts.watch(undefined, 20);
    expect(orders('hold', 0)).toEqual(['leave', 'leave']);
    expect(orders('set-point', 0)).toEqual(['not ready', 'not ready']);
    expect(names()).toEqual(['/cut-off']);
    await calls[0]!.grant();
    orders('hold', 0);
    expect(names()).toEqual(['/cut-off', '/power']);
  });
});
