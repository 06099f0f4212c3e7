/**
 * The two ways in which a model is asked for a verdict: one word at once, or several times after a thought. What cannot be read is no,
 * with the evidence `no-answer`; a server that does not answer at all is an error of its own. Knows no body.
 */
import { type Context, type Opinion, PumiceError } from 'pumice';
import { type Reading, type Spoken, unread } from 'pumice/codecs';
import { type Question, sentPicture, thinksOf } from 'pumice/models';
import type { Model } from '../../shared/model.ts';
import { criticPrompt, type Tier } from './prompts.ts';
import { picturesInWords, type Shown } from './shown.ts';
import { readFast, readReasoned, SAFE, type Watched, wordsOf } from './verdict.ts';
import { type Tally, tallyOf, type Vote } from './votes.ts';

export interface Asked {
  readonly watched: Watched;
  readonly shown: Shown;
  /** The last seconds. */
  readonly video?: Question['video'] | undefined;
}
export interface Tiers {
  /** Absent for a family that always thinks first. */
  readonly fast?: (asked: Asked, context: Context) => Promise<Opinion>;
  readonly reasoned: (asked: Asked, context: Context) => Promise<Opinion>;
  /** Asks anything: a server that is not there shows before a run begins. @throws PumiceError `model/*`. */
  readonly tryOut: (context: Context) => Promise<void>;
}

/** Of a fast verdict: the longest of its words and an end. Chosen. */
const FAST_TOKENS = 16;
/** Of a thought and a verdict. Chosen: a server of 40 tokens a second is done within the deadline of a critic. */
const REASONED_TOKENS = 2048;
/** Evidence where nobody said what was seen. */
const NO_ANSWER = 'no-answer';

/** A grey picture, of the size of an arm's. */
const NOTHING_SEEN = { data: new Uint8Array(3 * 224 * 224).fill(128), widthPx: 224, heightPx: 224 };

interface Heard {
  readonly spoken: Reading<Spoken>;
  readonly usage?: Vote['usage'];
}

/** @param votes - `of` reasoned verdicts are asked for, `needed` of them have to allow. */
export function createTiers(model: Model, votes: { readonly of: number; readonly needed: number }): Tiers {
  const { profile } = model;
  const hear = async (
    question: Question,
    extra: Readonly<Record<string, unknown>>,
    context: Context,
  ): Promise<Heard> => {
    try {
      const { answer, spoken } = await model.ask(question, { context: quiet(context), extra });
      return { spoken, usage: answer.usage };
    } catch (error) {
      if (PumiceError.is(error) && error.code.startsWith('decode/')) return { spoken: unread(error) };
      throw error;
    }
  };

  const questionOf = async ({ shown, video }: Asked, text: string): Promise<Question> => {
    const pictures = shown.drawn ? [shown.picture, shown.drawn.picture] : [shown.picture];
    const sent = await Promise.all((video ? pictures.slice(-1) : pictures).map((one) => sentPicture(profile, one)));
    return { text, images: sent.map(({ image }) => image!), ...(video && { video }) };
  };

  // Read once: one that is missing shows before a run begins.
  const promptsFor = (watched: Watched) => ({
    fast: criticPrompt(profile, watched, 'fast'),
    reasoned: criticPrompt(profile, watched, 'reasoned'),
  });
  const prompts = { arm: promptsFor('arm'), page: promptsFor('page') };
  const textOf = ({ watched, shown, video }: Asked, tier: Tier) => {
    const { fill, name, sha256 } = prompts[watched][tier];
    const text = fill({ ...shown.words, pictures: picturesInWords(shown, video !== undefined) });
    return { text, notes: { tier, prompt: { name, sha256 } } };
  };

  const fast = async (asked: Asked, context: Context): Promise<Opinion> => {
    const { watched } = asked;
    const { text, notes } = textOf(asked, 'fast');
    const question = { ...(await questionOf(asked, text)), maxTokens: FAST_TOKENS, temperature: 0 };
    const { spoken, usage } = await hear(question, choiceOf(profile.choiceField, wordsOf(watched)), context);
    const reading = readFast(spoken, watched);
    const rest = { ...notes, ...(usage && { usage }) };
    if (!reading.ok) return { ...unreadable(reading.problem), ...rest };
    const evidence = reading.value;
    if (evidence === SAFE) return { kind: 'allow', reasons: [], evidence, ...rest };
    return { kind: 'deny', reasons: [`says '${evidence}'`], evidence, ...rest };
  };

  const reasoned = async (asked: Asked, context: Context): Promise<Opinion> => {
    const { text, notes } = textOf(asked, 'reasoned');
    const question = { ...(await questionOf(asked, text)), maxTokens: REASONED_TOKENS, think: true };
    const { seed = 0 } = profile.sampling.thinking ?? profile.sampling.plain;
    const tally = await tallyOf(
      async (nth, signal) => {
        // With one seed all votes are one.
        const { spoken, usage } = await hear(question, { seed: seed + nth }, { ...context, signal });
        return { reading: readReasoned(spoken, asked.watched), usage };
      },
      { ...votes, signal: context.signal },
    );
    if (tally.votes.length === 0) throw tally.errors[0];
    return { ...opinionOf(tally), ...notes, ...usageOf(tally) };
  };

  const tryOut = async (context: Context): Promise<void> => {
    const { image } = await sentPicture(profile, NOTHING_SEEN);
    await hear(
      { text: 'Is anything in the picture? Answer with one word.', images: [image!], maxTokens: FAST_TOKENS },
      {},
      context,
    );
  };
  return { ...(!thinksOf(profile, false) && { fast }), reasoned, tryOut };
}

