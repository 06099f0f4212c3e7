/** A driver's turns in a time of the test's own, over random stories: motions, good and bad, stops, clears, late turns. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBox, openBox, openStopWord } from '../../src/robot/boxes.ts';
import { createBuffers, motionNumbers } from '../../src/robot/driver-post.ts';
import { createTick } from '../../src/robot/driver-tick.ts';
import { COMMAND_NUMBERS, type Command, commandOf, stateNumbers, stateValues } from '../../src/robot/messages.ts';
import { randomFrom } from '../random.ts';
import { HOME, PROFILE } from './rig.ts';

const driver = PROFILE.driver!;
const { maxSpeedMPerS } = PROFILE.limits;
const PERIOD_MS = 1000 / driver.commandRateHz;
const ZERO_MS = 1000;

type Event =
  | {
      readonly kind: 'motion';
      readonly byM: number;
      readonly durationMs: number;
      readonly validMs: number;
      readonly epochBy: number;
    }
  | { readonly kind: 'stop'; readonly category: 0 | 1 | 2 }
  | { readonly kind: 'clear' };
interface Beat {
  readonly event?: Event | undefined;
  readonly waitMs: number;
}

const beat: fc.Arbitrary<Beat> = fc.record({
  event: fc.option(
    fc.oneof(
      {
        weight: 10,
        arbitrary: fc.record({
          kind: fc.constant('motion' as const),
          byM: fc.integer({ min: -60, max: 60 }).map((mm) => mm / 1000),
          durationMs: fc.integer({ min: 50, max: 350 }),
          validMs: fc.integer({ min: -20, max: 500 }),
          epochBy: fc.constantFrom(0, 0, 0, 0, 0, -1, 1),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('stop' as const),
          category: fc.constantFrom(0 as const, 1 as const, 2 as const),
        }),
      },
      { weight: 2, arbitrary: fc.constant({ kind: 'clear' as const }) },
    ),
    { nil: undefined },
  ),
  waitMs: fc.constantFrom(10, 10, 10, 10, 10, 3, 14, 40, 120),
});

interface Turn {
  readonly command: Command;
  readonly category: number | undefined;
  readonly epoch: number;
  /** When the newest good motion ends at the latest, and its epoch. */
  readonly untilMs: number;
  readonly nowMs: number;
}

/** Plays a story on a body that is at once where it is told to be. */
function play(beats: readonly Beat[], isForgetful = false): Turn[] {
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

/** Not counting what a stop of category 0 and a clear do: both take the body as it stands. */
function speeds(turns: readonly Turn[]): number[] {
  return turns.slice(1).map(({ command, nowMs }, i) => {
    const before = turns[i]!;
    return (1000 * Math.abs(command.pose.pM[0] - before.command.pose.pM[0])) / (nowMs - before.nowMs);
  });
}

it('no set-point is faster than the body may go, whatever is posted and however late the turns', () => {
  fc.assert(
    fc.property(fc.array(beat, { maxLength: 60 }), (beats) => {
      for (const speed of speeds(play(beats))) expect(speed).toBeLessThanOrEqual(maxSpeedMPerS + 1e-9);
    }),
  );
});

it('nothing leads the body when no good motion is valid, or a stop is in force: then it slows down, and stays', () => {
  fc.assert(
    fc.property(fc.array(beat, { maxLength: 60 }), (beats) => {
      for (const { command, category, untilMs, nowMs } of play(beats)) {
        if (category !== undefined)
          expect(command.mode).toBe(category === 0 ? 'idle' : category === 1 ? 'halt' : 'hold');
        else if (nowMs >= untilMs) expect(command.mode).toBe('hold');
      }
    }),
  );
});

const expectRestInTime = (beats: readonly Beat[], isForgetful = false) => {
  const quiet = Array.from({ length: 80 }, (): Beat => ({ waitMs: PERIOD_MS }));
  const turns = play([...beats, ...quiet], isForgetful);
  const { untilMs } = turns.at(-1)!;
  const brakingMs = (1000 * maxSpeedMPerS) / driver.stopDecelerationMPerS2;
  const late = turns.filter(({ nowMs }) => nowMs > untilMs + brakingMs + 2 * PERIOD_MS);
  expect(late.length).toBeGreaterThan(5);
  expect(new Set(late.map(({ command }) => command.pose.pM[0])).size).toBe(1);
};

it('without a further motion the body rests when the last one has expired and the braking is done, and stays there', () => {
  fc.assert(fc.property(fc.array(beat, { maxLength: 30 }), (beats) => expectRestInTime(beats)));
});

it('ordinary motions do lead the body, so that the rules above are not about one that stands', () => {
  const stories = fc.sample(fc.array(beat, { minLength: 40, maxLength: 60 }), 50).map((beats) => play(beats));
  const led = stories.filter((turns) => turns.some(({ command }) => command.mode === 'set-point'));
  expect(led.length).toBeGreaterThan(25);
  expect(Math.max(...stories.flatMap(speeds))).toBeGreaterThan(0.1);
});

it('who forgets that time goes by does not rest in time, so that the rule above can fail', () => {
  const motion: Event = { kind: 'motion', byM: 0.06, durationMs: 300, validMs: 250, epochBy: 0 };
  const beats: Beat[] = [{ event: motion, waitMs: 10 }, ...Array.from({ length: 8 }, (): Beat => ({ waitMs: 10 }))];
  expectRestInTime(beats);
  const modes = (isForgetful: boolean) =>
    play([...beats, ...beats.slice(1), ...beats.slice(1), ...beats.slice(1), ...beats.slice(1)], isForgetful).at(-1)!
      .command.mode;
  expect([modes(false), modes(true)]).toEqual(['hold', 'set-point']);
});

it('an hour of normal running stops nothing: motions five times a second, turns that are late by up to a period', () => {
  const HOUR_MS = 3_600_000;
  const random = randomFrom(1);
  const beats: Beat[] = [];
  for (let [ms, nextMs, side] = [0, 0, 1]; ms < HOUR_MS; ) {
    const isNew = ms >= nextMs;
    if (isNew) [nextMs, side] = [ms + 200, -side];
    const event: Event = { kind: 'motion', byM: 0.02 * side, durationMs: 200, validMs: 300, epochBy: 0 };
    const waitMs = random() < 0.01 ? 2 * PERIOD_MS : PERIOD_MS;
    beats.push({ ...(isNew && { event }), waitMs });
    ms += waitMs;
  }
  const turns = play(beats);
  expect(turns.length).toBeGreaterThan(170_000);
  expect(turns.filter(({ category }) => category !== undefined)).toEqual([]);
  expect(turns.filter(({ command }) => command.mode !== 'set-point')).toEqual([]);
});
