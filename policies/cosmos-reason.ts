/**
 * NVIDIA Cosmos Reason as a policy. On a page it thinks and then acts like any vision model. With an arm it is asked for the next
 * immediate step and where in the picture that is; pumice makes the motions, by the camera's geometry. Its own trajectories are
 * pictures of a way, without depth or gripper, so they move nothing.
 */
import { definePolicy, type Observation, type Policy, parseOptions } from 'pumice';
import { answerOf, chooseProfile, profileOf, profileOption, promptOf, UI_KINDS } from 'pumice/models';
import { encodeJpeg } from 'pumice/vision';
import { z } from 'zod';
import { motionsOf } from './cosmos-reason/motion.ts';
import { nextStepText, readNextStep } from './cosmos-reason/next-step.ts';
import { frameOf, modelOf, saidOf, serverOptions } from './shared/model.ts';
import { pageModel } from './shared/page-model.ts';
import { withSelfTest } from './shared/self-test.ts';

const WHO = 'policy cosmos-reason';
/** Time between the motions of a chunk, ms: 5 Hz, as the motions are sized for. */
const DT_MS = 200;

const plugin = definePolicy({
  summary: 'Cosmos Reason: pages, or the next step of an arm and where it is',
  options: z.strictObject({
    ...serverOptions,
    profile: profileOption.optional(),
    body: z.enum(['page', 'arm']).default('page').describe('what it acts with'),
    think: z.boolean().default(true).describe('let it think before it answers'),
    camera: z.string().min(1).default('third').describe('whose pictures it looks at, with an arm'),
    thingM: z.number().default(0.02).describe('height of things over the table, to their middle, m'),
    travelM: z.number().default(0.12).describe('height at which the tool travels, m'),
    graspM: z.number().default(0.018).describe('height at which the tool grasps, m'),
  }),
  actionKinds: [...UI_KINDS, 'eef-delta'],
  example: (): Observation => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'press Save',
    history: [],
    frames: [{ data: new Uint8Array(48), encoding: 'rgb8', widthPx: 4, heightPx: 4, stampMs: 0, camera: 'page' }],
    marks: [{ id: 7, boxPx: [0, 0, 4, 4], pointPx: [2, 2], role: 'button', name: 'Save', source: 'dom' }],
  }),
  create: (options): Policy =>
    withSelfTest(options.body === 'arm' ? forArm(options) : forPage(options), {
      ...options,
      profile: familyOf(options),
    }),
});
export default plugin;

type Options = z.output<typeof plugin.options>;
/** The policy as a value, for programs: `cosmosReason({ url, model, body: 'arm' })`. */
export const cosmosReason = ({
  url,
  ...options
}: Omit<z.input<typeof plugin.options>, 'modelUrl'> & { url?: string }) =>
  plugin.create(parseOptions(plugin.options, { ...options, ...(url !== undefined && { modelUrl: url }) }, WHO));

/** By option, by the model's name, else the middle generation. */
function familyOf({ profile, model }: Options) {
  const chosen = chooseProfile(profile, model, WHO);
  return profile === undefined && !chosen.family.startsWith('cosmos') ? profileOf('cosmos-reason2') : chosen;
}

function forPage(options: Options): Policy {
  const { modelUrl, model, apiKeyEnv, think } = options;
  return pageModel({ name: 'cosmos-reason', profile: familyOf(options), modelUrl, model, apiKeyEnv, think });
}

function forArm(options: Options): Policy {
  const { camera, think, thingM, travelM, graspM, modelUrl, model: name, apiKeyEnv } = options;
  const model = modelOf(familyOf(options), { modelUrl, model: name, apiKeyEnv });
  const question = model.profile.prompt.forms['next-step']
    ? promptOf(model.profile, 'next-step')
    : 'What can be the next immediate action?';
  return {
    name: 'cosmos-reason',
    actionKinds: ['eef-delta', 'done'],
    reset: () => {},
    act: async (observation, context) => {
      const frame = frameOf(observation, camera, WHO);
      const { tcpPose, commandedTcpPose } = observation.proprio ?? {};
      const gripperOpen = gripOf(observation);
      const pose = commandedTcpPose ?? tcpPose;
      const { data } = await encodeJpeg(frame);
      const text = nextStepText(question, observation.instruction, gripperOpen < 0.5);
      const { answer, spoken } = await model.ask({ text, images: [{ data, format: 'jpeg' }], think }, { context });
      const next = readNextStep(answerOf(spoken));
      const said = { ...saidOf(answer), thought: `${next.step}${next.label ? ` (${next.label})` : ''}` };
      if (next.step === 'done') return { actions: [{ kind: 'done', outcome: 'success' }], ...said };
      if (next.step === 'impossible' || !pose) {
        const why = pose ? 'the model says that it cannot be done' : 'the body does not say where its tool is';
        return { actions: [{ kind: 'done', outcome: 'failure', answer: why }], ...said };
      }
      const motions = motionsOf(next, frame, pose, gripperOpen, { thingM, travelM, graspM });
      // Where it is there already, it looks again.
      const still = {
        kind: 'eef-delta',
        frameId: pose.frameId,
        dPosM: [0, 0, 0],
        dRpyRad: [0, 0, 0],
        gripperOpen,
      } as const;
      return { actions: motions.length > 0 ? [...motions] : [still], dtMs: DT_MS, ...said };
    },
  };
}

/** What the gripper was told last. How far it is open does not tell: one that holds a thing is half open. */
function gripOf({ history, proprio }: Observation): 0 | 1 {
  const told = history.findLast(({ executed }) => executed?.kind === 'eef-delta')?.executed;
  return (told?.kind === 'eef-delta' ? told.gripperOpen : (proprio?.gripperOpen ?? 1)) > 0.5 ? 1 : 0;
}
