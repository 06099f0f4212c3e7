/**
 * What cinder is shown of a proposal: the next four motions as the network was trained on them, and where they begin. Whatever it was
 * not trained on (another frame, another rate, joints) is refused: it would have an answer for that too. Pure.
 */
import { type Action, type Proprio, PumiceError, rpyOfRotationVector, turnBetween } from 'pumice';
import { matrixOf, proprioOf } from '../../ember/input.ts';
import { type Three, type Workspace, within } from '../../shared/workspace.ts';
import { WHO } from './model.ts';

/** The frame that it was trained in: the foot of the arm, x forward, y left, z up. */
export const FRAME_ID = 'base';
/** Time of one action, ms. */
export const STEP_MS = 200;
/** Actions that are looked at. */
export const JUDGED = 4;
/** Further than this no motion went in training, m: it would be taken for a shorter one. */
const MOST_STEP_M = 0.09;

type Pose = NonNullable<Proprio['tcpPose']>;

/** Where the tool is, and where it was told to be: from there a proposal leads on. */
export interface Standing {
  readonly measured: Pose;
  readonly commanded: Pose;
  readonly gripperOpen: number;
}

const misfit = (message: string, hint: string) => new PumiceError('config/misfit', message, { who: WHO, hint });

/** @throws PumiceError `config/misfit` for a body that does not say where it is, or says it in another frame. */
export function standingOf(proprio: Proprio | undefined): Standing {
  const { tcpPose: measured, commandedTcpPose: commanded } = proprio ?? {};
  if (!proprio || !measured || !commanded)
    throw misfit(
      `expected proprio.tcpPose and proprio.commandedTcpPose, got ${measured ? 'the first' : 'neither'}`,
      'Let the body say where its tool is and where it was told to be',
    );
  for (const { frameId } of [measured, commanded])
    if (frameId !== FRAME_ID)
      throw misfit(`expected poses in frame '${FRAME_ID}', got '${frameId}'`, 'Give them in that frame');
  return { measured, commanded, gripperOpen: proprio.gripperOpen };
}

/** One motion: dx dy dz (m), droll dpitch dyaw (rad), gripper 0..1. */
export type Motion = readonly number[];

/**
 * The motions of a proposal until it ends, none of which leads out of the workspace; empty when it moves nothing.
 *
 * @throws PumiceError `config/misfit` for an action that is no motion of the tool in its frame, or too long a one.
 */
export function motionsOf(actions: readonly Action[], { commanded }: Standing, workspace?: Workspace): Motion[] {
  let at: Pick<Pose, 'pM' | 'qXyzw'> = commanded;
  const motions: Motion[] = [];
  for (const action of actions) {
    if (action.kind === 'done' || action.kind === 'hand-over') break;
    if (action.kind !== 'eef-delta' && action.kind !== 'eef-pose')
      throw misfit(`judges eef-delta and eef-pose, got ${action.kind}`, 'Leave this critic out for this body');
    if (action.frameId !== FRAME_ID)
      throw misfit(`expected an action in frame '${FRAME_ID}', got '${action.frameId}'`, 'Give it in that frame');
    const [x, y, z] = at.pM;
    const isDelta = action.kind === 'eef-delta';
    const to: Three = isDelta ? [x + action.dPosM[0], y + action.dPosM[1], z + action.dPosM[2]] : action.pM;
    const pM = within(workspace, at.pM, to);
    const turn = isDelta ? action.dRpyRad : rpyOfRotationVector(turnBetween(at.qXyzw, action.qXyzw));
    motions.push([pM[0] - x, pM[1] - y, pM[2] - z, ...turn, action.gripperOpen]);
    at = { pM, qXyzw: isDelta ? at.qXyzw : action.qXyzw };
  }
  for (const motion of motions) {
    // Also what is no number.
    if (!(motion.every(Number.isFinite) && lengthOf(motion) <= MOST_STEP_M))
      throw misfit(`expected motions of at most ${MOST_STEP_M} m, got [${motion.join(', ')}]`, 'Propose shorter ones');
  }
  return motions;
}

/**
 * The same way in at most four motions: where plans are joined it comes in more and smaller pieces. Neighbours are taken together, the
 * shortest first, and never across a switch of the hand.
 *
 * @returns undefined where that would make a motion further than any that it was shown.
 */
export function folded(motions: readonly Motion[]): readonly Motion[] | undefined {
  const pieces = [...motions];
  while (pieces.length > JUDGED) {
    const pairs = pieces.slice(1).map((motion, at) => together(pieces[at]!, motion));
    const lengths = pairs.map((pair) => (pair ? lengthOf(pair) : Number.POSITIVE_INFINITY));
    const at = lengths.indexOf(Math.min(...lengths));
    if (!(lengths[at]! <= MOST_STEP_M)) return undefined;
    pieces.splice(at, 2, pairs[at]!);
  }
  return pieces;
}

const lengthOf = (motion: Motion) => Math.hypot(...motion.slice(0, 3));
const GRIP = 6;
/** One after the other, as one; turns are so small that they add up. */
const together = (a: Motion, b: Motion): Motion | undefined =>
  a[GRIP] === b[GRIP] ? a.map((value, axis) => (axis === GRIP ? value : value + b[axis]!)) : undefined;

/** The chunk as the network takes it, `[4, 7]` flat: what is not proposed is standing still, with the hand as it was told last. */
export function chunkOf(motions: readonly Motion[]): number[] {
  const rest = [0, 0, 0, 0, 0, 0, motions.at(-1)![GRIP]!];
  return Array.from({ length: JUDGED }, (_, step) => motions[step] ?? rest).flat();
}

/** The tool as the network takes it, `[8]`. */
export const bodyOf = ({ measured, gripperOpen }: Standing): number[] =>
  proprioOf(measured.pM, matrixOf(measured.qXyzw), gripperOpen);
