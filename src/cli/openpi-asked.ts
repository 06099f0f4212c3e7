/** Reads an observation of openpi's wire, named as LIBERO's are. Knows no body. */
import { monotonicNowMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import { turned } from '../gate/rotation.ts';
import { isNumpy, kindOf, type ModelProfile, pixelsOf, type ReceivedMap } from '../models/index.ts';
import type { RobotProfile } from '../robot/index.ts';
import type { Frame, Proprio } from '../types.ts';
import type { Asked } from './client-body.ts';

/** Names of the fields of an observation, as the server's config would have them. */
export type WireFields = NonNullable<ModelProfile['fields']>;

/** Not of the original: how a client says on one connection that it has put its arm back. */
const EPISODE_FIELD = 'episode';

const unfit = (what: string, hint: string) => new PumiceError('body/not-ready', what, { who: 'openpi client', hint });

/**
 * Reads an observation.
 *
 * @returns `episode`: what the client calls its episode; another one begins another.
 * @throws PumiceError `body/not-ready` for a field that is missing or is something else.
 */
export function readAsked(
  sent: ReceivedMap,
  fields: WireFields,
  robot: RobotProfile,
): { readonly asked: Asked; readonly episode: string } {
  const stampMs = monotonicNowMs();
  const { image, wristImage, state, instruction } = fields;
  const words = instruction === undefined ? undefined : sent[instruction];
  if (typeof words !== 'string' || words.trim() === '')
    throw unfit(`expected what to do as "${instruction}", got ${kindOf(words)}`, `Send a text as "${instruction}"`);
  const frames = [pictureIn(sent, image, 'third', stampMs)];
  if (wristImage !== undefined && sent[wristImage] !== undefined)
    frames.push(pictureIn(sent, wristImage, 'wrist', stampMs));
  const episode = sent[EPISODE_FIELD];
  if (episode !== undefined && typeof episode !== 'string' && typeof episode !== 'number')
    throw unfit(`expected a text or a number as "${EPISODE_FIELD}", got ${kindOf(episode)}`, 'Count your episodes');
  return {
    asked: { instruction: words, stampMs, frames, proprio: proprioIn(sent, state, robot, stampMs) },
    episode: String(episode ?? ''),
  };
}

function pictureIn(sent: ReceivedMap, name: string | undefined, camera: string, stampMs: number): Frame {
  const picture = name === undefined ? undefined : sent[name];
  const pixels = isNumpy(picture) ? pixelsOf(picture) : undefined;
  if (!pixels)
    throw unfit(
      `expected a picture [height, width, 3] of bytes as "${name}", got ${kindOf(picture)}`,
      'Send RGB, uint8, rows first',
    );
  return { camera, encoding: 'rgb8', stampMs, ...pixels };
}

function proprioIn(sent: ReceivedMap, name: string | undefined, robot: RobotProfile, stampMs: number): Proprio {
  const state = name === undefined ? undefined : sent[name];
  if (!isNumpy(state) || state.shape.length !== 1 || state.values.length !== 8 || !state.values.every(Number.isFinite))
    throw unfit(
      `expected 8 finite numbers as "${name}" (x y z, axis-angle, two fingers), got ${kindOf(state)}`,
      'Send where the tool is: without that no motion can be judged',
    );
  return liberoProprio(state.values, robot, stampMs);
}

/** @param state - x y z, axis-angle, two fingers, as LIBERO's robot is told of, `[8]`, m and rad. */
export function liberoProprio(state: readonly number[], { gripper, frameId }: RobotProfile, stampMs: number): Proprio {
  const [x, y, z, rx, ry, rz, finger] = state as [number, number, number, number, number, number, number];
  const open = gripper.maxOpeningM === 0 ? 1 : (2 * finger) / gripper.maxOpeningM;
  return {
    stampMs,
    jointNames: [],
    qRad: [],
    qdRadPerS: [],
    tcpPose: { frameId, pM: [x, y, z], qXyzw: turned([0, 0, 0, 1], [rx, ry, rz]) },
    gripperOpen: Math.min(1, Math.max(0, open)),
  };
}