/** A critic's thoughts are not the policy's, whose thoughts are told as they come. */
export const quiet = (context: Context): Context => ({
  ...context,
  report: (report) => report.kind === 'progress' && context.report(report),
});

export const choiceOf = (
  field: 'structured_outputs' | 'guided_choice' | undefined,
  choice: readonly string[],
): Readonly<Record<string, unknown>> =>
  field === 'structured_outputs' ? { structured_outputs: { choice } } : field ? { [field]: choice } : {};

export const unreadable = (problem: PumiceError): Pick<Opinion, 'kind' | 'reasons' | 'evidence'> => ({
  kind: 'deny',
  reasons: [`no readable verdict: ${problem.message}`],
  evidence: NO_ANSWER,
});

/** The evidence that most of the denials name; the confidence is the share of votes that agree with the outcome. */
function opinionOf({ isAllowed, votes, errors }: Tally): Opinion {
  const read = votes.flatMap(({ reading }) => (reading.ok ? [reading.value] : []));
  const all = votes.length + errors.length;
  const allows = read.filter((one) => one.isAllowed).length;
  const confidence = (isAllowed ? allows : all - allows) / all;
  if (isAllowed) return { kind: 'allow', reasons: [], evidence: SAFE, confidence };
  const denials = read.filter((one) => !one.isAllowed);
  const countOf = (evidence: string) => denials.filter((one) => one.evidence === evidence).length;
  const [worst] = [...denials].sort((a, b) => countOf(b.evidence) - countOf(a.evidence));
  if (!worst) {
    const problem = votes.flatMap(({ reading }) => (reading.ok ? [] : [reading.problem.message]))[0];
    const why = problem ?? 'too few votes came';
    return { kind: 'deny', reasons: [`no readable verdict: ${why}`], evidence: NO_ANSWER, confidence };
  }
  const says = `says '${worst.evidence}' (${countOf(worst.evidence)} of ${all} votes)`;
  return {
    kind: 'deny',
    reasons: [worst.reason === undefined ? says : `${says}: ${worst.reason}`],
    evidence: worst.evidence,
    confidence,
  };
}

function usageOf({ votes }: Tally): Pick<Opinion, 'usage'> {
  const [first, ...rest] = votes.flatMap(({ usage }) => (usage ? [usage] : []));
  return first ? { usage: rest.reduce(addUsage, first) } : {};
}

type Usage = NonNullable<Opinion['usage']>;
export const addUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
});
