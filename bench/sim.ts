/**
 * The simulated arm: physics against the clock, pictures, whole episodes, and memory over many steps. The floor is the engine's bare step.
 */
import { sim } from 'pumice/envs/sim';
import { encodeJpeg } from 'pumice/vision';
import { createCameras } from '../envs/sim/cameras.ts';
import { layoutOf, taskOf } from '../envs/sim/layout.ts';
import { CONTROL_HZ, STEPS_PER_ACTION } from '../envs/sim/scene.ts';
import { createJudge, STEP_BUDGET } from '../envs/sim/tasks.ts';
import { createWorld } from '../envs/sim/world.ts';
import { quantile, sayLoad, sayMachine, sayTimes, timed, timedNow } from './measure.ts';

sayMachine('simulated arm');
const world = await createWorld();
const cameras = createCameras(world.physics);
const task = taskOf('put', 1000);
const layout = layoutOf(task.seed);
const begin = () => {
  world.reset(layout);
  cameras.reset(layout);
};

const acts: number[] = [];
const bare: number[] = [];
const third: number[] = [];
const wrist: number[] = [];
for (let round = 0; round < 20; round++) {
  begin();
  for (let step = 0; step < 20; step++) {
    const delta = world.expert(task.goal);
    acts.push(timedNow(() => world.act(delta)));
    third.push(timedNow(() => cameras.draw('third', 224)));
    wrist.push(timedNow(() => cameras.draw('wrist', 224)));
    bare.push(
      timedNow(() => {
        for (let at = 0; at < STEPS_PER_ACTION; at++) world.physics.step();
      }),
    );
  }
}
sayTimes('control step (IK + physics)', acts);
sayTimes('  floor: physics alone', bare);
const ratio = quantile(acts, 0.5) / quantile(bare, 0.5);
console.log(
  `  ratio to the floor ${ratio.toFixed(2)}; real-time factor ${(1000 / CONTROL_HZ / quantile(acts, 0.5)).toFixed(0)}`,
);
sayTimes('picture, third, 224', third);
sayTimes('picture, wrist, 224', wrist);
const { rgb } = cameras.draw('third', 224);
const frame = {
  data: Uint8Array.from(rgb),
  encoding: 'rgb8',
  widthPx: 224,
  heightPx: 224,
  stampMs: 0,
  camera: 'third',
} as const;
const jpegs: number[] = [];
for (let round = 0; round < 200; round++)
  jpegs.push(
    await timed(async () => {
      cameras.draw('third', 224);
      await encodeJpeg(frame, 90);
    }),
  );
sayTimes('picture + JPEG, 224', jpegs);

let episodes = 0;
let steps = 0;
const startMs = performance.now();
while (performance.now() - startMs < 5000) {
  const kind = (['hover', 'pick', 'put'] as const)[episodes % 3]!;
  const one = taskOf(kind, 1000 + episodes);
  world.reset(layoutOf(one.seed));
  cameras.reset(layoutOf(one.seed));
  const judge = createJudge();
  for (let step = 0; step < STEP_BUDGET[kind] && !judge.score().first; step++, steps++) {
    cameras.draw('third', 224);
    world.act(world.expert(one.goal));
    judge.look(one.goal, world.state(), world.before());
  }
  episodes += 1;
}
const seconds = (performance.now() - startMs) / 1000;
console.log(
  `  expert with pictures         ${((60 * episodes) / seconds).toFixed(0)} episodes/min, ${(steps / seconds).toFixed(0)} steps/s, one process`,
);
world.close();

const env = await sim({ cameras: ['third'] });
const context = { signal: new AbortController().signal, nowMs: () => performance.now(), report: () => {} };
await env.reset({ instruction: 'pick up the red block', seed: 1 }, context);
const still = { kind: 'eef-delta', frameId: 'base', dPosM: [0, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 } as const;
const memories: number[] = [];
for (let step = 0; step <= 10_000; step++) {
  await env.act(still, context);
  if (step % 10 === 0) await env.observe(context);
  if (step % 2500 === 0) {
    globalThis.gc?.();
    memories.push(process.memoryUsage().rss / 1e6);
  }
}
console.log(`  memory over 10,000 steps     ${memories.map((mb) => mb.toFixed(0)).join(' ')} MB resident`);
await env.close();
sayLoad();
