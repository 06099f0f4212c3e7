/** Real tasks of Meta-World through the runtime: observe, the expert from the oracle channel, gate, act, record. */
import { join } from 'node:path';
import { type EpisodeResult, run, type StepRecord } from 'pumice';
import { SIM_CONTROLS, type SimControl } from 'pumice/codecs';
import { calibrate, type SimplerEnv, simpler } from 'pumice/envs/simpler';
import { expert } from 'pumice/policies/expert';
import { readEpisode } from 'pumice/record';
import { envContract } from 'pumice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simplerOn } from '../../../envs/simpler/body.ts';
import { calibrateBy } from '../../../envs/simpler/calibrate.ts';
import { options } from '../../../envs/simpler/options.ts';
import { openSession, type Session } from '../../../envs/simpler/session.ts';
import { folderWith } from './folders.ts';
import { missing, python } from './python.ts';

const TASKS = ['reach-v3', 'pick-place-v3', 'drawer-open-v3', 'door-open-v3', 'button-press-v3'];
const SEEDS = [0, 1, 2];
const { sawyer } = SIM_CONTROLS;

let inside: string;
const lack = missing();
beforeAll(() => {
  if (lack === undefined) inside = python();
}, 120_000);

/** The expert reads what the task asks for from its true state. */
function expertOn(env: SimplerEnv) {
  const policy = expert();
  policy.useOracle({ expertAction: env.oracle!.expertAction, score: env.judge.score });
  return policy;
}

describe.skipIf(lack !== undefined)('Meta-World', () => {
  it('is done by its experts through the runtime: 14 of 15 episodes at least', async () => {
    const folder = folderWith({});
    const results: { readonly task: string; readonly seed: number; readonly result: EpisodeResult }[] = [];
    const play = async (task: string) => {
      await using held = await heldOpen(task);
      for (const seed of SEEDS) {
        const { env } = held;
        const budget = { maxSteps: env.maxSteps };
        const record = seed === SEEDS[0] ? { record: join(folder, `${task}.mcap`) } : {};
        await env.reset({ instruction: 'look', seed }, { signal: held.signal, nowMs: () => 0, report: () => {} });
        const instruction = env.instruction();
        const episode = run({ env, policy: expertOn(env), instruction, seed, oracle: env.judge, budget, ...record });
        results.push({ task, seed, result: await episode.result });
      }
    };
    // Two at a time: they are processes of their own.
    const waiting = [...TASKS];
    await Promise.all(
      [0, 1].map(async () => {
        for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await play(task);
      }),
    );
    const done = results.filter(({ result }) => result.outcome === 'success');
    console.log(
      results.map(({ task, seed, result }) => `${task} ${seed}: ${result.outcome}, ${result.steps} steps`).join('\n'),
    );
    expect(results).toHaveLength(TASKS.length * SEEDS.length);
    expect(done.length).toBeGreaterThanOrEqual(14);

    // On record: what it was seen through, what was done, and nothing of the true state.
    const { facts, steps, isComplete } = await readEpisode(join(folder, 'drawer-open-v3.mcap'));
    expect(isComplete).toBe(true);
    expect(facts.facts).toMatchObject({
      images: 'raw RGB',
      renderer: expect.stringMatching(/osmesa.*no shadow, no reflection, no multisampling/),
      versions: expect.stringMatching(/metaworld: 3\.1\.1/),
      success: 'first',
    });
    expect(steps.every(({ verdict }) => verdict.kind === 'allow')).toBe(true);
    expect(steps[0]!.observation!.frames[0]).toMatchObject({ camera: 'corner2', widthPx: 224, heightPx: 224 });
    expect(JSON.stringify(steps.map(withoutPixels))).not.toMatch(/expertAction|"seen"|success/);
  }, 90_000);

  const holding = {
    kind: 'eef-delta',
    frameId: 'base',
    dPosM: [0, 0, 0.005],
    dRpyRad: [0, 0, 0],
    gripperOpen: 1,
  } as const;
  for (const { title, check } of envContract(
    () => simpler({ backend: 'test/simpler/real/fake_backend.py', python: inside }),
    { instruction: 'go' },
    holding,
  ))
    it(`keeps the contract of every env, with a fake simulator: ${title}`, check);

  it('one seed is one episode, and another is another', async () => {
    await using held = await heldOpen('pick-place-v3');
    const { env, signal } = held;
    const begin = async (seed: number) => {
      await env.reset({ instruction: 'go', seed }, { signal, nowMs: () => 0, report: () => {} });
      return JSON.stringify(env.oracle!.state());
    };
    const [first, other, again] = [await begin(3), await begin(4), await begin(3)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe.skipIf(lack !== undefined)('the calibration', () => {
  const read = options.parse({ backend: 'metaworld', cameras: [] });
  let session: Session;
  beforeAll(async () => {
    session = await openSession({ ...read, python: inside });
  });
  afterAll(() => session.close());
  /** What is not as it should be; the first such thing is enough. That nothing is, with the right profile: `gymnasium.test.ts`. */
  const finding = async (control: SimControl) => {
    try {
      const env = simplerOn(session, read, () => control);
      for await (const { how, what } of calibrate(env, calibrateBy(control))) if (how !== 'ok') return `${how} ${what}`;
    } catch (error) {
      return `refused: ${error}`;
    }
    return 'nothing';
  };

  it.each<[string, Partial<SimControl>, RegExp]>([
    ['its control mode', { controlMode: 'pd_ee_delta_pose' }, /refused: .*control mode/],
    ['its rate', { rateHz: 20 }, /refused: .*actions a second/],
    ['the order of its axes', { order: ['y', 'x', 'z'] }, /fail \+x/],
    ['the size of its unit', { unitM: 0.02 }, /fail \+x/],
    ['the form of its turns', { rotation: 'axis-angle' }, /refused: .*7 numbers/],
    ['along which axes it moves', { delta: { axes: 'tool', reference: 'commanded' } }, /fail \+x/],
    ['what a delta is added to', { delta: { axes: 'base', reference: 'measured' } }, /fail reference/],
    ['which way its gripper goes', { gripper: { form: 'share', open: 1, closed: -1 } }, /fail gripper open/],
    [
      'a gripper by changes',
      { gripper: { form: 'change', open: -1, closed: 1, latchSteps: 10 } },
      /refused: .*gripper/,
    ],
  ])('notices a profile that is wrong in %s', async (_, change, said) => {
    expect(await finding({ ...sawyer, ...change })).toMatch(said);
  });
});

const withoutPixels = ({ observation, ...step }: StepRecord) => ({
  ...step,
  observation: { ...observation, frames: [] },
});

async function heldOpen(task: string) {
  const env = await simpler({ backend: 'metaworld', python: inside, task, oracle: true });
  const { signal } = new AbortController();
  return { env, signal, [Symbol.asyncDispose]: () => env.close() };
}
