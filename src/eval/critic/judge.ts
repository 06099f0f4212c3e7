/**
 * Puts the cases of a set to a critic, in the way that a run asks it: the same deadline and reading of the answer (`src/opinion.ts`).
 * What goes wrong with an answer is a result, `none`; a critic that cannot work at all is an error.
 */
import { fromEvent, lastValueFrom, takeUntil } from 'rxjs';
import { createAsk, DEADLINES_MS } from '../../ask.ts';
import { monotonicNowMs, monotonicScheduler } from '../../clock.ts';
import { describeError, PumiceError } from '../../errors.ts';
import { opinionOf } from '../../opinion.ts';
import type { Critic } from '../../ports.ts';
import type { Judgement } from './score.ts';
import { type Case, type CriticSet, questionOf } from './set.ts';

export interface JudgeOptions {
  readonly set: CriticSet;
  readonly critic: Critic;
  /** Longest wait for one answer, ms. */
  readonly limitMs: number;
  /** Cases asked at a time; more than one makes every answer of one server later. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** What was said of a case before, in a run that was cut off. */
  readonly before: (one: Case) => Judgement | undefined;
  readonly onJudged: (one: Case, judgement: Judgement, isFresh: boolean) => void;
}

/** As many failures at the beginning, and no answer at all, mean that nothing is being measured. Chosen. */
const FAILURES_AT_FIRST = 5;
/** What is wrong with the set-up and not with an answer. */
const SETUP = /^(config|plugin|secret)\//;
/** What a critic calls a denial that it made up because its model said nothing that counts. */
const NO_ANSWER = 'no-answer';

/**
 * Asks about every case.
 *
 * @throws PumiceError `eval/setup` when the first answers all fail; what the critic says that is wrong with its set-up; the signal's reason.
 */
export async function judgeSet(options: JudgeOptions): Promise<void> {
  const { set, parallel, signal, before, onJudged } = options;
  const queue = [...set.cases];
  let [answers, failures] = [0, 0];
  const work = async () => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      signal.throwIfAborted();
      const known = before(one);
      const judgement = known ?? (await judgeCase(options, one, answers === 0));
      if (judgement.said === 'none') failures += 1;
      else answers += 1;
      if (!known && answers === 0 && failures >= FAILURES_AT_FIRST) throw silent(options, failures, judgement);
      onJudged(one, judgement, !known);
    }
  };
  const ends = await Promise.allSettled(
    Array.from({ length: parallel }, () =>
      work().catch((error: unknown) => {
        queue.length = 0;
        throw error;
      }),
    ),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

const silent = ({ critic }: JudgeOptions, failures: number, { reasons }: Judgement) =>
  new PumiceError('eval/setup', `the first ${failures} cases got no answer; the last: ${reasons.join('; ')}`, {
    who: `critic ${critic.name}`,
    hint: 'See that its server answers (pumice models check), then give the same command again',
  });

/** @param isFirst - nothing was answered yet: what is said to be wrong with the set-up is wrong with all of it, and not with this case. */
async function judgeCase(
  { set, critic, limitMs, signal }: JudgeOptions,
  one: Case,
  isFirst: boolean,
): Promise<Judgement> {
  // A picture that cannot be read is an error of the set, and ends the evaluation.
  const observation = await set.observationOf(one, monotonicNowMs());
  const { action, following } = questionOf(one);
  const ask = createAsk({ ...DEADLINES_MS, critic: limitMs }, monotonicScheduler, () => {});
  const asked = { critic, observation, limits: set.limits, nowMs: monotonicNowMs };
  const askedMs = monotonicNowMs();
  try {
    const opinion$ = opinionOf(ask, asked, (context) =>
      critic.judge(observation, structuredClone(action), { ...context, following: structuredClone(following) }),
    );
    const { kind, reasons, tookMs, evidence, confidence, tier, prompt, usage } = await lastValueFrom(
      opinion$.pipe(takeUntil(fromEvent(signal, 'abort'))),
    );
    return {
      said: kind === 'deny' && evidence === NO_ANSWER ? 'none' : kind,
      reasons,
      tookMs,
      ...(evidence !== undefined && { evidence }),
      ...(confidence !== undefined && { confidence }),
      ...(tier !== undefined && { tier }),
      ...(prompt && { prompt }),
      ...(usage && { usage }),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (isFirst && PumiceError.is(error) && SETUP.test(error.code)) throw error;
    return { said: 'none', reasons: [describeError(error)], tookMs: monotonicNowMs() - askedMs };
  }
}
