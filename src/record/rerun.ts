/**
 * Runs recorded observations again, through the gate or through a policy, and tells where the answer is another one now.
 * Nothing reaches a body. Knows no rule and no policy by name; reads what `src/draft.ts` and `src/check.ts` put into records.
 */
import { isDeepStrictEqual } from 'node:util';
import { monotonicScheduler } from '../clock.ts';
import { describeError } from '../errors.ts';
import { isPerson, withoutAsking } from '../gate/person.ts';
import { review } from '../gate/review.ts';
import type { GateContext, Rule } from '../gate/rule.ts';
import { passes, severity } from '../gate/verdict.ts';
import { once } from '../once.ts';
import type { Policy, Report } from '../ports.ts';
import { type Action, type StepRecord, thoughtSchema, type Verdict } from '../types.ts';
import { fromJson, toJson } from './json.ts';
import type { Episode } from './reader.ts';

/** One recorded step and what comes out of it now. */
export interface Rerun<T> {
  readonly index: number;
  readonly recorded: T;
  readonly now: T;
  readonly same: boolean;
}

/** What a policy proposed first, or why it proposed nothing. */
export type Proposed = { readonly action: Action } | { readonly failure: string };

type Seen = StepRecord & { readonly observation: NonNullable<StepRecord['observation']> };
const isSeen = (step: StepRecord): step is Seen => step.observation !== undefined;

/** How long a policy may think about one observation, ms. Chosen: as long as in a run. */
const THINK_LIMIT_MS = 120_000;

/** Judges that are no rules. Nobody asks them again, so where one of them decided, the gate may have said anything milder. */
const OTHER_JUDGES: ReadonlySet<string> = new Set(['policy', 'stop', 'loop', 'plan', 'body']);

/** A nanosecond, ms: the record holds durations, and adding them up again rounds. */
const ROUNDING_MS = 1e-6;

/** Judges every proposed action again by `rules`, on what was seen, by the clock of then. Critics and people are not asked again. */
export function* rerunGate(episode: Episode, rules: readonly Rule[]): Generator<Rerun<Verdict>> {
  const { critics } = episode.facts;
  const isOther = (by: string) => OTHER_JUDGES.has(by) || critics.includes(by) || isPerson(by);
  for (const [position, step] of episode.steps.entries()) {
    // A step that was cut, or in which nothing was thought, proposed nothing that a gate could judge.
    if (!isSeen(step) || ['policy', 'stop', 'loop'].includes(step.verdict.by)) continue;
    const context = contextOf(episode, step, episode.steps.slice(0, position));
    const asked = step.verdict.approvedBy === undefined ? rules : rules.map(withoutAsking);
    const first = review(asked, step.proposed, context);
    // While critics think time goes by, so in a run the rules have the last word too.
    const later = { ...context, nowMs: context.nowMs + step.timings.checkMs };
    const last = critics.length > 0 && passes(first) ? review(asked, first.action, later) : first;
    const now = passes(last) ? first : last;
    yield { index: step.index, recorded: step.verdict, now, same: agrees(step.verdict, now, isOther) };
  }
}

/** What the gate was told at that step, as far as it is on record. */
function contextOf({ facts, steps }: Episode, step: Seen, before: readonly StepRecord[]): GateContext {
  const ofChunk = (other: StepRecord) => step.chunkId !== undefined && other.chunkId === step.chunkId;
  const firstOfChunk = steps.find(ofChunk)?.observation ?? step.observation;
  const lastUnmodified = before.findLastIndex((other) => !ofChunk(other) || other.verdict.kind !== 'modify');
  return {
    observation: step.observation,
    nowMs: step.stampMs + step.timings.observeMs + step.timings.thinkMs + ROUNDING_MS,
    plannedStampMs: firstOfChunk.stampMs,
    limits: facts.limits,
    // The state of the failsafe is on record only by what came of it.
    isRunning: step.verdict.by !== 'running',
    modifiedInARow: before.length - 1 - lastUnmodified,
  };
}

function agrees(recorded: Verdict, now: Verdict, isOther: (by: string) => boolean): boolean {
  // Somebody was asked, and it was denied after that: every reason for asking is still there.
  if (now.kind === 'ask' && recorded.kind === 'deny')
    return now.reasons.every((reason) => recorded.reasons.includes(reason));
  if (isOther(recorded.by)) return severity(now.kind) <= severity(recorded.kind);
  return now.kind === recorded.kind && isEqual(now.action, recorded.action);
}

/** Asks a policy again wherever it was asked: once for each chunk. Compares the first action of its answer. */
export async function* rerunPolicy(
  episode: Episode,
  policy: Policy,
  report: (report: Report) => void = () => {},
): AsyncGenerator<Rerun<Proposed>> {
  const { instruction, seed } = episode.facts;
  policy.reset({ instruction, ...(seed !== undefined && { seed }) });
  const chunks = new Set<string>();
  for (const step of episode.steps) {
    // What a person put in its place, or could not, the policy was not asked for.
    if (!isSeen(step) || ['stop', 'loop'].includes(step.verdict.by) || step.human?.intervention) continue;
    if (step.chunkId !== undefined && chunks.has(step.chunkId)) continue;
    if (step.chunkId !== undefined) chunks.add(step.chunkId);
    const isFailure = step.verdict.by === 'policy';
    const recorded: Proposed = isFailure ? { failure: step.verdict.reasons.join('; ') } : { action: step.proposed };
    const now = await propose(policy, step, report);
    const same =
      'action' in recorded && 'action' in now
        ? isEqual(recorded.action, now.action)
        : 'failure' in recorded === 'failure' in now;
    yield { index: step.index, recorded, now, same };
  }
}

async function propose(policy: Policy, { observation }: Seen, report: (report: Report) => void): Promise<Proposed> {
  const options = { who: `policy ${policy.name}`, limitMs: THINK_LIMIT_MS, scheduler: monotonicScheduler, report };
  try {
    const answer = once(options, (context) => policy.act(observation, context));
    const thought = await new Promise((next, error) => answer.subscribe({ next, error }));
    return { action: thoughtSchema.parse(thought).actions[0]! };
  } catch (cause) {
    return { failure: describeError(cause) };
  }
}

/** Equal as they would be written: what is `undefined` is not there, and `-0` is `0`. */
const isEqual = (a: unknown, b: unknown): boolean => isDeepStrictEqual(written(a), written(b));
const written = (value: unknown): unknown => fromJson(toJson(value));
