/**
 * Makes one HTML page of an episode, with its pictures inside: it needs no server, no other file, and no script to be read.
 * Everything that came from outside is escaped; the page's own content policy forbids any script but ours and any request.
 */
import { createHash } from 'node:crypto';
import { render } from 'preact-render-to-string';
import type { StepRecord } from '../../types.ts';
import { mapText } from '../map-text.ts';
import type { Episode } from '../reader.ts';
import type { Video } from '../video.ts';
import { boundRecord, boundSteps } from './bounds.ts';
import { Page } from './components/page.tsx';
import { makePictures } from './pictures.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { framesOf, type PageVideo, pictureOf, type StepView, shorten } from './view.ts';

/**
 * Largest video inside of a page, bytes. A page that is sent or kept alone stays whole; a larger one would load slowly, and is only
 * linked. Chosen: a few thousand steps of an arm.
 */
const MAX_VIDEO_BYTES = 12 * 2 ** 20;

/** A video and the name of its file, which lies beside the page. */
export interface ReportVideo extends Video {
  readonly name: string;
}

export interface ReportOptions {
  readonly video?: ReportVideo;
}

const CONTENT_POLICY = [
  "default-src 'none'",
  'img-src data:',
  'media-src data:',
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

async function stepViews(steps: readonly StepRecord[]): Promise<readonly StepView[]> {
  const firsts = steps.flatMap((step) => framesOf(step).slice(0, 1));
  const { src, thumbnailSrc } = await makePictures(steps, firsts);
  return steps.map((record) => {
    const frames = framesOf(record);
    const pictures = frames.flatMap((frame) => {
      const source = src(frame);
      return source ? [pictureOf(frame, source)] : [];
    });
    const thumbnail = frames[0] && thumbnailSrc(frames[0]);
    return {
      record,
      pictures,
      leftOut: frames.length - pictures.length,
      ...(thumbnail && { thumbnailSrc: thumbnail }),
    };
  });
}

function startedText({ startedWallMs }: Episode['facts']): string {
  if (!Number.isFinite(startedWallMs) || Math.abs(startedWallMs) > 8.64e15) return 'unknown';
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
  return `${format.format(startedWallMs)} UTC`;
}

function pageVideo({ data, ...facts }: ReportVideo): PageVideo {
  const isSmall = data.length <= MAX_VIDEO_BYTES;
  const base64 = () => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  return { ...facts, bytes: data.length, ...(isSmall && { src: `data:video/mp4;base64,${base64()}` }) };
}

/** The report of an episode, a whole HTML document of bounded size. */
export async function renderReport(episode: Episode, { video }: ReportOptions = {}): Promise<string> {
  const { shown, leftOut } = boundSteps(episode.steps);
  const page = (
    <Page
      facts={mapText(episode.facts, shorten)}
      end={episode.end && mapText(episode.end, shorten)}
      isComplete={episode.isComplete}
      records={episode.steps}
      steps={await stepViews(shown.map(boundRecord))}
      leftOut={leftOut}
      video={video && pageVideo(video)}
      startedText={startedText(episode.facts)}
      style={STYLE}
      script={SCRIPT}
      contentPolicy={CONTENT_POLICY}
    />
  );
  return `<!doctype html>\n${render(page)}\n`;
}
