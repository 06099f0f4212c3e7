/** How readily a thread is given the processor. */
import { setPriority } from 'node:os';

/** Of Linux, -20 first, 19 last. Chosen: a robot waits for nobody, as if it had a processor of its own; its cameras let others go first. */
export const ROBOT_PRIORITY = -15;
export const CAMERA_PRIORITY = 5;

/** For this thread alone. On Linux only; elsewhere, and without the right to, things stay as they are. */
export function prioritise(priority: number): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, priority);
  } catch {
    // It is a help, and no need.
  }
}
