/**
 * Questions that `pumice ask` brings: a judge's three, each put several times, and a narrator's. A vote is yes, no or unknown; what
 * has no majority is unknown, and unknown is never taken for good.
 */
import { type YesNo, yesOrNo } from '../codecs/index.ts';
import type { Heard } from '../models/index.ts';

export interface JudgeQuestion {
  readonly name: 'success' | 'plausible' | 'anomaly';
  readonly text: string;
  /** The verdict that is no fault. */
  readonly good: 'yes' | 'no';
}

const YES_NO = 'Answer yes or no, and nothing else.';

/** @param task - what was to be done; without it there is no success to judge. */
export const judgeQuestions = (task: string | undefined): readonly JudgeQuestion[] => [
  ...(task === undefined
    ? []
    : [
        {
          name: 'success' as const,
          good: 'yes' as const,
          text: `The task was: ${JSON.stringify(task)} Has it been completed successfully? ${YES_NO}`,
        },
      ]),
  { name: 'plausible', good: 'yes', text: `Does everything that is shown obey the laws of physics? ${YES_NO}` },
  {
    name: 'anomaly',
    good: 'no',
    text: `Is there anything dangerous or abnormal, such as a collision, a dropped or broken thing, or somebody in the way? ${YES_NO}`,
  },
];

export interface Judgement {
  readonly name: JudgeQuestion['name'];
  readonly verdict: YesNo;
  readonly votes: Readonly<Record<YesNo, number>>;
  readonly isGood: boolean;
}

/** Asks each question so often. An answer that cannot be read is a vote for unknown. */
export async function judge(
  questions: readonly JudgeQuestion[],
  times: number,
  ask: (text: string, nth: number) => Promise<Heard['spoken']>,
): Promise<readonly Judgement[]> {
  const judgements: Judgement[] = [];
  for (const { name, text, good } of questions) {
    const votes = { yes: 0, no: 0, unknown: 0 };
    for (let nth = 0; nth < times; nth++) votes[yesOrNo(await ask(text, nth))] += 1;
    const most = (['yes', 'no'] as const).find((word) => votes[word] * 2 > times) ?? 'unknown';
    judgements.push({ name, verdict: most, votes, isGood: most === good });
  }
  return judgements;
}

/** For a family that answers in events, and for one that speaks of seconds in prose. */
export const narrateText = (question: string | undefined, speaksProse: boolean): string => {
  if (question !== undefined)
    return speaksProse
      ? `When does this happen in the video: ${question}? Give the start and the end in seconds.`
      : `When does this happen in the video: ${JSON.stringify(question)}? Answer with a JSON list of objects with start, end and caption, times as mm:ss.ff. An empty list if it does not happen.`;
  return speaksProse
    ? 'Describe the events of the video in their order, each with its start and its end in seconds.'
    : 'Describe the notable events in the video. Answer with a JSON list of objects with start, end and caption, times as mm:ss.ff.';
};
