/** A policy behind vla-eval's wire, asked as the original asks, with observations as they should be and otherwise. */
import { describe, expect, it } from 'vitest';
import { PROFILE } from '../../envs/sim/profile.ts';
import type { ReceivedMap, SentMap } from '../../src/models/msgpack-numpy.ts';
import {
  connected,
  errorIn,
  fakePolicy,
  forward,
  libero,
  neverOn,
  numbers,
  picture,
  rowOf,
  serve,
} from './vla-eval-served.ts';

describe('a client that speaks as the original', () => {
  it('is greeted, gets a motion of seven in its units with its turn by axis-angle, and its record says how it went', async () => {
    const policy = fakePolicy([forward(0.02)]);
    await using served = await serve(policy);
    const client = await connected(served.url);
    client.raw('hello');
    expect(await client.answerTo(1)).toMatchObject({
      type: 'hello',
      payload: { protocol_version: 1, model_server: 'pumice' },
    });
    client.raw('episode_start');
    client.raw('observation_libero');
    const answer = await client.answerTo(3);
    expect(answer).toMatchObject({ type: 'action', payload: { actions: { shape: [7] }, verdict: 'allow' } });
    // Yaw comes after roll, about axes that stay: half their product about y is what tells an axis-angle from three angles.
    expect(rowOf(answer)).toEqual([0.4, 0, 0, 0.1, 0.005, 0.2, -1].map((one) => expect.closeTo(one, 3)));
    client.raw('episode_end');
    client.socket.close();
    expect(policy.asked).toEqual([
      { instruction: 'pick up the black bowl', x: 0.35, cameras: ['third', 'wrist'], pixel: 5 },
    ]);
    const [record, ...others] = await served.records();
    expect(others).toEqual([]);
    expect(record!.steps[0]!.verdict.kind).toBe('allow');
    expect(record!.end).toMatchObject({
      outcome: 'stopped',
      reason: expect.stringContaining('success after 12 steps'),
    });
    expect(record!.facts).toMatchObject({ env: 'vla-eval-client', instruction: 'pick up the black bowl' });
    expect(JSON.stringify(record!.facts)).toContain('LIBEROBenchmark');
  });

  it('gets no motion for what is denied, but an error with the number of its question, and is answered on', async () => {
    await using served = await serve(fakePolicy([forward(0.02)]), [neverOn('knife')]);
    const client = await connected(served.url);
    await client.hello();
    client.start();
    expect(errorIn(await client.ask({ task_description: 'take the knife' }))).toMatch(
      /No motion: deny by by-word: .*not that/,
    );
    expect((await client.ask({ task_description: 'take the cup' })).type).toBe('action');
    client.socket.close();
    const records = await served.records();
    expect(records.flatMap(({ steps }) => steps.map(({ verdict }) => verdict.kind))).toEqual(
      expect.arrayContaining(['deny', 'allow']),
    );
  });

  it('gets what goes too far as far as it may go', async () => {
    await using served = await serve(fakePolicy([forward(0.1)]));
    const client = await connected(served.url);
    await client.hello();
    client.start();
    const answer = await client.ask();
    expect((answer.payload as ReceivedMap).verdict).toBe('modify');
    expect(rowOf(answer)[0]! * 0.05).toBeGreaterThan(0);
    expect(rowOf(answer)[0]! * 0.05).toBeLessThanOrEqual(PROFILE.limits.maxStepM + 1e-6);
    client.socket.close();
  });

  it('that put its arm back is asked on after its next start alone, and each start has a record', async () => {
    await using served = await serve(fakePolicy([forward(0.02)]));
    const client = await connected(served.url);
    await client.hello();
    client.start('first');
    expect((await client.ask()).type).toBe('action');
    expect(errorIn(await client.ask({ states: libero(0.2) }))).toMatch(/No motion: deny .*following/);
    client.start('second');
    expect((await client.ask({ states: libero(0.2) })).type).toBe('action');
    client.send('episode_end', { metrics: { success: false }, steps: 1 });
    client.socket.close();
    const records = await served.records();
    expect(records.map(({ facts }) => /first|second/.exec(JSON.stringify(facts))![0]).sort()).toEqual([
      'first',
      'second',
    ]);
    expect(records.map(({ end }) => end!.reason).sort()).toEqual([
      expect.stringContaining('the client begins another one'),
      expect.stringContaining('no success after 1 steps'),
    ]);
  });

  it('plays a chunk one motion a question, and is told beside a motion that the policy is done', async () => {
    const policy = fakePolicy([forward(0.01), forward(0.01, 0)], [{ kind: 'done', outcome: 'success' }]);
    await using served = await serve(policy);
    const client = await connected(served.url);
    await client.hello();
    client.start();
    const grips = [await client.ask(), await client.ask({ states: libero(0.36) })].map((one) => rowOf(one)[6]);
    expect(grips).toEqual([-1, 1]);
    expect(policy.asked).toHaveLength(1);
    const last = await client.ask({ states: libero(0.37) });
    expect(rowOf(last)).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect((last.payload as ReceivedMap).done).toBe('success');
    client.socket.close();
  });

  it('may be SimplerEnv, whose state is a quaternion with w first', async () => {
    const policy = fakePolicy([forward(0.02)]);
    await using served = await serve(policy);
    const client = await connected(served.url);
    client.raw('hello');
    await client.answerTo(1);
    client.raw('episode_start');
    client.raw('observation_simpler');
    expect((await client.answerTo(3)).type).toBe('action');
    expect(policy.asked).toEqual([expect.objectContaining({ x: expect.closeTo(0.3), cameras: ['third'] })]);
    client.socket.close();
  });

  it.each([
    [0.6, -1],
    [0.4, 1],
  ])('is told of a hand that is to be open by %f as open or closed, and of nothing between', async (open, number) => {
    await using served = await serve(fakePolicy([forward(0.02, open)]));
    const client = await connected(served.url);
    await client.hello();
    client.start();
    expect(rowOf(await client.ask())[6]).toBe(number);
    client.socket.close();
  });

  it('has episodes and motions of its own beside a second client', async () => {
    const policies = [fakePolicy([forward(0.01)]), fakePolicy([forward(0.02)])];
    const waiting = [...policies];
    await using served = await serve(() => waiting.shift()!);
    const [one, other] = [await connected(served.url), await connected(served.url)];
    await one.hello();
    await other.hello();
    one.start('one');
    other.start('other');
    const answers = await Promise.all([one.ask(), other.ask({ states: libero(0.3) })]);
    expect(answers.map((answer) => rowOf(answer)[0])).toEqual([0.2, 0.4]);
    one.socket.terminate();
    expect((await other.ask({ states: libero(0.32) })).type).toBe('action');
    other.socket.close();
    expect(
      (await served.records()).map(({ steps }) => steps.filter(({ act }) => act?.status === 'done').length).sort(),
    ).toEqual([1, 2]);
  });
});

