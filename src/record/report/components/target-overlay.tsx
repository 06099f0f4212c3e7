/** Draws over a picture where an action points: the box of a mark or a cross-hair, two and an arrow for a drag, an arrow for a scroll. */
import type { Action, Mark, VerdictKind } from '../../../types.ts';
import type { PictureView } from '../view.ts';
import { actionInWords, type Place, placesOf } from '../words.ts';

interface OverlayProps {
  readonly action: Action;
  readonly marks: readonly Mark[];
  readonly picture: PictureView;
  readonly verdict: VerdictKind;
}

/** A line twice: light below, coloured above, so that it shows on any page. */
function Both({ path }: { readonly path: string }) {
  return (
    <>
      <path class="halo" d={path} />
      <path class="line" d={path} />
    </>
  );
}

const ring = (xPx: number, yPx: number, radius: number): string =>
  `M${xPx - radius} ${yPx}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;

function crossHair({ xPx: x, yPx: y }: Place, radius: number): string {
  const [inner, outer] = [radius * 0.45, radius * 1.5];
  return `${ring(x, y, radius)}M${x - outer} ${y}H${x - inner}M${x + inner} ${y}H${x + outer}M${x} ${y - outer}V${y - inner}M${x} ${y + inner}V${y + outer}`;
}

/** The box of a mark, with a ring at its point where there is room for one beside the words; a cross-hair for a bare point. */
function placePath(place: Place, size: number): string {
  if (!place.boxPx) return crossHair(place, size);
  const [x0, y0, x1, y1] = place.boxPx;
  const isRoomy = Math.min(x1 - x0, y1 - y0) > 4 * size;
  return `M${x0} ${y0}H${x1}V${y1}H${x0}Z${isRoomy ? ring(place.xPx, place.yPx, size / 3) : ''}`;
}

/** A line with a head, from one point to another. */
function arrow(x0: number, y0: number, x1: number, y1: number, head: number): string {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const wing = (turn: number) => `${x1 - head * Math.cos(angle + turn)} ${y1 - head * Math.sin(angle + turn)}`;
  return `M${x0} ${y0}L${x1} ${y1}M${wing(0.5)}L${x1} ${y1}L${wing(-0.5)}`;
}

function scrollArrow(action: Action, places: readonly Place[], picture: PictureView, size: number): string {
  if (action.kind !== 'ui-scroll') return '';
  const x = places[0]?.xPx ?? picture.cssWidthPx / 2;
  const y = places[0]?.yPx ?? picture.cssHeightPx / 2;
  const reach = size * 5;
  return arrow(x, y, x + Math.sign(action.dxPx) * reach, y + Math.sign(action.dyPx) * reach, size);
}

export function TargetOverlay({ action, marks, picture, verdict }: OverlayProps) {
  const places = placesOf(action, marks);
  const size = Math.max(picture.cssWidthPx, picture.cssHeightPx) / 60;
  const [from, to] = places;
  const drag = from && to ? arrow(from.xPx, from.yPx, to.xPx, to.yPx, size) : '';
  const path =
    places.map((place) => placePath(place, size)).join('') + drag + scrollArrow(action, places, picture, size);
  if (!path) return null;
  return (
    <svg
      class={`overlay stroke-${verdict}`}
      viewBox={`0 0 ${picture.cssWidthPx} ${picture.cssHeightPx}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Proposed: ${actionInWords(action, marks)}`}
    >
      <Both path={path} />
    </svg>
  );
}
