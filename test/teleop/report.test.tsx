/** The report of a step says who led it. */
import { render } from 'preact-render-to-string';
import { expect, it } from 'vitest';
import { Deed } from '../../src/record/report/components/deed.tsx';
import type { StepRecord } from '../../src/types.ts';
import { twist } from './hands.ts';

const pose = { kind: 'eef-pose', frameId: 'base', pM: [0.4, 0, 0.2], qXyzw: [0, 0, 0, 1], gripperOpen: 1 } as const;
const record = {
  proposed: pose,
  verdict: { kind: 'allow', action: pose, reasons: [], by: 'gate' },
  act: { status: 'done', executed: pose },
} as unknown as StepRecord;
const shown = (human: StepRecord['human']) =>
  render(<Deed record={{ ...record, ...(human && { human }) }} marks={[]} />);

it('a step that a person led says whose it was, by which command, and what the policy would have done', () => {
  const together = shown({
    ...{ share: 0.5, intervention: false, mode: 'assist', isHeld: true, inputAgeMs: 12.4 },
    ...{ command: twist(0.1), policy: pose },
  });
  expect(together).toMatch(/A person had 50 % of the command \(mode assist, dead-man held, input 12 ms old\)/);
  expect(together).toMatch(/They asked for/);
  expect(together).toMatch(/The policy would have done/);
  expect(shown({ share: 1, intervention: true, mode: 'supervised', isHeld: true })).toMatch(
    /100 % of the command and took over/,
  );
});

it('a step that a policy drove, or that was refused, says that too', () => {
  const driven = shown({ share: 0, intervention: false, mode: 'supervised', isHeld: false, policy: pose });
  expect(driven).toMatch(/0 % of the command \(mode supervised, dead-man let go\)/);
  expect(driven).not.toMatch(/would have done/);
  expect(shown({ share: 1, intervention: false, refused: 'the dead-man was silent' })).toMatch(
    /Not done: the dead-man was silent/,
  );
  expect(shown(undefined)).not.toMatch(/person/);
});
