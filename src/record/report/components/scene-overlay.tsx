/** Draws numbered marks and their traces over a camera picture on which they are not drawn already. */
import type { Mark, Trace } from '../../../types.ts';
import { traceColour } from '../../../vision/trace-colours.ts';
import type { PictureView } from '../view.ts';

interface SceneProps {
  readonly marks: readonly Mark[];
  readonly traces: readonly Trace[];
  readonly picture: PictureView;
}

/** How much of a trace shows at its first point, 0..1; it grows stronger towards its end. As in the video. */
const FIRST_STRENGTH = 0.25;
/** Width of a digit as a share of its height, for the box behind a number. */
const DIGIT_RATIO = 0.62;

/** A number in a box, whole inside the picture. */
function Label({
  id,
  x,
  y,
  size,
  picture,
  kind,
}: {
  id: number;
  x: number;
  y: number;
  size: number;
  picture: PictureView;
  kind: string;
}) {
  const width = size * DIGIT_RATIO * (String(id).length + 0.6);
  const left = Math.max(0, Math.min(x, picture.cssWidthPx - width));
  const top = Math.max(0, Math.min(y, picture.cssHeightPx - size));
  return (
    <g class={`label ${kind}`}>
      <rect x={left} y={top} width={width} height={size} />
      <text x={left + width / 2} y={top + size * 0.83} text-anchor="middle" font-size={size * 0.95}>
        {id}
      </text>
    </g>
  );
}

function DrawnTrace({
  trace,
  size,
  picture,
}: {
  readonly trace: Trace;
  readonly size: number;
  readonly picture: PictureView;
}) {
  const points = trace.pointsPx;
  const end = points.at(-1);
  if (!end) return null;
  const strength = (at: number) => (FIRST_STRENGTH + (1 - FIRST_STRENGTH) * (at / (points.length - 1))).toFixed(2);
  return (
    <g style={{ '--trace': `rgb(${traceColour(trace.markId).join(' ')})` }}>
      {(['edge', 'way'] as const).map((line) =>
        points
          .slice(1)
          .map(([x, y], at) => (
            <path class={line} d={`M${points[at]!.join(' ')}L${x} ${y}`} stroke-opacity={strength(at + 1)} />
          )),
      )}
      <circle class="disc" cx={end[0]} cy={end[1]} r={size / 2.4} />
      <Label
        id={trace.markId}
        x={end[0] + size * 0.7}
        y={end[1] - size / 2}
        size={size}
        picture={picture}
        kind="of-trace"
      />
    </g>
  );
}

function inWords(marks: readonly Mark[], traces: readonly Trace[]): string {
  const named = marks.map(({ id, name }) => (name ? `${id} ${name}` : String(id)));
  const parts = [
    marks.length > 0 ? `Marks ${named.join(', ')}` : '',
    traces.length > 0 ? `traces of marks ${traces.map(({ markId }) => markId).join(', ')}` : '',
  ];
  return parts.filter(Boolean).join('; ');
}

export function SceneOverlay({ marks, traces, picture }: SceneProps) {
  if (marks.length + traces.length === 0) return null;
  const size = Math.min(picture.cssWidthPx, picture.cssHeightPx) / 22;
  return (
    <svg
      class="overlay scene"
      viewBox={`0 0 ${picture.cssWidthPx} ${picture.cssHeightPx}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={inWords(marks, traces)}
    >
      {marks.map(({ boxPx: [x0, y0, x1, y1] }) => (
        <rect class="box" x={x0} y={y0} width={Math.max(0, x1 - x0)} height={Math.max(0, y1 - y0)} />
      ))}
      {marks.map(({ id, boxPx: [x0, y0] }) => (
        <Label id={id} x={x0} y={y0 - size} size={size} picture={picture} kind="of-mark" />
      ))}
      {traces.map((trace) => (
        <DrawnTrace trace={trace} size={size} picture={picture} />
      ))}
    </svg>
  );
}
