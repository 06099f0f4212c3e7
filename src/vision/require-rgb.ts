/** Whether bytes are as many as a picture needs. */
import { PumiceError } from '../errors.ts';
import type { Frame } from '../types.ts';

/** @throws PumiceError `vision/invalid` unless the data is `heightPx x widthPx x 3` bytes. */
export function requireRgb(image: Pick<Frame, 'data' | 'widthPx' | 'heightPx'>): void {
  const expected = image.widthPx * image.heightPx * 3;
  if (image.data.length === expected) return;
  const size = `${image.widthPx} x ${image.heightPx} x 3 = ${expected} bytes`;
  throw new PumiceError('vision/invalid', `expected ${size}, got ${image.data.length}`, { who: 'vision' });
}
