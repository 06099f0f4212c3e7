import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { type Episode, renderReport } from '../../src/record/index.ts';
import type { Frame, StepRecord } from '../../src/types.ts';
import { sampleEnd, sampleFacts, sampleSteps } from './sample.ts';

let step: StepRecord;
beforeAll(async () => {
  step = (await sampleSteps())[0]!;
});

const episodeOf = (steps: readonly StepRecord[]): Episode => ({
  facts: sampleFacts,
  steps,
  end: sampleEnd,
  isComplete: true,
  wallAtZeroMs: 0,
});
const blind = (change: Partial<StepRecord> = {}): StepRecord => {
  const { observation: _, ...rest } = step;
  return { ...rest, ...change };
};
const withFrame = (change: Partial<Frame>): StepRecord => ({
  ...step,
  observation: { ...step.observation!, frames: [{ ...step.observation!.frames[0]!, ...change }] },
});
const MEBIBYTE = 2 ** 20;

test('a page of endless texts, lists and numbers makes no endless report, and it says what is left out', async () => {
  const long = 'lorem '.repeat(200_000);
  const reasons = Array.from({ length: 10_000 }, (_, index) => `rule-${index}: no`);
  const notices = reasons.map((text) => ({ kind: 'blocked', text }) as const);
  const joints = { kind: 'joint-position', jointNames: reasons, qRad: reasons.map(() => 1) } as const;
  const ui = { ...step.observation!.ui!, title: long, url: long, notices };
  const marks = [{ ...step.observation!.marks![0]!, name: long, value: long }];
  const loud: StepRecord = {
    ...step,
    observation: { ...step.observation!, ui, marks },
    thought: long,
    rawText: long,
    verdict: { kind: 'deny', action: joints, reasons, by: long },
    proposed: { kind: 'ui-type', target: { markId: 1 }, text: long, clear: false, submit: false },
    act: { status: 'done', executed: joints, reason: long },
  };
  const quiet = await renderReport(episodeOf([step]));
  const page = await renderReport({
    ...episodeOf([loud]),
    facts: { ...sampleFacts, instruction: long },
    end: { ...sampleEnd, answer: long },
  });
  expect(page.length).toBeLessThan(quiet.length + 0.2 * MEBIBYTE);
  expect(page).toContain('characters more are in the recording');
  expect(page).toContain('9960 more are in the recording');
});

test('an episode of very many steps shows the first and the last of them', async () => {
  const steps = Array.from({ length: 5000 }, (_, index) => blind({ index }));
  const page = await renderReport(episodeOf(steps));
  expect(page.match(/<article/g)).toHaveLength(2000);
  for (const index of [0, 999, 4000, 4999]) expect(page).toContain(`id="step-${index}"`);
  for (const index of [1000, 3999]) expect(page).not.toContain(`id="step-${index}"`);
  expect(page).toContain('3000 steps are left out here');
  // What is counted is counted of all.
  expect(page).toContain('<dd>5000</dd>');
  expect(page.length).toBeLessThan(16 * MEBIBYTE);
});

test('pictures that are too many together become smaller, and one that cannot is left out', async () => {
  const noise = Buffer.from(Array.from({ length: 1000 * 800 * 3 }, (_, at) => (at * 2654435761) >>> 24));
  const large = new Uint8Array(
    await sharp(noise, { raw: { width: 1000, height: 800, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer(),
  );
  const count = Math.ceil((60 * MEBIBYTE) / large.length);
  const page = await renderReport(episodeOf(Array.from({ length: count }, () => withFrame({ data: large }))));
  expect(page.length).toBeLessThan((48 * MEBIBYTE * 4) / 3 + 4 * MEBIBYTE);
  expect(page.match(/class="picture"/g)).toHaveLength(count);
  expect(page).not.toContain(Buffer.from(large).toString('base64'));
  // One alone stays as it is.
  expect(await renderReport(episodeOf([withFrame({ data: large })]))).toContain(Buffer.from(large).toString('base64'));
  const broken = withFrame({ data: new Uint8Array(50 * MEBIBYTE) });
  expect(await renderReport(episodeOf([broken, step]))).toContain('The picture is left out');
});
