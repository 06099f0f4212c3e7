/** Real runs, recorded, and run again: what the loop puts into a record is what a rerun reads out of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Action, type Approver, type Critic, run } from 'pumice';
import { of, throwError } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monotonicScheduler } from '../../src/clock.ts';
import { defaultRules } from '../../src/gate/rules/index.ts';
import { readEpisode, rerunGate, rerunPolicy } from '../../src/record/index.ts';
import { BODIES, type BodyRow, done, fakePolicy } from '../loop-story.ts';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-rerun-loop-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tooFar: Action = {
  kind: 'eef-delta',
  frameId: 'base',
  dPosM: [0.06, 0, 0],
  dRpyRad: [0, 0, 0],
  gripperOpen: 1,
};

/** Ordinary and forbidden actions, a chunk of three, a policy that fails, a critic that denies and one that asks a person. */
async function recorded({ make, ordinary, forbidden }: BodyRow) {
  const env = make(monotonicScheduler);
  const answers: readonly (readonly Action[])[] = [
    [ordinary],
    [forbidden],
    [ordinary, tooFar, ordinary],
    [],
    [{ kind: 'hold' }],
    [ordinary],
    [ordinary],
    [ordinary],
    [done],
  ];
  let asked = 0;
  const policy = () =>
    fakePolicy(env, (call) => {
      asked = call;
      return answers[call]!.length === 0 ? throwError(() => new Error('down')) : of({ actions: answers[call]! });
    });
  const critic: Critic = {
    name: 'fake',
    judge: () => of({ kind: ({ 5: 'deny', 6: 'ask' } as const)[asked] ?? 'allow', reasons: ['so it seems'] }),
  };
  const approver: Approver = { name: 'desk', ask: () => of({ kind: 'approve' }) };
  const file = join(folder, `${env.name}-${files++}.mcap`);
  const episode = run({ env, policy: policy(), critics: [critic], approver, instruction: 'go', record: file });
  expect(await episode.result).toMatchObject({ outcome: 'success' });
  return { episode: await readEpisode(file), policy };
}

describe.each(BODIES)('an episode of $body', (row) => {
  it('is judged by the same rules as it was', async () => {
    const { episode } = await recorded(row);
    const kinds = new Set(episode.steps.map((step) => step.verdict.kind));
    expect(kinds).toEqual(new Set(['allow', 'deny', ...(row.body === 'a mass' ? ['modify'] : [])]));
    const reruns = [...rerunGate(episode, defaultRules)];
    expect(reruns.length).toBeGreaterThan(5);
    expect(reruns.filter(({ same }) => !same)).toEqual([]);
    // Non-vacuity: without rules what they denied passes, and the difference is told.
    expect([...rerunGate(episode, [])].filter(({ same }) => !same).length).toBeGreaterThan(0);
  });

  it('is thought of by the same policy as it was', async () => {
    const { episode, policy } = await recorded(row);
    const reruns = [];
    for await (const rerun of rerunPolicy(episode, policy())) reruns.push(rerun);
    expect(reruns.length).toBeGreaterThan(5);
    expect(reruns.filter(({ same }) => !same)).toEqual([]);
  });
});