describe('an observation that is not as expected', () => {
  it.each([
    ['no state', { states: 'somewhere' }, /expected 8 finite numbers as "states" .*got string/],
    ['a state with NaN', { states: libero(Number.NaN) }, /8 finite numbers/],
    ['seven joints', { states: numbers(0, 0, 0, 0, 0, 0, 0) }, /got an array \[7\]/],
    ['seven joints and a gripper', { states: numbers(0.3, 0, 0.2, 1, 0, 1, 0.78, 0.04) }, /two fingers .*got 8 others/],
    [
      'the state of SimplerEnv, but no quaternion',
      { images: { primary: picture }, states: libero() },
      /quaternion w x y z.*got 8 others/,
    ],
    [
      'a robot that was not driven',
      { images: { primary: picture }, task_name: 'google_robot_pick_coke_can' },
      /SimplerEnv's WidowX, got 'google_robot_pick_coke_can'/,
    ],
    ['another camera', { images: { front: picture } }, /images.agentview \(LIBERO\).*got a map of front/],
    ['cameras of both', { images: { agentview: picture, primary: picture } }, /got a map of agentview, primary/],
    ['no images', { images: 'none' }, /images.agentview .*got string/],
    [
      'a picture with channels first',
      { images: { agentview: { ...picture, shape: [3, 4, 4] } } },
      /\[height, width, 3\].*got an array \[3, 4, 4\]/,
    ],
    [
      'a picture that cannot be read',
      { images: { agentview: { __image__: true, format: 'png', data: 'x', shape: 'y' } } },
      /one that cannot be read/,
    ],
    ['no words', { task_description: ' ' }, /expected what to do as "task_description"/],
  ])('is an error that names the field, asks nobody, and ends nothing: %s', async (_, over, words) => {
    const policy = fakePolicy([forward(0.02)]);
    await using served = await serve(policy);
    const client = await connected(served.url);
    await client.hello();
    client.start();
    expect(errorIn(await client.ask(over as SentMap))).toMatch(words);
    expect(policy.asked).toEqual([]);
    expect((await client.ask()).type).toBe('action');
    client.socket.close();
  });
});
