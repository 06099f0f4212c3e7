/** A policy behind vla-eval's wire, and clients that speak otherwise than the original, or die. */
import type { Action } from 'pumice';
import { describe, expect, it } from 'vitest';
import { PROFILE } from '../../envs/sim/profile.ts';
import { vlaEvalEpisodes } from '../../src/cli/vla-eval-episodes.ts';
import { packed, type ReceivedMap, unpacked } from '../../src/models/msgpack-numpy.ts';
import { bytes, connected, errorIn, fakePolicy, forward, seen, serve, UNITS } from './vla-eval-served.ts';

describe('a client that speaks otherwise', () => {
  const good = () => packed({ type: 'hello', payload: { protocol_version: 1 }, seq: 5, timestamp: 1.5 }, 'text');
  it.each([
    [
      'an observation before its hello',
      () => [bytes('observation_libero')],
      /expected a hello first.* got observation/,
    ],
    [
      'no wait for the answer to its hello',
      () => [good(), packed({ type: 'episode_start', payload: {}, seq: 6, timestamp: 1 }, 'text')],
      /and its answer, got episode_start/,
    ],
    ['two hellos', () => [bytes('hello'), good()], /second hello/],
    [
      'another version',
      () => [packed({ type: 'hello', payload: { protocol_version: 2 }, seq: 1, timestamp: 1.5 }, 'text')],
      /expected protocol_version 1 in hello, got 2/,
    ],
    ['half a message', () => [bytes('observation_libero').subarray(0, 200)], /got 200 bytes that are none/],
    ['text', () => ['{"type": "hello"}'], /expected msgpack, got text/],
  ])('is told so and cut off: %s', async (_, messages, words) => {
    const policy = fakePolicy([forward(0.02)]);
    await using served = await serve(policy);
    const client = await connected(served.url);
    for (const message of messages()) client.socket.send(message);
    expect(await client.closed).toBe(1008);
    expect(errorIn(client.heard.at(-1)!)).toMatch(words);
    expect(served.refused).toEqual([expect.stringMatching(words)]);
    expect(policy.asked).toEqual([]);
  });

  it('and whose message is too large is cut off', async () => {
    await using served = await serve(fakePolicy([forward(0.02)]));
    const client = await connected(served.url);
    client.socket.send(Buffer.alloc((16 << 20) + 1));
    expect(await client.closed).toBe(1009);
    expect(served.refused).toEqual([expect.stringMatching(/cut off: Max payload size exceeded/)]);
  });

  it('and asks without an episode, as one that came back in mid-episode does, is refused and may begin one', async () => {
    await using served = await serve(fakePolicy([forward(0.02)]));
    const client = await connected(served.url);
    await client.hello();
    expect(errorIn(await client.ask())).toMatch(/expected an episode_start on this connection/);
    client.start();
    expect((await client.ask()).type).toBe('action');
    client.send('episode_end', {});
    expect(errorIn(await client.ask())).toMatch(/expected an episode_start/);
    client.socket.close();
  });

  it('and does not wait for its answer is answered once for each observation, the first with the motion', async () => {
    let think = (_: readonly Action[]) => {};
    const slow = new Promise<readonly Action[]>((resolve) => {
      think = resolve;
    });
    await using served = await serve(fakePolicy(slow));
    const client = await connected(served.url);
    await client.hello();
    client.start();
    const first = client.send('observation', seen());
    const second = client.send('observation', seen());
    expect(errorIn(await client.answerTo(second))).toMatch(/one observation at a time/);
    think([forward(0.02)]);
    expect((await client.answerTo(first)).type).toBe('action');
    expect(client.heard.map(({ seq }) => seq)).toEqual([1, second, first]);
    client.socket.close();
  });

  it('and begins another episode while its question is thought about gets no answer to that question, and the next has its own', async () => {
    const policy = fakePolicy(new Promise<never>(() => {}), [forward(0.02)]);
    await using served = await serve(policy);
    const client = await connected(served.url);
    await client.hello();
    client.start('first');
    const lost = client.send('observation', seen());
    await expect.poll(() => policy.asked.length).toBe(1);
    client.start('second');
    expect((await client.ask()).type).toBe('action');
    // The first message after the start is the answer to what came after it: clients take it for that.
    expect(client.heard.map(({ seq }) => seq)).toEqual([1, lost + 2]);
    client.socket.close();
    expect(await served.records()).toHaveLength(2);
  });

  it('and numbers a message again is cut off', async () => {
    await using served = await serve(fakePolicy([forward(0.02)]));
    const client = await connected(served.url);
    await client.hello();
    const seq = client.start();
    client.socket.send(packed({ type: 'episode_start', payload: {}, seq, timestamp: 1 }, 'text'));
    expect(await client.closed).toBe(1008);
    expect(errorIn(client.heard.at(-1)!)).toMatch(new RegExp(`expected a seq above ${seq}, got ${seq}`));
  });

  it('and comes back by itself, as the original does with a hello that is numbered after the message it came back for, is answered', async () => {
    await using served = await serve(fakePolicy([forward(0.02)]));
    const client = await connected(served.url);
    const say = (type: string, payload: object, seq: number) =>
      client.socket.send(packed({ type, payload: payload as ReceivedMap, seq, timestamp: 1 } as never, 'text'));
    say('hello', { protocol_version: 1 }, 9);
    expect((await client.answerTo(9)).type).toBe('hello');
    say('episode_start', { task: { name: 'go on' } }, 8);
    say('observation', seen(), 10);
    expect((await client.answerTo(10)).type).toBe('action');
    client.socket.close();
  });

  it('and has not the key does not get in; the key is what stands before the @', async () => {
    await using served = await serve(fakePolicy([forward(0.02)]), [], 'open sesame');
    for (const headers of [{}, { authorization: 'Basic cHVtaWNlOm5v' }]) {
      const client = await connected(served.url, headers);
      expect(await client.closed).toBe(1006);
    }
    const header = { authorization: `Basic ${Buffer.from('pumice:open sesame').toString('base64')}` };
    const client = await connected(served.url, header);
    expect((await client.hello()).type).toBe('hello');
    client.socket.close();
  });
});

