/** Marks and traces drawn over the pictures of a report. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Episode, renderReport } from '../../src/record/index.ts';
import type { StepRecord } from '../../src/types.ts';
import { armEpisode } from './arm.ts';
import { sampleSteps } from './sample.ts';

let episode: Episode;
let step: StepRecord;
beforeAll(async () => {
  episode = await armEpisode(1);
  step = episode.steps[0]!;
});
const pageOf = async (...steps: readonly StepRecord[]): Promise<string> =>
  (await renderReport({ ...episode, steps })).replace(/base64,[A-Za-z0-9+/=]+/g, 'base64,');
const scenesOf = (page: string): readonly string[] =>
  [...page.matchAll(/<svg class="overlay scene"[\s\S]*?<\/svg>/g)].map(([svg]) => svg);

describe('over a camera picture', () => {
  test('every mark is drawn as a box with its number, every trace as a way with a disc and the number of its mark', async () => {
    const scenes = scenesOf(await pageOf(step));
    // On the main camera, and not on the one at the wrist.
    expect(scenes).toHaveLength(1);
    const [x0, y0, x1] = step.observation!.marks![1]!.boxPx;
    expect(scenes[0]).toContain(`<rect class="box" x="${x0}" y="${y0}" width="${x1 - x0}"`);
    expect(
      [...scenes[0]!.matchAll(/class="label (of-\w+)">.*?<text[^>]*>(\d+)</g)].map(([, of, id]) => [of, id]),
    ).toEqual([
      ['of-mark', '1'],
      ['of-mark', '2'],
      ['of-trace', '1'],
    ]);
    expect(scenes[0]!.match(/<path class="way"/g)).toHaveLength(7);
    expect(scenes[0]).toContain('aria-label="Marks 1 red block, 2 blue plate; traces of marks 1"');
  });

  test('a trace grows stronger towards its end', async () => {
    const strengths = [...scenesOf(await pageOf(step))[0]!.matchAll(/class="way"[^>]*stroke-opacity="([\d.]+)"/g)];
    const values = strengths.map(([, value]) => Number(value));
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values.at(-1)).toBe(1);
    expect(values[0]).toBeLessThan(0.5);
  });

  test('marks that are on the picture already are not drawn again, traces are', async () => {
    const frames = step.observation!.frames.map((frame) => ({ ...frame, marked: true }));
    const [scene] = scenesOf(await pageOf({ ...step, observation: { ...step.observation!, frames } }));
    expect(scene).not.toContain('of-mark');
    expect(scene).toContain('of-trace');
  });

  test('nothing is drawn where there is nothing, nor the many marks of a page', async () => {
    const { traces: _, ...plain } = step;
    expect(scenesOf(await pageOf({ ...plain, observation: { ...step.observation!, marks: [] } }))).toEqual([]);
    const onPage = (await sampleSteps())[0]!;
    const frames = onPage.observation!.frames.map(({ marked: _marked, ...frame }) => frame);
    expect(scenesOf(await pageOf({ ...onPage, observation: { ...onPage.observation!, frames } }))).toEqual([]);
  });

  test('endless marks, traces and points make no endless report', async () => {
    const mark = step.observation!.marks![0]!;
    const marks = Array.from({ length: 5000 }, (_, id) => ({ ...mark, id }));
    const pointsPx = Array.from({ length: 20_000 }, (_, at): [number, number] => [at / 100, 7]);
    const traces = marks.map(({ id }) => ({ markId: id, pointsPx, stepMs: 1 }));
    const page = await pageOf({ ...step, traces, observation: { ...step.observation!, marks } });
    expect(page.length).toBeLessThan((await pageOf(step)).length + 500_000);
    // The ends of a thinned trace are its own.
    expect(page).toContain('d="M0 7L');
    expect(page).toContain(`cx="${pointsPx.at(-1)![0]}"`);
  });

  test('names of marks are text, whatever they hold', async () => {
    const marks = step.observation!.marks!.map((mark) => ({ ...mark, name: '"><script>alert(1)</script>' }));
    const page = await pageOf({ ...step, observation: { ...step.observation!, marks } });
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain('&lt;script>alert(1)');
  });
});
