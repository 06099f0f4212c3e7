/** A policy behind openpi's wire, asked by the client of that wire: what the gate lets through comes back, and nothing else. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action, Critic, Policy } from 'pumice';
import { hostOpenpi, openpiServer, profileOf } from 'pumice/models';
import { readEpisode, recorder } from 'pumice/record';
import { defineRobot } from 'pumice/robots';
import { afterEach, expect, it } from 'vitest';
import { PROFILE } from '../../envs/sim/profile.ts';
import { openpiEpisodes } from '../../src/cli/openpi-episodes.ts';
import { main } from '../../src/cli/program.ts';
import { rotationVectorOfRpy } from '../../src/gate/rotation.ts';

const { signal } = new AbortController();
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const forward = (m: number, gripperOpen = 1): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [m, 0, 0], dRpyRad: [0, 0, 0.1], gripperOpen },
});
/** Answers what it is given, one by one, and the last one from then on. */
const fakePolicy = (...answers: readonly (readonly Action[])[]): Policy & { readonly asked: number[] } => {
  const asked: number[] = [];
  return {
    ...{ name: 'fake', actionKinds: ['eef-delta', 'done'], reset: () => {}, asked },
    act: async ({ frames, proprio }) => {
      asked.push(proprio!.tcpPose!.pM[0], frames[0]!.data[5]!);
      return { actions: [...answers[Math.min(asked.length / 2, answers.length) - 1]!] };
    },
  };
};
const neverOn: (word: string) => Critic = (word) => ({
  name: 'by-word',
  judge: async ({ instruction }) => ({ kind: instruction.includes(word) ? 'deny' : 'allow', reasons: ['not that'] }),
});

