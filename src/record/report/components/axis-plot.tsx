/** One value of a tool over time as lines, the steps that were not carried out marked on its time axis, and the numbers behind it. */
import { type Axis, clamp, lineOf, type Motion, type MotionStep, rangeOf, SERIES } from '../motion.ts';
import { isUndone, tellStep } from '../view.ts';

/** Size of the drawing and of its parts, units of the drawing. */
const WIDTH = 460;
const HEIGHT = 216;
const LEFT = 52;
const RIGHT = WIDTH - 10;
const TOP = 22;
const BOTTOM = HEIGHT - 24;
/** Signs nearer to each other than this would hide each other. */
const SIGN_WIDTH = 13;
/** Steps above which the plot does not answer to the pointer. Chosen: seven plots of 300 stay below 1 MB. */
const MAX_HITS = 300;

interface Scale {
  readonly x: (seconds: number) => number;
  readonly y: (value: number) => number;
  readonly endS: number;
  readonly low: number;
  readonly high: number;
}

interface AxisProps {
  readonly motion: Motion;
  readonly axis: Axis;
  /** Position of the axis among the values of a step. */
  readonly index: number;
}

function scaleOf(motion: Motion, index: number): Scale {
  const [low, high] = rangeOf(motion, index);
  const endS = Math.max(1e-3, ...motion.steps.map((step) => step.endS));
  // What lies far outside is cut off by the edge of the plot; drawings have no room for very large numbers.
  const y = (value: number) => BOTTOM - clamp((value - low) / (high - low), -1, 2) * (BOTTOM - TOP);
  return { x: (seconds) => LEFT + (seconds / endS) * (RIGHT - LEFT), y, endS, low, high };
}

/** Round numbers from `low` to `high`, about `count` of them. */
function ticks(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const pitch = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / pitch - 1e-9);
  const last = Math.floor(high / pitch + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * pitch);
}

const numberText = (value: number): string => String(Number(value.toPrecision(4)));

function pathOf(points: ReturnType<typeof lineOf>, { x, y }: Scale): string {
  let path = '';
  points.forEach((point, at) => {
    if (!point) return;
    const place = `${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`;
    // A point between gaps is a line of no length: its round ends show it.
    path += points[at - 1] ? `L${place}` : `M${place}${points[at + 1] ? '' : 'h0'}`;
  });
  return path;
}

function Grid({ scale }: { readonly scale: Scale }) {
  return (
    <g>
      {ticks(scale.low, scale.high, 4).map((value) => (
        <>
          <line x1={LEFT} x2={RIGHT} y1={scale.y(value)} y2={scale.y(value)} />
          <text x={LEFT - 7} y={scale.y(value) + 4} text-anchor="end">
            {numberText(value)}
          </text>
        </>
      ))}
      {ticks(0, scale.endS, 5).map((seconds) => (
        <text x={scale.x(seconds)} y={BOTTOM + 18} text-anchor="middle">
          {numberText(seconds)} s
        </text>
      ))}
    </g>
  );
}

/** A line down the plot for each step that was not carried out, with its sign above where there is room. */
function Undone({ steps, scale }: { readonly steps: readonly MotionStep[]; readonly scale: Scale }) {
  let last = Number.NEGATIVE_INFINITY;
  return (
    <g>
      {steps.map(({ record, endS }) => {
        const x = scale.x(endS);
        const { sign, colour } = tellStep(record);
        const hasSign = x - last >= SIGN_WIDTH;
        if (hasSign) last = x;
        return (
          <g class={`undone stroke-${colour}`}>
            <line x1={x} x2={x} y1={TOP - 3} y2={BOTTOM + 4} />
            {hasSign && (
              <text x={x} y={TOP - 8} text-anchor="middle">
                {sign}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

/** What the pointer can be held over or press: a strip for each step, from its look at the body to its end. */
function Hits({ motion, axis, index, scale }: AxisProps & { readonly scale: Scale }) {
  return (
    <g>
      {motion.steps.map((step) => {
        const [x0, x1] = [scale.x(step.measuredS), scale.x(step.endS)];
        const lines = SERIES.map((series) => `${series} ${cellText(step, series, index)} ${axis.unit}`);
        return (
          <a href={`#step-${step.record.index}`} tabIndex={-1}>
            <title>{`Step ${step.record.index}, ${tellStep(step.record).word}\n${lines.join('\n')}`}</title>
            <rect class="hit" x={x0.toFixed(1)} y={TOP} width={Math.max(1, x1 - x0).toFixed(1)} height={BOTTOM - TOP} />
          </a>
        );
      })}
    </g>
  );
}

const cellText = (step: MotionStep, series: (typeof SERIES)[number], index: number): string =>
  step[series]?.[index]?.toFixed(1) ?? '–';

/** The plot in a sentence, for those who do not see it. */
function inWords({ motion, axis, index }: AxisProps, undone: number): string {
  const measured = motion.steps.flatMap((step) => step.measured?.[index] ?? []);
  const [first, last] = [measured[0], measured.at(-1)];
  const way =
    first === undefined || last === undefined
      ? 'Nothing was measured'
      : `Measured from ${first.toFixed(1)} to ${last.toFixed(1)} ${axis.unit} over ${motion.steps.length} steps`;
  return `${way}; ${undone} steps were not carried out. The numbers are in the table below.`;
}

export function AxisPlot(props: AxisProps) {
  const { motion, axis, index } = props;
  const scale = scaleOf(motion, index);
  const undone = motion.steps.filter(({ record }) => isUndone(record));
  const id = `motion-${axis.name}`;
  return (
    <figure class="axis">
      <figcaption>
        <b>{axis.name}</b> {axis.unit}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={`${id}-title ${id}-words`}>
        <title id={`${id}-title`}>{`${axis.name} of the tool, ${axis.unit}, over time`}</title>
        <desc id={`${id}-words`}>{inWords(props, undone.length)}</desc>
        <Grid scale={scale} />
        <Undone steps={undone} scale={scale} />
        <clipPath id={`${id}-clip`}>
          <rect x={LEFT - 3} y={TOP - 4} width={RIGHT - LEFT + 6} height={BOTTOM - TOP + 8} />
        </clipPath>
        <g clip-path={`url(#${id}-clip)`}>
          {(['executed', 'limited', 'measured', 'proposed'] as const).map((series) => (
            <path class={`series-${series}`} d={pathOf(lineOf(motion, series, index), scale)} />
          ))}
        </g>
        {motion.steps.length <= MAX_HITS && <Hits {...props} scale={scale} />}
      </svg>
      <Numbers {...props} />
    </figure>
  );
}

function Numbers({ motion, axis, index }: AxisProps) {
  return (
    <details class="source">
      <summary>
        Numbers<span class="unseen"> of {axis.name}</span>
      </summary>
      <div class="scrolled">
        <table class="phases">
          <thead>
            <tr>
              <th scope="col">step</th>
              <th scope="col">s</th>
              {SERIES.map((series) => (
                <th scope="col">{series}</th>
              ))}
              <th scope="col">verdict</th>
            </tr>
          </thead>
          <tbody>
            {motion.steps.map((step) => (
              <tr>
                <th scope="row">
                  <a href={`#step-${step.record.index}`}>{step.record.index}</a>
                </th>
                <td>{step.endS.toFixed(2)}</td>
                {SERIES.map((series) => (
                  <td>{cellText(step, series, index)}</td>
                ))}
                <td>{tellStep(step.record).word}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
