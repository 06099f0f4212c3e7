/**
 * Whether a recording shows for each action that a body carried out who let it through: the verdict, what the critics said, the picture
 * it rests on and how old that was, and the chunk it is from. What is not on record counts as not done. Pure; reads recorded steps,
 * which may hold anything, and does not judge again what they say.
 */
import { isPerson } from '../gate/person.ts';
import { isGated } from '../gate/review.ts';
import { passes } from '../gate/verdict.ts';
import type { Action, StepRecord } from '../types.ts';
import { opinionsOn } from './report/view.ts';

/** A step whose action reached the body, and what its record lacks. */
export interface Unchecked {
  readonly index: number;
  readonly lacks: readonly string[];
}

/** What the body did, as far as it says so; a body that was cut may have done part of it. */
function executedOf({ act, verdict }: StepRecord): Action | undefined {
  if (act?.executed) return act.executed;
  return act?.status === 'done' ? verdict.action : undefined;
}

/** Whether an action reached the body that had to be checked: all but coming to rest. */
export function isExecuted(record: StepRecord): boolean {
  const executed = executedOf(record);
  return executed !== undefined && isGated(executed);
}

/** What the record of a step lacks to show that its action was checked; empty where nothing is, or nothing was carried out. */
export function lacksOf(record: StepRecord, critics: readonly string[]): readonly string[] {
  if (!isExecuted(record)) return [];
  const { verdict, chunkId, lease, judgedStampMs, judgedAgeMs } = record;
  const opinions = opinionsOn(record);
  const silent = critics.filter((name) => !opinions?.some(({ critic }) => critic === name));
  const against = (opinions ?? []).filter(({ kind }) => kind === 'deny' || kind === 'halt');
  const isApproved = verdict.approvedBy !== undefined || lease?.by?.some(isPerson) === true;
  const asking = isApproved ? [] : (opinions ?? []).filter(({ kind }) => kind === 'ask');
  return [
    ...asking.map(({ critic }) => `a person's consent, for which critic ${critic} asked`),
    ...(passes(verdict) ? [] : [`a verdict that lets it through (it is ${verdict.kind})`]),
    ...(opinions ? [] : ['what the critics said, or that rules alone judged it']),
    ...silent.map((name) => `the opinion of critic ${name}`),
    ...against.map(({ critic, kind }) => `the consent of critic ${critic} (it said ${kind})`),
    ...(Number.isFinite(judgedStampMs) ? [] : ['the picture that it was judged on']),
    ...(isAge(judgedAgeMs) ? [] : ['the age of the picture that it was judged on']),
    ...(chunkId ? [] : ['the chunk that it is from']),
    ...(lease && lease.chunkId !== chunkId ? [`a lease of its own chunk (it is of ${lease.chunkId})`] : []),
  ];
}

const isAge = (ageMs: number | undefined): boolean => ageMs !== undefined && Number.isFinite(ageMs) && ageMs >= 0;

/** The steps of an episode that do not show that they were checked. */
export const uncheckedOf = (steps: readonly StepRecord[], critics: readonly string[]): readonly Unchecked[] =>
  steps.flatMap((record) => {
    const lacks = lacksOf(record, critics);
    return lacks.length > 0 ? [{ index: record.index, lacks }] : [];
  });
