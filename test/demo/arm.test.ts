import { expect, it } from 'vitest';
import { armStepLine, countSaid, PICTURE_COLUMNS, PICTURE_ROWS, pictureLines } from '../../src/demo/arm-progress.ts';
import { EXAMPLES, goalOf } from '../../src/demo/arm-words.ts';
import { paint } from '../../src/demo/progress.ts';
import type { Action, StepRecord } from '../../src/types.ts';

it('every example is a task of this scene', () => {
  expect(EXAMPLES.map((example) => goalOf(example).kind)).toEqual(['hover', 'pick', 'put']);
});

it.each([
  ['pick up the purple block', /no purple block.*red, green, blue, yellow.*Try: "hover over/],
  ['frobnicate the red block', /does not know the word 'frobnicate'.*Try: /],
  ['put the block', /no task of this scene.*Try: /],
  [' ', /the sentence is empty.*Try: /],
])('"%s" is refused as usage, with what works', (sentence, says) => {
  const refusal = (() => {
    try {
      return goalOf(sentence);
    } catch (error) {
      return error as { code: string; message: string; hint: string };
    }
  })();
  expect(refusal).toMatchObject({ code: 'cli/usage' });
  const { message, hint } = refusal as { message: string; hint: string };
  expect(`${message} ${hint}`).toMatch(says);
});

const MOVE: Action = { kind: 'eef-delta', frameId: 'base', dPosM: [0.03, 0, 0.04], dRpyRad: [0, 0, 0], gripperOpen: 1 };
const step: StepRecord = {
  index: 7,
  stampMs: 0,
  thought: 'red block\u001b[2J at 0.4',
  proposed: MOVE,
  verdict: { kind: 'allow', action: MOVE, reasons: [], by: 'gate' },
  act: { status: 'done', executed: MOVE },
  timings: { observeMs: 1, thinkMs: 1, checkMs: 1, actMs: 1, totalMs: 4 },
  dropped: 0,
};

it('a step is one line: index, distance moved, verdict, thought, and nothing that steers the terminal', () => {
  expect(armStepLine(step, paint(false))).toMatch(/^ {3}7 {2}moved {3}50 mm .* allow {2}red block \[2J at 0.4$/);
  const dry = { ...step, act: { status: 'refused', reason: 'dry run' } } as const;
  expect(armStepLine(dry, paint(false))).toMatch(/would move {3}50 mm .* refused: dry run/);
});

const said = (kind: 'allow' | 'deny', confidence: number) => ({
  ...{
    critic: 'cinder',
    kind,
    reasons: kind === 'deny' ? ['it would hit'] : [],
    tookMs: 3,
    judgedStampMs: 0,
    confidence,
  },
});
const allowed: StepRecord = { ...step, verdict: { ...step.verdict, opinions: [said('allow', 0.978)] } };
const denied: StepRecord = {
  ...step,
  verdict: {
    ...{ kind: 'deny', action: MOVE, reasons: ['cinder: it would hit'], by: 'cinder' },
    opinions: [said('deny', 0.8)],
  },
};

it('a step that critics allowed says how sure they were, one that they did not says why', () => {
  expect(armStepLine(allowed, paint(false))).toMatch(/ allow cinder 97 % sure {2}red/);
  expect(armStepLine(denied, paint(false))).toMatch(/ deny cinder: it would hit {2}red/);
});

it('how often critics were asked and said no is counted; where rules alone judged nobody was asked', () => {
  const all = [step, allowed, denied, allowed].reduce(countSaid, { asked: 0, no: 0 });
  expect(all).toEqual({ asked: 3, no: 1 });
});

it('a picture is lines of half blocks, each with the colour above and below', async () => {
  const data = Uint8Array.from({ length: 3 * 96 * 96 }, (_, at) => (at < (3 * 96 * 96) / 2 ? 10 : 200));
  const frame = { data, encoding: 'rgb8', widthPx: 96, heightPx: 96, stampMs: 0, camera: 'third' } as const;
  const lines = await pictureLines(frame);
  expect(lines).toHaveLength(PICTURE_ROWS);
  expect(lines[0]!.match(/▀/g)).toHaveLength(PICTURE_COLUMNS);
  expect(lines[0]).toContain('38;2;10;10;10;48;2;10;10;10');
  expect(lines.at(-1)).toContain('38;2;200;200;200;48;2;200;200;200');
});
