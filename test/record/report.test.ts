import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Episode, readEpisode, recorder, renderReport } from '../../src/record/index.ts';
import { actionInWords, placesOf } from '../../src/record/report/words.ts';
import { ACTION_KINDS, type Action, actionSchema, type StepRecord } from '../../src/types.ts';
import { hostileEpisode, sampleEnd, sampleFacts, sampleMarks, sampleSteps } from './sample.ts';

let folder: string;
let episode: Episode;
let html: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-report-'));
  const sink = recorder({ file: join(folder, 'episode.mcap') });
  await sink.open!(sampleFacts);
  for (const step of await sampleSteps()) await sink.write(step);
  await sink.close(sampleEnd);
  episode = await readEpisode(join(folder, 'episode.mcap'));
  html = await renderReport(episode);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
/** As escaped in text, where a quotation mark may stay. */
const has = (page: string, text: string): boolean =>
  page.includes(escaped(text)) || page.includes(escaped(text).replaceAll('&quot;', '"'));

/** The page without its pictures, so that a failure is readable. */
const bare = (page: string): string => page.replace(/base64,[A-Za-z0-9+/=]+/g, 'base64,');

describe('the report of an episode', () => {
  test('holds the instruction, the end and what ran within which limits', () => {
    for (const text of [
      sampleFacts.instruction,
      sampleEnd.outcome,
      sampleEnd.reason,
      sampleEnd.answer!,
      ...Object.values(sampleFacts.facts),
      'https://*.shop.example',
      'SHOP_PASSWORD, only into https://login.shop.example',
      '50.0 mm and 11.5° in base',
    ])
      expect(has(bare(html), text), text).toBe(true);
  });

  test('holds every reason of every verdict, every thought, every refusal and every notice with its flag', () => {
    const expected = episode.steps.flatMap((step) => [
      ...step.verdict.reasons,
      step.thought ?? '',
      step.act?.reason ?? '',
      ...(step.observation?.ui?.notices ?? []).flatMap((notice) => [notice.text, notice.allowWith ?? '']),
    ]);
    expect(expected.filter(Boolean).length).toBeGreaterThan(20);
    for (const text of expected) expect(has(bare(html), text), text).toBe(true);
  });

  test('shows what was executed where it is not what was proposed', () => {
    expect(bare(html)).toContain('Scroll down 4000 px');
    expect(bare(html)).toContain('Scroll down 2000 px');
  });

  test('has text from outside only as text: the one script is ours, and the page forbids any other', () => {
    const scripts = [...html.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)];
    expect(scripts).toHaveLength(1);
    const hash = createHash('sha256').update(scripts[0]![1]!).digest('base64');
    expect(html).toContain(`script-src 'sha256-${hash}'`);
    expect(html).toContain("default-src 'none'");
    for (const tag of ['<b>stone', '<img src=x>', '<script>alert', '<script>pixel']) expect(html).not.toContain(tag);
    // Non-vacuity: the same texts are there, escaped.
    for (const tag of ['&lt;b>stone', '&lt;img src=x>', '&lt;script>alert', '&lt;script>pixel'])
      expect(html).toContain(tag);
  });

  test('stays one document whatever is put into its texts', async () => {
    const hostile = await renderReport(await hostileEpisode());
    const count = (page: string, pattern: RegExp) => page.match(pattern)?.length ?? 0;
    // Elements that hostile text could begin, close or hide; each is there exactly as often as without it.
    for (const tag of [/<script/g, /<\/script/g, /<style/g, /<\/style/g, /<\/title/g, /<\/article/g, /<!--/g, /<img /g])
      expect([String(tag), count(hostile, tag)]).toEqual([String(tag), count(html, tag)]);
    // It is there as text, many times.
    expect(count(hostile, /&lt;img src=x onerror=pwned\(\)>/g)).toBeGreaterThan(100);
  });

  test('asks for nothing from outside: every picture is in the page and every link leads to a place in it', () => {
    const targets = [...bare(html).matchAll(/\s(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
    expect(targets.length).toBeGreaterThan(20);
    for (const target of targets) expect(target).toMatch(/^(#[a-z0-9-]+|data:image\/(jpeg|png);base64,)$/);
    expect(html).not.toContain('@import');
  });

  test('draws the target over the picture and gives every picture words', () => {
    expect(bare(html)).toContain('aria-label="Proposed: Click button “Pay now” [6]"');
    const images = [...bare(html).matchAll(/<img [^>]*>/g)].map((match) => match[0]);
    expect(images.length).toBe(episode.steps.length * 2);
    for (const image of images) expect(image).toMatch(/\salt[\s=]/);
  });

  test('says that the end is missing when the recording was cut', async () => {
    const { end, ...rest } = episode;
    expect(end).toBeDefined();
    expect(html).not.toContain('was not closed');
    expect(await renderReport({ ...rest, isComplete: false })).toContain('was not closed');
  });

  test('shows the word of the person who saw it beside what the run knows', async () => {
    const judged = { by: 'person', outcome: 'failure', note: 'it fell <b>over</b>' } as const;
    const page = await renderReport({ ...episode, end: { outcome: 'success', reason: 'done', judged } });
    expect(page).toContain('pill outcome-success');
    expect(page).toContain('<span class="pill outcome-failure">failure</span> says the person who saw it');
    expect(page).toContain('it fell &lt;b>over&lt;/b>');
    expect(html).not.toContain('says the person who saw it');
  });

  test('is made for steps without a picture, with a broken one, with raw pixels, and for no step at all', async () => {
    const [first] = episode.steps;
    const frame = first!.observation!.frames[0]!;
    const { observation, ...blind } = first!;
    const withFrame = (change: Partial<typeof frame>): StepRecord => ({
      ...first!,
      observation: { ...observation!, frames: [{ ...frame, ...change }] },
    });
    const raw = withFrame({ encoding: 'rgb8', data: new Uint8Array(12), widthPx: 2, heightPx: 2 });
    const steps = [blind, withFrame({ data: new Uint8Array([1, 2, 3]) }), raw];
    const page = await renderReport({ ...episode, steps });
    expect(page).toContain('No picture');
    expect(page.match(/<article/g)).toHaveLength(3);
    expect(await renderReport({ ...episode, steps: [] })).toContain('No step was recorded');
  });
});

describe('an action in words', () => {
  const samples: Readonly<Record<string, object>> = {
    'eef-delta': { frameId: 'base', dPosM: [0.01, 0, -0.02], dRpyRad: [0, 0, Math.PI], gripperOpen: 0.5 },
    'eef-pose': { frameId: 'base', pM: [0.1, 0, 0.2], qXyzw: [0, 0, 0, 1], gripperOpen: 1 },
    'eef-twist': { frameId: 'base', linearMPerS: [0.1, 0, 0], angularRadPerS: [0, 0, 0], gripperOpen: 0 },
    'joint-position': { jointNames: ['j1'], qRad: [1] },
    'joint-velocity': { jointNames: ['j1'], qdRadPerS: [1] },
    'ui-click': { target: { markId: 2 } },
    'ui-type': { text: 'hello' },
    'ui-select': { target: { markId: 2 }, values: ['red'] },
    'ui-check': { target: { markId: 2 }, checked: true },
    'ui-scroll': { dyPx: 10 },
    'ui-key': { keys: 'Enter' },
    'ui-drag': { from: { markId: 1 }, to: { xPx: 3, yPx: 4 } },
    'ui-hover': { target: { xPx: 1, yPx: 2 } },
    'ui-navigate': { url: 'https://a.example' },
    'ui-tab': { op: 'switch', index: 1 },
    'ui-upload': { target: { markId: 1 }, paths: ['a.txt'] },
    'ui-dialog': { accept: true },
    'ui-wait': { durationMs: 5 },
    'hand-over': { reason: 'a code is asked for' },
    done: { outcome: 'success' },
  };
  const sample = (kind: string): Action => actionSchema.parse({ kind, ...samples[kind] });

  test.each(ACTION_KINDS)('there is a sentence for %s, without JSON', (kind) => {
    const words = actionInWords(sample(kind), sampleMarks);
    expect(words).toMatch(/^[A-Z][^{}]+$/);
    expect(words).not.toMatch(/undefined|\s{2}/);
  });

  test('names what a mark stands for, and says when the mark is not there', () => {
    expect(actionInWords(sample('ui-click'), sampleMarks)).toBe('Click button “Search” [2]');
    expect(actionInWords(sample('ui-click'), [])).toBe('Click mark 2, which is not on the picture');
    expect(actionInWords(sample('eef-delta'))).toBe(
      'Move the tool by 10.0, 0.0, -20.0 mm, turn it by 0.0, 0.0, 180.0° in base, gripper 50 % open',
    );
  });

  test('says of what does not move that it is 0, and not which side it is of', () => {
    const still = { ...sample('eef-delta'), dPosM: [-0, -0.00001, 0.01], dRpyRad: [0, -0, 0] } as Action;
    expect(actionInWords(still)).toMatch(/by 0\.0, 0\.0, 10\.0 mm, turn it by 0\.0, 0\.0, 0\.0°/);
  });

  test('there is one for a malformed or unknown action too', () => {
    for (const action of [{ kind: 'ui-click' }, { kind: 'ui-drag', from: 7 }, { kind: 'fly' }, { kind: 'eef-delta' }])
      expect(actionInWords(action as unknown as Action).length).toBeGreaterThan(3);
  });

  test('points at the places of its targets, and at none that is not a number', () => {
    expect(placesOf(sample('ui-drag'), sampleMarks).map(({ xPx, yPx }) => [xPx, yPx])).toEqual([
      [640, 50],
      [3, 4],
    ]);
    expect(placesOf({ ...sample('ui-hover'), target: { xPx: Number.NaN, yPx: 1 } } as Action)).toEqual([]);
    expect(placesOf(sample('ui-click'), [])).toEqual([]);
  });
});
