/** A camera's picture on its way to a model. */
import { expect, test } from 'vitest';
import { ownProfile } from '../../src/models/own-profiles.ts';
import { profileOf } from '../../src/models/profiles.ts';
import { sentPicture } from '../../src/models/sent-picture.ts';
import { decodeImage } from '../../src/vision/index.ts';

const grey = (widthPx: number, heightPx: number) => ({
  data: new Uint8Array(3 * widthPx * heightPx).fill(128),
  widthPx,
  heightPx,
});

test('a family whose places are pixels of what was sent gets sides of 28, and the decoder both sizes', async () => {
  const { image, picture } = await sentPicture(profileOf('ui-tars'), grey(1280, 720));
  expect(picture).toEqual({ widthPx: 1280, heightPx: 720, sentWidthPx: 1288, sentHeightPx: 728 });
  expect(image?.format).toBe('jpeg');
  expect(await decodeImage(image!.data)).toMatchObject({ widthPx: 1288, heightPx: 728 });
});

test('a small picture is made as large as the family needs, a large one as small', async () => {
  const small = await sentPicture(profileOf('ui-tars'), grey(100, 100));
  expect(small.raw.widthPx * small.raw.heightPx).toBeGreaterThanOrEqual(100 * 28 * 28);
  const large = await sentPicture(profileOf('qvq'), grey(3840, 2160));
  expect(large.raw.widthPx * large.raw.heightPx).toBeLessThanOrEqual(1280 * 28 * 28);
});

test('where nothing is to be resized the pixels are the same, and PNG keeps them', async () => {
  const frame = { data: Uint8Array.from({ length: 48 }, (_, at) => at * 5), widthPx: 4, heightPx: 4 };
  const { image, raw } = await sentPicture(profileOf('magma'), frame);
  expect(raw).toBe(frame);
  expect(Buffer.from((await decodeImage(image!.data)).data)).toEqual(Buffer.from(frame.data));
});

test('padding keeps the proportions, puts the picture in the middle and leaves the rest black', async () => {
  const { image, raw } = await sentPicture(profileOf('openpi'), grey(640, 360));
  expect([image, raw.widthPx, raw.heightPx]).toEqual([undefined, 224, 224]);
  const row = (y: number) => raw.data[3 * (y * 224 + 100)];
  expect([row(0), row(48), row(49), row(112), row(174), row(175), row(223)]).toEqual([0, 0, 128, 128, 128, 0, 0]);
});

test('an exact size is kept whatever the proportions', async () => {
  const own = ownProfile('a', {
    media: { image: { resize: { rule: 'exact', widthPx: 64, heightPx: 32 }, format: 'rgb8' } },
  });
  expect((await sentPicture(own, grey(100, 100))).raw).toMatchObject({ widthPx: 64, heightPx: 32 });
});

test('a family that takes video only is sent no picture', async () => {
  await expect(sentPicture(profileOf('cogvlm2-video'), grey(4, 4))).rejects.toMatchObject({ code: 'config/misfit' });
});
