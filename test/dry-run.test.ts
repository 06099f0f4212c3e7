/** A dry run: everything but the command to the body. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Action, type Env, run } from 'pumice';
import { sim } from 'pumice/envs/sim';
import { scripted } from 'pumice/policies/scripted';
import { expect, it } from 'vitest';
import { readEpisode } from '../src/record/index.ts';

type Scripted = Parameters<typeof scripted>[0]['actions'][number];
const DOWN: Scripted = {
  kind: 'eef-delta',
  frameId: 'base',
  dPosM: [0, 0, -0.02],
  dRpyRad: [0, 0, 0],
  gripperOpen: 1,
};
/** More than the arm may do in a step. */
const FAR: Scripted = { ...DOWN, dPosM: [0, 0, 0.1] };
const HOLD: Scripted = { kind: 'hold' };
const INSTRUCTION = 'pick up the red block';

/** The simulated arm, and what it was told. */
async function watched() {
  const arm = await sim({ cameras: ['third'], sizePx: 64 });
  const told: Action[] = [];
  const env: Env = {
    ...arm,
    act: (action, context) => {
      told.push(action);
      return arm.act(action, context);
    },
  };
  return { env, told };
}

it.each([
  [true, 0],
  [false, 2],
])('with dryRun %s the body is told %i of two moves', async (dryRun, expected) => {
  const { env, told } = await watched();
  const policy = scripted({ actions: [DOWN, DOWN] });
  const result = await run({ env, policy, instruction: INSTRUCTION, dryRun }).result;
  await env.close();
  expect(result).toMatchObject({ outcome: 'success', steps: 3 });
  expect(told.filter(({ kind }) => kind !== 'hold')).toHaveLength(expected);
});

it('sees, thinks, checks and records as ever, and the record says what kind of run it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pumice-dry-'));
  const record = join(folder, 'dry.mcap');
  const { env } = await watched();
  const policy = scripted({ actions: [DOWN, FAR] });
  await run({ env, policy, instruction: INSTRUCTION, seed: 3, dryRun: true, record }).result;
  await env.close();
  const { facts, steps } = await readEpisode(record);
  await rm(folder, { recursive: true });
  expect(facts).toMatchObject({ seed: 3, facts: { dryRun: 'nothing was sent to the body' } });
  expect(steps.map(({ observation }) => observation?.frames.length)).toEqual([1, 1, 1]);
  expect(steps.map(({ verdict }) => verdict.kind)).toEqual(['allow', 'modify', 'allow']);
  for (const { act } of steps.slice(0, 2))
    expect(act).toEqual({ status: 'refused', reason: 'dry run: nothing is sent to the body' });
});

it('a hold passes: it asks for nothing, and a body at rest has to be told so', async () => {
  const { env, told } = await watched();
  await run({ env, policy: scripted({ actions: [HOLD] }), instruction: INSTRUCTION, dryRun: true }).result;
  await env.close();
  expect(told.length).toBeGreaterThan(0);
  expect(told.every(({ kind }) => kind === 'hold')).toBe(true);
});

it('ends after five steps, since nothing changes between them, or after as many as asked for', async () => {
  const { env } = await watched();
  const attempt = (maxSteps?: number) =>
    run({
      env,
      policy: scripted({ actions: Array<Scripted>(20).fill(DOWN) }),
      instruction: INSTRUCTION,
      dryRun: true,
      ...(maxSteps !== undefined && { budget: { maxSteps } }),
    }).result;
  expect(await attempt()).toMatchObject({ outcome: 'truncated', steps: 5 });
  expect(await attempt(7)).toMatchObject({ outcome: 'truncated', steps: 7 });
  await env.close();
});
