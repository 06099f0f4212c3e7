/** What the simulated robot says of itself to those who measure: counts, logs and the stop word. Part of no observation. */
import type { BodyState } from '../../../src/robot/messages.ts';
import type { CameraName } from '../cameras.ts';
import type { Counts } from './meter.ts';

export interface Instruments {
  /** What the robot received, counted by itself. */
  readonly meter: () => Counts;
  /** The newest commands as they arrived: `[arrivedMs, sentMs, mode, stepM, stepRad]`. */
  readonly arrivals: () => readonly (readonly number[])[];
  /** The newest turns of the physics: `[dueMs, lateMs]`. */
  readonly lateness: () => readonly (readonly number[])[];
  /** The newest state of the robot. */
  readonly state: () => BodyState | undefined;
  /** How many pictures a camera has made since it was opened, and the moment that the newest one shows. */
  readonly pictures: (camera: CameraName) => { readonly count: number; readonly stampMs: number };
}
