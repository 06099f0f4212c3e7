/** Two results, or one, as one page that needs nothing else: rates, intervals, the paired test, and pictures of what failed. */
import { html, type Markup } from '../../demo/html.ts';
import type { Interval } from '../statistics.ts';
import { type Comparison, comparisonRows, notesOf } from './compare.ts';

/** An episode that failed. */
export interface Failure {
  readonly result: string;
  readonly task: string;
  readonly seed: number;
  readonly instruction: string;
  readonly outcome: string;
  readonly reason: string;
  readonly steps: number;
  /** Its last picture as a data URL, where it was recorded. */
  readonly picture?: string;
}

export interface ComparePage {
  readonly comparison: Comparison;
  /** All that each result says decides its number, as JSON. */
  readonly setups: readonly [string, string];
  readonly failures: readonly Failure[];
  /** Of how many the failures are a part. */
  readonly failuresInAll: number;
}

const STYLE = `body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1c1e21;background:#fff}
table{border-collapse:collapse;margin:.8rem 0}th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #d5d8dc;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left}.note{background:#fff3cd;padding:.4rem .7rem;border-radius:4px}
.failures{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1rem}figure{margin:0;border:1px solid #d5d8dc;border-radius:6px;padding:.6rem}
figure img{width:100%;border-radius:4px}figcaption{font-size:.85rem;overflow-wrap:anywhere}pre{overflow:auto;background:#f4f5f7;padding:.6rem;font-size:.8rem}`;

const ROW_PX = 34;
const PLOT_PX = 600;
const LABEL_PX = 140;
const COLOURS = ['#0b6bcb', '#b3480f'] as const;

function mark({ rate, low, high }: Interval, yPx: number, colour: string): Markup {
  const at = (share: number) => (LABEL_PX + share * PLOT_PX).toFixed(1);
  return html`<line x1="${at(low)}" x2="${at(high)}" y1="${yPx}" y2="${yPx}" stroke="${colour}" stroke-width="3"/><circle cx="${at(rate)}" cy="${yPx}" r="5" fill="${colour}"/>`;
}

/** Rates and their 95 % intervals, the first result above the second. */
function plot({ rows, names }: Comparison): Markup {
  const heightPx = rows.length * ROW_PX + 30;
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  return html`<svg viewBox="0 0 ${LABEL_PX + PLOT_PX + 20} ${heightPx}" width="${LABEL_PX + PLOT_PX + 20}" role="img" aria-label="success rates with 95 % intervals">
${ticks.map((share) => {
  const xPx = LABEL_PX + share * PLOT_PX;
  return html`<line x1="${xPx}" x2="${xPx}" y1="0" y2="${heightPx - 22}" stroke="#d5d8dc"/><text x="${xPx}" y="${heightPx - 6}" font-size="12" text-anchor="middle">${100 * share} %</text>`;
})}
${rows.map(
  ({ task, first, second }, row) =>
    html`<text x="0" y="${row * ROW_PX + 20}" font-size="13">${task}</text>${mark(first, row * ROW_PX + 10, COLOURS[0])}${mark(second, row * ROW_PX + 22, COLOURS[1])}`,
)}</svg><p>${names.map((name, at) => html`<b style="color:${COLOURS[at]!}">${name}</b> `)}</p>`;
}

const table = ([head, ...rows]: readonly (readonly string[])[]): Markup => html`<table>
<tr>${head!.map((cell) => html`<th>${cell}</th>`)}</tr>
${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</table>`;

const failurePart = ({ result, task, seed, instruction, outcome, reason, steps, picture }: Failure): Markup =>
  html`<figure>${picture !== undefined && html`<img src="${picture}" alt="the last picture of ${task} ${seed}">`}<figcaption>
<b>${task} ${seed}</b>, ${result}: ${outcome} after ${steps} steps<br>"${instruction}"<br>${reason}</figcaption></figure>`;

/** The whole page; everything in it is escaped. */
export const comparePage = ({ comparison, setups, failures, failuresInAll }: ComparePage): string =>
  html`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${comparison.names.join(' and ')}</title><style>${{ markup: STYLE }}</style>
<h1>${comparison.names.join(' and ')}, on equal seeds</h1>
${notesOf(comparison.unpaired, comparison.differs).map((note) => html`<p class="note">${note}</p>`)}
${plot(comparison)}
${table(comparisonRows(comparison))}
<p>Intervals are Wilson's, 95 %. p is the probability, if both were equally good, of the episodes that only one of them did being shared out at least as unevenly.</p>
${
  failures.length > 0 &&
  html`<h2>${failures.length} of ${failuresInAll} failures</h2>
<div class="failures">${failures.map(failurePart)}</div>`
}
<h2>What decided these numbers</h2>
${setups.map((setup, at) => html`<h3>${comparison.names[at]!}</h3><pre>${setup}</pre>`)}
</html>
`.markup;
