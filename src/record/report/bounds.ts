/**
 * Keeps a report at a size that a browser opens at ease, however long the episode and however talkative the page that it is about.
 * Pure; what is left out is said on the page, and is still in the recording.
 */
import type { Action, GivenOpinion, Mark, Notice, StepRecord, Target } from '../../types.ts';
import { mapText } from '../map-text.ts';
import { sceneOf, shorten } from './view.ts';
import { targetsIn } from './words.ts';

/** Most items of a list shown. Chosen: more is no longer read. */
const MAX_ITEMS = 40;
/** Most steps shown. Chosen: cards of about 4 KB, 8 MB in all, without their pictures. */
const MAX_STEPS = 2000;

const firstItems = <T>(items: readonly T[], more: (left: number) => T): readonly T[] =>
  items.length > MAX_ITEMS ? [...items.slice(0, MAX_ITEMS), more(items.length - MAX_ITEMS)] : items;

const moreText = (left: number): string => `${left} more are in the recording`;

/** The first and the last steps of a long episode, and how many between them are left out. */
export function boundSteps<T>(steps: readonly T[]): { readonly shown: readonly T[]; readonly leftOut: number } {
  if (steps.length <= MAX_STEPS) return { shown: steps, leftOut: 0 };
  const half = MAX_STEPS / 2;
  return { shown: [...steps.slice(0, half), ...steps.slice(-half)], leftOut: steps.length - MAX_STEPS };
}

/** The record with what the page shows of it: no more marks than are pointed at, short texts and lists. */
export function boundRecord(record: StepRecord): StepRecord {
  const { observation, verdict, act, proposed } = record;
  const pointedAt = new Set([proposed, act?.executed].flatMap((action) => (action ? markIdsOf(action) : [])));
  const slim = observation && {
    ...observation,
    history: [],
    marks: marksShown(record, pointedAt),
    ...(observation.ui && {
      ui: {
        ...observation.ui,
        tabs: [],
        texts: [],
        notices: firstItems<Notice>(observation.ui.notices, (left) => ({ kind: 'warning', text: moreText(left) })),
      },
    }),
  };
  const traces = record.traces?.slice(0, MAX_ITEMS).map((trace) => ({ ...trace, pointsPx: thinned(trace.pointsPx) }));
  const short = {
    ...record,
    ...(traces && { traces }),
    verdict: { ...verdict, reasons: firstItems(verdict.reasons, moreText), ...shownOpinions(verdict) },
    ...(record.lease && { lease: { ...record.lease, ...shownOpinions(record.lease) } }),
  };
  return mapText(slim ? { ...short, observation: slim } : short, shorten);
}

/** Opinions with no more reasons than are read; more of them than anyone has critics are cut off. */
const shownOpinions = ({ opinions }: { readonly opinions?: readonly GivenOpinion[] }) =>
  opinions && {
    opinions: opinions
      .slice(0, MAX_ITEMS)
      .map((opinion) => ({ ...opinion, reasons: firstItems(opinion.reasons, moreText) })),
  };

/** The marks that are pointed at; of a camera's scene, where all marks are drawn, the first ones too. */
function marksShown(record: StepRecord, pointedAt: ReadonlySet<number>): readonly Mark[] {
  const drawn = new Set(sceneOf(record).marks.slice(0, MAX_ITEMS));
  return record.observation?.marks?.filter((mark) => drawn.has(mark) || pointedAt.has(mark.id)) ?? [];
}

/** Points evenly taken out of very many, the first and the last among them. */
function thinned<T>(points: readonly T[]): readonly T[] {
  if (points.length <= MAX_ITEMS) return points;
  return Array.from(
    { length: MAX_ITEMS },
    (_, at) => points[Math.round((at * (points.length - 1)) / (MAX_ITEMS - 1))]!,
  );
}

const markIdsOf = (action: Action): number[] =>
  targetsIn(action).flatMap((target: Target) => ('markId' in target ? [target.markId] : []));
