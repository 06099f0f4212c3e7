/**
 * LIBERO with its real simulator: whether the calibration notices a wrong profile of its robot, whether policies behind openpi's wire are shown
 * what LIBERO's own program shows, and play. By hand, since it takes 2 GB: docs/simulators.md, and then
 * `LIBERO_PYTHON=libero/bin/python npm run test:sim by-hand/libero`.
 */
import { execFileSync } from 'node:child_process';
import { type Action, run } from 'pumice';
import { SIM_CONTROLS, simNumbers } from 'pumice/codecs';
import { type SimplerEnv, simpler } from 'pumice/envs/simpler';
import { openpi } from 'pumice/policies/openpi';
import { expect, test } from 'vitest';
import { packed, type ReceivedMap, unpacked } from '../../../src/models/msgpack-numpy.ts';
import { type OpenpiReply, openpiDouble } from '../../models/doubles/openpi.ts';
import { noticesWrongProfiles } from './wrong-profiles.ts';

const python = process.env.LIBERO_PYTHON;
const it = test.skipIf(python === undefined);
const SLOW_MS = 600_000;
const TASKS = [
  ['libero_spatial', 'pick_up_the_black_bowl_next_to_the_plate_and_place_it_on_the_plate', [-0.66, 0, 0.912]],
  ['libero_object', 'pick_up_the_milk_and_place_it_in_the_basket', [-0.6, 0, 0]],
] as const;

noticesWrongProfiles(SIM_CONTROLS.libero_panda, { backend: 'libero', python });

async function play(task: string, baseM: readonly number[], reply: (env: SimplerEnv) => OpenpiReply, most?: number) {
  const env = await simpler({ backend: 'libero', python, task, oracle: true, stepTimeoutS: 120 });
  await using server = await openpiDouble(Buffer.from(packed({})), reply(env));
  const policy = openpi({
    ...{ url: server.url, metresPerUnit: 0.05, radiansPerUnit: 0.5, rotation: 'axis-angle', gripper: 'close-is-1' },
    ...{ dtMs: 50, camera: 'agentview', wristCamera: 'robot0_eye_in_hand', mirrored: true, baseM: [...baseM] as never },
  });
  env.beginWith({ episodeId: 3 });
  await env.reset({ instruction: 'look', seed: 0 }, { signal: new AbortController().signal } as never);
  const budget = { maxSteps: most ?? env.maxSteps };
  const episode = run({ env, policy, instruction: env.instruction(), seed: 0, oracle: env.judge, budget });
  const verdicts: string[] = [];
  for await (const { verdict } of episode) verdicts.push(verdict.kind);
  const { outcome, reason } = await episode.result;
  await env.close();
  return { outcome, reason, verdicts, asked: server.asked };
}

const row = (numbers: readonly number[]): OpenpiReply => {
  const actions = { data: Float32Array.from(numbers), shape: [1, 7] };
  return (socket) => socket.send(packed({ actions }));
};
const still = () => row([0, 0, 0, 0, 0, 0, -1]);
/** The expert's motions as a server of LIBERO's numbers answers them. */
const experts = (env: SimplerEnv): OpenpiReply => {
  return (socket) => {
    const action = env.oracle!.expertAction() as Extract<Action, { kind: 'eef-delta' }>;
    row(simNumbers(SIM_CONTROLS.libero_panda, action).numbers)(socket);
  };
};

it.each(TASKS)(
  "a server behind openpi's wire is shown what LIBERO's own program shows: %s",
  async (suite, task, baseM) => {
    const script = 'test/simpler/by-hand/libero_observation.py';
    const own = JSON.parse(
      execFileSync(python!, [script, suite, task, '3', '224'], {
        encoding: 'utf8',
        maxBuffer: 1 << 24,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
        .trim()
        .split('\n')
        .at(-1)!,
    );
    const { asked } = await play(task, baseM, still, 1);
    const sent = unpacked(asked[0]!) as ReceivedMap;
    const numbers = (name: string) => Array.from((sent[name] as { values: ArrayLike<number> }).values);
    expect(sent.prompt).toBe(own.prompt);
    // It looks a substep of 2 ms earlier, while the hand still moves a little; edges in pictures move by a part of a pixel.
    for (const [at, one] of numbers('observation/state').entries()) expect(one).toBeCloseTo(own.state[at], 3);
    for (const [name, picture] of [
      ['observation/image', own.image],
      ['observation/wrist_image', own.wristImage],
    ] as const) {
      const [mine, theirs] = [numbers(name), Buffer.from(picture, 'base64')];
      expect(mine).toHaveLength(theirs.length);
      const share = (to: (at: number) => number) =>
        mine.filter((value, at) => Math.abs(value - theirs[to(at)]!) > 8).length / mine.length;
      expect(share((at) => at)).toBeLessThan(0.01);
      // The same, not left side right, is another picture.
      const pixel = (at: number) => Math.floor(at / 3);
      expect(share((at) => 3 * (pixel(at) - 2 * (pixel(at) % 224) + 223) + (at % 3))).toBeGreaterThan(0.2);
    }
  },
  SLOW_MS,
);

it.each(TASKS)(
  "the expert's numbers do the task through openpi's wire, decoder and gate: %s",
  async (_, task, baseM) => {
    const { outcome, reason, verdicts } = await play(task, baseM, experts);
    console.log(
      `${task}: ${outcome}, ${reason}; ${verdicts.length} steps, not allowed as they were: ${verdicts.filter((one) => one !== 'allow').length}`,
    );
    expect(outcome).toBe('success');
    expect(verdicts.every((one) => one === 'allow')).toBe(true);
  },
  SLOW_MS,
);
