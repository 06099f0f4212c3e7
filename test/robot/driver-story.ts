/** Plays stories of motions, stops and clears on a driver's turns, in a time of the test's own. */
import { createBox, openBox, openStopWord } from '../../src/robot/boxes.ts';
import { createBuffers, motionNumbers, REST } from '../../src/robot/driver-post.ts';
import { createTick } from '../../src/robot/driver-tick.ts';
import { COMMAND_NUMBERS, type Command, commandOf, stateNumbers, stateValues } from '../../src/robot/messages.ts';
import { HOME, PROFILE } from './rig.ts';

export const driver = PROFILE.driver!;
export const PERIOD_MS = 1000 / driver.commandRateHz;
const ZERO_MS = 1000;

export type Event =
  | {
      readonly kind: 'motion';
      readonly byM: number;
      readonly durationMs: number;
      readonly validMs: number;
      readonly epochBy: number;
    }
  | { readonly kind: 'stop'; readonly category: 0 | 1 | 2 }
  /** What was posted is taken back. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'clear' };
export interface Beat {
  readonly event?: Event | undefined;
  readonly waitMs: number;
}

export interface Turn {
  readonly command: Command;
  readonly category: number | undefined;
  readonly epoch: number;
  /** When the newest good motion ends at the latest, and its epoch. */
  readonly untilMs: number;
  readonly nowMs: number;
}

/** Plays a story on a body that is at once where it is told to be. */
export function play(beats: readonly Beat[], isForgetful = false): Turn[] {
  const buffers = createBuffers();
  const [commandBox, stateBox] = [createBox(COMMAND_NUMBERS), createBox(stateNumbers(1))];
  const [commands, states, motions] = [openBox(commandBox), openBox(stateBox), openBox(buffers.motion)];
  const word = openStopWord(buffers.stopWord);
  const tick = createTick({ profile: PROFILE, driver, speedScale: 1, buffers, commandBox, stateBox });
  let nowMs = ZERO_MS;
  let pose = HOME;
  let untilMs = 0;
  const tellState = () =>
    states.write(
      stateValues({
        ...{
          stampMs: nowMs,
          measured: pose,
          commanded: pose,
          speedMPerS: 0,
          turnRadPerS: 0,
          qRad: [0],
          qdRadPerS: [0],
        },
      }),
    );
  tellState();
  tick.turn(nowMs);
  const turns: Turn[] = [];
  for (const { event, waitMs } of beats) {
    if (event?.kind === 'stop') word.stop(event.category);
    if (event?.kind === 'clear') word.clear();
    if (event?.kind === 'rest') {
      motions.write(REST);
      untilMs = Math.min(untilMs, nowMs);
    }
    if (event?.kind === 'motion') {
      const { byM, durationMs, validMs, epochBy } = event;
      const target = { ...HOME, pM: [pose.pM[0] + byM, 0, 0.2] as const };
      const validUntilMs = nowMs + validMs;
      motions.write(
        motionNumbers({
          verdictId: 1,
          epoch: word.epoch() + epochBy,
          validUntilMs,
          startMs: nowMs,
          durationMs,
          target,
        }),
      );
      if (epochBy === 0) untilMs = Math.max(untilMs, Math.min(validUntilMs, nowMs + driver.expiryMs));
    }
    nowMs += waitMs;
    tellState();
    // The twin goes on as if no time had passed since the last motion.
    tick.turn(isForgetful ? Math.min(nowMs, untilMs - 1) : nowMs);
    const command = commandOf(commands.read()!.values);
    pose = command.pose;
    turns.push({ command, category: word.read(), epoch: word.epoch(), untilMs, nowMs });
  }
  return turns;
}
