/** What a person reads while the agent works: one line per step, under the thought that it belongs to. Pure; writes nowhere. */
import { actionInWords } from '../record/report/words.ts';
import type { StepRecord } from '../types.ts';

/** How text is set off: by colours on a terminal, not at all elsewhere. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly soft: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const plainly = (text: string) => text;

export const paint = (hasColours: boolean): Paint =>
  hasColours
    ? { bold: sgr(1), soft: sgr(2), good: sgr(32), bad: sgr(31) }
    : { bold: plainly, soft: plainly, good: plainly, bad: plainly };

/** Control characters of a page must not reach the terminal. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');

/** What went wrong with a step, if anything. */
const problemsOf = ({ verdict, act }: StepRecord): readonly string[] => [
  ...(verdict.kind === 'allow' ? [] : verdict.reasons),
  ...(act && act.status !== 'done' ? [`${act.status}: ${act.reason ?? 'no reason given'}`] : []),
];

/** Lines for a step. What the step before it said already is not said again. */
export function stepLines(record: StepRecord, before: StepRecord | undefined, { soft, good, bad }: Paint): string[] {
  const { index, thought, verdict } = record;
  const words = actionInWords(record.proposed, record.observation?.marks ?? []);
  const says = verdict.kind === 'allow' ? good(verdict.kind) : bad(verdict.kind);
  const said = before ? problemsOf(before) : [];
  const problems = problemsOf(record).filter((problem) => !said.includes(problem));
  return [
    ...(thought !== undefined && thought !== before?.thought ? [soft(`      ${clean(thought)}`)] : []),
    `${String(index).padStart(4)}  ${clean(words)}  ${says}`,
    ...problems.map((problem) => bad(`      ${clean(problem)}`)),
  ];
}
