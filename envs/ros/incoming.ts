/**
 * The messages that robots send, as they are read: both ways to write a stamp, numbers as lists or typed arrays (CBOR), bytes as bytes or
 * base64 (JSON). Stamps become milliseconds of the robot's clock. What does not fit is dropped by whoever listens: a null (NaN in JSON)
 * where a number must be, lists of unequal length, a picture of another size than it says.
 */
import { z } from 'zod';

/** A time of the robot's clock, ms. */
export const stampSchema = z.union([
  z.object({ sec: z.int(), nanosec: z.int() }).transform(({ sec, nanosec }) => sec * 1000 + nanosec / 1e6),
  z.object({ secs: z.int(), nsecs: z.int() }).transform(({ secs, nsecs }) => secs * 1000 + nsecs / 1e6),
]);

const header = z.object({ stamp: stampSchema, frame_id: z.string() });
const xyz = z.object({ x: z.number(), y: z.number(), z: z.number() });
const orientation = z
  .object({ x: z.number(), y: z.number(), z: z.number(), w: z.number() })
  .refine(({ x, y, z: k, w }) => Math.abs(Math.hypot(x, y, k, w) - 1) < 1e-2, 'a quaternion has length 1');

const numbers = z
  .union([z.array(z.number()), z.instanceof(Float64Array), z.instanceof(Float32Array)])
  .transform((values) => Array.from(values))
  .refine((values) => values.every(Number.isFinite), 'a number is not finite');

const bytes = z.union([
  z.instanceof(Uint8Array),
  z.string().transform((text, context) => {
    const decoded = Buffer.from(text, 'base64');
    // What is no base64 is left out without a word.
    if (decoded.length !== Math.floor((text.replace(/=+$/, '').length * 3) / 4))
      context.addIssue({ code: 'custom', message: 'is not base64' });
    return new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.length);
  }),
]);

export const jointStateSchema = z
  .object({
    header,
    name: z.array(z.string()).min(1),
    position: numbers,
    velocity: numbers,
    /** Often NaN, and needed by nobody here. */
    effort: z.unknown(),
  })
  .refine(({ name, position }) => name.length === position.length, 'not one position for each name')
  .refine(
    ({ name, velocity }) => [0, name.length].includes(velocity.length),
    'not one velocity for each name, or none',
  );

export const poseStampedSchema = z.object({ header, pose: z.object({ position: xyz, orientation }) });

export const joySchema = z.object({
  header,
  axes: numbers,
  buttons: z.union([z.array(z.int()), z.instanceof(Int32Array)]).transform((values) => Array.from(values)),
});

export const transformsSchema = z.object({
  transforms: z.array(
    z.object({
      header,
      child_frame_id: z.string(),
      transform: z.object({ translation: xyz, rotation: orientation }),
    }),
  ),
});

export const boolSchema = z.object({ data: z.boolean() });

export const diagnosticsSchema = z.object({
  status: z.array(
    z.object({
      /** 0 fine, 1 a warning, 2 an error, 3 silent. */
      level: z.int().min(0).max(3),
      name: z.string(),
      message: z.string(),
    }),
  ),
});

export const compressedImageSchema = z.object({
  header,
  /** `jpeg`, or as `rgb8; jpeg compressed bgr8`. */
  format: z.string().regex(/jpe?g/i, 'expected a format with jpeg in it'),
  data: bytes.refine((data) => data[0] === 0xff && data[1] === 0xd8, 'does not begin as a JPEG does'),
});

export const imageSchema = z
  .object({
    header,
    height: z.int().positive(),
    width: z.int().positive(),
    encoding: z.enum(['rgb8', 'bgr8']),
    step: z.int().positive(),
    data: bytes,
  })
  .refine(({ step, width }) => step >= 3 * width, 'a row has fewer bytes than its pixels')
  .refine(({ step, height, data }) => data.length === step * height, 'has another number of bytes than it says');

export const twistStampedSchema = z.object({ header, twist: z.object({ linear: xyz, angular: xyz }) });

export const float64Schema = z.object({ data: z.number() });

export const float64ArraySchema = z.object({ data: numbers.refine(({ length }) => length > 0, 'has no numbers') });

/** A trajectory of one point and more, of which the last is where it ends. */
export const jointTrajectorySchema = z
  .object({
    header,
    joint_names: z.array(z.string()).min(1),
    points: z.array(z.object({ positions: numbers, time_from_start: stampSchema })).min(1),
  })
  .refine(
    ({ joint_names, points }) => points.every(({ positions }) => positions.length === joint_names.length),
    'a point has not one position for each joint',
  );

export type JointState = z.output<typeof jointStateSchema>;
export type PoseStamped = z.output<typeof poseStampedSchema>;
export type Transforms = z.output<typeof transformsSchema>;
export type Image = z.output<typeof imageSchema>;

/** Rows of red, green, blue without gaps. */
export function rgbOf({ width, height, step, encoding, data }: Image): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(3 * width * height);
  const [first, last] = encoding === 'rgb8' ? [0, 2] : [2, 0];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const from = row * step + 3 * column;
      const to = 3 * (row * width + column);
      rgb[to] = data[from + first]!;
      rgb[to + 1] = data[from + 1]!;
      rgb[to + 2] = data[from + last]!;
    }
  return rgb;
}
