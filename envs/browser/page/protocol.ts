/**
 * What the index inside a page and the collector outside say to each other: plain data, one frame's own CSS pixels.
 * Knows no browser call; both sides import these types only.
 */
import type { Mark } from '../../../src/types.ts';

/** `[x0, y0, x1, y1]`. */
export type Box = readonly [number, number, number, number];
export type Point = readonly [number, number];

/** What an element says of itself. All of it comes from the page and is not to be trusted. */
export type Description = Pick<Mark, 'role' | 'name' | 'value' | 'inputType' | 'options' | 'state' | 'clues'>;

/** An element that can be acted on, in its own frame. */
export interface SampledMark extends Description {
  /** Stable for the life of the element's document. */
  readonly id: number;
  readonly boxPx: Box;
  readonly pointPx: Point;
}

/** An iframe in view. */
export interface SampledFrame {
  /** `undefined` while nobody told the index which frame the element holds. */
  readonly frameId?: string;
  /** Its content box. */
  readonly boxPx: Box;
  /** CSS pixels of the outer frame per CSS pixel of the inner one. */
  readonly scale: number;
}

export interface SampledText {
  readonly text: string;
  readonly boxPx: Box;
}

/** All that one frame shows at one instant. */
export interface FrameSample {
  /** Rises with every mutation, inner scroll, transition or toggle. */
  readonly version: number;
  readonly origin: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly dpr: number;
  readonly scroll: { readonly xPx: number; readonly yPx: number; readonly maxXPx: number; readonly maxYPx: number };
  readonly marks: readonly SampledMark[];
  readonly frames: readonly SampledFrame[];
  /** Boxes of the elements whose look is to stay secret. */
  readonly masks: readonly Box[];
  readonly texts?: readonly SampledText[];
  /** Addresses of style sheets whose rules the page may not read; each is told once. */
  readonly unreadSheets?: readonly string[];
}

/** Points of marks of inner frames, by inner frame and in its pixels. */
export type CrossingPoints = Readonly<Record<string, readonly Point[]>>;
/** For each of them, whether the outer frame lets it through. */
export type LetThrough = Readonly<Record<string, readonly boolean[]>>;

/** What changed in a frame since its last sample. */
export interface VerifyAnswer {
  /** The frame scrolled, an iframe moved, or something that can be acted on came into view. */
  readonly changed?: 'scroll' | 'frame' | 'new';
  /** Marks that moved, vanished, or can no longer be hit. */
  readonly moved: readonly number[];
  readonly masks: readonly Box[];
  /** Anew for the points of the last call of `through`. */
  readonly through: LetThrough;
}

/** Points of an inner frame in its parent's pixels; `null` where something lies over the iframe, or out of view. */
export interface Projection {
  readonly boxPx: Box;
  readonly scale: number;
  readonly points: readonly (Point | null)[];
}

/** Why a mark of an earlier sample cannot be acted on. */
export const LOST_REASONS = ['gone', 'out-of-view', 'covered', 'changed', 'disabled'] as const;
export type LostReason = (typeof LOST_REASONS)[number];

export type FrameLocation =
  | {
      readonly found: true;
      readonly boxPx: Box;
      readonly points: readonly Point[];
      readonly role?: string;
      readonly name?: string;
    }
  | { readonly found: false; readonly reason: LostReason };

/** What the collector calls in each frame, by JSON both ways. */
export interface FrameIndex {
  sample(request: { readonly text: boolean }): FrameSample;
  /** Looks, once after each sample, which points of inner frames can be hit. */
  through(points: CrossingPoints): LetThrough;
  verify(): VerifyAnswer;
  locate(id: number): FrameLocation;
  /** All points at which each element can be hit inside `clipPx`. */
  hitPoints(ids: readonly number[], clipPx: Box): readonly (readonly Point[])[];
  /** Where an inner frame is, and its points in this frame's pixels; `null` without that frame. */
  project(frameId: string, points: readonly Point[]): Projection | null;
  mask(id: number): boolean;
  readSheet(text: string): void;
}

/** What only the debugger can know, handed over as live objects. A frame takes what is its own and says so. */
export interface FrameIndexIntake {
  addRoot(root: unknown): boolean;
  addFrame(element: unknown, frameId: string): boolean;
  addListening(nodes: readonly unknown[]): readonly boolean[];
  removeListening(nodes: readonly unknown[]): readonly boolean[];
  rescanRoots(): void;
  /** From now on the next change is told. */
  armChange(): void;
}
