/** Messages of vla-eval's wire, which the original package packed (`test/golden/vla-eval`). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packed, type Received, type ReceivedMap } from '../../src/models/msgpack-numpy.ts';
import { readMessage, readPicture, type VlaEvalMessage, writeMessage } from '../../src/models/vla-eval-messages.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/vla-eval/messages.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
const bytes = (name: string) => Buffer.from(golden[name]!, 'base64');
const read = (name: string) => readMessage(bytes(name)) as VlaEvalMessage;
/** As the golden messages were made. */
const AT_S = 1_750_000_000.25;
const counted = (first: number) => Uint8Array.from({ length: 144 }, (_, at) => (first + at) % 256);
const picturesIn = (name: string) => read(name).payload.images as ReceivedMap;

describe('what the server sends', () => {
  it('is byte for byte what the original sends', () => {
    const spec = (name: string, dims: number, format: string) => ({ name, dims, format });
    const hello = {
      ...{ harness_version: 'pumice 0.1.0', protocol_version: 1, model_server: 'pumice', capabilities: {} },
      observation_params: { send_state: true },
      action_spec: { gripper: spec('gripper', 1, 'binary_close_positive') },
      observation_spec: {
        language: spec('language', 0, 'language'),
        state: spec('state', 8, 'eef_pos3_axisangle3_gripper2'),
      },
    };
    const action = {
      actions: { data: Float32Array.from([0.4, 0, 0, 0, 0, 0.2, -1]), shape: [7] },
      verdict: 'allow',
    };
    expect(writeMessage('hello', hello, 1, AT_S).toString('hex')).toBe(bytes('hello_reply').toString('hex'));
    expect(writeMessage('action', action, 3, AT_S).toString('hex')).toBe(bytes('action').toString('hex'));
    expect(writeMessage('error', { error: 'No motion: deny by step: too far' }, 3, AT_S).toString('hex')).toBe(
      bytes('error').toString('hex'),
    );
  });
});

describe('what a client sends', () => {
  it('is read: hellos, begin and end of an episode, an error', () => {
    expect(read('hello')).toEqual({
      ...{ type: 'hello', seq: 1 },
      payload: {
        harness_version: '0.8.0',
        protocol_version: 1,
        benchmark: 'vla_eval.benchmarks.libero.benchmark:LIBEROBenchmark',
      },
    });
    expect(read('hello_of_nobody').payload).toEqual({ harness_version: '0.8.0', protocol_version: 1 });
    expect(read('episode_start')).toMatchObject({ type: 'episode_start', seq: 2, payload: { task: { task_id: 3 } } });
    expect(read('episode_end').payload).toEqual({ metrics: { success: true }, steps: 12, elapsed_sec: 3.25 });
    expect(read('client_error')).toMatchObject({ type: 'error', payload: { error: 'the simulator is gone' } });
  });

  it('has numbers of both sizes of floats', () => {
    const { states, controller_states: controller } = read('observation_libero').payload;
    expect(states).toEqual({ shape: [8], values: [0.35, -0.05, 0.2, 3, 0.1, -0.2, 0.03, -0.03] });
    expect(controller).toMatchObject({ shape: [8] });
    expect(read('observation_simpler').payload.states).toMatchObject({
      values: [expect.closeTo(0.3), expect.closeTo(0.01), expect.closeTo(0.13), 0.5, 0.5, -0.5, 0.5, 0.25],
    });
  });

  it.each(['observation_libero', 'observation_libero_raw', 'observation_libero_marked_raw'])(
    'has the same pixels in each form that loses none: %s',
    async (name) => {
      const { agentview, wrist } = picturesIn(name);
      expect(await readPicture(agentview)).toEqual({ heightPx: 8, widthPx: 6, data: counted(0) });
      expect(await readPicture(wrist)).toEqual({ heightPx: 8, widthPx: 6, data: counted(100) });
    },
  );

  it('has pixels that are near as JPEG', async () => {
    const picture = await readPicture(picturesIn('observation_libero_jpeg').agentview);
    expect(picture).toMatchObject({ heightPx: 16, widthPx: 16 });
    const far = [...picture!.data].map((value, at) => {
      const [row, column] = [Math.floor(at / 48), Math.floor(at / 3) % 16];
      return Math.abs(value - [40 + 8 * row, 60 + 5 * column, 90][at % 3]!);
    });
    expect(Math.max(...far)).toBeLessThanOrEqual(12);
  });
});

describe('what is no message', () => {
  const message = { type: 'hello', payload: {}, seq: 1, timestamp: 1.5 };
  it.each([
    ['an unknown type', { ...message, type: 'shutdown' }, /expected one of hello, .* as type, got "shutdown"/],
    ["a server's type", { ...message, type: 'action' }, /got "action"/],
    ['no payload', { type: 'hello', seq: 1, timestamp: 1.5 }, /got none as payload/],
    ['a payload of text', { ...message, payload: 'hi' }, /expected a map as the payload of hello, got string/],
    ['a seq that is NaN', { ...message, seq: Number.NaN }, /whole number from 0 as seq, got NaN/],
    ['a seq below 0', { ...message, seq: -1 }, /got -1/],
    ['a broken seq', { ...message, seq: 1.5 }, /got 1.5/],
    ['a time that is none', { ...message, timestamp: Number.POSITIVE_INFINITY }, /seconds as timestamp/],
  ])('is told by its words: %s', (_, sent, words) => {
    expect(readMessage(packed(sent, 'text'))).toMatch(words);
  });

  it('and cut ones are none at any length, and never throw', () => {
    const whole = bytes('observation_libero');
    for (let length = 0; length < whole.length; length += 1)
      expect(typeof readMessage(whole.subarray(0, length))).toBe('string');
    expect(typeof readMessage(whole)).toBe('object');
    for (const noise of [[0xc1], [0xdf, 255, 255, 255, 255], [0x93, 1, 2, 3], Array(100_000).fill(0x91)])
      expect(typeof readMessage(Uint8Array.from(noise))).toBe('string');
  });
});

it('a picture that is none, or is another one than it says, is nothing', async () => {
  const { agentview } = picturesIn('observation_libero');
  const png = agentview as ReceivedMap;
  expect(await readPicture(png)).toBeDefined();
  const { data } = png as { data: Uint8Array };
  // The width that the file itself speaks of is where a small file says that it is a huge picture.
  const bomb = Uint8Array.from(data);
  bomb.set([0, 1, 0, 0], 16);
  const others: readonly Received[] = [
    ...[undefined, 'png', { ...png, format: 'webp' }, { ...png, shape: [6, 8, 3] }, { ...png, shape: [8, 6, 1] }],
    ...[
      { ...png, data: data.subarray(0, 40) },
      { ...png, data: bomb },
      { ...png, data: 'text' },
      { ...png, shape: 3 },
    ],
    ...[
      { shape: [2, 1, 3], values: [0, 0, 0, 0, 0, 256] },
      { shape: [1, 1, 3], values: [0, 0.5, 0] },
      { shape: [2, 2, 3], values: [0] },
      { shape: [1, 1, 3], values: [0, 0, 0, 0] },
    ],
    ...[{ ...png, format: 'raw', dtype: '|u1', shape: [9, 9, 3] }],
  ];
  for (const one of others) expect(await readPicture(one)).toBe(undefined);
});
