/** The link to a bridge, over real sockets on this machine, against the double of the canonical bridge. Counted is what the node got. */
import fc from 'fast-check';
import { Ros, Topic } from 'roslib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { LINK_TIMES, waitMs } from '../../envs/ros/connection.ts';
import type { LinkState } from '../../envs/ros/link.ts';
import { until } from './double/bridge.ts';
import { bridge, COMMANDS, connected, link, sent, TIMES, twist } from './given.ts';

const TWIST = 'geometry_msgs/TwistStamped';
const words = z.object({ data: z.string() });

/** roslib as it is, for what it does differently. */
async function plainRoslib(url: string): Promise<Ros> {
  const ros = new Ros({ url });
  onTestFinished(() => ros.close());
  ros.on('error', () => {});
  await until(() => ros.isConnected, 'roslib to connect');
  return ros;
}

describe('a command is sent now or refused', () => {
  it('reaches the node once, whole, under the names of each version of ROS', async () => {
    for (const ros of [1, 2] as const) {
      const double = await bridge({ ros });
      const opened = link(double.url, { ros });
      const commands = opened.advertise(COMMANDS, TWIST);
      await connected(opened);
      await sent(() => commands.send(twist(ros)));
      await until(() => double.received(COMMANDS).length > 0, 'the command');
      expect(double.received(COMMANDS).map(({ message }) => message)).toEqual([twist(ros)]);
      const types = double.operations().flatMap(({ op, type }) => (op === 'advertise' ? [type] : []));
      expect(types).toEqual([ros === 1 ? TWIST : 'geometry_msgs/msg/TwistStamped']);
    }
  });

  it('is refused while there is no socket, and is not there when one comes back: 0 of 100', async () => {
    const double = await bridge();
    const opened = link(double.url);
    const commands = opened.advertise(COMMANDS, TWIST);
    expect(commands.send(twist())).toBe('down');
    await connected(opened);
    await double.kill();
    await until(() => opened.status().state === 'down', 'the loss');
    const refusals = Array.from({ length: 100 }, () => commands.send(twist(2, 0.2)));
    expect(new Set(refusals)).toEqual(new Set(['down']));
    await double.restart();
    await connected(opened);
    await sent(() => commands.send(twist(2, 0.3)));
    await until(() => double.received(COMMANDS).length > 0, 'the command after it');
    expect(double.received(COMMANDS).map(({ message }) => message)).toEqual([twist(2, 0.3)]);
  });

  it('which roslib itself does not do: 10 of 10 old commands reach the node when it is connected again', async () => {
    const double = await bridge();
    const ros = await plainRoslib(double.url);
    const topic = new Topic({ ros, name: COMMANDS, messageType: TWIST });
    topic.advertise();
    await double.kill();
    await until(() => !ros.isConnected, 'the loss');
    for (let i = 0; i < 10; i++) topic.publish(twist());
    await double.restart();
    await ros.connect(double.url);
    await until(() => double.received(COMMANDS).length === 10, 'what was kept');
  });

  it('is refused as soon as pongs are late, though the socket is open; what was sent before is all that arrives later', async () => {
    const double = await bridge();
    const opened = link(double.url, { times: { deadPings: 1000 } });
    const commands = opened.advertise(COMMANDS, TWIST);
    await connected(opened);
    double.stall();
    let passed = 0;
    await until(() => {
      const why = commands.send(twist());
      if (why === undefined) passed += 1;
      return why === 'no fresh pong';
    }, 'a refusal');
    expect(opened.status()).toMatchObject({ state: 'stale', epoch: 1 });
    expect(opened.status().cause).toMatch(/^no pong for \d+ ms$/);
    for (let i = 0; i < 100; i++) expect(commands.send(twist())).toBe('no fresh pong');
    double.resume();
    await connected(opened);
    await until(() => double.received(COMMANDS).length >= passed, 'what was sent');
    expect(double.received(COMMANDS)).toHaveLength(passed);
  });

  it('is refused while the system still holds an earlier message', async () => {
    const double = await bridge();
    const opened = link(double.url, { times: { freshPeriods: 10_000, deadPings: 10_000 } });
    const commands = opened.advertise('/long', 'std_msgs/Float64MultiArray');
    await connected(opened);
    double.stall();
    const long = { layout: { dim: [], data_offset: 0 }, data: new Array(100_000).fill(0.123456789) };
    const refusals = [];
    for (let i = 0; i < 50; i++) refusals.push(commands.send(long));
    expect(new Set(refusals)).toEqual(new Set([undefined, 'send buffer not empty']));
    // Once it is full nothing changes by trying.
    expect(refusals.at(-1)).toBe('send buffer not empty');
  });

  it('is refused when it is not whole, not finite or of another type, and the node gets none of it', async () => {
    const double = await bridge();
    const opened = link(double.url);
    const commands = opened.advertise(COMMANDS, TWIST);
    await connected(opened);
    const { header, twist: motion } = twist();
    const spoilt = [
      twist(2, Number.NaN),
      twist(2, Number.POSITIVE_INFINITY),
      { header },
      { twist: motion },
      { header, twist: { linear: motion.linear } },
      { header, twist: { ...motion, linear: { x: 0.1, y: 0 } } },
      { header, twist: { ...motion, linear: { x: '0.1', y: 0, z: 0 } } },
      { header, twist: motion, gripper: 1 },
      { data: 'forward' },
    ];
    for (const message of spoilt) expect(commands.send(message), JSON.stringify(message)).toBe('invalid');
    await sent(() => commands.send(twist()));
    await until(() => double.received(COMMANDS).length > 0, 'the whole one');
    expect(double.received(COMMANDS)).toHaveLength(1);
  });

  it('and of a type that only robots send, never', async () => {
    const opened = link((await bridge()).url);
    const topic = opened.advertise('/tf', 'tf2_msgs/TFMessage');
    await connected(opened);
    expect(topic.send({ transforms: [] })).toBe('invalid');
  });
});

