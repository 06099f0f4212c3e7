/**
 * OpenVLA as a policy for arms: one picture and a sentence to its own server, one motion back. The server un-normalises by the ranges
 * of `unnormKey`; what comes is checked by the gate alone, so a wrong key shows as motions of the wrong size.
 */
import { definePolicy, type Observation, type Policy, parseOptions } from 'pumice';
import { openvlaAct } from 'pumice/models';
import { decodeFrame } from 'pumice/vision';
import { z } from 'zod';
import { frameOf } from './shared/model.ts';

const WHO = 'policy openvla';
/** 1 opens, as in BridgeData, which most of its weights were trained on. */
const OPEN_FROM = 0.5;

const plugin = definePolicy({
  summary: 'OpenVLA: an arm, by its own server',
  options: z.strictObject({
    url: z
      .string({ error: 'expected the address of the OpenVLA server' })
      .min(1)
      .meta({ value: 'url', description: 'address of its server, like http://gpu:8000' }),
    unnormKey: z
      .string()
      .min(1)
      .optional()
      .meta({ value: 'name', description: 'training set whose ranges its actions are in, like bridge_orig' }),
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
  create: ({ url, unnormKey, camera, frameId }): Policy => {
    const server = openvlaAct({ url, unnormKey });
    return {
      name: 'openvla',
      actionKinds: ['eef-delta'],
      reset: () => {},
      act: async (observation, { signal }) => {
        signal.throwIfAborted();
        const picture = await decodeFrame(frameOf(observation, camera, WHO));
        const numbers = await server.act({ picture, instruction: observation.instruction, signal });
        const [x, y, z, roll, pitch, yaw, grip] = numbers as [number, number, number, number, number, number, number];
        return {
          actions: [
            {
              kind: 'eef-delta',
              frameId,
              dPosM: [x, y, z],
              dRpyRad: [roll, pitch, yaw],
              gripperOpen: grip > OPEN_FROM ? 1 : 0,
            },
          ],
          rawText: numbers.join(' '),
        };
      },
    };
  },
});
export default plugin;

/** The policy as a value, for programs: `openvla({ url, unnormKey: 'bridge_orig' })`. */
export const openvla = (options: z.input<typeof plugin.options>) =>
  plugin.create(parseOptions(plugin.options, options, WHO));
