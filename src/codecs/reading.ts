/**
 * What a decoder answers. Decoders are pure and total: no text makes one throw. What cannot be read is a problem that says what was
 * expected, never a guess; what was read carries flags that say how far to trust it. Places are in pixels of the frame as the camera
 * gave it, whatever space the model speaks in.
 */
import type { PumiceError } from '../errors.ts';

/** Where the text that was read came from: beside the thought, out of the thought's own field, or cut out of tags. */
export type Channel = 'content' | 'reasoning' | 'inline';

export interface Flags {
  /** The model was cut off: what is there may lack its end. */
  readonly truncated?: true;
  /** The model repeated itself until it was stopped. */
  readonly looped?: true;
  /** Read, but not as the model was trained to write it: inverted boxes, places outside the picture, a box for what it calls absent. */
  readonly suspect?: true;
  readonly channel?: Channel;
}

/** `strict` refuses what the original programs guess; `compat` does as they do, quirks included. */
export type Mode = 'strict' | 'compat';

export type Reading<T> =
  | { readonly ok: true; readonly value: T; readonly flags: Flags }
  /** `partial`: what was whole before the problem, for people to look at; nothing is carried out from it. */
  | { readonly ok: false; readonly problem: PumiceError; readonly flags: Flags; readonly partial?: T };

export const read = <T>(value: T, flags: Flags = {}): Reading<T> => ({ ok: true, value, flags });
export const unread = <T = never>(problem: PumiceError, flags: Flags = {}, partial?: T): Reading<T> => ({
  ok: false,
  problem,
  flags,
  ...(partial !== undefined && { partial }),
});

/** In which numbers a model writes places. Without one nothing is read: the key in the JSON does not tell. */
export interface CoordinateSpace {
  /** `unit`: 0 to 1; `grid`: 0 to `max` along each side (1000, 999, 256); `sent-px`: pixels of the picture as it was sent. */
  readonly kind: 'unit' | 'grid' | 'sent-px';
  readonly max?: number;
  readonly axes: 'xy' | 'yx';
}

/** The picture as the camera gave it and, where it was resized for the model, as the model saw it. */
export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sentWidthPx?: number;
  readonly sentHeightPx?: number;
}

export interface FoundPoint {
  readonly label?: string;
  /** `[x, y]`, frame px. */
  readonly pointPx: readonly [number, number];
}
export interface FoundBox {
  readonly label?: string;
  /** `[x1, y1, x2, y2]`, frame px. */
  readonly boxPx: readonly [number, number, number, number];
  readonly suspect?: true;
}
export interface FoundEvent {
  readonly startS: number;
  readonly endS: number;
  readonly caption?: string;
}
