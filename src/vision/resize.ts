/** Makes a picture smaller by the mean of what each new pixel covers: exact, without a library, the same on every machine. */
import { PumiceError } from '../errors.ts';
import type { RawImage } from './decode.ts';
import { requireRgb } from './require-rgb.ts';

/** What one new pixel is made of along one axis: the first old pixel, and how much of each from there on. */
interface Cover {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * A picture of another size, by area averaging; its proportions change with the size asked for.
 *
 * @throws PumiceError `vision/invalid` when it would become larger, or the data does not fit the declared size.
 */
export function resizeArea(image: RawImage, widthPx: number, heightPx: number): RawImage {
  requireRgb(image);
  if (!(widthPx >= 1 && heightPx >= 1 && widthPx <= image.widthPx && heightPx <= image.heightPx))
    throw new PumiceError(
      'vision/invalid',
      `cannot make ${image.widthPx} x ${image.heightPx} into ${widthPx} x ${heightPx}: expected a smaller size`,
      { who: 'vision' },
    );
  if (widthPx === image.widthPx && heightPx === image.heightPx) return image;
  const columns = coversOf(image.widthPx, widthPx);
  const rows = coversOf(image.heightPx, heightPx);
  const { data } = image;
  // Rows first, into whole lines of the old width: each old pixel is then read once.
  const line = new Float64Array(3 * image.widthPx);
  const small = new Uint8Array(3 * widthPx * heightPx);
  rows.forEach(({ first, weights }, y) => {
    line.fill(0);
    weights.forEach((weight, at) => {
      const from = 3 * image.widthPx * (first + at);
      for (let i = 0; i < line.length; i++) line[i]! += weight * data[from + i]!;
    });
    columns.forEach((column, x) => {
      let [r, g, b] = [0.5, 0.5, 0.5];
      column.weights.forEach((weight, at) => {
        const from = 3 * (column.first + at);
        r += weight * line[from]!;
        g += weight * line[from + 1]!;
        b += weight * line[from + 2]!;
      });
      const to = 3 * (y * widthPx + x);
      small[to] = r;
      small[to + 1] = g;
      small[to + 2] = b;
    });
  });
  return { data: small, widthPx, heightPx };
}

function coversOf(oldSize: number, newSize: number): readonly Cover[] {
  const scale = oldSize / newSize;
  return Array.from({ length: newSize }, (_, at) => {
    const [from, to] = [at * scale, Math.min(oldSize, (at + 1) * scale)];
    const first = Math.floor(from);
    const count = Math.ceil(to) - first;
    const weights = Array.from(
      { length: count },
      (_, i) => (Math.min(to, first + i + 1) - Math.max(from, first + i)) / scale,
    );
    return { first, weights };
  });
}
