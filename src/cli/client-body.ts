/**
 * A client that asks over a wire, as a body: what it sends is the observation, what it is answered is the action that was allowed. The client
 * moves the arm; no stop reaches it but an answer that does not come. Knows no policy, and no wire but its name.
 */
import { PumiceError } from '../errors.ts';
import { type Quaternion, rotationVectorOfRpy, turned, type Vec3 } from '../gate/rotation.ts';
import type { Env } from '../ports.ts';
import type { RobotProfile } from '../robot/index.ts';
import type { Action, ActionOf, Proprio, Sensed } from '../types.ts';

/** Whose wire it is. */
export type Wire = 'openpi' | 'vla-eval';

/** What the numbers of the wire mean, which no message says. */
export interface WireUnits {
  readonly metresPerUnit: number;
  readonly radiansPerUnit: number;
  /** How a turn is written: roll pitch yaw, or axis times angle. */
  readonly rotation: 'rpy' | 'axis-angle';
  /** Which way the last number, -1 to 1, counts the gripper. */
  readonly gripper: 'open-is-1' | 'close-is-1';
}

/** An observation that came. */
export interface Asked extends Sensed {
  readonly instruction: string;
}

export interface ClientBody extends Env {
  /** The next observation, for whoever observes. */
  readonly give: (asked: Asked) => void;
  /** What the client was told last. */
  readonly told: () => ActionOf<'eef-delta'> | undefined;
}

/** Chosen, as for the simulated arm: the client's arm waits for the answer. Counted from when the observation came, for the wire has no times. */
const AGES = { maxObservationAgeMs: 2000, maxPlanAgeMs: 10_000 };

/** @throws PumiceError `config/misfit` for a robot whose deltas are not along the axes of its base. */
export function clientBody(robot: RobotProfile, wire: Wire): ClientBody {
  if (robot.delta.axes !== 'base')
    throw new PumiceError(
      'config/misfit',
      `robot ${robot.name} takes deltas along the axes of its tool, and the gate judges those of its base`,
      { who: `${wire} client`, hint: 'Serve a client that takes motions in the frame of its base' },
    );
  const { frameId } = robot;
  let waiting: ((asked: Asked) => void) | undefined;
  let inHand: Asked | undefined;
  let measured: Proprio | undefined;
  let commanded: Proprio['tcpPose'];
  let gripperOpen: number | undefined;
  let told: ActionOf<'eef-delta'> | undefined;

  /** The readings, with where the arm was told to be: at first where it stands. */
  const seen = ({ instruction: _, ...sensed }: Asked): Sensed => {
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
    name: `${wire}-client`,
    actionKinds: ['eef-delta'],
    limits: { motion: robot.limits, ...AGES },
    delta: robot.delta,
    facts: { body: `a client of ${wire}’s wire, which moves its arm itself`, robot: robot.name },
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

/** One row of seven: what the client is to do now. */
export function numbersOf({ dPosM, dRpyRad, gripperOpen }: ActionOf<'eef-delta'>, units: WireUnits): Float32Array {
  const { metresPerUnit, radiansPerUnit, rotation, gripper } = units;
  const turn = rotation === 'rpy' ? dRpyRad : rotationVectorOfRpy(dRpyRad as Vec3);
  const grip = 2 * gripperOpen - 1;
  return Float32Array.from([
    ...dPosM.map((m) => m / metresPerUnit),
    ...turn.map((rad) => rad / radiansPerUnit),
    gripper === 'open-is-1' ? grip : -grip,
  ]);
}
