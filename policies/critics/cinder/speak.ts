/**
 * cinder as a large model would be asked: a picture and the text of a prompt in, a finding out, or words where the prompt shows no
 * motions that it can judge. It keeps nothing from one question to the next. Knows no wire and no body.
 */
import { PumiceError } from 'pumice';
import { type MotionText, readMotions, type ToolStance } from 'pumice/codecs';
import type { RawImage } from 'pumice/vision';
import { PICTURE_PX } from '../../ember/input.ts';
import { FRAME_ID, JUDGED, type Motion, STEP_MS, type Standing } from './input.ts';
import { createLooker, type Finding } from './look.ts';
import { readCinder } from './model.ts';

export interface Asked {
  readonly picture: RawImage;
  readonly prompt: string;
}

/** @param weights - folder of a model; without one, pumice's own. */
export function createJudge(weights?: string) {
  const looker = createLooker(readCinder(weights));
  const answer = async ({ picture, prompt }: Asked, signal: AbortSignal): Promise<Finding | { text: string }> => {
    const reading = readMotions(prompt);
    const problem = reading.ok ? problemOf(reading.value, picture) : reading.problem.message;
    if (!reading.ok || problem !== undefined)
      return { text: `I judge motions of one arm, and here are none: ${problem}` };
    const { instruction, motions } = reading.value;
    const question = { picture, instruction, standing: standingIn(reading.value), motions: motions.map(numbersOf) };
    try {
      return await looker.look(question, signal);
    } catch (error) {
      if (PumiceError.is(error, 'policy/unparsed')) return { text: error.message };
      throw error;
    }
  };
  return { name: 'cinder', answer, prepare: looker.tryOut, close: looker.close };
}

/** What it was not trained on: it would have an answer for that too. */
function problemOf({ frameId, stepMs, motions }: MotionText, { widthPx, heightPx }: RawImage): string | undefined {
  if (Math.min(widthPx, heightPx) < PICTURE_PX)
    return `expected a picture of at least ${PICTURE_PX} x ${PICTURE_PX}, got ${widthPx} x ${heightPx}`;
  if (frameId !== FRAME_ID) return `expected frame '${FRAME_ID}', got '${frameId}'`;
  if (stepMs !== STEP_MS) return `expected motions of ${STEP_MS} ms, got ones of ${stepMs} ms`;
  return motions.length <= JUDGED ? undefined : `expected at most ${JUDGED} motions, got ${motions.length}`;
}

const numbersOf = ({ dPosM, dRpyRad, gripperOpen }: MotionText['motions'][number]): Motion => [
  ...dPosM,
  ...dRpyRad,
  gripperOpen,
];

const standingIn = ({ frameId, measured, commanded, gripperOpen }: MotionText): Standing => {
  const pose = ({ pM, rpyRad }: ToolStance) => ({ frameId, pM, qXyzw: quaternionOf(rpyRad) });
  return { measured: pose(measured), commanded: pose(commanded), gripperOpen };
};

/** `[x, y, z, w]` of roll, pitch, yaw (extrinsic x-y-z). */
function quaternionOf([roll, pitch, yaw]: ToolStance['rpyRad']): [number, number, number, number] {
  const [cr, sr] = [Math.cos(roll / 2), Math.sin(roll / 2)];
  const [cp, sp] = [Math.cos(pitch / 2), Math.sin(pitch / 2)];
  const [cy, sy] = [Math.cos(yaw / 2), Math.sin(yaw / 2)];
  return [
    sr * cp * cy - cr * sp * sy,
    cr * sp * cy + sr * cp * sy,
    cr * cp * sy - sr * sp * cy,
    cr * cp * cy + sr * sp * sy,
  ];
}
