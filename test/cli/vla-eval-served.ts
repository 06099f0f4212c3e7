/** For tests of vla-eval's wire: a policy behind it, and a client that sends what the original package packed (`test/golden/vla-eval`), or worse. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action, Critic, Policy } from 'pumice';
import { hostVlaEval } from 'pumice/models';
import { readEpisode, recorder } from 'pumice/record';
import { afterEach, expect } from 'vitest';
import { WebSocket } from 'ws';
import { PROFILE } from '../../envs/sim/profile.ts';
import { vlaEvalEpisodes } from '../../src/cli/vla-eval-episodes.ts';
import { packed, type ReceivedMap, type SentMap, unpacked } from '../../src/models/msgpack-numpy.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/vla-eval/messages.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
export const UNITS = {
  metresPerUnit: 0.05,
  radiansPerUnit: 0.5,
  rotation: 'axis-angle',
  gripper: 'close-is-1',
} as const;
export const bytes = (name: string) => Buffer.from(golden[name]!, 'base64');

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export const forward = (m: number, gripperOpen = 1): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [m, 0, 0], dRpyRad: [0.05, 0, 0.1], gripperOpen },
});
/** Answers what it is given, one by one, and the last one from then on; a promise of it when that is there. */
export function fakePolicy(...answers: readonly (readonly Action[] | Promise<readonly Action[]>)[]) {
  const asked: { instruction: string; x: number; cameras: string[]; pixel: number }[] = [];
  const policy: Policy = {
    ...{ name: 'fake', actionKinds: ['eef-delta', 'done'], reset: () => {} },
    act: async ({ frames, proprio, instruction }) => {
      const cameras = frames.map(({ camera }) => camera);
      asked.push({ instruction, x: proprio!.tcpPose!.pM[0], cameras, pixel: frames[0]!.data[5]! });
      return { actions: [...(await answers[Math.min(asked.length, answers.length) - 1]!)] };
    },
  };
  return { ...policy, asked };
}
export const neverOn = (word: string): Critic => ({
  name: 'by-word',
  judge: async ({ instruction }) => ({ kind: instruction.includes(word) ? 'deny' : 'allow', reasons: ['not that'] }),
});

export async function serve(policy: Policy | (() => Policy), critics: readonly Critic[] = [], key?: string) {
  const dir = mkdtempSync(join(tmpdir(), 'pumice-vla-eval-'));
  folders.push(dir);
  const refused: string[] = [];
  let clients = 0;
  const host = await hostVlaEval({
    ...{ host: '127.0.0.1', port: 0, key, hello: { model_server: 'pumice' } },
    onRefused: (words) => refused.push(words),
    onClient: async (benchmark) => {
      clients += 1;
      return vlaEvalEpisodes(
        {
          ...{ robot: PROFILE, critics, stepTimeoutMs: 5000 },
          policy: typeof policy === 'function' ? policy() : policy,
          units: UNITS,
          recorder: () => recorder({ dir }),
          done: () => {
            clients -= 1;
          },
        },
        benchmark,
      );
    },
  });
  return {
    ...{ url: host.url, refused },
    /** All that was recorded, once the last client is done with. */
    records: async () => {
      await expect.poll(() => clients).toBe(0);
      return Promise.all(
        readdirSync(dir)
          .sort()
          .map((name) => readEpisode(join(dir, name))),
      );
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

/** A client, which counts its messages as the original does. */
export async function connected(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, { headers });
  const heard: ReceivedMap[] = [];
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  let seq = 0;
  socket.on('message', (data: Buffer) => heard.push(unpacked(data) as ReceivedMap));
  socket.on('error', () => {});
  await Promise.race([once(socket, 'open').catch(() => {}), closed]);
  const send = (type: string, payload: SentMap) => {
    seq += 1;
    socket.send(packed({ type, payload, seq, timestamp: 1.5 }, 'text'));
    return seq;
  };
  const answerTo = async (number: number) => {
    await expect.poll(() => heard.some((one) => one.seq === number), { interval: 5 }).toBe(true);
    return heard.find((one) => one.seq === number)!;
  };
  return {
    ...{ socket, heard, closed, send, answerTo },
    raw: (name: string) => socket.send(bytes(name)),
    hello: () => answerTo(send('hello', { protocol_version: 1, benchmark: 'a.b:Mine' })),
    start: (name = 'go on') => send('episode_start', { task: { name } }),
    ask: (over: Partial<SentMap> = {}) => answerTo(send('observation', { ...seen(), ...over } as SentMap)),
  };
}
export const numbers = (...values: readonly number[]) => ({ data: Float32Array.from(values), shape: [values.length] });
export const picture = { data: Uint8Array.from({ length: 48 }, (_, at) => at), shape: [4, 4, 3] };
export const libero = (x = 0.35) => numbers(x, 0, 0.2, Math.PI, 0, 0, 0.04, -0.04);
export const seen = (): SentMap => ({ images: { agentview: picture }, task_description: 'go on', states: libero() });
export const rowOf = ({ payload }: ReceivedMap) =>
  ((payload as ReceivedMap).actions as { values: number[] }).values.map((one) => Number(one.toFixed(4)) + 0);
export const errorIn = ({ type, payload }: ReceivedMap) =>
  type === 'error' ? String((payload as ReceivedMap).error) : `a ${type}`;
