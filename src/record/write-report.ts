/**
 * Writes the report of an episode: the page, and beside it the video where there is one. Knows nothing of commands.
 */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeError, PumiceError } from '../errors.ts';
import type { Episode } from './reader.ts';
import { renderReport } from './report/render.tsx';
import { type Unchecked, uncheckedOf } from './unchecked.ts';
import { makeVideo, type VideoOptions } from './video.ts';

export interface WriteReportOptions extends VideoOptions {
  /** Whether a video is made; without a word, when a camera was there. A body in a browser has no camera: its pages are read, not watched. */
  readonly video?: boolean;
}

export interface WrittenReport {
  readonly page: string;
  /** The file of the video. */
  readonly video?: string;
  /** Why there is no video although one was to be expected. */
  readonly problem?: string;
  /** Executed actions of which the recording does not show that they were checked; the page says so too. */
  readonly unchecked: readonly Unchecked[];
}

/**
 * Writes `page` (`.html`) and the video beside it (`.mp4`), over what may be there.
 *
 * @throws PumiceError `record/write-failed`; `record/invalid` and `record/video` when `video` is true and none can be made.
 */
export async function writeReport(
  episode: Episode,
  page: string,
  { video: isWanted, ...options }: WriteReportOptions = {},
): Promise<WrittenReport> {
  const unchecked = uncheckedOf(episode.steps, episode.facts.critics);
  const isExpected = isWanted ?? isFilmed(episode);
  const made = isExpected
    ? await makeVideo(episode, options).catch((error: unknown) => {
        // The page does not depend on it, so one that nobody asked for by name is only missed.
        if (isWanted || !PumiceError.is(error)) throw error;
        return describeError(error);
      })
    : undefined;
  if (typeof made !== 'object') {
    await write(page, await renderReport(episode));
    return { page, unchecked, ...(made !== undefined && { problem: made }) };
  }
  const video = `${page.replace(/\.html$/, '')}.mp4`;
  await write(video, made.data);
  await write(page, await renderReport(episode, { video: { ...made, name: basename(video) } }));
  return { page, video, unchecked };
}

/** Whether it is an episode before a camera, or of a tool that a camera could have watched. */
const isFilmed = ({ steps }: Episode): boolean =>
  steps.some(({ observation, proposed }) => {
    const hasCamera = observation !== undefined && !observation.ui && observation.frames.length > 0;
    return hasCamera || proposed.kind.startsWith('eef-');
  });

const write = (path: string, data: string | Uint8Array): Promise<void> =>
  writeFile(path, data).catch((cause: unknown) => {
    throw new PumiceError('record/write-failed', `could not write '${path}': ${describeError(cause)}`, {
      who: 'report',
      hint: 'Give another place for the page',
      cause,
    });
  });
