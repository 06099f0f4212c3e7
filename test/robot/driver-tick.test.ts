/** A driver's turns in a time of the test's own, over random stories: motions, good and bad, stops, clears, late turns. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Beat, driver, type Event, PERIOD_MS, play, type Turn } from './driver-story.ts';
import { PROFILE } from './rig.ts';

const { maxSpeedMPerS } = PROFILE.limits;

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
      { weight: 1, arbitrary: fc.constant({ kind: 'rest' as const }) },
    ),
    { nil: undefined },
  ),
  waitMs: fc.constantFrom(10, 10, 10, 10, 10, 3, 14, 40, 120),
});

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

it('what is taken back leads no more: the body brakes from where it is, and rests before it would have been there', () => {
  const motion: Event = { kind: 'motion', byM: 0.06, durationMs: 300, validMs: 300, epochBy: 0 };
  const under = Array.from({ length: 12 }, (): Beat => ({ waitMs: PERIOD_MS }));
  const after = (event?: Event) =>
    play([
      { event: motion, waitMs: PERIOD_MS },
      ...under.slice(0, 5),
      { event, waitMs: PERIOD_MS },
      ...under,
      ...under,
    ]);
  const [whole, taken] = [after(), after({ kind: 'rest' })];
  expect(taken[6]!.command.mode).toBe('hold');
  const end = (turns: readonly Turn[]) => turns.at(-1)!.command.pose.pM[0];
  const at = taken[5]!.command.pose.pM[0];
  const brakingM = maxSpeedMPerS ** 2 / (2 * driver.stopDecelerationMPerS2);
  expect(end(taken)).toBeGreaterThan(at);
  expect(end(taken) - at).toBeLessThan(brakingM + maxSpeedMPerS * (PERIOD_MS / 1000));
  expect(end(taken)).toBeLessThan(end(whole) - 0.01);
  for (const speed of speeds(taken)) expect(speed).toBeLessThanOrEqual(maxSpeedMPerS + 1e-9);
});
