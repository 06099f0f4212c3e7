/** The video of an episode, and the files of a report. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Episode, makeVideo, renderReport, writeReport } from '../../src/record/index.ts';
import { createPainter } from '../../src/record/video/picture.ts';
import { STRIP_PX, storyboardOf } from '../../src/record/video/storyboard.ts';
import type { Frame, StepRecord } from '../../src/types.ts';
import type { Raster } from '../../src/vision/raster.ts';
import { armEpisode } from '../record/arm.ts';
import { codeOf } from '../record/given.ts';
import { readMp4 } from '../record/mp4.ts';
import { sampleEnd, sampleFacts, sampleSteps } from '../record/sample.ts';

const plain = (camera: string, colour: readonly number[], widthPx = 24, heightPx = 24): Frame => ({
  data: new Uint8Array(widthPx * heightPx * 3).map((_, at) => colour[at % 3]!),
  encoding: 'rgb8',
  widthPx,
  heightPx,
  stampMs: 0,
  camera,
});
const BLUE = [30, 60, 200];
const GREEN = [20, 160, 80];
const DARK = [24, 27, 32];

let arm: Episode;
let step: StepRecord;
beforeAll(async () => {
  arm = await armEpisode(3);
  step = arm.steps[0]!;
});
/** Steps that see these frames, without marks and traces. */
const seeing = (frames: readonly Frame[], change: Partial<StepRecord> = {}): StepRecord => {
  const { traces: _, ...rest } = step;
  return { ...rest, observation: { ...step.observation!, marks: [], frames }, ...change };
};
const blind = (): StepRecord => {
  const { observation: _, ...rest } = step;
  return rest;
};
const episodeOf = (...steps: readonly StepRecord[]): Episode => ({
  ...arm,
  steps: steps.map((each, index) => ({ ...each, index })),
});
const pixel = ({ data, widthPx }: Raster, x: number, y: number) => [
  ...data.subarray((y * widthPx + x) * 3).subarray(0, 3),
];
const drawn = async (episode: Episode, at = 0) => {
  const { layout, scenes } = storyboardOf(episode);
  return createPainter(layout)(scenes[at]!);
};

