/**
 * Fetch of gymnasium-robotics at more than CI has time for: whether the calibration notices a wrong profile of it, and whether it picks things up.
 * `GYMNASIUM_PYTHON=sim/bin/python npm run test:sim by-hand/fetch`, with a Python made as docs/simulators.md says.
 */
import { type Action, run } from 'pumice';
import { SIM_CONTROLS } from 'pumice/codecs';
import { simpler } from 'pumice/envs/simpler';
import { expert } from 'pumice/policies/expert';
import { expect, test } from 'vitest';
import { noticesWrongProfiles } from './wrong-profiles.ts';

const python = process.env.GYMNASIUM_PYTHON;
const ID = 'gymnasium_robotics:FetchPickAndPlace-v4';
const SEEDS = Array.from({ length: 20 }, (_, seed) => seed);

noticesWrongProfiles(SIM_CONTROLS.fetch, { backend: 'gymnasium', python, task: `${ID} {"max_episode_steps": 400}` });

interface Seen {
  readonly observation: readonly number[];
  readonly desired_goal: readonly number[];
}

/** Above the block, down, closed, and to the goal: each by where hand and block are. */
function motion({ observation, desired_goal: goal }: Seen, wasClosed: number): Action & { kind: 'eef-delta' } {
  const [hand, block] = [observation.slice(0, 3), observation.slice(3, 6)];
  const way = block.map((one, axis) => one - hand[axis]!);
  const isOver = Math.hypot(way[0]!, way[1]!) < 0.012;
  const isAround = isOver && Math.abs(way[2]!) < 0.012;
  const isHeld = isAround && wasClosed >= 3;
  const to = isHeld ? goal.map((one, axis) => one - block[axis]!) : isOver ? way : [way[0]!, way[1]!, way[2]! + 0.08];
  const dPosM = to.map((one) => Math.min(0.05, Math.max(-0.05, 1.3 * one))) as [number, number, number];
  return { kind: 'eef-delta', frameId: 'base', dPosM, dRpyRad: [0, 0, 0], gripperOpen: isAround ? 0 : 1 };
}

test.skipIf(python === undefined)(
  'a block is brought where it is asked for, each step as it was proposed',
  async () => {
    const env = await simpler({ backend: 'gymnasium', python, task: ID, cameras: [], oracle: true });
    const results: string[] = [];
    for (const seed of SEEDS) {
      const policy = expert();
      let closed = 0;
      const expertAction = () => {
        const next = motion(env.oracle!.state().seen as Seen, closed);
        closed = next.gripperOpen === 0 ? closed + 1 : 0;
        return next;
      };
      policy.useOracle({ expertAction, score: env.judge.score });
      const budget = { maxSteps: env.maxSteps };
      const episode = run({
        env,
        policy,
        instruction: 'bring the block to the red point',
        seed,
        oracle: env.judge,
        budget,
      });
      const verdicts: string[] = [];
      for await (const { verdict } of episode) verdicts.push(verdict.kind);
      const { outcome } = await episode.result;
      results.push(
        `${seed}: ${outcome}, ${verdicts.length} steps, ${verdicts.filter((one) => one !== 'allow').length} changed`,
      );
    }
    await env.close();
    console.log(results.join('\n'));
    expect(results.filter((one) => /success, .* 0 changed/.test(one)).length).toBeGreaterThanOrEqual(18);
  },
  300_000,
);
