/**
 * Magma as a policy. For arms: one camera picture and the instruction in, seven action tokens out, as ids or as text. The tokens mean
 * nothing without the ranges of a training set, so those have to be named. An answer in words, or of more or fewer tokens, moves nothing.
 * For pages see `magma/page.ts`. As driven by microsoft/Magma `e373780`, but greedy unless told otherwise.
 */
import { type Context, definePolicy, type Observation, type Policy, parseOptions, type Thought } from 'pumice';
import { readActionIds, readActionText } from 'pumice/codecs';
import {
  chooseProfile,
  type ModelProfile,
  magmaRest,
  profileOf,
  profileOption,
  promptOf,
  UI_KINDS,
} from 'pumice/models';
import { decodeFrame, encodePng, resizeCubic } from 'pumice/vision';
import { z } from 'zod';
import { magmaOnPage } from './magma/page.ts';
import { statsOf } from './shared/action-stats.ts';
import { frameOf, modelOf, serverOptions } from './shared/model.ts';
import { withSelfTest } from './shared/self-test.ts';

const WHO = 'policy magma';
/** Width and height of an arm's picture: it was trained on squares of this size, whatever the camera's proportions. */
const ARM_PX = 256;
/** As its program for the WidowX reads it. */
const OPEN_FROM = 0.5;

const plugin = definePolicy({
  summary: 'Magma: one click on a marked page, or an arm by its action tokens',
  options: z.strictObject({
    ...serverOptions,
    profile: profileOption.optional(),
    body: z.enum(['page', 'arm']).default('page').describe('what it acts with'),
    stats: z.string().min(1).optional().meta({
      value: 'name',
      description: "ranges of an arm's actions: bridge_orig, google_robot, ember, or a dataset_statistics.json",
    }),
    wire: z
      .enum(['chat', 'rest'])
      .default('chat')
      .describe("how an arm's model is asked: chat completions, or the /predict of Magma's own server"),
    camera: z.string().min(1).default('third').describe('whose pictures it looks at'),
    frameId: z.string().min(1).default('base').describe('frame that its motions are in'),
    temperature: z
      .number()
      .min(0)
      .max(2)
      .default(0)
      .describe("0 for the likeliest tokens; Magma's own program has 0.7"),
  }),
  actionKinds: [...UI_KINDS, 'eef-delta'],
  example: (): Observation => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'pick up the red block',
    history: [],
    frames: [{ data: new Uint8Array(48), encoding: 'rgb8', widthPx: 4, heightPx: 4, stampMs: 0, camera: 'third' }],
  }),
  create: (options): Policy => {
    const { profile, model } = options;
    const family = profile === undefined ? profileOf('magma') : chooseProfile(profile, model, WHO);
    const server = { ...serverOf(options), profile: family };
    if (options.body === 'arm' && options.wire === 'rest') return forArm(options, family);
    return options.body === 'arm'
      ? withSelfTest(forArm(options, family), { ...server, armPx: ARM_PX })
      : withSelfTest(magmaOnPage(family, server), server);
  },
});
export default plugin;

type Options = z.output<typeof plugin.options>;
/** The policy as a value, for programs: `magma({ url, model, stats: 'bridge_orig' })`. */
export const magma = ({ url, ...options }: Omit<z.input<typeof plugin.options>, 'modelUrl'> & { url?: string }) =>
  plugin.create(parseOptions(plugin.options, { ...options, ...(url !== undefined && { modelUrl: url }) }, WHO));

// ---------------------------------------------------------------- arm

const serverOf = ({ modelUrl, model, apiKeyEnv }: Options) => ({ modelUrl, model, apiKeyEnv });

function forArm(options: Options, family: ModelProfile): Policy {
  const { camera, frameId, temperature } = options;
  const say = sayerOf(options, family);
  const form = { stats: statsOf(options.stats, WHO), frameId };
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
      const text = promptOf(family, 'arm', { instruction: observation.instruction });
      const seedNow = temperature > 0 ? seedOf(seed, observation.seq) : undefined;
      const { ids: told, text: said, ...rest } = await say(text, data, seedNow, context);
      const reading = told ? readActionIds(told, form) : readActionText(said, form);
      if (!reading.ok) throw reading.problem;
      const { ids, action } = reading.value;
      return {
        actions: [{ ...action, gripperOpen: action.gripperOpen > OPEN_FROM ? 1 : 0 }],
        ...rest,
        rawText: ids.join(' '),
      };
    },
  };
}

interface SaidTokens extends Pick<Thought, 'usage'> {
  readonly text: string;
  /** Where the server tells them. */
  readonly ids?: readonly number[];
}
type Sayer = (text: string, png: Uint8Array, seed: number | undefined, context: Context) => Promise<SaidTokens>;

/** Magma's own server takes neither temperature nor seed, and tells no ids. */
function sayerOf(options: Options, family: ModelProfile): Sayer {
  const { wire, temperature, modelUrl } = options;
  if (wire === 'rest') {
    const server = magmaRest({ url: modelUrl ?? '' });
    return async (text, png, _seed, { signal }) => ({ text: await server.predict(png, text, signal) });
  }
  const model = modelOf(family, serverOf(options));
  return async (text, data, seed, context) => {
    const question = { text, images: [{ data, format: 'png' as const }], temperature };
    const { answer } = await model.ask(question, { context, ...(seed !== undefined && { extra: { seed } }) });
    const { tokenIds: ids, usage } = answer;
    return { text: answer.text, ...(ids && { ids }), ...(usage && { usage }) };
  };
}

/** Of one look, so that an episode can be had again. */
const seedOf = (seed: number, seq: number): number => (Math.imul(seed + 1, 1_000_003) + seq) >>> 1;