describe('a picture of the video', () => {
  test('has the cameras side by side, the one that actions are chosen on first', async () => {
    const main = { ...plain('third', GREEN, 48, 24), marked: true };
    const { layout } = storyboardOf(episodeOf(seeing([plain('wrist', BLUE), main])));
    expect(layout.panes).toEqual([
      { camera: 'third', leftPx: 0, widthPx: 852, heightPx: 426 },
      { camera: 'wrist', leftPx: 852, widthPx: 426, heightPx: 426 },
    ]);
    expect(layout).toMatchObject({ widthPx: 1278, heightPx: 426 + STRIP_PX });
    const picture = await drawn(episodeOf(seeing([plain('wrist', BLUE), main])));
    expect(pixel(picture, 10, STRIP_PX + 10)).toEqual(GREEN);
    expect(pixel(picture, 1000, STRIP_PX + 10)).toEqual(BLUE);
  });

  test('has even sides, which the encoder needs, and a size that is watched, whatever the cameras are', () => {
    for (const [width, height] of [
      [1, 1],
      [1, 4000],
      [4000, 1],
      [223, 221],
      [1920, 1080],
    ] as const)
      for (const count of [1, 3, 9]) {
        const cameras = Array.from({ length: count }, (_, at) => plain(`c${at}`, BLUE, width, height));
        const { widthPx, heightPx } = storyboardOf(episodeOf(seeing(cameras))).layout;
        expect([widthPx % 2, heightPx % 2]).toEqual([0, 0]);
        expect(widthPx).toBeGreaterThan(100);
        expect(widthPx).toBeLessThanOrEqual(1290);
        expect(heightPx).toBeLessThanOrEqual(720 + STRIP_PX);
      }
  });

  test('has marks and traces on the first camera, where they are on the picture', async () => {
    const picture = await drawn(arm);
    const [x0, y0] = step.observation!.marks![1]!.boxPx;
    const scale = 540 / 224;
    expect(pixel(picture, Math.round(x0 * scale) + 1, STRIP_PX + Math.round(y0 * scale) + 60)).toEqual([255, 0, 0]);
    const [x, y] = step.traces![0]!.pointsPx.at(-1)!;
    expect(pixel(picture, Math.round(x * scale), STRIP_PX + Math.round(y * scale))).toEqual([230, 159, 0]);
  });

  test('has a strip of all steps, each of the height and colour of its verdict, those to come dim', async () => {
    const denied = seeing([plain('third', BLUE)], { verdict: { ...step.verdict, kind: 'deny' } });
    const picture = await drawn(episodeOf(seeing([plain('third', BLUE)]), denied, denied), 1);
    const columns = [0, 1, 2].map((at) => Math.round(70 + (at + 0.5) * ((540 - 70) / 3)));
    const [allowed, now, later] = columns.map((x) => pixel(picture, x, STRIP_PX - 8));
    expect(allowed).toEqual([111, 211, 156]);
    expect(now).toEqual([255, 147, 137]);
    expect(Math.max(...later!)).toBeLessThan(140);
    // Only the denied ones reach up.
    expect(pixel(picture, columns[0]!, 10)).toEqual(DARK);
    expect(pixel(picture, columns[1]!, 10)).toEqual([255, 147, 137]);
  });

  test('stays dark where a camera was silent or its picture is broken, and keeps the shape of one of another size', async () => {
    const broken = { ...plain('wrist', BLUE), encoding: 'jpeg' as const, data: new Uint8Array([1, 2, 3]) };
    const episode = episodeOf(
      seeing([plain('third', GREEN), plain('wrist', BLUE)]),
      seeing([plain('third', GREEN, 48, 24), broken]),
      blind(),
    );
    const picture = await drawn(episode, 1);
    expect(picture.isWhole).toBe(false);
    expect(pixel(picture, 810, STRIP_PX + 270)).toEqual(DARK);
    // Twice as wide as the pane: above and below it is dark.
    expect(pixel(picture, 270, STRIP_PX + 270)).toEqual(GREEN);
    expect(pixel(picture, 270, STRIP_PX + 40)).toEqual(DARK);
    expect((await drawn(episode, 2)).isWhole).toBe(true);
    expect(pixel(await drawn(episode, 2), 270, STRIP_PX + 270)).toEqual(DARK);
  });
});

describe('the pace of the video', () => {
  const rateOf = (count: number, stepMs: number): number => {
    const timed = seeing([plain('third', BLUE)], { timings: { ...step.timings, totalMs: stepMs } });
    return storyboardOf(episodeOf(...Array<StepRecord>(count).fill(timed))).layout.rateHz;
  };
  test('is that of the episode, between one and five steps a second, and faster only so that it lasts no more than a minute', () => {
    expect([rateOf(20, 400), rateOf(20, 20), rateOf(20, 9000), rateOf(20, Number.NaN)]).toEqual([3, 5, 1, 5]);
    expect([rateOf(300, 200), rateOf(600, 200), rateOf(9000, 200)]).toEqual([5, 10, 30]);
  });
});

