/**
 * A new path takes over from the one that is being played, at the same tick of both: what of the new one lies in the past is skipped,
 * and the tool goes over from the old to the new by a quintic, which begins and ends without a jump in speed or acceleration. Pure.
 */
import { blend, distanceM, endOf, type Knot, type Path, shifted, stanceAt } from './path.ts';

/** Ticks that a cross-fade takes where both paths are long enough. Chosen by the measurement in reference/robot-peers.md, 4.6: 10. */
const FADE_TICKS = 10;

/** Share of the new path, 0..1, by how much of the fade is over; first and second derivative are 0 at both ends. */
export const quintic = (x: number): number =>
  x <= 0 ? 0 : x >= 1 ? 1 : Math.min(1, x * x * x * (10 + x * (6 * x - 15)));

/** How many ticks a fade may take: the old path has to last for it, and the new one too. */
const fadeTicks = (old: Path, fresh: Path, tick: number): number =>
  Math.min(FADE_TICKS, Math.max(1, endOf(old) - tick), endOf(fresh) - tick);

/**
 * The path from `tick` on. Where the old one is at an end it counts as standing there.
 * The hand does what the path says that is nearer: an opening is never in between.
 */
export function merge(old: Path, fresh: Path, tick: number): Path {
  const length = fadeTicks(old, fresh, tick);
  const at = (moment: number): Knot => {
    const share = length > 0 ? quintic((moment - tick) / length) : 1;
    const [was, will] = [stanceAt(old, moment), stanceAt(fresh, moment)];
    return { ...blend(was, will, share, (share < 0.5 ? was : will).gripperOpen), tick: moment };
  };
  // The poses of both: a corner of either is a corner of the result while it counts.
  const fading = old.filter((knot) => knot.tick < tick + length);
  const moments = [...new Set([...fading, ...fresh].map((knot) => knot.tick))].filter((moment) => moment > tick);
  const between = wholeTicks(tick, length);
  const all = [...new Set([...moments, ...between])].sort((a, b) => a - b);
  return [at(tick), ...all.map(at)];
}

/** The curve of a fade is played in straight pieces, one a tick. */
const wholeTicks = (tick: number, length: number): readonly number[] =>
  Array.from({ length: Math.floor(length) }, (_, index) => tick + index + 1);

/**
 * The new path, moved so that at `tick` it is at most `mostM` from the old one. For paths that were made of deltas: how far the tool
 * has fallen behind is no part of what they ask for.
 */
export function withCatchUp(old: Path, fresh: Path, tick: number, mostM: number): Path {
  const [was, will] = [stanceAt(old, tick), stanceAt(fresh, tick)];
  const gapM = distanceM(was, will);
  if (gapM <= mostM) return fresh;
  const dropped = (mostM - gapM) / gapM;
  const by = (axis: 0 | 1 | 2) => (will.pM[axis] - was.pM[axis]) * dropped;
  return shifted(fresh, [by(0), by(1), by(2)]);
}
