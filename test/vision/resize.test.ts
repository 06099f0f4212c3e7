/** Making pictures smaller: the mean of what each new pixel covers. */
import fc from 'fast-check';
import { PumiceError } from 'pumice';
import { type RawImage, resizeArea } from 'pumice/vision';
import { expect, it } from 'vitest';
import { randomFrom } from '../random.ts';

const imageOf = (widthPx: number, heightPx: number, at: (index: number) => number): RawImage => ({
  data: Uint8Array.from({ length: 3 * widthPx * heightPx }, (_, index) => at(index)),
  widthPx,
  heightPx,
});
const meanOf = ({ data }: RawImage) => data.reduce((sum, value) => sum + value, 0) / data.length;

it('whole factors give whole means, rounded to the nearest', () => {
  const image = imageOf(4, 2, (index) => Math.floor(index / 3));
  expect([...resizeArea(image, 2, 1).data]).toEqual([3, 3, 3, 5, 5, 5]);
});

it('a pixel that lies across an edge counts on both sides by its parts', () => {
  const image = imageOf(3, 1, (index) => [0, 90, 240][Math.floor(index / 3)]!);
  expect([...resizeArea(image, 2, 1).data]).toEqual([30, 30, 30, 190, 190, 190]);
});

it('agrees with a sum over all pixels, for any sizes', () => {
  fc.assert(
    fc.property(sizes, fc.integer(), ([width, height, newWidth, newHeight], seed) => {
      const random = randomFrom(seed);
      const image = imageOf(width, height, () => Math.floor(256 * random()));
      const small = resizeArea(image, newWidth, newHeight);
      small.data.forEach((value, index) => {
        expect(Math.abs(value - slowMean(image, small, index))).toBeLessThanOrEqual(0.5 + 1e-9);
      });
    }),
    { numRuns: 60 },
  );
});

it('twin: taking one pixel of each place does not keep the mean, averaging does', () => {
  const stripes = imageOf(224, 224, (index) => (Math.floor(index / 3) % 2 === 0 ? 0 : 200));
  expect(meanOf(resizeArea(stripes, 128, 128))).toBeCloseTo(100, 0);
  const picked = imageOf(112, 112, (index) => stripes.data[6 * Math.floor(index / 3)]!);
  expect(meanOf(picked)).toBe(0);
});

it('the same size is the same picture; larger, empty and wrong sizes are refused', () => {
  const image = imageOf(4, 4, (index) => index);
  expect(resizeArea(image, 4, 4).data).toEqual(image.data);
  for (const [width, height] of [
    [5, 4],
    [4, 5],
    [0, 4],
    [4, Number.NaN],
  ] as const)
    expect(() => resizeArea(image, width, height)).toThrow(PumiceError);
  expect(() => resizeArea({ ...image, widthPx: 5 }, 2, 2)).toThrow(/expected 5 x 4/);
});

const sizes = fc
  .tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }))
  .chain(([width, height]) =>
    fc.tuple(
      fc.constant(width),
      fc.constant(height),
      fc.integer({ min: 1, max: width }),
      fc.integer({ min: 1, max: height }),
    ),
  );

/** By definition: every old pixel, by how much of it lies within the new one. */
function slowMean(image: RawImage, small: RawImage, index: number): number {
  const [x, y, channel] = [Math.floor(index / 3) % small.widthPx, Math.floor(index / 3 / small.widthPx), index % 3];
  const part = (at: number, old: number, size: number, now: number) =>
    Math.max(0, Math.min(((at + 1) * old) / size, now + 1) - Math.max((at * old) / size, now));
  let [sum, weight] = [0, 0];
  for (let row = 0; row < image.heightPx; row++)
    for (let column = 0; column < image.widthPx; column++) {
      const share = part(x, image.widthPx, small.widthPx, column) * part(y, image.heightPx, small.heightPx, row);
      sum += share * image.data[3 * (row * image.widthPx + column) + channel]!;
      weight += share;
    }
  return sum / weight;
}
