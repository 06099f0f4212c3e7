/** Time per step as stacked bars of its phases, and a table of the same. */
import type { StepRecord } from '../../../types.ts';
import { durationText, PHASES, phaseMs, quantile, tellStep } from '../view.ts';

const HEIGHT = 230;
const LEFT = 62;
const TOP = 12;
const PLOT_HEIGHT = 168;
/** Narrowest plot, and the room that each step gets at least; units of the drawing. */
const MIN_WIDTH = 960;
const MIN_PITCH = 13;
/** Widest bar. */
const MAX_BAR = 34;

/** A round number at or above `value`, so that the grid lines are readable too. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return ([1, 1.25, 1.5, 2, 2.5, 4, 5, 7.5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function Bar({ record, x, width, scale }: { record: StepRecord; x: number; width: number; scale: number }) {
  let y = TOP + PLOT_HEIGHT;
  const parts = PHASES.map((phase) => ({ phase, durationMs: phaseMs(record, phase) }));
  const { word, colour } = tellStep(record);
  return (
    <a href={`#step-${record.index}`} aria-label={`Step ${record.index}: ${durationText(phaseMs(record, 'total'))}`}>
      <title>
        {`Step ${record.index}, ${word}, ${durationText(phaseMs(record, 'total'))}\n`}
        {parts.map(({ phase, durationMs }) => `${phase} ${durationText(durationMs)}`).join('\n')}
      </title>
      <rect x={x - 2} y={TOP} width={width + 4} height={PLOT_HEIGHT + 14} class="hit" />
      {parts.map(({ phase, durationMs }) => {
        const height = durationMs * scale;
        y -= height;
        return <rect class={`fill-${phase}`} x={x} y={y.toFixed(1)} width={width} height={height.toFixed(1)} />;
      })}
      <rect class={`fill-${colour}`} x={x} y={TOP + PLOT_HEIGHT + 4} width={width} height={5} rx={2} />
    </a>
  );
}

function Grid({ top, width }: { readonly top: number; readonly width: number }) {
  return (
    <g class="grid">
      {[0, 0.25, 0.5, 0.75, 1].map((share) => {
        const y = TOP + PLOT_HEIGHT * (1 - share);
        return (
          <>
            <line x1={LEFT} x2={width} y1={y} y2={y} />
            <text x={LEFT - 8} y={y + 4} text-anchor="end">
              {durationText(top * share)}
            </text>
          </>
        );
      })}
    </g>
  );
}

function Plot({ records }: { readonly records: readonly StepRecord[] }) {
  const top = roundUp(Math.max(1, ...records.map((record) => sum(PHASES.map((phase) => phaseMs(record, phase))))));
  const width = Math.max(MIN_WIDTH, LEFT + records.length * MIN_PITCH);
  const pitch = (width - LEFT) / Math.max(1, records.length);
  const bar = Math.min(MAX_BAR, pitch * 0.72);
  const labelEvery = Math.max(1, Math.ceil(30 / pitch));
  const middle = (position: number) => LEFT + (position + 0.5) * pitch;
  return (
    <figure class="plot" aria-label="Time per step, stacked bars">
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} style={{ minWidth: `${width * 0.75}px` }}>
        <title>Time per step</title>
        <Grid top={top} width={width} />
        {records.map((record, position) => (
          <Bar record={record} x={middle(position) - bar / 2} width={bar} scale={PLOT_HEIGHT / top} />
        ))}
        {records.map(
          (record, position) =>
            position % labelEvery === 0 && (
              <text class="tick" x={middle(position)} y={HEIGHT - 22} text-anchor="middle">
                {record.index}
              </text>
            ),
        )}
        <text class="tick" x={LEFT} y={HEIGHT - 4}>
          step; the strip under each bar is its verdict
        </text>
      </svg>
    </figure>
  );
}

function PhaseTable({ records }: { readonly records: readonly StepRecord[] }) {
  const whole = sum(records.map((record) => phaseMs(record, 'total'))) || 1;
  return (
    <table class="phases">
      <thead>
        <tr>
          <th scope="col">phase</th>
          <th scope="col">median</th>
          <th scope="col">p99</th>
          <th scope="col">longest</th>
          <th scope="col">share</th>
        </tr>
      </thead>
      <tbody>
        {[...PHASES, 'total' as const].map((phase) => {
          const values = records.map((record) => phaseMs(record, phase));
          return (
            <tr>
              <th scope="row">
                <i class={`swatch fill-${phase}`} aria-hidden="true" />
                {phase === 'total' ? 'step' : phase}
              </th>
              <td>{durationText(quantile(values, 0.5))}</td>
              <td>{durationText(quantile(values, 0.99))}</td>
              <td>{durationText(quantile(values, 1))}</td>
              <td>{Math.round((sum(values) / whole) * 100)} %</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function TimingPlot({ records }: { readonly records: readonly StepRecord[] }) {
  return (
    <section class="panel" aria-labelledby="timing-title">
      <h2 id="timing-title">Time per step</h2>
      <div class="timing">
        <Plot records={records} />
        <PhaseTable records={records} />
      </div>
    </section>
  );
}
