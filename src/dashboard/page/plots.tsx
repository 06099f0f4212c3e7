/** Time per step, and the motion of a tool, as plots that go on with the run. Drawn on canvases; what they say is said in words too. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { AXES, type Motion, motionOf, rangeOf, type Series } from '../../record/report/motion.ts';
import { durationText, PHASES, phaseMs, quantile } from '../../record/report/view.ts';
import type { ShownRecord, ShownStep } from '../messages.ts';

/** Steps that are drawn. Chosen: more cannot be told apart. */
const MOST_STEPS = 300;
/** Steps for which there is room at least, so that the first few do not fill the plot. */
const LEAST_STEPS = 10;
const HEIGHT_PX = 150;

interface Line {
  readonly label: string;
  /** Name of a colour of the style sheet. */
  readonly colour: string;
  readonly widthPx: number;
  readonly dash?: readonly number[];
  /** Filled down to the line after it. */
  readonly isFilled?: boolean;
}

interface PlotProps {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  /** Numbers of the steps, then a row for each line. */
  readonly data: readonly (readonly (number | null)[])[];
  readonly words: string;
  /** What is drawn at least of the vertical axis. */
  readonly range: readonly [low: number, high: number];
}

const colourOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function optionsOf({ lines }: PlotProps, range: () => PlotProps['range'], widthPx: number): uPlot.Options {
  const axis = {
    ...{ stroke: colourOf('soft'), font: '12px system-ui, sans-serif', size: 46 },
    grid: { stroke: colourOf('line'), width: 1 },
    ticks: { show: false },
  };
  return {
    ...{ width: widthPx, height: HEIGHT_PX, padding: [8, 8, 0, 0], legend: { show: false } },
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: (_plot, first, last) => [first ?? 0, Math.max(last ?? 0, (first ?? 0) + LEAST_STEPS)] },
      y: { range: () => [...range()] },
    },
    axes: [{ ...axis, size: 26, incrs: [1, 2, 5, 10, 20, 50, 100] }, axis],
    series: [
      {},
      ...lines.map(({ colour, widthPx: width, dash, isFilled }) => ({
        ...{ stroke: colourOf(colour), width, points: { show: false }, spanGaps: false },
        ...(dash && { dash: [...dash] }),
        ...(isFilled && { fill: colourOf(colour) }),
      })),
    ],
  };
}

function Plot(props: PlotProps) {
  const { title, unit, lines, data, words } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const newest = useRef(props);
  newest.current = props;
  const shape = lines.map(({ label }) => label).join();
  useEffect(() => {
    const parent = place.current!;
    const make = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsOf(props, () => newest.current.range, parent.clientWidth),
        newest.current.data as uPlot.AlignedData,
        parent,
      );
    };
    make();
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', make);
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: parent.clientWidth, height: HEIGHT_PX }));
    resized.observe(parent);
    return () => {
      scheme.removeEventListener('change', make);
      resized.disconnect();
      plot.current?.destroy();
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data as uPlot.AlignedData), [data]);
  return (
    <figure class="live-plot">
      <figcaption>
        <b>{title}</b> {unit}
      </figcaption>
      <div ref={place} role="img" aria-label={`${title}: ${words}`} />
    </figure>
  );
}

function Legend({ lines }: { readonly lines: readonly Line[] }) {
  return (
    <ul class="legend">
      {lines.map(({ label, colour }) => (
        <li>
          <i class="swatch" style={{ background: `var(--${colour})` }} aria-hidden="true" /> {label}
        </li>
      ))}
    </ul>
  );
}

/** Stacked: each line is the sum up to its phase, and the one below is drawn over it. */
const PHASE_LINES: readonly Line[] = [...PHASES]
  .reverse()
  .map((phase) => ({ label: phase, colour: phase, widthPx: 1, isFilled: true }));

function latencyData(records: readonly ShownRecord[]): PlotProps['data'] {
  const sums = [...PHASES.keys()].map((upTo) =>
    records.map((record) => PHASES.slice(0, upTo + 1).reduce((sum, phase) => sum + phaseMs(record, phase), 0)),
  );
  return [records.map(({ index }) => index), ...sums.reverse()];
}

const MOTION_LINES: readonly Line[] = [
  { label: 'executed', colour: 'executed', widthPx: 5 },
  { label: 'limited', colour: 'limited', widthPx: 3 },
  { label: 'measured', colour: 'measured', widthPx: 1.5 },
  { label: 'proposed', colour: 'proposed', widthPx: 2, dash: [5, 4] },
];

const motionData = ({ steps }: Motion, axis: number): PlotProps['data'] => [
  steps.map(({ record }) => record.index),
  ...MOTION_LINES.map(({ label }) => steps.map((step) => step[label as Series]?.[axis] ?? null)),
];

/** Axes that are drawn; angles are in the report. */
const DRAWN = AXES.flatMap((axis, index) => (['x', 'y', 'z', 'gripper'].includes(axis.name) ? [{ axis, index }] : []));

/** Between two drawings, ms. Chosen: a plot of a few hundred steps tells nothing sooner, and drawing costs what steering needs. */
const DRAW_MS = 400;

/** Whether an element is on the screen, or nearly. */
function useSeen(place: { readonly current: Element | null }): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const looking = new IntersectionObserver((entries) => setSeen(entries.at(-1)!.isIntersecting), {
      rootMargin: '100px',
    });
    looking.observe(place.current!);
    return () => looking.disconnect();
  }, []);
  return isSeen;
}

/** The newest value, now and then, while it is wanted. */
function useNowAndThen<T>(value: T, isWanted: boolean): T {
  const newest = useRef(value);
  newest.current = value;
  const [shown, setShown] = useState(value);
  const isDue = useRef(false);
  useEffect(() => {
    if (isDue.current || !isWanted) return;
    isDue.current = true;
    setTimeout(() => {
      isDue.current = false;
      setShown(newest.current);
    }, DRAW_MS);
  }, [value, isWanted]);
  return shown;
}

export function Plots({ steps: all }: { readonly steps: readonly ShownStep[] }) {
  const place = useRef<HTMLElement>(null);
  const steps = useNowAndThen(all, useSeen(place));
  const shown = useMemo(() => steps.slice(-MOST_STEPS).map(({ record }) => record), [steps]);
  const latency = useMemo(() => latencyData(shown), [shown]);
  const motion = useMemo(() => motionOf(shown), [shown]);
  const totals = shown.map((record) => phaseMs(record, 'total'));
  const words =
    shown.length === 0
      ? 'no step yet'
      : `median ${durationText(quantile(totals, 0.5))}, longest ${durationText(quantile(totals, 1))}`;
  return (
    <section ref={place} class="plots panel" aria-labelledby="plots-title">
      <header>
        <h2 id="plots-title">Time per step</h2>
        <span class="by">{words}</span>
      </header>
      <Legend lines={[...PHASE_LINES].reverse()} />
      <Plot
        title="Time"
        unit="ms, by step"
        lines={PHASE_LINES}
        data={latency}
        words={words}
        range={[0, Math.max(1, ...totals) * 1.1]}
      />
      {motion && (
        <>
          <h2>Motion of the tool</h2>
          <Legend lines={MOTION_LINES} />
          <div class="motion-plots">
            {DRAWN.map(({ axis, index }) => (
              <Plot
                key={axis.name}
                title={axis.name}
                unit={`${axis.unit}, by step`}
                lines={MOTION_LINES}
                data={motionData(motion, index)}
                words={`over ${shown.length} steps`}
                range={rangeOf(motion, index)}
              />
            ))}
          </div>
        </>
      )}
    </section>
  );
}
