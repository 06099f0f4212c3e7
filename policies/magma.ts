/**
 * Magma as a policy for arms: one camera picture and the instruction in, seven action tokens out, as ids or as text. The tokens mean
 * nothing without the ranges of a training set, so those have to be named. An answer in words, or of more or fewer tokens, moves nothing.
 * As driven by microsoft/Magma `e373780` (`agents/robot_traj`, `tools/simplerenv-magma`), but greedy unless told otherwise.
 */
import { definePolicy, type Observation, type Policy, parseOptions } from 'pumice';
import { actionTokensOfText, decodeActionTokens, LLAMA3_VOCAB_SIZE } from 'pumice/codecs';
import { promptOf } from 'pumice/models';
import { decodeFrame, encodePng, resizeCubic } from 'pumice/vision';
import { z } from 'zod';
import { statsOf } from './shared/action-stats.ts';
import { frameOf, modelOf, saidOf, serverOptions } from './shared/model.ts';

const WHO = 'policy magma';
/** Width and height of an arm's picture: it was trained on squares of this size, whatever the camera's proportions. */
const ARM_PX = 256;
/** As its program for the WidowX reads it. */
const OPEN_FROM = 0.5;

const plugin = definePolicy({
  summary: 'Magma: an arm by its action tokens',
  options: z.strictObject({
    ...serverOptions,
    stats: z.string().min(1).optional().meta({
      value: 'name',
      description: 'ranges of its actions: bridge_orig, google_robot, ember, or a dataset_statistics.json',
    }),
    camera: z.string().min(1).default('third').describe('whose pictures it looks at'),
    frameId: z.string().min(1).default('base').describe('frame that its motions are in'),
    temperature: z
      .number()
      .min(0)
      .max(2)
      .default(0)
      .describe("0 for the likeliest tokens; Magma's own program has 0.7"),
  }),
  actionKinds: ['eef-delta'],
  example: (): Observation => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'pick up the red block',
    history: [],
    frames: [{ data: new Uint8Array(48), encoding: 'rgb8', widthPx: 4, heightPx: 4, stampMs: 0, camera: 'third' }],
  }),
  create: (options): Policy => forArm(options),
});
export default plugin;

type Options = z.output<typeof plugin.options>;
/** The policy as a value, for programs: `magma({ url, model, stats: 'bridge_orig' })`. */
export const magma = ({ url, ...options }: Omit<z.input<typeof plugin.options>, 'modelUrl'> & { url?: string }) =>
  plugin.create(parseOptions(plugin.options, { ...options, ...(url !== undefined && { modelUrl: url }) }, WHO));

// ---------------------------------------------------------------- arm

function forArm({ stats: named, camera, frameId, temperature, ...server }: Options): Policy {
  const model = modelOf('magma', server);
  const stats = statsOf(named!, WHO);
  let seed = 0;
  return {
    name: 'magma',
    actionKinds: ['eef-delta'],
    reset: (task) => {
      seed = task.seed ?? 0;
    },
    act: async (observation, context) => {
      const raw = await decodeFrame(frameOf(observation, camera, WHO));
      const data = await encodePng(await resizeCubic(raw, ARM_PX, ARM_PX));
      const text = promptOf(model.profile, 'arm', { instruction: observation.instruction });
      const answer = await model.ask(
        { text, images: [{ data, format: 'png' }], temperature },
        { context, ...(temperature > 0 && { extra: { seed: seedOf(seed, observation.seq) } }) },
      );
      const ids = answer.tokenIds ? withoutEnd(answer.tokenIds) : actionTokensOfText(answer.text);
      const action = decodeActionTokens(ids, frameId, { vocabSize: LLAMA3_VOCAB_SIZE, stats });
      return {
        actions: [{ ...action, gripperOpen: action.gripperOpen > OPEN_FROM ? 1 : 0 }],
        ...saidOf(answer),
        rawText: ids.join(' '),
      };
    },
  };
}

/** Servers differ in whether they tell the token that ends an answer; it is no part of it. */
const withoutEnd = (ids: readonly number[]): readonly number[] =>
  ids.at(-1)! >= LLAMA3_VOCAB_SIZE ? ids.slice(0, -1) : ids;

/** Of one look, so that an episode can be had again. */
const seedOf = (seed: number, seq: number): number => (Math.imul(seed + 1, 1_000_003) + seq) >>> 1;
