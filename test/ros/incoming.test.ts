/** What robots send, as it is read: both ways to write it, and nothing of what does not fit. */
import { describe, expect, it } from 'vitest';
import {
  compressedImageSchema,
  imageSchema,
  jointStateSchema,
  poseStampedSchema,
  rgbOf,
  stampSchema,
} from '../../envs/ros/incoming.ts';
import { jpegSizeOf } from '../../envs/ros/jpeg-size.ts';
import { msOf, timeOf, typeName } from '../../envs/ros/names.ts';
import { encodeJpeg } from '../../src/vision/encode.ts';

const header = { stamp: { sec: 12, nanosec: 500_000_000 }, frame_id: 'base' };
const joints = { header, name: ['a', 'b'], position: [1, 2], velocity: [0, 0], effort: [null, null] };

describe('a stamp', () => {
  it('is the same in both versions, there and back, to the nanosecond that a double holds', () => {
    for (const ros of [1, 2] as const)
      for (const ms of [0, 12_500, 1_700_000_000_000.25, 999.9999999999]) {
        const time = timeOf(ros, ms);
        expect(msOf(time)).toBeCloseTo(ms, 3);
        expect(stampSchema.parse(time)).toBeCloseTo(ms, 3);
        const [seconds, nanoseconds] = Object.values(time);
        expect(nanoseconds).toBeLessThan(1e9);
        expect(Number.isInteger(seconds)).toBe(true);
      }
    expect(stampSchema.safeParse({ sec: 1 }).success).toBe(false);
    expect(typeName(2, 'std_srvs/SetBool', 'srv')).toBe('std_srvs/srv/SetBool');
    expect(typeName(1, 'std_srvs/SetBool', 'srv')).toBe('std_srvs/SetBool');
  });
});

describe('joint states', () => {
  it('are lists or typed arrays, and efforts may be anything', () => {
    expect(jointStateSchema.parse(joints)).toMatchObject({ position: [1, 2], header: { stamp: 12_500 } });
    const typed = { ...joints, position: Float64Array.from([1, 2]), velocity: new Float64Array() };
    expect(jointStateSchema.parse(typed)).toMatchObject({ position: [1, 2], velocity: [] });
  });

  it('are none with a null (NaN), with NaN, or with another number of positions than names', () => {
    for (const position of [[1, null], [1, Number.NaN], Float64Array.from([1, Number.NaN]), [1], [1, 2, 3], '1 2'])
      expect(jointStateSchema.safeParse({ ...joints, position }).success, String(position)).toBe(false);
    expect(jointStateSchema.safeParse({ ...joints, velocity: [0] }).success).toBe(false);
  });
});

it('a pose has an orientation of length 1: one that was filled in with zeros is none', () => {
  const pose = { position: { x: 0, y: 0, z: 0 }, orientation: { x: 0, y: 0, z: 0, w: 1 } };
  expect(poseStampedSchema.safeParse({ header, pose }).success).toBe(true);
  const zeros = { ...pose, orientation: { x: 0, y: 0, z: 0, w: 0 } };
  expect(poseStampedSchema.safeParse({ header, pose: zeros }).success).toBe(false);
});

describe('a picture', () => {
  const image = { header, height: 1, width: 2, encoding: 'bgr8', step: 8, data: Uint8Array.of(3, 2, 1, 6, 5, 4, 0, 0) };
  it('that is raw becomes rows of red, green, blue without gaps', () => {
    expect([...rgbOf(imageSchema.parse(image))]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...rgbOf(imageSchema.parse({ ...image, encoding: 'rgb8' }))]).toEqual([3, 2, 1, 6, 5, 4]);
    for (const wrong of [{ step: 5 }, { height: 2 }, { encoding: '16UC1' }, { width: 0 }])
      expect(imageSchema.safeParse({ ...image, ...wrong }).success, JSON.stringify(wrong)).toBe(false);
  });

  it('that is compressed is passed on as it came, as bytes or base64, and is none of another kind', async () => {
    const raw = { data: new Uint8Array(3 * 20 * 10), encoding: 'rgb8', widthPx: 20, heightPx: 10 } as const;
    const { data } = await encodeJpeg({ ...raw, stampMs: 0, camera: 'c' });
    for (const sent of [data, Buffer.from(data).toString('base64')])
      expect(
        Buffer.compare(
          compressedImageSchema.parse({ header, format: 'rgb8; jpeg compressed bgr8', data: sent }).data,
          data,
        ),
      ).toBe(0);
    expect(jpegSizeOf(data)).toEqual([20, 10]);
    expect(compressedImageSchema.safeParse({ header, format: 'png', data }).success).toBe(false);
    expect(compressedImageSchema.safeParse({ header, format: 'jpeg', data: 'no base64!' }).success).toBe(false);
    for (let length = 0; length < 160; length++) jpegSizeOf(data.subarray(0, length));
    expect(jpegSizeOf(data.subarray(0, 20))).toBeUndefined();
  });
});
