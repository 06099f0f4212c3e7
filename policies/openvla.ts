/**
 * OpenVLA behind its own server as a policy for arms: one camera picture and the instruction in, one motion out. The server un-normalises,
 * so that the numbers are metres and radians of the data set whose key is named. Greedy, as its program is.
 */
import { definePolicy, type Observation, type Policy, PumiceError, parseOptions } from 'pumice';
import { openvlaServer } from 'pumice/models';
import { decodeFrame } from 'pumice/vision';
import { z } from 'zod';
import { frameOf } from './shared/model.ts';

const WHO = 'policy openvla';
/** As its program for the WidowX reads it: 1 is open. */
const OPEN_FROM = 0.5;

const plugin = definePolicy({
  summary: 'OpenVLA behind its own server (deploy.py): one motion of an arm a look',
  options: z.strictObject({
    modelUrl: z
      .string({ error: 'expected the address of the server, like http://HOST:8000' })
      .describe('address of the server, like http://HOST:8000'),
    unnormKey: z
      .string({ error: 'expected the key of the statistics that the server un-normalises by, like bridge_orig' })
      .min(1)
      .meta({ value: 'key', description: 'whose statistics un-normalise its actions, like bridge_orig' }),
    camera: z.string().min(1).default('third').describe('whose pictures it looks at'),
    frameId: z.string().min(1).default('base').describe('frame that its motions are in'),
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
  create: ({ modelUrl, unnormKey, camera, frameId }): Policy => {
    const server = openvlaServer({ url: modelUrl });
    return {
      name: 'openvla',
      actionKinds: ['eef-delta'],
      reset: () => {},
      act: async (observation, { signal }) => {
        const { data, widthPx, heightPx } = await decodeFrame(frameOf(observation, camera, WHO));
        const question = { rgb: data, widthPx, heightPx, instruction: observation.instruction, unnormKey };
        const [x, y, z, roll, pitch, yaw, grip] = (await server.act(question, signal)) as [
          ...[number, number, number],
          ...[number, number, number],
          number,
        ];
        // A little beyond is how its bins end; more is another sense of the gripper.
        if (grip < -0.01 || grip > 1.01)
          throw new PumiceError('decode/out-of-range', `expected a gripper of 0 (closed) to 1 (open), got ${grip}`, {
            who: WHO,
            hint: 'Its statistics are of an arm whose gripper is counted otherwise',
          });
        const gripperOpen = grip > OPEN_FROM ? 1 : 0;
        return {
          actions: [{ kind: 'eef-delta', frameId, dPosM: [x, y, z], dRpyRad: [roll, pitch, yaw], gripperOpen }],
          rawText: [x, y, z, roll, pitch, yaw, grip].join(' '),
        };
      },
    };
  },
});
export default plugin;

/** The policy as a value, for programs: `openvla({ url, unnormKey: 'bridge_orig' })`. */
export const openvla = ({
  url,
  ...options
}: Omit<z.input<typeof plugin.options>, 'modelUrl'> & { readonly url: string }) =>
  plugin.create(parseOptions(plugin.options, { ...options, modelUrl: url }, WHO));
