/**
 * What SimplerEnv's robots are sent for an action of seven numbers: metres, axis times angle, and each robot's own gripper. As the
 * wrappers of Magma, Octo and RT-1 make it (microsoft/Magma `e373780` `magma_model.py`; simpler-env/SimplerEnv `4ab7178`
 * `policies/octo`, `policies/rt1`). Knows no simulator.
 */
import { axisAngleOfRpy } from './euler-axis.ts';
import { type Latch, OPEN_LATCH } from './robot-gripper.ts';
import { gripperNumber, LATCH_STEPS, SIM_CONTROLS, type SimControl } from './sim-control.ts';

export type SimplerRobot = 'google_robot' | 'widowx_bridge';
type Three = readonly [number, number, number];

/** Concatenated, the seven numbers of `env.step`. */
export interface SimplerAction {
  /** m, base axes. */
  readonly worldVector: Three;
  /** Axis times angle, rad, base axes. */
  readonly rotAxisAngle: Three;
  /** google: above 0 closes, by how much; widowx: 1 opens, -1 closes. */
  readonly gripper: number;
}

export interface SimplerPost {
  /** An episode begins: nothing is held from the one before. The original wrapper of Magma forgets to do this. */
  readonly reset: () => void;
  /** @param numbers - `[7]`: x y z (m), roll pitch yaw (rad), gripper opening 0..1. */
  readonly step: (numbers: readonly number[]) => SimplerAction;
  readonly latch: () => Latch;
}

export function simplerPost(
  robot: SimplerRobot,
  { actionScale = 1, latchSteps = LATCH_STEPS.magma }: { actionScale?: number; latchSteps?: number } = {},
): SimplerPost {
  let latch = OPEN_LATCH;
  const ofRobot: SimControl['gripper'] = SIM_CONTROLS[robot].gripper;
  return {
    latch: () => latch,
    reset: () => {
      latch = OPEN_LATCH;
    },
    step: (numbers) => {
      const [x, y, z, roll, pitch, yaw, open] = numbers as [number, number, number, number, number, number, number];
      const moved = {
        worldVector: scaled([x, y, z], actionScale),
        rotAxisAngle: scaled(axisAngleOfRpy(roll, pitch, yaw), actionScale),
      };
      // The wrappers know open and closed alone where the robot takes a share of both.
      const asked = ofRobot.form === 'share' ? Number(open > 0.5) : open;
      const held = gripperNumber({ ...ofRobot, latchSteps }, asked, latch);
      latch = held.latch;
      return { ...moved, gripper: held.gripper };
    },
  };
}

export interface Rt1Output {
  readonly worldVector: Three;
  readonly rotationDelta: Three;
  /** -1 open, 1 closed. */
  readonly gripperClosedness: number;
}

/** RT-1's own numbers: the google robot takes them as they are, widowx a share of its ranges. Nothing is held. */
export function rt1Action(robot: SimplerRobot, output: Rt1Output, actionScale = 1): SimplerAction {
  const { worldVector, rotationDelta, gripperClosedness } = output;
  if (robot === 'google_robot')
    return {
      worldVector: scaled(worldVector, actionScale),
      rotAxisAngle: scaled(asAxisTimesAngle(rotationDelta), actionScale),
      gripper: Math.abs(gripperClosedness) < 1e-2 ? 0 : gripperClosedness,
    };
  const [roll, pitch, yaw] = each(rotationDelta, (value) => rescaled(value, 1.4, 0.25));
  return {
    worldVector: scaled(
      each(worldVector, (value) => rescaled(value, 1.75, 0.05)),
      actionScale,
    ),
    rotAxisAngle: scaled(axisAngleOfRpy(roll, pitch, yaw), actionScale),
    gripper: -gripperClosedness > 0 ? 1 : -1,
  };
}

/** Divided and multiplied again, as the original does: below 1e-6 rad it turns about y. */
function asAxisTimesAngle(turn: Three): Three {
  const angle = Math.sqrt(turn.reduce((sum, part) => sum + part * part, 0));
  return angle > 1e-6 ? each(turn, (part) => (part / angle) * angle) : [0, angle, 0];
}

/** From -`from`..`from` to -`to`..`to`, and not beyond. */
function rescaled(value: number, from: number, to: number): number {
  const result = ((value - -from) / (from - -from)) * (to - -to) + -to;
  return Math.min(to, Math.max(-to, result));
}

const each = ([a, b, c]: Three, change: (value: number) => number): Three => [change(a), change(b), change(c)];
const scaled = (vector: Three, scale: number): Three => each(vector, (value) => value * scale);
