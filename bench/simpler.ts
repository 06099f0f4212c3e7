/**
 * What the way from Node to a simulator in Python and back adds to a step: all of it, less what the simulator itself says that it took to
 * step and to draw. Without pictures, and with raw pictures of two sizes; episodes a minute by Meta-World's experts, and memory.
 * Needs Meta-World: `SIM_PYTHON=sim/bin/python npm run bench -- simpler`, or what `npm run test:sim` has set up.
 */
import { readFileSync } from 'node:fs';
import { run } from 'pumice';
import { type SimplerEnv, type SimplerOptions, simpler } from 'pumice/envs/simpler';
import { expert } from 'pumice/policies/expert';
import { firstValueFrom, from } from 'rxjs';
import { python } from '../test/simpler/real/python.ts';
import { quantile, sayLoad, sayMachine, sayTimes, timed } from './measure.ts';

const STEPS = 400;
/** Of them at the beginning, which are not counted. */
const WARM = 40;
const EPISODES = 6;
const context = { signal: new AbortController().signal, nowMs: () => performance.now(), report: () => {} };
const inside = process.env.SIM_PYTHON ?? python();
const UP = { kind: 'eef-delta', frameId: 'base', dPosM: [0, 0, 0.001], dRpyRad: [0, 0, 0], gripperOpen: 1 } as const;

/** Resident memory of a process, MB. */
const memoryMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

const open = (asked: SimplerOptions): Promise<SimplerEnv> =>
  simpler({ backend: 'metaworld', python: inside, oracle: true, ...asked });

sayMachine('simpler');
const CASES: readonly (readonly [string, SimplerOptions])[] = [
  ['no picture', { cameras: [] }],
  ['224 x 224 raw', {}],
  ['640 x 480 raw', { widthPx: 640, heightPx: 480 }],
  ['224 x 224 JPEG', { images: 'jpeg' }],
];
for (const [name, asked] of CASES) {
  const env = await open({ task: 'reach-v3', ...asked });
  await firstValueFrom(from(env.reset({ instruction: 'bench', seed: 0 }, context)));
  const [all, inSimulator, added]: [number[], number[], number[]] = [[], [], []];
  for (let at = 0; at < STEPS; at++) {
    const tookMs = await timed(() => firstValueFrom(from(env.act(UP, context))));
    if (at < WARM) continue;
    const { stepMs = 0, renderMs = 0 } = env.timings();
    all.push(tookMs);
    inSimulator.push(stepMs + renderMs);
    added.push(tookMs - stepMs - renderMs);
  }
  console.log(`${name}; process of the simulator ${memoryMb(env.pid()!).toFixed(0)} MB`);
  sayTimes('act, all of it', all);
  sayTimes('  in the simulator', inSimulator);
  sayTimes('  added by the way', added);
  console.log(`    its least tenth, which met the least load: ${quantile(added, 0.1).toFixed(3)} ms`);
  await env.close();
}

const env = await open({ task: 'pick-place-v3' });
const policy = expert();
policy.useOracle({ expertAction: env.oracle!.expertAction, score: env.judge.score });
let done = 0;
const steps: number[] = [];
const tookMs = await timed(async () => {
  for (let seed = 0; seed < EPISODES; seed++) {
    const episode = run({
      env,
      policy,
      instruction: 'pick up the puck',
      seed,
      oracle: env.judge,
      budget: { maxSteps: env.maxSteps },
    });
    for await (const { timings } of episode) steps.push(timings.totalMs);
    if ((await episode.result).outcome === 'success') done++;
  }
});
console.log(
  `episodes through run(), 224 x 224 raw: ${((EPISODES * 60_000) / tookMs).toFixed(0)} a minute (${done} of ${EPISODES} done, ${steps.length} steps), a step ${quantile(steps, 0.5).toFixed(1)} ms median; this process ${memoryMb(process.pid).toFixed(0)} MB`,
);
await env.close();
sayLoad();