describe('a link that is lost', () => {
  it('is down at once, comes back in a new epoch, and takes up and announces its topics anew', async () => {
    const double = await bridge();
    const opened = link(double.url);
    const heard: string[] = [];
    const states: LinkState[] = [];
    opened.onStatus(({ state }) => states.push(state));
    opened.advertise(COMMANDS, TWIST);
    const chatter = opened.subscribe(
      { topic: '/chatter', type: 'std_msgs/String', schema: words },
      ({ message, epoch }) => heard.push(`${epoch} ${message.data}`),
    );
    await connected(opened);
    double.publish('/chatter', 'std_msgs/String', { data: 'one' });
    await until(() => heard.length === 1, 'the first message');
    await double.kill();
    await until(() => opened.status().state === 'down', 'the loss');
    await double.restart();
    await connected(opened);
    expect(chatter.newest()).toBeUndefined();
    await until(() => double.clients() === 1, 'the new socket');
    double.publish('/chatter', 'std_msgs/String', { data: 'two' });
    await until(() => heard.length === 2, 'the second message');
    expect(heard).toEqual(['1 one', '2 two']);
    const announced = double.operations().filter(({ op }) => op === 'advertise');
    expect(announced).toHaveLength(2);
    expect(states.filter((state, at) => state === 'down' && at > 0)).toHaveLength(1);
  });

  it('is given up when pongs fail to come, and replaced when the other side lives again', async () => {
    const double = await bridge();
    const opened = link(double.url);
    await connected(opened);
    double.stall();
    await until(() => opened.status().state === 'down', 'the end of the dead socket');
    expect(opened.status().cause).toMatch(/no pong for \d+ pings/);
    double.resume();
    await connected(opened);
    expect(opened.status().epoch).toBe(2);
  });

  it('is stale when a watched topic falls silent or sends what does not fit, and says which and why', async () => {
    const double = await bridge();
    const opened = link(double.url);
    const topic = { topic: '/chatter', type: 'std_msgs/String', schema: words, maxSilenceMs: 60 } as const;
    const chatter = opened.subscribe(topic);
    await until(
      () => opened.status().cause?.startsWith('/chatter: expected a message every 60 ms') ?? false,
      'silence',
    );
    double.publish('/chatter', 'std_msgs/Float64', { data: 1 });
    await until(() => chatter.unfit().count === 1, 'the message');
    expect(opened.status().cause).toMatch(/\(1 did not fit std_msgs\/String: data: .*string/);
    await until(() => {
      double.publish('/chatter', 'std_msgs/String', { data: 'here' });
      return opened.status().state === 'connected';
    }, 'a link that is connected again');
    expect(chatter.count()).toBeGreaterThan(0);
  });

  it('says what keeps it from being ready: nobody there, no such topic', async () => {
    const double = await bridge();
    const gone = link(double.url.replace(/\d+$/, '1'));
    await expect(gone.ready(200)).rejects.toThrow(/expected a link to .* within 200 ms: .*ECONNREFUSED/);
    const opened = link(double.url);
    opened.subscribe({ topic: '/no/camera', type: 'sensor_msgs/Image', schema: words, maxSilenceMs: 10 });
    await expect(opened.ready(200)).rejects.toThrow(/\/no\/camera: expected a message every 10 ms, none for/);
    expect(() => link('http://robot')).toThrow(/expected an address that begins with ws:\/\/ or wss:\/\/, got 'http:/);
  });

  it('waits longer from try to try, up to the longest wait, and never twice for sure the same', () => {
    const times = { ...LINK_TIMES };
    fc.assert(
      fc.property(fc.nat(60), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, chance) => {
        const wait = waitMs(failures, times, () => chance);
        const most = Math.min(times.longestWaitMs, times.firstWaitMs * 2 ** failures);
        expect(wait).toBeGreaterThanOrEqual(most / 2);
        expect(wait).toBeLessThan(most);
      }),
    );
    expect(waitMs(0, times, () => 0)).toBe(50);
    expect(waitMs(3, times, () => 0)).toBe(400);
    expect(waitMs(0, times, () => 0.5)).not.toBe(waitMs(0, times, () => 0.6));
  });
});

describe('what the canonical bridge does in silence', () => {
  it('a message in pieces numbered from 0 is heard, and one that is never whole leaves nothing', async () => {
    const double = await bridge();
    const opened = link(double.url);
    const heard: string[] = [];
    opened.subscribe({ topic: '/chatter', type: 'std_msgs/String', schema: words }, ({ message }) =>
      heard.push(message.data),
    );
    const ros = await plainRoslib(double.url);
    const plain: unknown[] = [];
    new Topic({ ros, name: '/chatter', messageType: 'std_msgs/String' }).subscribe((message) => plain.push(message));
    await connected(opened);
    const pieces = (id: number, text: string) => {
      const whole = JSON.stringify({ op: 'publish', topic: '/chatter', msg: { data: text } });
      // `total` as the original computes it.
      const total = (whole.length - 1) / 20 + 1;
      for (let num = 0; num < Math.floor(total); num++)
        double.sendRaw(JSON.stringify({ op: 'fragment', id, data: whole.slice(20 * num, 20 * num + 20), num, total }));
    };
    for (let id = 100; id < 120; id++)
      double.sendRaw(JSON.stringify({ op: 'fragment', id, data: '{"op":"publish"', num: 0, total: 2.5 }));
    pieces(0, 'first');
    pieces(1, 'second');
    await until(() => heard.length === 2 && plain.length > 0, 'both');
    expect(heard).toEqual(['first', 'second']);
    expect(plain).toEqual([{ data: 'second' }]);
  });

  it('words that are no message, and messages under the names of its own events, change nothing', async () => {
    const double = await bridge();
    const opened = link(double.url);
    await connected(opened);
    for (const text of ['{{{', '42', 'null', '[]', '{}', '{"op":7}', '{"op":"fragment"}', '{"op":"png","data":"x"}'])
      double.sendRaw(text);
    for (const topic of ['close', 'error', 'connection', '__proto__'])
      double.sendRaw(JSON.stringify({ op: 'publish', topic, msg: { data: 'x' } }));
    const heard = opened.subscribe({ topic: '/chatter', type: 'std_msgs/String', schema: words });
    await until(() => {
      double.publish('/chatter', 'std_msgs/String', { data: 'after' });
      return heard.count() > 0;
    }, 'what comes after');
    expect(opened.status().epoch).toBe(1);
  });
});

describe('a question with a deadline', () => {
  const SET = { service: '/estop', type: 'std_srvs/SetBool', args: { data: true }, deadlineMs: 5000 } as const;
  /** What is asked needs a fresh pong; that pongs are late on a machine with other work is not the matter here. */
  const patient = { times: { freshPeriods: 1000 } } as const;
  const done = z.object({ success: z.boolean(), message: z.string() });

  it('is answered, refused with the words of the robot, or refused for an answer that is not of its type', async () => {
    const double = await bridge();
    double.serve('/estop', ['data'], ({ data }) => ({ values: { success: data === true, message: 'stopped' } }));
    const opened = link(double.url, patient);
    await connected(opened);
    await expect(opened.call({ ...SET, schema: done })).resolves.toEqual({ success: true, message: 'stopped' });
    await expect(opened.call({ ...SET, service: '/nobody', schema: done })).rejects.toThrow(
      'service /nobody: the robot refuses: Service /nobody does not exist',
    );
    const known = double.operations().length;
    await expect(opened.call({ ...SET, args: { dta: true }, schema: done })).rejects.toThrow(
      /expected a request of std_srvs\/SetBool, got data: .*dta/,
    );
    expect(double.operations()).toHaveLength(known);
    await expect(opened.call({ ...SET, schema: words })).rejects.toThrow(/expected an answer of its type, got data:/);
  });

  it('fails at its deadline, with its link, and at once where there is none: whether it was done is not known', async () => {
    const double = await bridge();
    double.serve('/estop', ['data'], () => 'silent');
    const opened = link(double.url, patient);
    await connected(opened);
    await expect(opened.call({ ...SET, deadlineMs: 30, schema: done })).rejects.toMatchObject({
      code: 'body/unreachable',
      message: 'ros: service /estop: expected an answer within 30 ms, got none',
      hint: 'Whether it was done is not known',
    });
    const asked = opened.call({ ...SET, schema: done });
    const told = expect(asked).rejects.toThrow('the link was lost before the answer');
    await double.kill();
    await told;
    await expect(opened.call({ ...SET, schema: done })).rejects.toThrow(/expected a link to .*, it is down/);
    await double.restart();
    await connected(opened);
    // The second may have been lost with the socket; asked again it was not.
    expect(double.operations().filter(({ op }) => op === 'call_service').length).toBeLessThanOrEqual(2);
  });

  it('may be a goal, which is cancelled when it is given up', async () => {
    const double = await bridge();
    const goal = {
      action: '/gripper',
      type: 'control_msgs/GripperCommand',
      goal: { command: { position: 0, max_effort: 5 } },
    } as const;
    const schema = z.object({ reached_goal: z.boolean() });
    const opened = link(double.url, patient);
    await connected(opened);
    double.act('/gripper', () => ({ status: 4, values: { reached_goal: true } }));
    await expect(opened.pursue({ ...goal, schema, deadlineMs: 5000 })).resolves.toEqual({ reached_goal: true });
    double.act('/gripper', () => ({ status: 6, values: { reached_goal: false } }));
    await expect(opened.pursue({ ...goal, schema, deadlineMs: 5000 })).rejects.toThrow(/the robot refuses: status 6/);
    const ending = { ...goal, schema, deadlineMs: 5000, endsWith: [4, 6] };
    await expect(opened.pursue(ending)).resolves.toEqual({ reached_goal: false });
    double.act('/gripper', () => ({ status: 6, values: 'no such server' }));
    await expect(opened.pursue(ending)).rejects.toThrow(/the robot refuses: status 6, no such server/);
    const half = { command: { position: Number.NaN } };
    await expect(opened.pursue({ ...ending, goal: half })).rejects.toThrow(/expected a goal .* command.max_effort/);
    double.act('/gripper', () => 'silent');
    await expect(opened.pursue({ ...goal, schema, deadlineMs: 30 })).rejects.toThrow(/within 30 ms/);
    const stop = new AbortController();
    const asked = opened.pursue({ ...goal, schema, deadlineMs: 5000, signal: stop.signal });
    stop.abort(new Error('stopped'));
    await expect(asked).rejects.toThrow('stopped');
    await until(() => double.cancelled().length === 2, 'both to be cancelled');
    expect(new Set(double.cancelled()).size).toBe(2);
    const old = link(double.url, { ros: 1, ...patient });
    await connected(old);
    await expect(old.pursue({ ...goal, schema, deadlineMs: 5000 })).rejects.toThrow(/takes no goals of actions/);
  });
});

it('a link that is closed opens no more sockets', async () => {
  const double = await bridge();
  const opened = link(double.url, { times: TIMES });
  await connected(opened);
  await opened.close();
  await until(() => double.clients() === 0, 'nobody there');
  expect(opened.status().state).toBe('down');
});
