import { expect, test } from 'vitest';
import { paint, stepLines } from '../../src/demo/progress.ts';
import type { Action, Observation, StepRecord } from '../../src/types.ts';

const CLICK: Action = { kind: 'ui-click', target: { markId: 3 }, button: 'left', count: 1 };
const TIMINGS = { observeMs: 1, thinkMs: 1, checkMs: 1, actMs: 1, totalMs: 4 };

function step(index: number, rest: Partial<StepRecord> = {}): StepRecord {
  const verdict = { kind: 'allow', action: CLICK, reasons: [], by: 'gate' } as const;
  return { index, stampMs: 0, proposed: CLICK, verdict, timings: TIMINGS, dropped: 0, ...rest };
}

const observation = (name: string): Observation => ({
  seq: 0,
  epoch: 0,
  stampMs: 0,
  instruction: 'go',
  frames: [],
  history: [],
  marks: [{ id: 3, boxPx: [0, 0, 9, 9], pointPx: [4, 4], role: 'button', name, source: 'dom' }],
});

test('a step is a line of index, action with its target, and verdict, under its thought', () => {
  const first = step(0, { thought: 'look for it', observation: observation('Go') });
  expect(stepLines(first, undefined, paint(false))).toEqual([
    '      look for it',
    '   0  Click button “Go” [3]  allow',
  ]);
});

test('a thought and a problem that the step before told already are not told again', () => {
  const refused = { thought: 'try', act: { status: 'refused', reason: 'covered' } } as const;
  const first = step(0, refused);
  expect(stepLines(first, undefined, paint(false))).toHaveLength(3);
  expect(stepLines(step(1, refused), first, paint(false))).toHaveLength(1);
  const denied = step(1, { verdict: { kind: 'deny', action: CLICK, reasons: ['origin: not there'], by: 'origin' } });
  expect(stepLines(denied, first, paint(false)).at(-1)).toContain('origin: not there');
});

test('what a page says cannot steer the terminal', () => {
  const record = step(0, { observation: observation('Go\u001b[2J\n\u202Eback') });
  expect(stepLines(record, undefined, paint(false))).toEqual(['   0  Click button “Go [2J back” [3]  allow']);
});
