/**
 * Makes one HTML page of an episode, with its pictures inside: it needs no server and no other file.
 * Everything that came from outside is escaped; the page's own content policy forbids any script but ours and any request.
 */
import { createHash } from 'node:crypto';
import { render } from 'preact-render-to-string';
import type { Frame } from '../../types.ts';
import type { Episode } from '../reader.ts';
import { Page } from './components/page.tsx';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { framesOf, pictureOf, type StepView } from './view.ts';

/** Width of the pictures in the overview, px. Chosen: twice their size on the page, for dense screens. */
const THUMBNAIL_WIDTH_PX = 288;

const CONTENT_POLICY = [
  "default-src 'none'",
  'img-src data:',
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const dataUrl = ({ encoding, data }: Frame): string =>
  `data:image/${encoding};base64,${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`;

/** Results by picture, so that one that is shown in many steps is worked on once. */
type Cache = Map<Uint8Array, string | undefined>;

async function srcOf(frame: Frame, cache: Cache): Promise<string> {
  const known = cache.get(frame.data);
  if (known) return known;
  const shown = frame.encoding === 'rgb8' ? await (await import('../../vision/encode.ts')).encodeJpeg(frame) : frame;
  const src = dataUrl(shown);
  cache.set(frame.data, src);
  return src;
}

/** A small picture; none when the frame is not one, since a report must show the rest all the same. */
async function thumbnailSrcOf(frame: Frame, cache: Cache): Promise<string | undefined> {
  if (cache.has(frame.data)) return cache.get(frame.data);
  const { thumbnail } = await import('../../vision/thumbnail.ts');
  const src = await thumbnail(frame, THUMBNAIL_WIDTH_PX).then(dataUrl, () => undefined);
  cache.set(frame.data, src);
  return src;
}

async function stepViews(episode: Episode): Promise<readonly StepView[]> {
  const sources: Cache = new Map();
  const thumbnails: Cache = new Map();
  const views: StepView[] = [];
  for (const record of episode.steps) {
    const frames = framesOf(record);
    const pictures = [];
    for (const frame of frames) pictures.push(pictureOf(frame, await srcOf(frame, sources)));
    const thumbnailSrc = frames[0] && (await thumbnailSrcOf(frames[0], thumbnails));
    views.push({ record, pictures, ...(thumbnailSrc ? { thumbnailSrc } : {}) });
  }
  return views;
}

function startedText({ startedWallMs }: Episode['facts']): string {
  if (!Number.isFinite(startedWallMs) || Math.abs(startedWallMs) > 8.64e15) return 'unknown';
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
  return `${format.format(startedWallMs)} UTC`;
}

/** The report of an episode, a whole HTML document. */
export async function renderReport(episode: Episode): Promise<string> {
  const page = (
    <Page
      episode={episode}
      steps={await stepViews(episode)}
      startedText={startedText(episode.facts)}
      style={STYLE}
      script={SCRIPT}
      contentPolicy={CONTENT_POLICY}
    />
  );
  return `<!doctype html>\n${render(page)}\n`;
}
