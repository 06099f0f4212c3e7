/**
 * Policies behind openpi's wire (pi0, GR00T and others) for arms: pictures, the arm's own readings and the instruction in, a chunk of motions out.
 * What the numbers mean is the training set's and no message says it: how far 1 goes, and which way the gripper is counted, have to be given.
 * The names of its fields are those of the profile; by default openpi's LIBERO policy's. docs/simulators.md has all options for LIBERO.
 */
import { definePolicy, type Observation, type Policy, PumiceError, parseOptions, rpyOfRotationVector } from 'pumice';
import {
  chooseProfile,
  namedObservation,
  openpiServer,
  profileOf,
  profileOption,
  type Sendable,
  sentPicture,
} from 'pumice/models';
import { decodeFrame, type RawImage } from 'pumice/vision';
import { z } from 'zod';
import { frameOf } from './shared/model.ts';

const WHO = 'policy openpi';

const plugin = definePolicy({
  summary: "pi0, GR00T and others behind openpi's wire: chunks of motions of an arm",
  options: z.strictObject({
    modelUrl: z
      .string({ error: 'expected the address of the server, like ws://HOST:8000' })
      .describe('address of the server, like ws://HOST:8000'),
    profile: profileOption.optional(),
    apiKeyEnv: z.string().min(1).optional().meta({ value: 'variable', description: 'variable that holds the key' }),
    metresPerUnit: z
      .number({ error: 'expected how many metres a translation of 1 is (1 where the server gives metres)' })
      .gt(0)
      .describe('metres that a translation of 1 is'),
    radiansPerUnit: z
      .number({ error: 'expected how many radians a rotation of 1 is (1 where the server gives radians)' })
      .gt(0)
      .describe('radians that a rotation of 1 is'),
    rotation: z
      .enum(['rpy', 'axis-angle'])
      .default('rpy')
      .describe('how the server writes a turn: roll pitch yaw, or axis times angle, as in LIBERO'),
    gripper: z
      .enum(['open-is-1', 'close-is-1'], {
        error: "expected which way the gripper is counted: 'open-is-1' or 'close-is-1'",
      })
      .describe('whether its last number, above its middle, opens or closes the hand'),
    gripperMiddle: z.number().default(0).describe('above it the one, below it the other; 0.5 for grippers of 0 to 1'),
    dtMs: z.number({ error: 'expected the time of one of its steps, ms' }).gt(0).describe('time of one of its steps'),
    execute: z.int().min(1).optional().describe('actions of each chunk that are played; default: all'),
    camera: z.string().min(1).default('third').describe('camera of its picture of the scene'),
    wristCamera: z.string().min(1).default('wrist').describe('camera of its picture from the hand'),
    clipped: z
      .boolean()
      .default(false)
      .describe(
        "what moves and turns is cut to -1..1 before it is anything, as LIBERO's robot does with what is sent to it",
      ),
    mirrored: z
      .boolean()
      .default(false)
      .describe("pictures are sent left side right, which is what LIBERO's policies learn from"),
    frameId: z.string().min(1).default('base').describe('frame that its motions are in'),
    baseM: z
      .tuple([z.number(), z.number(), z.number()])
      .default([0, 0, 0])
      .describe('where that frame is in the one that the state of the arm is told in, m'),
  }),
  actionKinds: ['eef-delta'],
  example: (): Observation => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'pick up the red block',
    history: [],
    frames: ['third', 'wrist'].map((camera) => ({
      ...{ data: new Uint8Array(48), encoding: 'rgb8' as const, widthPx: 4, heightPx: 4, stampMs: 0, camera },
    })),
  }),
  create: (options): Policy => {
    const { modelUrl, apiKeyEnv, execute, camera, wristCamera, dtMs } = options;
    const family = options.profile === undefined ? profileOf('openpi') : chooseProfile(options.profile, 'openpi', WHO);
    const fields = family.fields ?? {};
    const server = openpiServer({ url: modelUrl, apiKeyEnv }, fields.actions);
    const picture = async (observation: Observation, name: string) => {
      const { raw } = await sentPicture(family, await decodeFrame(frameOf(observation, name, WHO)));
      return options.mirrored ? leftSideRight(raw) : raw;
    };
    return {
      name: 'openpi',
      actionKinds: ['eef-delta'],
      reset: () => {},
      act: async (observation, { signal }) => {
        const named = namedObservation(family, {
          image: await picture(observation, camera),
          ...(fields.wristImage !== undefined && { wristImage: await picture(observation, wristCamera) }),
          ...(fields.state !== undefined && { state: stateOf(observation, options.baseM) }),
          instruction: observation.instruction,
        });
        const sent = Object.entries(named).map(([name, value]) => [name, sendable(value)] as const);
        const { actions } = await server.infer(Object.fromEntries(sent), signal);
        if (actions.length === 0) throw new PumiceError('decode/empty', 'the chunk is empty', { who: WHO });
        return { actions: actions.slice(0, execute).map((row) => motionOf(row, options)), dtMs };
      },
      close: async () => server.close(),
    };
  },
});
export default plugin;