async function serve(policy: Policy, critics: readonly Critic[] = [], rotation: 'rpy' | 'axis-angle' = 'rpy') {
  const dir = mkdtempSync(join(tmpdir(), 'pumice-serve-policy-'));
  folders.push(dir);
  const host = await hostOpenpi({
    ...{ host: '127.0.0.1', port: 0, metadata: { server: 'pumice' } },
    onClient: async () =>
      openpiEpisodes({
        ...{ robot: PROFILE, fields: profileOf('openpi').fields!, policy, critics, stepTimeoutMs: 5000 },
        units: { metresPerUnit: 0.05, radiansPerUnit: 0.5, rotation, gripper: 'close-is-1' },
        recorder: () => recorder({ dir }),
        done: () => {},
      }),
  });
  const client = openpiServer({ url: host.url });
  return {
    client,
    ask: (prompt: string, over: object = {}) => client.infer({ ...seen(prompt), ...over }, signal),
    /** All that was recorded, once the last episode is over. */
    records: async () => {
      client.close();
      await host[Symbol.asyncDispose]();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return Promise.all(readdirSync(dir).map((name) => readEpisode(join(dir, name))));
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
const state = (x = 0.35) => ({ data: Float32Array.from([x, 0, 0.2, Math.PI, 0, 0, 0.04, -0.04]), shape: [8] });
const seen = (prompt: string) => ({
  'observation/image': { data: Uint8Array.from({ length: 48 }, (_, at) => at), shape: [4, 4, 3] },
  'observation/state': state(),
  prompt,
});
const rounded = (rows: readonly (readonly number[])[]) =>
  rows.map((row) => row.map((one) => Number(one.toFixed(4)) + 0));

it('a motion that was allowed comes back in the units of the client, and the policy saw what the client sent', async () => {
  const policy = fakePolicy([forward(0.02)]);
  await using served = await serve(policy);
  expect(await served.client.metadata(signal)).toMatchObject({ server: 'pumice' });
  const { actions, rest } = await served.ask('go on');
  expect(rounded(actions)).toEqual([[0.4, 0, 0, 0, 0, 0.2, -1]]);
  expect(rest).toMatchObject({ verdict: 'allow', server_timing: { infer_ms: expect.any(Number) } });
  expect(policy.asked.map((one) => Number(one.toFixed(3)))).toEqual([0.35, 5]);
});

it('what goes too far comes back as far as it may go, and never farther', async () => {
  await using served = await serve(fakePolicy([forward(0.1)]));
  const { actions, rest } = await served.ask('go on');
  expect(rest.verdict).toBe('modify');
  expect(actions[0]![0]! * 0.05).toBeLessThanOrEqual(PROFILE.limits.maxStepM + 1e-6);
  expect(actions[0]![0]).toBeGreaterThan(0);
});

it('what is denied is an error and no motion, and the next question is answered on a connection of its own or the same', async () => {
  await using served = await serve(fakePolicy([forward(0.02)]), [neverOn('knife')]);
  await expect(served.ask('take the knife')).rejects.toThrow(/No motion: deny by by-word: .*not that/);
  expect((await served.ask('take the cup')).actions).toHaveLength(1);
  const records = await served.records();
  expect(records.flatMap(({ steps }) => steps.map(({ verdict }) => verdict.kind))).toEqual(
    expect.arrayContaining(['deny', 'allow']),
  );
});

it('an arm that is not where it was told to go is not moved on, unless its client says that it begins anew', async () => {
  await using served = await serve(fakePolicy([forward(0.02)]));
  await served.ask('go on');
  const back = { 'observation/state': state(0.2) };
  await expect(served.ask('go on', back)).rejects.toThrow(/No motion: deny .*following/);
  expect((await served.ask('go on', { ...back, episode: 2 })).actions).toHaveLength(1);
});

it('a chunk plays one motion a question, each of them a step in the record; another instruction is another episode', async () => {
  const policy = fakePolicy([forward(0.01), forward(0.01, 0)]);
  await using served = await serve(policy);
  const first = await served.ask('go on');
  const second = await served.ask('go on', { 'observation/state': state(0.36) });
  expect([first, second].map(({ actions }) => actions[0]![6])).toEqual([-1, 1]);
  expect(policy.asked).toHaveLength(2);
  await served.ask('something else');
  const records = await served.records();
  const counts = records.map(({ facts, steps }) => [
    facts.instruction,
    steps.filter(({ verdict }) => verdict.kind === 'allow').length,
  ]);
  expect(counts.sort()).toEqual([
    ['go on', 2],
    ['something else', 1],
  ]);
});

it('a policy that is done holds, and says so beside its motion', async () => {
  await using served = await serve(fakePolicy([{ kind: 'done', outcome: 'success' }]));
  const { actions, rest } = await served.ask('go on');
  expect(rounded(actions)).toEqual([[0, 0, 0, 0, 0, 0, -1]]);
  expect(rest.done).toBe('success');
});

it.each([
  ['no state', { 'observation/state': 'somewhere' }, /expected 8 finite numbers as "observation\/state"/],
  ['a state of joints', { 'observation/state': { ...state(), data: new Float32Array(7), shape: [7] } }, /8 finite/],
  [
    'a picture with channels first',
    { 'observation/image': { data: new Uint8Array(48), shape: [3, 4, 4] } },
    /height, width, 3/,
  ],
  ['no words', { prompt: ' ' }, /expected what to do as "prompt"/],
])('an observation with %s is an error that names the field, and asks nobody', async (_, over, words) => {
  const policy = fakePolicy([forward(0.02)]);
  await using served = await serve(policy);
  await expect(served.ask('go on', over)).rejects.toThrow(words);
  expect(policy.asked).toEqual([]);
});

it.each([
  ['rpy', [0.1, 0.2, 0.3]],
  // Of 0.05, 0.1 and 0.15 rad about x, y and z, one after another.
  ['axis-angle', rotationVectorOfRpy([0.05, 0.1, 0.15]).map((rad) => rad / 0.5)],
] as const)('a turn is written as the client takes it: %s', async (rotation, expected) => {
  const turn: Action = { ...forward(0), dRpyRad: [0.05, 0.1, 0.15] } as Action;
  await using served = await serve(fakePolicy([turn]), [], rotation);
  const { actions } = await served.ask('go on');
  for (const [at, one] of expected.entries()) expect(actions[0]![3 + at]).toBeCloseTo(one, 5);
  expect(rotationVectorOfRpy([0.05, 0.1, 0.15])[0]).not.toBeCloseTo(0.05, 2);
});

it('the command refuses a robot without limits, units that are not given, and an open door without a key', async () => {
  const units = ['--metres-per-unit', '1', '--radians-per-unit', '1', '--gripper', 'open-is-1'];
  const serving = (...more: readonly string[]) =>
    main(['serve-policy', '--protocol', 'openpi', '--policy', 'hold', '--port', '0', ...more]);
  expect(await serving('--robot', 'sim')).toBe(2);
  expect(await serving('--robot', 'sim', ...units, '--host', '0.0.0.0')).toBe(2);
  expect(await serving('--robot', import.meta.filename, ...units)).toBe(2);
});

it('the robot profile of the manual is one', () => {
  const manual = readFileSync(new URL('../../docs/evaluation.md', import.meta.url), 'utf8');
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(manual) ?? [];
  expect(defineRobot(JSON.parse(json)).name).toBe('my-panda');
});
