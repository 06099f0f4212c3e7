/** What the simulated robot says of itself to those who measure: counts, logs and the stop word. Part of no observation. */
import type { BodyDriver, JogEntry } from '../../../src/robot/driver.ts';
import type { BodyState } from '../../../src/robot/messages.ts';
import type { CameraName } from '../cameras.ts';
import type { Counts } from './meter.ts';

export interface Instruments {
  /** Whoever writes it stops the arm, with nobody's help; a reset clears it. */
  readonly stopWord: SharedArrayBuffer;
  /** The one that leads the arm: there is one from the first reset on, and none to speak of while a reset stops and clears it. */
  readonly driver: () => BodyDriver | undefined;
  /** What a person asked for while they jogged the arm. */
  readonly jogs: () => readonly JogEntry[];
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
