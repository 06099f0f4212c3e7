/** The page over the reports of one showing: a card for each task, with its last picture. Needs no server and no other file. */
import { STYLE } from '../record/report/style.ts';
import { durationText } from '../record/report/view.ts';
import { thumbnail } from '../vision/thumbnail.ts';
import { html } from './html.ts';
import type { Performance } from './perform.ts';

/** Width of the pictures, px. Chosen: twice their width on the page, for dense screens. */
const PICTURE_WIDTH_PX = 640;

const SUMMARY_STYLE = `
.shows { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 22px; margin-top: 8px; }
.show { display: flex; flex-direction: column; color: inherit; text-decoration: none; background: var(--card); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
.show:hover { border-color: var(--link); }
.show img { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: cover; object-position: top; border-bottom: 1px solid var(--line); background: var(--sunken); }
.show div { display: flex; flex-direction: column; gap: 10px; padding: 18px 20px 20px; flex: 1; }
.show .said { color: var(--soft); }
.show .why { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 5; overflow: hidden; overflow-wrap: anywhere; }
.show .foot { display: flex; gap: 12px; align-items: center; margin-top: auto; font-variant-numeric: tabular-nums; color: var(--soft); }
`;

/** The last picture of a page other than the first: what the agent left behind before it logged out, if it did. */
async function pictureOf({ episode: { steps } }: Performance): Promise<string | undefined> {
  const start = steps[0]?.observation?.ui?.url;
  const seen = steps.flatMap(({ observation }) => (observation?.frames[0] ? [observation] : []));
  const shown = seen.findLast(({ ui }) => ui?.url !== start) ?? seen.at(-1);
  if (!shown) return undefined;
  const { data, encoding } = await thumbnail(shown.frames[0]!, PICTURE_WIDTH_PX);
  return `data:image/${encoding};base64,${Buffer.from(data).toString('base64')}`;
}

async function card(performance: Performance) {
  const { task, result, check, done, durationMs, report } = performance;
  const src = await pictureOf(performance);
  const why = done ? undefined : `${result.reason}; ${check.why}`;
  return html`<a class="show" href="${report}">
${src && html`<img src="${src}" alt="What the agent left behind">`}
<div>
<h2>${task.title}</h2>
<p class="said">${task.instruction}</p>
${why && html`<p class="why">${why}</p>`}
<p class="foot"><span class="pill outcome-${done ? 'success' : 'failure'}">${done ? 'done' : 'not done'}</span>${episodeText(performance)}, ${durationText(durationMs)}</p>
</div>
</a>`;
}

export const episodeText = ({ result: { steps } }: Performance): string => `${steps} step${steps === 1 ? '' : 's'}`;

export async function summaryPage(performances: readonly Performance[], browser: string): Promise<string> {
  const done = performances.filter((performance) => performance.done).length;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>pumice demo: ${done} of ${performances.length} tasks done</title>
<style>${{ markup: STYLE + SUMMARY_STYLE }}</style>
</head>
<body>
<header class="head">
<p class="eyebrow">pumice demo</p>
<h1>${done} of ${performances.length} tasks done</h1>
<p class="ending">The agent went by the numbered marks on each page; what counts as done is what the app itself says afterwards. ${browser}.</p>
</header>
<main class="shows">
${await Promise.all(performances.map(card))}
</main>
</body>
</html>
`.markup;
}
