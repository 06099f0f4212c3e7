/** Fetch and Meta-World as envs of gymnasium: driven as any robot is, through gate, server and wire. */
import { join } from 'node:path';
import type { Sensed } from 'pumice';
import { SIM_CONTROLS } from 'pumice/codecs';
import { BACKENDS, calibrate, calibration, type SimplerEnv, simpler } from 'pumice/envs/simpler';
import { readEpisode } from 'pumice/record';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { calibrateBy } from '../../../envs/simpler/calibrate.ts';
import { start } from '../../cli/pumice.ts';
import { folderWith } from './folders.ts';
import { context, inside, lack, minus, opened, reached, reset, type Seen } from './reaching.ts';

const { sawyer } = SIM_CONTROLS;
const SEEDS = [0, 1, 2];
// Physics takes long on a machine that does other work too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const all = async (findings: AsyncIterable<{ how: string; what: string; says: string }>) => {
  const said: string[] = [];
  for await (const { how, what, says } of findings) said.push(`${how} ${what} ${says}`);
  return said;
};

describe.skipIf(lack !== undefined)('an env of gymnasium', () => {
  it('is done by who knows the way through gate, server and robot, each step as it was proposed, and is on record: FetchReach', async () => {
    const file = join(folderWith({}), 'reach.mcap');
    const env = await opened({ task: 'gymnasium_robotics:FetchReach-v4 {"width": 224, "height": 224}' });
    const way = ({ desired_goal: goal, achieved_goal: at }: Seen) => minus(goal!, at!);
    const { outcomes, steps } = await reached(env, SEEDS, 0.05, way, file);
    console.log(outcomes.join(', '), env.timings());
    expect(outcomes.filter((one) => one.startsWith('success'))).toHaveLength(SEEDS.length);
    expect(steps.map(({ verdict }) => verdict.kind)).toEqual(steps.map(() => 'allow'));
    const episode = await readEpisode(file);
    expect(episode.facts.facts).toMatchObject({
      body: 'gymnasium: fetch',
      renderer: expect.stringMatching(/MUJOCO_GL=osmesa; device: llvmpipe/),
      versions: expect.stringMatching(/gymnasium: 1\.4\.0.*gymnasium-robotics: 1\.4\.2/),
      assets: expect.stringMatching(/MujocoFetchReachEnv, its file [0-9a-f]{16}/),
      declaration: 'shipped',
    });
    const { frames } = (await env.observe(context)) as Sensed;
    const [frame] = frames;
    expect(frame).toMatchObject({ camera: 'render', widthPx: 224, heightPx: 224, encoding: 'rgb8' });
    expect(new Set(frame!.data).size).toBeGreaterThan(16);
    expect(
      JSON.stringify(episode.steps.map(({ observation: { frames: _, ...rest } = {} as never }) => rest)),
    ).not.toMatch(/goal/);
  });

  it('is not there in a Python that has no gymnasium, and how to install it is said', async () => {
    const asked = { backend: 'gymnasium', python: 'python3.11', task: 'gymnasium_robotics:FetchReach-v4' };
    await expect(simpler(asked)).rejects.toMatchObject({
      code: 'simulator/not-installed',
      message: expect.stringMatching(/the package gymnasium, this Python has none/),
      hint: expect.stringMatching(/requirements-gymnasium\.txt/),
    });
  });

  it('that nobody has declared is not driven', async () => {
    await expect(simpler({ backend: 'gymnasium', task: 'gymnasium:CartPole-v1' })).rejects.toMatchObject({
      code: 'config/misfit',
      message: expect.stringMatching(/env CartPole-v1: expected a declaration of it, there is one of FetchReach-v4,/),
      hint: expect.stringMatching(/--backend FILE\.json/),
    });
    await expect(simpler({ backend: 'gymnasium' })).rejects.toMatchObject({
      message: expect.stringMatching(/expected the id of an env/),
    });
  });
});

describe.skipIf(lack !== undefined)('Meta-World by its own registration with gymnasium', () => {
  let env: SimplerEnv;
  beforeAll(async () => {
    const task = 'metaworld:Meta-World/MT1 {"env_name": "reach-v3", "max_episode_steps": 500, "num_goals": 3}';
    env = await simpler({ backend: 'gymnasium', python: inside, task, cameras: [], oracle: true });
  });
  afterAll(() => env.close());

  it('begins alike by one seed, and otherwise by another, though its reset takes no seed', async () => {
    const begin = async (seed: number) => {
      await reset(env, seed);
      return JSON.stringify(env.oracle!.state());
    };
    const begun = [await begin(1), await begin(2), await begin(3), await begin(1)];
    expect(begun[3]).toBe(begun[0]);
    expect(new Set(begun).size).toBeGreaterThan(1);
  });

  it('is done by who knows the way, each step as it was proposed', async () => {
    const way = (seen: Seen) => minus(seen.slice(36, 39) as never, [seen[0], seen[1], seen[2] - 0.045]);
    const { outcomes, steps } = await reached(env, [1, 2], 0.01, way);
    console.log(outcomes.join(', '), env.timings());
    expect(outcomes.filter((one) => one.startsWith('success'))).toHaveLength(2);
    expect(steps.every(({ verdict }) => verdict.kind === 'allow')).toBe(true);
  });

  it('is calibrated to the same digits as by the backend that is made for it, and nothing is found in either', async () => {
    const own = await simpler({ backend: 'metaworld', python: inside, task: 'reach-v3', cameras: [] });
    onTestFinished(() => own.close());
    const [direct, through] = await Promise.all([own, env].map((one) => all(calibrate(one, calibrateBy(sawyer)))));
    expect(through).toEqual(direct);
    expect(direct!.filter((one) => !one.startsWith('ok '))).toEqual([]);
    expect(direct!).toHaveLength(11);
    // And shown as the same body, by other ways to find it.
    const [first, second] = (await Promise.all([own, env].map((one) => one.observe(context)))) as Sensed[];
    const numbers = ({ proprio: body }: Sensed) => [
      ...[body!.tcpPose!, body!.commandedTcpPose!].flatMap(({ pM, qXyzw }) => [...pM, ...qXyzw]),
      ...[...body!.qRad, ...body!.qdRadPerS, body!.gripperOpen],
    ];
    for (const [at, number] of numbers(second!).entries()) expect(number).toBeCloseTo(numbers(first!)[at]!, 9);
  });
});

describe.skipIf(lack !== undefined)('the calibration of an env of gymnasium', () => {
  it('finds all ways, the reference and the gripper of Fetch as its profile says', async () => {
    const task = 'gymnasium_robotics:FetchPickAndPlace-v4 {"max_episode_steps": 400}';
    const said = await all(calibration({ backend: 'gymnasium', python: inside, task }));
    expect(said.filter((one) => !one.startsWith('ok '))).toEqual([]);
    expect(said).toHaveLength(17);
    expect(said[0]).toBe('ok reference a delta is added to the measured pose');
  });
});

describe.skipIf(lack !== undefined)('a doctor', () => {
  it('names the simulators that were run, and no other', async () => {
    const { both } = await start(['doctor', '--help']).ended;
    expect(both.replaceAll(/\s+/g, ' ')).toContain(`sim: ${BACKENDS.join(', ')}, `);
  });
});
