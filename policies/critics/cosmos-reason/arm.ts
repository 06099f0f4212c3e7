/**
 * A chunk of an arm as a model is shown it: the picture, the same with the way of the tool drawn on it where the camera says where it
 * stands, and task, tool, motions and limits in words (`writeMotions` of pumice/codecs). Joints and twists are refused: nobody could
 * say from a picture where they lead.
 */
import { type Action, type Limits, type Observation, type Proprio, rpyOfRotationVector, turnBetween } from 'pumice';
import { type ToolMotion, writeMotions } from 'pumice/codecs';
import { decodeFrame, drawPath, isCalibrated, type PathPoint } from 'pumice/vision';
import { type Three, type Workspace, within, workspaceOf } from '../../shared/workspace.ts';
import { copyOf, framesOf, misfit, quoted, type Shown } from './shown.ts';

type Pose = NonNullable<Proprio['tcpPose']>;

/** Motions that are put in words. Chosen: the longest chunk of the policies that pumice knows is 50; beyond, nobody reads one by one. */
const MOST_MOTIONS = 64;
const NO_TURN = [0, 0, 0, 1] as const;

export interface ArmCase {
  /** In order, the first of which is the next. */
  readonly actions: readonly Action[];
  /** Time of one of them, ms. */
  readonly stepMs: number | undefined;
  readonly camera: string;
  readonly limits: Limits;
}

/**
 * @returns undefined where nothing would move.
 * @throws PumiceError `config/misfit` for a body, camera or action that it cannot show.
 */
export async function showArm(observation: Observation, given: ArmCase): Promise<Shown | undefined> {
  const { actions, camera, limits } = given;
  const { tcpPose: measured, commandedTcpPose: commanded, gripperOpen } = observation.proprio ?? {};
  if (!measured || !commanded || gripperOpen === undefined)
    throw misfit(
      'expected proprio.tcpPose and proprio.commandedTcpPose',
      'Let the body say where its tool is and where it was told to be',
    );
  if (measured.frameId !== commanded.frameId)
    throw misfit(
      `expected poses in one frame, got '${measured.frameId}' and '${commanded.frameId}'`,
      'Give both in the base frame',
    );
  const { motions, path } = wayOf(actions, commanded, workspaceOf(limits));
  if (motions.length === 0) return undefined;
  if (given.stepMs === undefined) throw misfit('expected the time of one action', 'Declare limits.motion of the body');
  const stance = ({ pM, qXyzw }: Pose) => ({ pM, rpyRad: rpyOfRotationVector(turnBetween(NO_TURN, qXyzw)) });
  const words = {
    proposal: writeMotions({
      instruction: observation.instruction,
      frameId: commanded.frameId,
      measured: stance(measured),
      commanded: stance(commanded),
      gripperOpen,
      stepMs: given.stepMs,
      motions,
    }),
    limits: limitsInWords(limits.motion),
  };
  const frame = await decodeFrame(framesOf(observation, camera).at(-1)!);
  if (!isCalibrated(frame)) return { words, picture: frame };
  const canvas = copyOf(frame);
  const isWhole = drawPath(canvas, [{ pM: commanded.pM, gripperOpen }, ...path]);
  return {
    words,
    picture: frame,
    drawn: { picture: canvas, says: DRAWN },
    ...(!isWhole && { doubt: 'part of the way lies outside the picture' }),
  };
}

const DRAWN =
  'the way that the tool would go drawn on it in orange: a knot at the end of each motion, a ring where the gripper is then open, a disc where it is shut';

/**
 * Motions one by one, and the places that they lead to, as the rules would let them through: none leads out of the workspace. Later
 * actions of a chunk often do by some millimetres, and what will never be done is not to be judged.
 */
function wayOf(
  actions: readonly Action[],
  commanded: Pose,
  workspace: Workspace | undefined,
): { motions: ToolMotion[]; path: PathPoint[] } {
  let at: Pick<Pose, 'pM' | 'qXyzw'> = commanded;
  const motions: ToolMotion[] = [];
  const path: PathPoint[] = [];
  for (const action of actions) {
    if (action.kind === 'done' || action.kind === 'hand-over') break;
    if (action.kind === 'hold') continue;
    if (action.kind !== 'eef-delta' && action.kind !== 'eef-pose')
      throw misfit(`judges eef-delta and eef-pose, got ${action.kind}`, 'Leave this critic out for this body');
    if (action.frameId !== commanded.frameId)
      throw misfit(`expected an action in frame '${commanded.frameId}', got '${action.frameId}'`, 'Give it there');
    const { gripperOpen } = action;
    const dRpyRad =
      action.kind === 'eef-delta' ? action.dRpyRad : rpyOfRotationVector(turnBetween(at.qXyzw, action.qXyzw));
    const to = action.kind === 'eef-delta' ? plus(at.pM, action.dPosM) : action.pM;
    const pM = within(workspace, at.pM, to);
    const dPosM = less(pM, at.pM);
    at = { pM, qXyzw: action.kind === 'eef-pose' ? action.qXyzw : at.qXyzw };
    motions.push({ dPosM, dRpyRad, gripperOpen });
    path.push({ pM: at.pM, gripperOpen });
  }
  if (motions.length > MOST_MOTIONS)
    throw misfit(`expected at most ${MOST_MOTIONS} motions, got ${motions.length}`, 'Propose shorter chunks');
  return { motions, path };
}

const plus = ([a, b, c]: Three, [x, y, z]: Three): Three => [a + x, b + y, c + z];
const less = ([a, b, c]: Three, [x, y, z]: Three): Three => [a - x, b - y, c - z];

/** Limits that the rules hold the body to, as far as they can be seen in a picture. */
function limitsInWords(motion: Limits['motion']): string {
  if (motion === undefined || motion === 'unlimited') return 'Limits: none are set.';
  const { workspace, keepOut, maxSpeedMPerS } = motion;
  const fences = keepOut.map((box) => ` Kept out of ${quoted(box.name)}: ${boxInWords(box)}.`);
  return `Limits: the tool stays within ${boxInWords(workspace)}, at most ${maxSpeedMPerS} m/s.${fences.join('')}`;
}

const boxInWords = ({ minM, maxM }: Workspace): string =>
  ['x', 'y', 'z']
    .map((axis, at) => `${axis} ${minM[at]} to ${maxM[at]}`)
    .join(', ')
    .concat(' m');
