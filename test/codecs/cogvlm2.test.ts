/** CogVLM2-Video's frames, clock and times as rules; the original's own results are in `golden-kosmos.test.ts`. */
import fc from 'fast-check';
import { COGVLM2_FRAMES, cogvlm2Frames, cogvlm2TimeS, readCogvlm2 } from 'pumice/codecs';
import { describe, expect, it } from 'vitest';
import { hostileText } from './hostile.ts';

const timesIn = (text: string) => {
  const reading = readCogvlm2(text);
  return reading.ok ? reading.value.events.map(({ startS, endS }) => [startS, endS]) : reading.problem.code;
};

describe('frames', () => {
  const videos = fc.record({
    totalFrames: fc.integer({ min: 1, max: 3000 }),
    avgFps: fc.double({ min: 0.1, max: 120, noNaN: true }),
  });

  it('are in order, 24 at most, and each is as close to its second as any', () => {
    fc.assert(
      fc.property(videos, (video) => {
        const { indices, frameS } = cogvlm2Frames(video);
        expect(indices.length).toBeLessThanOrEqual(COGVLM2_FRAMES);
        expect([...indices].sort((a, b) => a - b)).toEqual(indices);
        for (const [second, timeS] of frameS.entries())
          for (const other of [-1, 1].map((step) => (indices[second]! + step) / video.avgFps)) {
            const isThere = other >= 0 && other <= (video.totalFrames - 1) / video.avgFps;
            if (isThere) expect(Math.abs(timeS - second)).toBeLessThanOrEqual(Math.abs(other - second) + 1e-5);
          }
      }),
    );
  });

  it('of one a second are the seconds; of any other rate they are not', () => {
    expect(cogvlm2Frames({ totalFrames: 24, avgFps: 1 }).frameS).toEqual(Array.from({ length: 24 }, (_, at) => at));
    expect(cogvlm2Frames({ totalFrames: 24, avgFps: 0.5 }).frameS).not.toEqual(
      Array.from({ length: 24 }, (_, at) => at),
    );
  });

  it('of the base way are 24 whatever the video', () => {
    fc.assert(
      fc.property(videos, (video) => {
        expect(cogvlm2Frames(video, 'base').indices).toHaveLength(COGVLM2_FRAMES);
      }),
    );
    expect(() => cogvlm2Frames({ timestampsS: [0, 1] }, 'base')).toThrow(/rate/);
  });

  it.each([
    [{ totalFrames: 0, avgFps: 30 }],
    [{ totalFrames: 10, avgFps: 0 }],
    [{ totalFrames: 10, avgFps: Number.NaN }],
    [{ timestampsS: [] }],
    [{ timestampsS: [0, Number.NaN] }],
  ])('of no video are refused: %j', (video) => expect(() => cogvlm2Frames(video)).toThrow(/expected a video/));
});

describe('the clock', () => {
  const shown = { frameS: [0, 2.5, 5, 7.5] };

  it('takes what the model calls a second for the number of a picture', () => {
    expect([0, 1, 3].map((saidS) => cogvlm2TimeS(saidS, shown))).toEqual([0, 2.5, 7.5]);
    expect(cogvlm2TimeS(1.5, shown)).toBe(3.75);
    expect(cogvlm2TimeS(4, shown)).toBeUndefined();
  });

  it('puts the times of an answer where they were in the video, and refuses what was not shown', () => {
    const reading = readCogvlm2('It moves from 1 to 3 seconds.', { shown });
    expect(reading).toMatchObject({
      ok: true,
      value: { events: [{ startS: 2.5, endS: 7.5, said: '1 to 3 seconds' }] },
    });
    const unseen = readCogvlm2('It moves from 1 to 9 seconds.', { shown });
    expect(unseen).toMatchObject({ ok: false, problem: { code: 'decode/out-of-range' }, flags: { suspect: true } });
    expect(readCogvlm2('at 9s', { shown, mode: 'compat' })).toMatchObject({ ok: true, flags: { suspect: true } });
  });
});

describe('times in an answer', () => {
  it.each([
    ['From 3s to 7s the arm moves.', [[3, 7]]],
    ['The cup falls from 3 to 7 seconds.', [[3, 7]]],
    ['3s-7s', [[3, 7]]],
    ['00:03', [[3, 3]]],
    ['00:03 - 00:07.5', [[3, 7.5]]],
    ['between the 3rd and the 7th second', [[3, 7]]],
    ['from second 3 to second 7', [[3, 7]]],
    ['It starts at 2 seconds and ends at 5 seconds.', [[2, 5]]],
    [
      'at the 5-second mark, then at 7.5 s',
      [
        [5, 5],
        [7.5, 7.5],
      ],
    ],
    ['at 1:00:03', [[3603, 3603]]],
  ])('%s', (text, times) => expect(timesIn(text)).toEqual(times));

  it.each([
    ['The video lasts for 24 seconds.'],
    ['A clip of 3 blocks and 2 plates'],
    ['on 2024-05-03 at 10:30 pm'],
    ['3 to 7 blocks'],
    [''],
  ])('are none: %s', (text) => expect(timesIn(text)).toBe('decode/empty'));

  it('that end before they start are refused', () => {
    expect(timesIn('from 7s to 3s')).toBe('decode/out-of-range');
  });

  it('come back as they were said, whole seconds or tenths', () => {
    const time = fc
      .tuple(fc.nat(230), fc.nat(230))
      .map(([a, b]) => [Math.min(a, b) / 10, Math.max(a, b) / 10] as const);
    const forms = [
      (a: number, b: number) => `from ${a} to ${b} seconds`,
      (a: number, b: number) => `(${a}s-${b}s)`,
      (a: number, b: number) => `between ${a} and ${b} seconds`,
      (a: number, b: number) => `seconds ${a} - ${b}`,
    ];
    fc.assert(
      fc.property(time, fc.constantFrom(...forms), ([a, b], form) => {
        expect(timesIn(`The arm moves ${form(a, b)}, I think.`)).toEqual([[a, b]]);
      }),
    );
  });

  it('stand where the answer says, in any text, and none of it throws', () => {
    let found = 0;
    const words = fc.constantFrom(
      'from ',
      '3',
      '7.5',
      's',
      ' to ',
      '-',
      ' seconds',
      '00:0',
      '5',
      'second ',
      'th',
      'for ',
      '.',
      ' and ',
      'starts at ',
      ', ends at ',
    );
    const texts = fc.oneof(
      fc.array(words, { maxLength: 20 }).map((parts) => parts.join('')),
      hostileText,
    );
    fc.assert(
      fc.property(texts, (text) => {
        const reading = readCogvlm2(text, { mode: 'compat' });
        for (const { said, span, startS, endS } of reading.ok ? reading.value.events : []) {
          found += 1;
          expect(text.slice(...span)).toBe(said);
          expect(Number.isFinite(startS) && Number.isFinite(endS)).toBe(true);
        }
        expect(readCogvlm2(text).ok || true).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(found).toBeGreaterThan(100);
  });
});
