/** The client of openpi's wire against a double of its server, whose frames the original package made (`test/golden/openpi`). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packed, unpacked } from '../../src/models/msgpack-numpy.ts';
import { openpiServer } from '../../src/models/openpi-ws.ts';
import { fails, type OpenpiReply, openpiDouble } from './doubles/openpi.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/openpi/messages.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
const bytes = (name: string) => Buffer.from(golden[name]!, 'base64');
const says =
  (name: string): OpenpiReply =>
  (socket) =>
    socket.send(bytes(name));
const signal = () => new AbortController().signal;
const OBSERVATION = {
  'observation/image': { data: Uint8Array.from({ length: 12 }, (_, at) => at), shape: [2, 2, 3] },
  'observation/state': { data: Float32Array.from([0.5, -1]), shape: [2] },
  prompt: 'pick up the red block',
};

describe('messages', () => {
  it('are byte for byte those of the original package', () => {
    expect(packed(OBSERVATION).toString('hex')).toBe(bytes('question').toString('hex'));
  });

  it('are read: arrays of both sizes of floats, single numbers, maps', () => {
    expect(unpacked(bytes('answer'))).toMatchObject({
      actions: { shape: [2, 7], values: [0.1, -0.2, 0.3, 0, 0, 0.05, -1, 0, 0, 0, 0, 0, 0, 1] },
      server_timing: { infer_ms: 12.5 },
      score: 0.5,
    });
    expect(unpacked(bytes('answer_f4'))).toMatchObject({ actions: { shape: [2, 7] } });
  });

  it('that are none are nothing, and never throw', () => {
    for (const noise of [[], [0xc1], [0xdf, 255, 255, 255, 255], [0x81, 0xa1]])
      expect(unpacked(Uint8Array.from(noise))).toBe(undefined);
  });
});

describe('a policy behind it', () => {
  it('is asked in turn over one socket, and says first what it is', async () => {
    await using double = await openpiDouble(bytes('metadata'), says('answer'), says('answer_f4'));
    const server = openpiServer({ url: double.url });
    expect(await server.metadata(signal())).toEqual({ env: 'libero', reset_pose: [0, 1.5] });
    const [first, second] = await Promise.all([
      server.infer(OBSERVATION, signal()),
      server.infer(OBSERVATION, signal()),
    ]);
    expect(first.actions).toEqual([
      [0.1, -0.2, 0.3, 0, 0, 0.05, -1],
      [0, 0, 0, 0, 0, 0, 1],
    ]);
    expect(second.actions[1]).toEqual([7, 8, 9, 10, 11, 12, 13]);
    expect(double.headers).toHaveLength(1);
    server.close();
  });

  it('that fails tells its own last words, and is connected to anew', async () => {
    await using double = await openpiDouble(bytes('metadata'), fails, says('answer'));
    const server = openpiServer({ url: double.url });
    await expect(server.infer(OBSERVATION, signal())).rejects.toThrow(
      /the server failed: KeyError: 'observation\/state'/,
    );
    expect((await server.infer(OBSERVATION, signal())).actions).toHaveLength(2);
    expect(double.headers).toHaveLength(2);
    server.close();
  });

  it('that does not answer is late; one that hangs up is cut; one that talks nonsense is no openpi server', async () => {
    await using double = await openpiDouble(
      bytes('metadata'),
      () => {},
      (socket) => socket.close(),
      (socket) => socket.send(Buffer.from([0xc1])),
      (socket) => socket.send(bytes('metadata')),
    );
    const server = openpiServer({ url: double.url, firstMs: 150 });
    const codeOf = (asked: Promise<unknown>) => asked.then(String, (error: { code: string }) => error.code);
    expect(await codeOf(server.infer(OBSERVATION, signal()))).toBe('model/timeout');
    const patient = openpiServer({ url: double.url });
    expect(await codeOf(patient.infer(OBSERVATION, signal()))).toBe('model/cut');
    expect(await codeOf(patient.infer(OBSERVATION, signal()))).toBe('model/http');
    await expect(patient.infer(OBSERVATION, signal())).rejects.toThrow(/as "actions"/);
    patient.close();
  });

  it("is left at once when the caller leaves, and its late answer is nobody else's", async () => {
    let answerLate = () => {};
    await using double = await openpiDouble(
      bytes('metadata'),
      (socket) => {
        answerLate = () => socket.send(bytes('answer_f4'));
      },
      says('answer'),
    );
    const server = openpiServer({ url: double.url });
    const abort = new AbortController();
    const asked = server.infer(OBSERVATION, abort.signal);
    while (double.asked.length === 0) await new Promise(setImmediate);
    abort.abort(new Error('left'));
    await expect(asked).rejects.toThrow('left');
    answerLate();
    expect((await server.infer(OBSERVATION, signal())).actions[0]?.[0]).toBe(0.1);
    server.close();
  });

  it('that is not there, or has no such address, is told in words', async () => {
    const nobody = openpiServer({ url: 'ws://127.0.0.1:9' });
    await expect(nobody.infer(OBSERVATION, signal())).rejects.toMatchObject({ code: 'model/unreachable' });
    expect(() => openpiServer({ url: 'http://gpu:8000' })).toThrow(/begins with ws:\/\//);
  });
});
