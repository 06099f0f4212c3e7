/** A driver's turns through an hour, in a time of the test's own. */
import { expect, it } from 'vitest';
import { randomFrom } from '../../random.ts';
import { type Beat, type Event, PERIOD_MS, play } from '../../robot/driver-story.ts';

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
