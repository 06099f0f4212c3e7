/** What `pumice ask` shows a model: a picture, a clip, or frames of a recorded episode, packed as the model's family wants them. */
import { readFile } from 'node:fs/promises';
import { describeError, PumiceError } from '../errors.ts';
import { clipOf, type ModelProfile, type SentImage, type SentVideo, sentPicture } from '../models/index.ts';
import type { Frame } from '../types.ts';
import { decodeImage, type RawImage } from '../vision/index.ts';

export interface Shown {
  readonly image?: SentImage;
  readonly video?: SentVideo;
  /** What places in an answer are drawn on: the picture, or the last frame of an episode. */
  readonly canvas?: RawImage;
  readonly sentWidthPx?: number;
  readonly sentHeightPx?: number;
  /** Wall time of second 0 of a clip, ms since 1970; absent for a file that does not say. */
  readonly startWallMs?: number;
  /** What an episode was about. */
  readonly instruction?: string;
}
export interface Files {
  readonly image?: string;
  readonly video?: string;
  /** Whose frames of an episode. */
  readonly camera?: string;
}

const who = 'pumice ask';
const usage = (message: string, hint: string, cause?: unknown) =>
  new PumiceError('cli/usage', message, { who, hint, cause });

/** @throws PumiceError `cli/usage` for files that cannot be read; `config/misfit` for media that the family does not take. */
export async function shownOf(profile: ModelProfile, { image, video, camera }: Files): Promise<Shown> {
  if ((image === undefined) === (video === undefined))
    throw usage('expected one of --image and --video', 'Give the file that the question is about');
  if (image !== undefined) return picture(profile, await bytesOf(image));
  if (video!.endsWith('.mcap')) return episode(profile, video!, camera);
  const bytes = await bytesOf(video!);
  if (profile.media.video?.as !== 'mp4')
    throw new PumiceError('config/misfit', `${profile.family} takes no mp4 file as it is`, {
      who,
      hint: 'Give a recorded episode (.mcap), whose frames can be packed, or another model',
    });
  return { video: { mp4: bytes } };
}

async function picture(profile: ModelProfile, bytes: Uint8Array): Promise<Shown> {
  const canvas = await decodeImage(bytes);
  const { image, raw } = await sentPicture(profile, canvas);
  if (!image) throw new PumiceError('config/misfit', `${profile.family} takes no pictures by chat`, { who });
  return { image, canvas, sentWidthPx: raw.widthPx, sentHeightPx: raw.heightPx };
}

/** A clip of the whole episode where the family takes video, its last frame where it does not. */
async function episode(profile: ModelProfile, path: string, camera: string | undefined): Promise<Shown> {
  const { readEpisode } = await import('../record/index.ts');
  const { steps, facts, wallAtZeroMs } = await readEpisode(path);
  const all = steps.flatMap(({ observation }) => observation?.frames ?? []);
  const name = camera ?? all[0]?.camera;
  const frames: readonly Frame[] = all.filter((frame) => frame.camera === name);
  const last = frames.at(-1);
  if (!last) {
    const names = [...new Set(all.map((frame) => frame.camera))].join(', ') || 'none';
    throw usage(`no frames of camera '${name ?? ''}' in ${path} (there is: ${names})`, 'Name another with --camera');
  }
  const { instruction } = facts;
  const canvas = await decodeImage(last.data).catch(() => undefined);
  if (!profile.media.video) return { ...(await picture(profile, last.data)), instruction };
  const clip = await clipOf(frames, profile);
  return {
    video: clip.video,
    ...(canvas && { canvas }),
    sentWidthPx: clip.sentWidthPx,
    sentHeightPx: clip.sentHeightPx,
    startWallMs: wallAtZeroMs + clip.startMs,
    instruction,
  };
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw usage(`'${path}' cannot be read: ${describeError(cause)}`, 'Give the path of a file', cause);
  });
}
