/**
 * Since when nothing newer has come from a camera or from the readings of a body, by the clock of who looks. A camera that hangs, behind
 * a clock that is wrong, can give stamps that look fresh; that nothing new has come cannot be hidden.
 */
import type { Sensed } from './types.ts';

export function createArrivals(nowMs: () => number): (sensed: Sensed) => Sensed {
  const newest = new Map<string, { readonly stampMs: number; readonly firstSeenMs: number }>();
  const since = (source: string, stampMs: number): number => {
    const last = newest.get(source);
    if (last && !(stampMs > last.stampMs)) return last.firstSeenMs;
    const now = { stampMs, firstSeenMs: nowMs() };
    newest.set(source, now);
    return now.firstSeenMs;
  };
  return (sensed) => {
    const { frames, proprio } = sensed;
    return {
      ...sensed,
      frames: frames.map((frame) => ({ ...frame, firstSeenMs: since(`camera ${frame.camera}`, frame.stampMs) })),
      ...(proprio && { proprio: { ...proprio, firstSeenMs: since('readings', proprio.stampMs) } }),
    };
  };
}
