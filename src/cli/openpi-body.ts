/**
 * A client of openpi's wire as a body: what it sends is the observation, what it is answered is the action that was allowed. The client moves
 * the arm; no stop reaches it but an answer that does not come. Knows no policy.
 */
import { monotonicNowMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import { type Quaternion, rotationVectorOfRpy, turned, type Vec3 } from '../gate/rotation.ts';
import { isNumpy, type ModelProfile, type Received, type ReceivedMap, type SentMap } from '../models/index.ts';
import type { Env } from '../ports.ts';
import type { RobotProfile } from '../robot/index.ts';
import type { Action, ActionOf, Frame, Proprio, Sensed } from '../types.ts';

/** What the numbers of the wire mean, which no message says. */
export interface WireUnits {
  readonly metresPerUnit: number;
  readonly radiansPerUnit: number;
  /** Which way the last number, -1 to 1, counts the gripper. */
  readonly gripper: 'open-is-1' | 'close-is-1';
}

/** Names of the fields of an observation, as the server's config would have them. */
export type WireFields = NonNullable<ModelProfile['fields']>;

/** Not of the original: how a client says on one connection that it has put its arm back. */
const EPISODE_FIELD = 'episode';

/** An observation that came. */
export interface Asked extends Sensed {
  readonly instruction: string;
  /** What the client calls its episode; another one begins another. */
  readonly episode: string;
}

export interface OpenpiBody extends Env {
  /** The next observation, for whoever observes. */
  readonly give: (asked: Asked) => void;
  /** What the client was told last. */
  readonly told: () => ActionOf<'eef-delta'> | undefined;
}

/** Chosen, as for the simulated arm: the client's arm waits for the answer. Counted from when the observation came, for the wire has no times. */
const AGES = { maxObservationAgeMs: 2000, maxPlanAgeMs: 10_000 };

const unfit = (what: string, hint: string) => new PumiceError('body/not-ready', what, { who: 'openpi client', hint });

/** @throws PumiceError `config/misfit` for a robot whose deltas are not along the axes of its base. */
export function openpiBody(robot: RobotProfile): OpenpiBody {
  if (robot.delta.axes !== 'base')
    throw new PumiceError(
      'config/misfit',
      `robot ${robot.name} takes deltas along the axes of its tool, and the gate judges those of its base`,
      { who: 'openpi client', hint: 'Serve a client that takes motions in the frame of its base' },
    );
  const { frameId } = robot;
  let waiting: ((asked: Asked) => void) | undefined;
  let inHand: Asked | undefined;
  let measured: Proprio | undefined;
  let commanded: Proprio['tcpPose'];
  let gripperOpen: number | undefined;
  let told: ActionOf<'eef-delta'> | undefined;

  /** The readings, with where the arm was told to be: at first where it stands. */
  const seen = ({ instruction: _, episode: __, ...sensed }: Asked): Sensed => {
    measured = sensed.proprio;
    if (!measured) return sensed;
    commanded ??= measured.tcpPose;
    return { ...sensed, proprio: { ...measured, ...(commanded && { commandedTcpPose: commanded }) } };
  };
  const still = (): ActionOf<'eef-delta'> => ({
    kind: 'eef-delta',
    frameId,
    dPosM: [0, 0, 0],
    dRpyRad: [0, 0, 0],
    gripperOpen: gripperOpen ?? measured?.gripperOpen ?? 1,
  });
  const tell = (action: ActionOf<'eef-delta'>) => {
    told = action;
    gripperOpen = action.gripperOpen;
    const from = robot.delta.reference === 'measured' ? measured?.tcpPose : commanded;
    if (from) commanded = moved(from, action);
  };
  return {
    name: 'openpi-client',
    actionKinds: ['eef-delta'],
    limits: { motion: robot.limits, ...AGES },
    delta: robot.delta,
    facts: { body: 'a client of openpi’s wire, which moves its arm itself', robot: robot.name },
    reset: async () => {
      commanded = undefined;
      gripperOpen = undefined;
    },
    observe: ({ signal }) =>
      new Promise<Sensed>((resolve, reject) => {
        told = undefined;
        const take = (asked: Asked) => {
          waiting = undefined;
          inHand = undefined;
          resolve(seen(asked));
        };
        if (inHand) return take(inHand);
        waiting = take;
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    act: async (action: Action) => {
      if (action.kind === 'hold') tell(still());
      else if (action.kind === 'eef-delta') tell(action);
      else return { status: 'refused', reason: `expected eef-delta or hold, got ${action.kind}` };
      return { status: 'done', executed: action };
    },
    // There is nobody to brake: what is not answered does not move.
    halt: () => {},
    close: async () => {},
    give: (asked) => {
      if (waiting) waiting(asked);
      else inHand = asked;
    },
    told: () => told,
  };
}

const moved = ({ frameId, pM, qXyzw }: NonNullable<Proprio['tcpPose']>, { dPosM, dRpyRad }: ActionOf<'eef-delta'>) => ({
  frameId,
  pM: pM.map((at, axis) => at + dPosM[axis]!) as [number, number, number],
  qXyzw: turned(qXyzw as Quaternion, rotationVectorOfRpy(dRpyRad as Vec3)),
});

/**
 * Reads an observation.
 *
 * @throws PumiceError `body/not-ready` for a field that is missing or is something else.
 */
export function readAsked(sent: ReceivedMap, fields: WireFields, robot: RobotProfile): Asked {
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
    instruction: words,
    episode: String(episode ?? ''),
    stampMs,
    frames,
    proprio: proprioIn(sent, state, robot, stampMs),
  };
}

function pictureIn(sent: ReceivedMap, name: string | undefined, camera: string, stampMs: number): Frame {
  const picture = name === undefined ? undefined : sent[name];
  const [heightPx, widthPx, channels] = isNumpy(picture) ? picture.shape : [];
  const isBytes =
    isNumpy(picture) && picture.values.every((value) => Number.isInteger(value) && value >= 0 && value < 256);
  if (!isBytes || channels !== 3 || !heightPx || !widthPx || picture.shape.length !== 3)
    throw unfit(
      `expected a picture [height, width, 3] of bytes as "${name}", got ${kindOf(picture)}`,
      'Send RGB, uint8, rows first',
    );
  return { camera, encoding: 'rgb8', widthPx, heightPx, stampMs, data: Uint8Array.from(picture.values) };
}

/** x y z, axis-angle, two fingers, as LIBERO's robot is told of, `[8]`. */
function proprioIn(sent: ReceivedMap, name: string | undefined, robot: RobotProfile, stampMs: number): Proprio {
  const state = name === undefined ? undefined : sent[name];
  if (!isNumpy(state) || state.shape.length !== 1 || state.values.length !== 8 || !state.values.every(Number.isFinite))
    throw unfit(
      `expected 8 finite numbers as "${name}" (x y z, axis-angle, two fingers), got ${kindOf(state)}`,
      'Send where the tool is: without that no motion can be judged',
    );
  const [x, y, z, rx, ry, rz, finger] = state.values as [number, number, number, number, number, number, number];
  const { gripper, frameId } = robot;
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

const kindOf = (value: Received): string =>
  value === undefined ? 'nothing' : isNumpy(value) ? `an array [${value.shape.join(', ')}]` : typeof value;

/** One row of seven, `[1, 7]`: what the client is to do now. */
export function rowOf({ dPosM, dRpyRad, gripperOpen }: ActionOf<'eef-delta'>, units: WireUnits): SentMap[string] {
  const { metresPerUnit, radiansPerUnit, gripper } = units;
  const grip = 2 * gripperOpen - 1;
  const row = [
    ...dPosM.map((m) => m / metresPerUnit),
    ...dRpyRad.map((rad) => rad / radiansPerUnit),
    gripper === 'open-is-1' ? grip : -grip,
  ];
  return { data: Float32Array.from(row), shape: [1, row.length] };
}
