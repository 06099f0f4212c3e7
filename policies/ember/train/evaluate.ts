/**
 * Closed-loop evaluation of the model that is being trained, many processes at a time: quick, and without the gate. The numbers that
 * count come from `pumice eval manipulator`, which asks the exported file through the whole runtime.
 *
 *   node evaluate.js '{"first":1000,"count":20,"every":8,"conditions":[...],"out":"/tmp/a.jsonl"}'
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Delta7 } from '../../../envs/sim/arm.ts';
import { createCameras } from '../../../envs/sim/cameras.ts';
import { goalsOf, layoutOf, taskOf } from '../../../envs/sim/layout.ts';
import { randomOf } from '../../../envs/sim/random.ts';
import { createJudge, HELD_LOOKS, STEP_BUDGET } from '../../../envs/sim/tasks.ts';
import { phrase, type TaskKind } from '../../../envs/sim/words.ts';
import { createWorld } from '../../../envs/sim/world.ts';
import type { Frame } from '../../../src/types.ts';
import type { RawImage } from '../../../src/vision/decode.ts';
import { resizeArea } from '../../../src/vision/resize.ts';
import { NO_PROPRIO, PICTURE_PX, tokensOf, UNKNOWN } from '../input.ts';
import { caughtUp, createRising } from '../play.ts';
import { frameOf, pictureOf, proprioIn, VOCABULARY } from './rollouts.ts';
import { askStudent } from './student.ts';

/** What is made harder, or taken away. */
interface Condition {
  readonly name: string;
  readonly tasks: readonly TaskKind[];
  readonly proprio?: boolean;
  readonly tokens?: boolean;
  readonly late?: boolean;
  /** Plays the chunk open loop, so many steps of it. */
  readonly play?: number;
  readonly cameraM?: number;
  readonly cameraRad?: number;
  /** Quality of JPEG through which the frame goes. */
  readonly jpeg?: number;
  readonly light?: boolean;
  readonly unseen?: boolean;
  readonly absent?: boolean;
  readonly switchAt?: number;
  readonly grey?: boolean;
  /** Asks for another block than the one that is judged. */
  readonly wrongText?: boolean;
  /** Every word is one that it does not know. */
  readonly noText?: boolean;
  readonly dither?: number;
}

interface Options {
  readonly first: number;
  readonly count: number;
  /** Seeds of this process: first + offset, first + offset + every, ... */
  readonly offset: number;
  readonly every: number;
  readonly conditions: readonly Condition[];
  readonly out: string;
}

/** Looks in a row that must say so before an episode counts as over: as many as the judge wants to see, and one for an early guess. */
const SURE_LOOKS = HELD_LOOKS + 1;

/** The picture of a frame that went through JPEG. Loaded when asked for: where models are trained there need be no encoder. */
async function throughJpeg(frame: RawImage, quality: number): Promise<Uint8Array> {
  const { decodeFrame } = await import('../../../src/vision/decode.ts');
  const { encodeJpeg } = await import('../../../src/vision/encode.ts');
  const raw: Frame = { camera: 'third', stampMs: 0, encoding: 'rgb8', ...frame };
  return resizeArea(await decodeFrame(await encodeJpeg(raw, quality)), PICTURE_PX, PICTURE_PX).data;
}

async function main({ first, count, offset, every, conditions, out }: Options): Promise<void> {
  const world = await createWorld();
  const cameras = createCameras(world.physics);
  const file = openSync(out, 'w');

  const episode = async (condition: Condition, kind: TaskKind, seed: number) => {
    const task = taskOf(kind, seed, { isUnseen: condition.unseen ?? false, isAbsent: condition.absent ?? false });
    const layout = layoutOf(task.seed);
    const random = randomOf(task.seed ^ 0x0d17_4e12);
    world.reset(layout);
    cameras.reset(layout, {
      cameraM: condition.cameraM ?? 0,
      cameraRad: condition.cameraRad ?? 0,
      brightness: condition.light ? random.between(0.5, 1.4) : 1,
    });
    const others = goalsOf(layout, kind).filter(({ block }) => block !== task.goal.block);
    const other = others.length > 0 ? random.pick(others) : task.goal;
    const decoy = tokensOf(phrase(random, other), VOCABULARY);
    const asked = condition.wrongText ? decoy : tokensOf(task.instruction, VOCABULARY);
    let before = world.state();
    const judge = createJudge();
    let pending: Delta7 | undefined;
    const rising = createRising();
    let plan: (readonly number[])[] = [];
    let [done, cannot, steps] = [0, 0, 0];
    let ended = 'budget';
    let keypointErrors = 0;
    for (; steps < STEP_BUDGET[kind] + (condition.switchAt ?? 0); steps++) {
      const isDecoyed = condition.switchAt !== undefined && steps < condition.switchAt;
      if (condition.switchAt === steps) before = world.state();
      const picture = condition.jpeg ? await throughJpeg(frameOf(cameras), condition.jpeg) : pictureOf(cameras);
      if (condition.grey) picture.fill(128);
      const words = isDecoyed ? decoy : condition.noText ? asked.map((token) => Math.min(token, UNKNOWN)) : asked;
      if (plan.length === 0) {
        const answer = askStudent(picture, condition.proprio ? proprioIn(world) : NO_PROPRIO, words);
        if (!answer) throw new Error('nobody answers');
        const chunk = condition.tokens ? answer.tokenChunk : answer.chunk;
        plan = rising.look(caughtUp(chunk, pending ? [pending] : [])).slice(0, condition.play ?? 1);
        done = !isDecoyed && answer.done > 0.5 ? done + 1 : 0;
        cannot = !isDecoyed && answer.cannot > 0.5 ? cannot + 1 : 0;
        const target = world.state().blocks.find(({ colour }) => colour === task.goal.block)?.pM;
        const seen = target && cameras.project('third', target);
        if (seen && !isDecoyed)
          keypointErrors += 128 * Math.hypot(seen[0] - answer.pointsNorm[0]!, seen[1] - answer.pointsNorm[1]!);
      }
      if (done >= SURE_LOOKS || cannot >= SURE_LOOKS) {
        ended = done >= SURE_LOOKS ? 'done' : 'cannot';
        break;
      }
      const [x, y, z, a, b, c, grip] = plan.shift() as unknown as Delta7;
      const dither = condition.dither ?? 0.004;
      const [dx, dy, dz] = [x, y, z].map((value) => value + dither * random.normal()) as [number, number, number];
      const action: Delta7 = [dx, dy, dz, a, b, c, grip > 0.5 ? 1 : 0];
      const due = condition.late ? (pending ?? ([0, 0, 0, 0, 0, 0, 1] as Delta7)) : action;
      if (condition.late) pending = action;
      world.act(due);
      if (!isDecoyed) judge.look(task.goal, world.state(), before);
    }
    const { final, first: held, any, wrong, stepsToFirst } = judge.score();
    const px = Number((keypointErrors / Math.max(1, steps)).toFixed(2));
    return { condition: condition.name, kind, seed, final, held, any, wrong, steps, ended, px, stepsToFirst };
  };

  for (const condition of conditions)
    for (const kind of condition.tasks)
      for (let at = offset; at < count; at += every)
        writeSync(file, `${JSON.stringify(await episode(condition, kind, first + at))}\n`);
  closeSync(file);
  world.close();
}

await main(JSON.parse(process.argv[2] ?? '{}') as Options);