describe('a video', () => {
  test('is H.264 in MP4, one picture for each step and the last for a second, and says how far it is', async () => {
    const told: string[] = [];
    const video = await makeVideo(arm, { onProgress: (done, all) => told.push(`${done}/${all}`) });
    expect(told).toEqual(['1/3', '2/3', '3/3']);
    expect(video).toMatchObject({ widthPx: 1080, heightPx: 572, steps: 3, rateHz: 5, damaged: 0 });
    expect(readMp4(video.data)).toMatchObject({ codec: 'avc1', pictures: 7, widthPx: 1080, heightPx: 572 });
    expect(readMp4(video.data).durationS).toBeCloseTo(7 / 5, 2);
    // What encodes is in the other thread.
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    expect(loaded.filter((path) => path.includes('h264-mp4-encoder'))).toEqual([]);
  });

  test('ends at once when it is no longer wanted', async () => {
    const abort = new AbortController();
    const told: number[] = [];
    const onProgress = (done: number) => {
      told.push(done);
      abort.abort(new Error('enough'));
    };
    await expect(makeVideo(arm, { onProgress, signal: abort.signal })).rejects.toThrow('enough');
    expect(told).toEqual([1]);
    await expect(makeVideo(arm, { signal: abort.signal })).rejects.toThrow('enough');
  });

  test('counts the steps whose pictures are broken, and is refused when all are, or when there is none', async () => {
    const broken = seeing([{ ...plain('third', BLUE), encoding: 'jpeg', data: new Uint8Array([1, 2, 3]) }]);
    const some = await makeVideo(episodeOf(seeing([plain('third', BLUE)]), broken, blind()));
    expect(some).toMatchObject({ steps: 3, damaged: 1 });
    const none = await codeOf(makeVideo(episodeOf(broken, blind())));
    expect([none.code, none.message]).toEqual([
      'record/video',
      expect.stringContaining('none of the pictures of 1 steps'),
    ]);
    const dark = await codeOf(makeVideo(episodeOf(blind(), blind())));
    expect([dark.code, dark.message]).toEqual(['record/invalid', expect.stringContaining('none of 2 has one')]);
    expect(dark.hint).toContain('without a video');
  });
});

describe('the files of a report', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pumice-files-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const page = () => join(folder, 'a #1 day.html');
  const text = () => readFile(page(), 'utf8');
  const shop = async (): Promise<Episode> => {
    return { ...arm, facts: sampleFacts, steps: (await sampleSteps()).slice(0, 2), end: sampleEnd };
  };

  test('are the page and the video, which is linked and in the page too', async () => {
    expect(await writeReport(arm, page())).toEqual({
      page: page(),
      unchecked: [],
      video: join(folder, 'a #1 day.mp4'),
    });
    const mp4 = await readFile(join(folder, 'a #1 day.mp4'));
    expect(readMp4(mp4).pictures).toBe(7);
    expect(await text()).toContain(`src="data:video/mp4;base64,${mp4.toString('base64')}"`);
    expect(await text()).toContain('href="./a%20%231%20day.mp4"');
  });

  test('hold a large video beside the page only', async () => {
    const facts = { widthPx: 2, heightPx: 2, steps: 1, rateHz: 5, damaged: 0 };
    const large = await renderReport(arm, { video: { ...facts, name: 'v.mp4', data: new Uint8Array(13 * 2 ** 20) } });
    expect(large).not.toContain('<video');
    expect(large).toContain('href="./v.mp4"');
  });

  test('are the page alone when no camera was there, unless a video is asked for', async () => {
    expect(await writeReport(await shop(), page())).toEqual({ page: page(), unchecked: [] });
    expect(await text()).not.toContain('id="video-title"');
    expect(await writeReport(await shop(), page(), { video: true })).toHaveProperty('video');
    expect(await writeReport(arm, page(), { video: false })).toEqual({ page: page(), unchecked: [] });
  });

  test('say why there is no video: of an arm without a picture as a note, of one that was asked for as an error', async () => {
    const dark = episodeOf(blind(), blind());
    const { problem } = await writeReport(dark, page());
    expect(problem).toContain('none of 2 has one');
    expect(await text()).toContain('Motion of the tool');
    await rm(page());
    expect((await codeOf(writeReport(dark, page(), { video: true }))).code).toBe('record/invalid');
    expect(await readdir(folder)).toEqual([]);
    const nowhere = await codeOf(writeReport(dark, join(folder, 'no', 'page.html')));
    expect([nowhere.code, nowhere.message]).toEqual(['record/write-failed', expect.stringContaining('page.html')]);
  });
});
