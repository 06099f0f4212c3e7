/**
 * The clutch of a device that has a pose: where it is means nothing, only where it has gone since the dead-man was pressed, so that
 * taking over never moves the tool. Pure.
 */
import type { Stance } from '../chunk/path.ts';
import { eachAxis, type Pose } from '../gate/motion.ts';
import { turnBetween, turned } from '../gate/rotation.ts';

type Place = Pick<Pose, 'pM' | 'qXyzw'>;

export interface Clutch {
  readonly device: Place;
  readonly tool: Place;
}

/** Where the tool is to be: as far from its anchor as the device is from its own, and turned as much. */
export const followed = ({ device, tool }: Clutch, now: Place, gripperOpen: number): Stance => ({
  pM: eachAxis((axis) => tool.pM[axis] + now.pM[axis] - device.pM[axis]),
  qXyzw: turned(tool.qXyzw, turnBetween(device.qXyzw, now.qXyzw)),
  gripperOpen,
});
