/**
 * What the components of a report are given: a step, its pictures as URLs, and a few facts drawn from both.
 * Shapes and pure functions; runs in a browser too. Does not know where the pictures come from.
 */
import { passes } from '../../gate/passes.ts';
import type { Frame, GivenOpinion, Mark, StepRecord, Trace, VerdictKind } from '../../types.ts';

/** One frame as a page can show it. Sizes are CSS pixels of what it shows, the unit of marks and targets. */
export interface PictureView {
  readonly src: string;
  readonly camera: string;
  readonly isMarked: boolean;
  readonly cssWidthPx: number;
  readonly cssHeightPx: number;
}

export interface StepView {
  readonly record: StepRecord;
  /** The picture that the policy chose on comes first. */
  readonly pictures: readonly PictureView[];
  /** Pictures that are not shown, to keep the page small. */
  readonly leftOut: number;
  readonly thumbnailSrc?: string;
}

/** The video of an episode as a page shows it. */
export interface PageVideo {
  /** Name of the file that lies beside the page. */
  readonly name: string;
  /** The whole video as a data URL; absent where it would make the page too large. */
  readonly src?: string;
  readonly bytes: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly steps: number;
  readonly rateHz: number;
  readonly damaged: number;
}

/** Frames with the marked one, on which actions are chosen, first. */
export const framesOf = (record: StepRecord): readonly Frame[] =>
  [...(record.observation?.frames ?? [])].sort((a, b) => Number(b.marked ?? false) - Number(a.marked ?? false));

/**
 * What is to be drawn over the first picture of a step: the marks of a camera's scene unless they are on it already, and traces.
 * A page's marks are not drawn: they are many, and those that matter are drawn by who points at them.
 */
export function sceneOf({ observation, traces }: StepRecord): {
  readonly marks: readonly Mark[];
  readonly traces: readonly Trace[];
} {
  const isDrawn = observation?.frames.some(({ marked }) => marked) ?? false;
  return { marks: isDrawn || observation?.ui ? [] : (observation?.marks ?? []), traces: traces ?? [] };
}

export const pictureOf = (frame: Frame, src: string): PictureView => ({
  src,
  camera: frame.camera,
  isMarked: frame.marked ?? false,
  cssWidthPx: frame.cssWidthPx ?? frame.widthPx,
  cssHeightPx: frame.cssHeightPx ?? frame.heightPx,
});

/** How something is told on a page: never by colour alone. */
export interface Telling {
  readonly word: string;
  readonly sign: string;
  /** Whose colour it has. */
  readonly colour: VerdictKind;
}

export const VERDICTS: Readonly<Record<VerdictKind, Telling>> = {
  allow: { word: 'allowed', sign: '✓', colour: 'allow' },
  modify: { word: 'made smaller', sign: '◐', colour: 'modify' },
  ask: { word: 'needs a person', sign: '?', colour: 'ask' },
  deny: { word: 'denied', sign: '✕', colour: 'deny' },
  halt: { word: 'halted', sign: '■', colour: 'halt' },
};

export const ACTS = {
  refused: { word: 'refused by the body', sign: '!', colour: 'ask' },
  stopped: { word: 'stopped', sign: '■', colour: 'halt' },
} as const;

/** What the body says of a step, when that is not simply `done`. */
export const tellAct = (record: StepRecord): Telling | undefined =>
  record.act && record.act.status !== 'done' ? ACTS[record.act.status] : undefined;

/** The one thing to tell of a step: its verdict, or what went wrong after it was allowed. */
export const tellStep = (record: StepRecord): Telling => tellAct(record) ?? VERDICTS[record.verdict.kind];

/** Whether a step is one that a reader looks for: not simply allowed and done. */
export const isException = (record: StepRecord): boolean =>
  record.verdict.kind !== 'allow' || tellAct(record) !== undefined;

/** Whether a step did not end in its action: not let through, refused, or stopped. */
export const isUndone = (record: StepRecord): boolean => !passes(record.verdict) || tellAct(record) !== undefined;

export const PHASES = ['observe', 'think', 'check', 'act'] as const;
type Phase = (typeof PHASES)[number];

/** Duration of a phase of a step, ms; 0 when it was not measured. */
export function phaseMs(record: StepRecord, phase: Phase | 'total'): number {
  const durationMs = record.timings[`${phase}Ms`];
  return Number.isFinite(durationMs) && durationMs > 0 ? durationMs : 0;
}

/** The value below which `share` (0..1) of the values lie, nearest rank; 0 for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** A duration for people. */
export function durationText(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return 'unknown';
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Everything that critics said of a step or of the chunk it is from; absent where nobody was asked. */
export function opinionsOn({ verdict, lease }: StepRecord): readonly GivenOpinion[] | undefined {
  if (!verdict.opinions && !lease?.opinions) return undefined;
  return [...(verdict.opinions ?? []), ...(lease?.opinions ?? [])];
}

/** Longest text shown, characters. Chosen: two pages of print. */
const MAX_TEXT_CHARS = 4000;

export function shorten(text: string): string {
  const left = text.length - MAX_TEXT_CHARS;
  return left > 0 ? `${text.slice(0, MAX_TEXT_CHARS)}… (${left} characters more are in the recording)` : text;
}

/** JSON for people, with the numbers that JSON lacks in words. */
export const prettyJson = (value: unknown): string =>
  JSON.stringify(value, (_key, item) => (typeof item === 'number' && !Number.isFinite(item) ? String(item) : item), 2);
