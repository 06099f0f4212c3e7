/**
 * Makes one HTML page of an episode, with its pictures inside: it needs no server, no other file, and no script to be read.
 * Everything that came from outside is escaped; the page's own content policy forbids any script but ours and any request.
 */
import { createHash } from 'node:crypto';
import { render } from 'preact-render-to-string';
import type { StepRecord } from '../../types.ts';
import { mapText } from '../map-text.ts';
import type { Episode } from '../reader.ts';
import { boundRecord, boundSteps, shorten } from './bounds.ts';
import { Page } from './components/page.tsx';
import { makePictures } from './pictures.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { framesOf, pictureOf, type StepView } from './view.ts';

const CONTENT_POLICY = [
  "default-src 'none'",
  'img-src data:',
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

/** The report of an episode, a whole HTML document of bounded size. */
export async function renderReport(episode: Episode): Promise<string> {
  const { shown, leftOut } = boundSteps(episode.steps);
  const page = (
    <Page
      facts={mapText(episode.facts, shorten)}
      end={episode.end && mapText(episode.end, shorten)}
      isComplete={episode.isComplete}
      records={episode.steps}
      steps={await stepViews(shown.map(boundRecord))}
      leftOut={leftOut}
      startedText={startedText(episode.facts)}
      style={STYLE}
      script={SCRIPT}
      contentPolicy={CONTENT_POLICY}
    />
  );
  return `<!doctype html>\n${render(page)}\n`;
}
