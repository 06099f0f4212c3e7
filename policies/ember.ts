/**
 * The embedded policy for the arm: a small network, trained from scratch in the simulated scene. It sees one camera picture and a
 * sentence, and says the next four motions, where target and destination are, whether it is done and whether it cannot be done.
 * A closed vocabulary and one family of scenes: no general model, and nothing is known of it on real cameras (see `ember/README.md`).
 */
import { definePolicy, type Frame, type Observation, PumiceError, parseOptions } from 'pumice';
import { decodeFrame, resizeArea } from 'pumice/vision';
import { z } from 'zod';
import {
  actionOf,
  chunkOfNumbers,
  chunkOfTokens,
  createEnding,
  DT_MS,
  FRAME_ID,
  thoughtOf,
  traceOf,
} from './ember/answer.ts';
import { createEngine } from './ember/engine.ts';
import { HORIZON, matrixOf, NO_PROPRIO, PICTURE_PX, proprioOf } from './ember/input.ts';
import { readModel } from './ember/model.ts';
import { caughtUp, createRising } from './ember/play.ts';
import { readSentence, type Sentence } from './ember/sentence.ts';
import { randomOf } from './shared/random.ts';

const options = z
  .strictObject({
    camera: z.string().min(1).default('third').describe('whose pictures it looks at'),
    head: z
      .enum(['action', 'tokens'])
      .default('action')
      .describe("what is played: the network's numbers, or its action tokens as Magma's decoder reads them"),
    execute: z.int().min(1).max(HORIZON).default(1).describe(`actions of each chunk of ${HORIZON} that are played`),
    late: z
      .int()
      .min(0)
      .max(HORIZON - 1)
      .default(0)
      .describe('control periods until an action begins: so many of the chunk are played by then, or caught up with'),
    proprio: z.boolean().default(false).describe('use the pose of the tool where the body tells it'),
    // The network is a clone of an expert with hard thresholds: unsure on which side of one it is, it answers with no motion at all,
    // sees the same picture again, and stands still for ever. A few random millimetres bring it to one of the sides.
    ditherM: z
      .number()
      .min(0)
      .max(0.02)
      .default(0.004)
      .describe('random motion added to each action, by the seed, so that it never hangs'),
    weights: z
      .string()
      .min(1)
      .optional()
      .meta({ value: 'folder', description: 'a model of your own: ember.onnx, vocabulary.json, stats.json' }),
  })
  .refine(({ execute, late }) => execute + late <= HORIZON, `execute and late together are at most ${HORIZON}`);

const WHO = 'policy ember';

const plugin = definePolicy({
  summary: 'a small network of our own for the simulated arm: a picture and a sentence in, motions out',
  options,
  actionKinds: ['eef-delta', 'done'],
  example: () => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'pick up the red block',
    history: [],
    frames: [
      {
        data: new Uint8Array(PICTURE_PX * PICTURE_PX * 3).fill(128),
        encoding: 'rgb8',
        widthPx: PICTURE_PX,
        heightPx: PICTURE_PX,
        stampMs: 0,
        camera: 'third',
      },
    ],
  }),
  create: ({ camera, head, execute, late, proprio, ditherM, weights }) => {
    const model = readModel(weights);
    const engine = createEngine(model.weights);
    const ending = createEnding();
    const rising = createRising();
    let seed = 0;
    const sentences = new Map<string, Sentence>();
    const sentenceOf = (instruction: string): Sentence => {
      const read = sentences.get(instruction) ?? readSentence(instruction, model.vocabulary);
      sentences.set(instruction, read);
      return read;
    };

    return {
      name: 'ember',
      actionKinds: ['eef-delta', 'done'],
      reset: (task) => {
        seed = task.seed ?? 0;
        sentences.clear();
        ending.clear();
        rising.clear();
        sentenceOf(task.instruction);
        engine.warmUp();
      },
      act: async (observation, { signal }) => {
        signal.throwIfAborted();
        const sentence = sentenceOf(observation.instruction);
        const frame = frameOf(observation, camera);
        const body = proprio ? bodyOf(observation) : NO_PROPRIO;
        const { data: picture } = resizeArea(await decodeFrame(frame), PICTURE_PX, PICTURE_PX);
        const output = await engine.infer({ picture, tokens: sentence.tokens, proprio: body }, signal);
        const trace = traceOf(output, sentence, frame);
        const said = { thought: thoughtOf(output, sentence, trace), traces: [trace] };
        const end = ending.look(output, observation.instruction);
        if (end) return { actions: [end], ...said };
        const { chunk, ids } = head === 'tokens' ? chunkOfTokens(output, model) : { chunk: chunkOfNumbers(output) };
        const pending = pendingOf(observation, late);
        const played = rising.look(caughtUp(chunk, pending)).slice(0, execute);
        // By the look and not by the count of answers: one that was aborted changes nothing of the next.
        const random = randomOf(seed, observation.seq);
        return {
          actions: played.map((numbers) => actionOf(numbers, ditherM, random)),
          dtMs: DT_MS,
          ...said,
          ...(ids && {
            rawText: ids
              .slice(pending.length, pending.length + execute)
              .map((seven) => seven.join(' '))
              .join('\n'),
          }),
        };
      },
      close: engine.close,
    };
  },
});
export default plugin;

/** The policy as a value, for programs: `ember({ head: 'tokens' })`. */
export const ember = (given: z.input<typeof options> = {}) => plugin.create(parseOptions(options, given, WHO));

function frameOf({ frames }: Observation, camera: string): Frame {
  const found = frames.find((frame) => frame.camera === camera);
  if (found) return found;
  const names = frames.map((frame) => frame.camera).join(', ') || 'none';
  throw new PumiceError('config/misfit', `expected a picture of camera '${camera}', got: ${names}`, {
    who: WHO,
    hint: 'Let the body look through that camera, or name another with camera',
  });
}

/** Motions that were sent and that the body has not begun: the last `late` of those that were allowed. */
function pendingOf({ history }: Observation, late: number): number[][] {
  if (late === 0) return [];
  return history.slice(-late).flatMap(({ proposed, verdict }) => {
    const isSent = verdict.kind === 'allow' || verdict.kind === 'modify';
    if (proposed.kind !== 'eef-delta' || !isSent) return [];
    return [[...proposed.dPosM, ...proposed.dRpyRad, proposed.gripperOpen]];
  });
}

function bodyOf({ proprio }: Observation): readonly number[] {
  if (!proprio?.tcpPose) return NO_PROPRIO;
  const { frameId, pM, qXyzw } = proprio.tcpPose;
  if (frameId === FRAME_ID) return proprioOf(pM, matrixOf(qXyzw), proprio.gripperOpen);
  throw new PumiceError('config/misfit', `expected the pose of the tool in frame '${FRAME_ID}', got '${frameId}'`, {
    who: WHO,
    hint: 'Give it in that frame, or set proprio to false',
  });
}
