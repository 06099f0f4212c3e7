/** What the critic shows a model of a proposal, whatever is watched over. */
import { type Frame, type Observation, PumiceError } from 'pumice';
import type { RawImage } from 'pumice/vision';

export const WHO = 'critic cosmos-reason';

export interface Shown {
  /** What is put into a prompt; `pictures` is said by `picturesInWords`. */
  readonly words: Readonly<Record<string, string>>;
  /** The newest picture as it is. */
  readonly picture: RawImage;
  /** The same with the proposal drawn on it, and what was drawn. */
  readonly drawn?: { readonly picture: RawImage; readonly says: string };
  /** Why a fast verdict cannot be enough. */
  readonly doubt?: string;
}

/** Media in the order in which they are sent, in words. */
export function picturesInWords({ drawn }: Shown, hasClip: boolean): string {
  if (hasClip) return `The video shows the last seconds. The picture is its end${drawn ? `, with ${drawn.says}` : ''}.`;
  if (!drawn) return 'The picture shows what is there now.';
  return `The first picture shows what is there now. The second is the same with ${drawn.says}.`;
}

/** On one line and in quotes, whatever is in it: two more characters end a line than JSON escapes. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (end) => (end === '\u2028' ? '\\u2028' : '\\u2029'));

/** A frame's bytes to draw on; decoded frames belong to their observation. */
export const copyOf = (frame: Frame): Frame => ({ ...frame, data: new Uint8Array(frame.data) });

export const misfit = (message: string, hint: string) => new PumiceError('config/misfit', message, { who: WHO, hint });

/** Pictures of a camera, or of whatever camera there is, oldest first. @throws PumiceError `config/misfit` when there is none. */
export function framesOf({ frames }: Observation, camera?: string): readonly [Frame, ...Frame[]] {
  const [first, ...rest] = frames
    .filter((frame) => camera === undefined || frame.camera === camera)
    .sort((a, b) => a.stampMs - b.stampMs);
  if (first) return [first, ...rest];
  const names = frames.map((frame) => frame.camera).join(', ') || 'none';
  throw misfit(
    `expected a picture${camera === undefined ? '' : ` of camera '${camera}'`}, got: ${names}`,
    'Let the body look through that camera, or name another with camera',
  );
}