type Options = z.output<typeof plugin.options>;

/** How far each finger of LIBERO's Panda opens. */
const FINGER_M = 0.04;

/** A picture, readings or a text as the wire has them. */
function sendable(value: unknown): Sendable {
  if (Array.isArray(value)) return { data: Float32Array.from(value as number[]), shape: [value.length] };
  if (typeof value !== 'object') return value as string;
  const { data, widthPx, heightPx } = value as RawImage;
  return { data, shape: [heightPx, widthPx, 3] };
}

function leftSideRight({ data, widthPx, heightPx }: RawImage): RawImage {
  const turned = new Uint8Array(data.length);
  for (let row = 0; row < heightPx; row++)
    for (let column = 0; column < widthPx; column++) {
      const [from, to] = [row * widthPx + column, row * widthPx + widthPx - 1 - column];
      turned.set(data.subarray(3 * from, 3 * from + 3), 3 * to);
    }
  return { data: turned, widthPx, heightPx };
}

/** x y z, axis-angle, two fingers: the state of LIBERO, `[8]`; where there is no reading of the arm there is none to send. */
function stateOf({ proprio }: Observation, baseM: Options['baseM']): number[] {
  if (!proprio?.tcpPose)
    throw new PumiceError('config/misfit', 'expected where the tool is in the observation, got nothing', { who: WHO });
  const { pM, qXyzw } = proprio.tcpPose;
  const [x, y, z, w] = qXyzw;
  const sine = Math.hypot(x, y, z);
  const perSine = sine === 0 ? 0 : (2 * Math.atan2(sine, w)) / sine;
  const finger = proprio.gripperOpen * FINGER_M;
  const placeM = pM.map((one, at) => one + baseM[at]!);
  return [...placeM, x * perSine, y * perSine, z * perSine, finger, -finger];
}

function motionOf(row: readonly number[], options: Options) {
  if (row.length < 7)
    throw new PumiceError('decode/schema', `expected rows of 7 numbers, got ${row.length}`, {
      who: WHO,
      hint: 'Joint actions are not played by this policy: serve one of end-effector motions',
    });
  const [x, y, z, roll, pitch, yaw, grip] = row.map((one, at) =>
    options.clipped && at < 6 ? Math.min(1, Math.max(-1, one)) : one,
  ) as [number, number, number, number, number, number, number];
  const { metresPerUnit: m, radiansPerUnit: rad, rotation, gripper, gripperMiddle, frameId } = options;
  const turn = [roll * rad, pitch * rad, yaw * rad] as [number, number, number];
  return {
    kind: 'eef-delta' as const,
    frameId,
    dPosM: [x * m, y * m, z * m] as [number, number, number],
    dRpyRad: rotation === 'rpy' ? turn : rpyOfRotationVector(turn),
    gripperOpen: grip > gripperMiddle === (gripper === 'open-is-1') ? 1 : 0,
  };
}

/** The policy as a value, for programs. */
export const openpi = ({
  url,
  ...options
}: Omit<z.input<typeof plugin.options>, 'modelUrl'> & { readonly url: string }) =>
  plugin.create(parseOptions(plugin.options, { ...options, modelUrl: url }, WHO));