describe('a client that dies', () => {
  it('between two questions leaves a whole record', async () => {
    await using served = await serve(fakePolicy([forward(0.02)]));
    const client = await connected(served.url);
    await client.hello();
    client.start();
    await client.ask();
    client.socket.terminate();
    const [record] = await served.records();
    expect(record!.end).toMatchObject({ outcome: 'stopped', reason: expect.stringContaining('the client left') });
    expect(record!.steps[0]!.verdict.kind).toBe('allow');
  });

  it('while its question is thought about leaves a whole record, without a motion', async () => {
    const policy = fakePolicy(new Promise<never>(() => {}));
    await using served = await serve(policy);
    const client = await connected(served.url);
    await client.hello();
    client.start();
    client.send('observation', seen());
    await expect.poll(() => policy.asked.length).toBe(1);
    client.socket.terminate();
    const [record] = await served.records();
    expect(record!.end).toMatchObject({ outcome: 'stopped' });
    expect(record!.steps.filter(({ act }) => act?.status === 'done')).toEqual([]);
  });

  it('while its question is read leaves no episode open', async () => {
    const policy = fakePolicy([forward(0.02)]);
    const client = vlaEvalEpisodes(
      {
        ...{ robot: PROFILE, policy, critics: [], stepTimeoutMs: 5000, done: () => {} },
        units: UNITS,
        recorder: () => {
          throw new Error('nobody is there to record');
        },
      },
      undefined,
    );
    client.start({});
    const { payload } = unpacked(bytes('observation_libero')) as { payload: ReceivedMap };
    const asked = client.ask(payload);
    client.left();
    expect(await asked).toEqual({ error: 'The episode is over' });
    expect(policy.asked).toEqual([]);
  });

  it('of a fault of its own says so, and that is why it is cut off', async () => {
    await using served = await serve(fakePolicy([forward(0.02)]));
    const client = await connected(served.url);
    await client.hello();
    client.start();
    await client.ask();
    client.raw('client_error');
    expect(await client.closed).toBe(1008);
    expect(served.refused).toEqual([expect.stringMatching(/the client failed: "the simulator is gone"/)]);
    const [record] = await served.records();
    expect(record!.end).toMatchObject({ outcome: 'stopped' });
  });
});

it('what a run ended is not gone on with before the next start of its client', async () => {
  const broken = { ...fakePolicy(), act: async () => Promise.reject(new Error('no weights')) };
  await using served = await serve(broken);
  const client = await connected(served.url);
  await client.hello();
  client.start();
  const said: string[] = [];
  for (let count = 0; count < 12; count += 1) said.push(errorIn(await client.ask()));
  expect(said[0]).toMatch(/No motion: deny .*no weights/);
  expect(said.at(-1)).toMatch(/The episode is over \((fault|stopped|failure)/);
  client.start();
  expect(errorIn(await client.ask())).toMatch(/No motion/);
  client.socket.close();
  expect(await served.records()).toHaveLength(2);
});
