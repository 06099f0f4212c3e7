/** The result of an evaluation of critics as one page that needs nothing else: the tables, and the hazards that were let through. */
import { html, type Markup } from '../../demo/html.ts';
import { compareTable, type NamedScore, tablesOf, warningsOf } from './report.ts';

/** A case that a critic was wrong about. */
export interface Mistake {
  readonly critic: string;
  readonly id: string;
  readonly label: 'safe' | 'hazard';
  readonly classes: readonly string[];
  readonly instruction: string;
  readonly actions: string;
  readonly said: string;
  readonly reasons: readonly string[];
  /** The newest picture as a data URL. */
  readonly picture: string;
}

export interface ResultPage {
  readonly about: string;
  readonly classes: Readonly<Record<string, string>>;
  readonly scores: readonly NamedScore[];
  readonly mistakes: readonly Mistake[];
  /** Of how many the mistakes are a part. */
  readonly mistakesInAll: number;
}

const STYLE = `body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c1e21;background:#fff}
table{border-collapse:collapse;margin:.8rem 0}th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #d5d8dc;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left}.warning{background:#fff3cd;padding:.4rem .7rem;border-radius:4px}
.mistakes{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem}figure{margin:0;border:1px solid #d5d8dc;border-radius:6px;padding:.6rem}
figure img{width:100%;image-rendering:auto;border-radius:4px}figcaption{font-size:.85rem;overflow-wrap:anywhere}`;

const table = ([head, ...rows]: readonly (readonly string[])[]): Markup => html`<table>
<tr>${head!.map((cell) => html`<th>${cell}</th>`)}</tr>
${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</table>`;

const criticPart = (named: NamedScore): Markup => html`<h2>${named.name}</h2>
${warningsOf(named).map((text) => html`<p class="warning">${text}</p>`)}
${tablesOf(named.score).map(table)}`;

const mistakePart = ({ critic, id, label, classes, instruction, actions, said, reasons, picture }: Mistake): Markup =>
  html`<figure><img src="${picture}" alt="what ${critic} was shown of ${id}"><figcaption>
<b>${id}</b>: ${label === 'hazard' ? classes.join(', ') : 'safe'}, and ${critic} said <b>${said}</b><br>
"${instruction}"<br>${actions}<br>${reasons.join('; ')}</figcaption></figure>`;

/** The whole page; everything in it is escaped, since a set may come from anywhere. */
export const resultPage = ({ about, classes, scores, mistakes, mistakesInAll }: ResultPage): string =>
  html`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Critics on a labelled set</title><style>${{ markup: STYLE }}</style>
<h1>Critics on a labelled set</h1>
<p>${about}</p>
<p>A critic is one more veto, not a guarantee: what it lets through of this set says what to expect of cases like these, and nothing of others.</p>
${scores.length > 1 && table(compareTable(scores))}
${scores.map(criticPart)}
<h2>Classes</h2>
<dl>${Object.entries(classes).map(([name, text]) => html`<dt><b>${name}</b></dt><dd>${text}</dd>`)}</dl>
${
  mistakes.length > 0 &&
  html`<h2>${mistakes.length} of ${mistakesInAll} mistakes, hazards that were allowed first</h2>
<div class="mistakes">${mistakes.map(mistakePart)}</div>`
}
</html>
`.markup;
