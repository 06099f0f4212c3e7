/**
 * The embedded critic for the arm: a small network, trained from scratch in the simulated scene. It sees one camera picture, the
 * sentence and the next four motions, and says whether they would do harm within the next second. It knows one arm and one family of
 * scenes: a demonstration of a gate that looks, and no safety certificate (see `cinder/README.md`).
 */
import {
  type Context,
  type Critic,
  type CriticContext,
  defineCritic,
  type Frame,
  type Observation,
  type Opinion,
  PumiceError,
  parseOptions,
} from 'pumice';
import { decodeFrame } from 'pumice/vision';
import { z } from 'zod';
import { workspaceOf } from '../shared/workspace.ts';
import { folded, JUDGED, type Motion, motionsOf, STEP_MS, type Standing, standingOf } from './cinder/input.ts';
import { createLooker } from './cinder/look.ts';
import { readCinder, WHO } from './cinder/model.ts';

const options = z.strictObject({
  camera: z.string().min(1).default('third').describe('whose pictures it looks at'),
  threshold: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe('score from which on it says no; without it, the one that its card names'),
  weights: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'folder', description: 'a model of your own: cinder.onnx, cinder.json, vocabulary.json' }),
});

const plugin = defineCritic({
  summary:
    'a small network of our own for the simulated arm: says no to motions that would hit, drop, leave or mistake',
  options,
  create: ({ camera, threshold, weights }): Critic => {
    const model = readCinder(weights);
    const looker = createLooker({ ...model, ...(threshold !== undefined && { threshold }) });

    const opinionOn = async (
      observation: Observation,
      motionsFrom: (standing: Standing) => readonly Motion[] | undefined,
      stepMs: number | undefined,
      { signal }: Context,
    ): Promise<Opinion> => {
      signal.throwIfAborted();
      requireRate(stepMs);
      const standing = standingOf(observation.proprio);
      const motions = motionsFrom(standing);
      if (!motions) return TOO_LONG;
      // What moves nothing can do no harm.
      if (motions.length === 0) return { kind: 'allow', reasons: [], evidence: 'safe' };
      const picture = await decodeFrame(frameOf(observation, camera));
      const { instruction } = observation;
      const finding = await looker.look({ picture, instruction, standing, motions }, signal);
      const { evidence, isAllowed, confidence, reason } = finding;
      return { kind: isAllowed ? 'allow' : 'deny', reasons: isAllowed ? [] : [reason], evidence, confidence };
    };

    return {
      name: 'cinder',
      // What comes after the fourth is for a look to come: each step is judged again.
      judge: (observation, proposed, context) => {
        const actions = [proposed, ...context.following].slice(0, JUDGED);
        return opinionOn(
          observation,
          (standing) => motionsOf(actions, standing, workspaceOf(context.limits)),
          periodOf(context),
          context,
        );
      },
      judgeChunk: (observation, { actions, dtMs }, context) =>
        opinionOn(
          observation,
          (standing) => folded(motionsOf(actions, standing, workspaceOf(context.limits))),
          dtMs,
          context,
        ),
      prepare: ({ signal }) => looker.tryOut(signal),
      close: looker.close,
    };
  },
});
export default plugin;

/** The critic as a value, for programs: `run({ critics: [cinder()], ... })`. */
export const cinder = (given: z.input<typeof options> = {}) => plugin.create(parseOptions(options, given, WHO));

/** A plan is allowed as a whole, so all of it has to be looked at. */
const TOO_LONG: Opinion = {
  kind: 'deny',
  reasons: [`it would play more than ${JUDGED} actions of ${STEP_MS} ms, which is further than it looks`],
  evidence: 'too-long',
};

/** Time of one action where the body says so, ms. */
const periodOf = ({ limits: { motion } }: CriticContext): number | undefined =>
  typeof motion === 'object' ? motion.stepMs : undefined;

function requireRate(stepMs: number | undefined): void {
  if (stepMs === undefined || Math.abs(stepMs - STEP_MS) < 1) return;
  throw new PumiceError('config/misfit', `judges actions of ${STEP_MS} ms, got ones of ${stepMs} ms`, {
    who: WHO,
    hint: 'Leave this critic out for this body, or let it act at 5 Hz',
  });
}

/** The newest picture of the camera. */
function frameOf({ frames }: Observation, camera: string): Frame {
  const [newest] = frames.filter((frame) => frame.camera === camera).sort((a, b) => b.stampMs - a.stampMs);
  if (newest) return newest;
  const names = frames.map((frame) => frame.camera).join(', ') || 'none';
  throw new PumiceError('config/misfit', `expected a picture of camera '${camera}', got: ${names}`, {
    who: WHO,
    hint: 'Let the body look through that camera, or name another with camera',
  });
}
