/** What the server of a simulator says, as it is read. The form stands in `server/wire.py`; quaternions come as w x y z, and leave here as x y z w. */
import { z } from 'zod';

/** Rises with every change that an older other side would misread. The same number stands in `server/wire.py`. */
export const PROTOCOL = 1;

const number = z.number();
const vec3 = z.tuple([number, number, number]);
const pose = z
  .object({ pM: vec3, qWxyz: z.tuple([number, number, number, number]) })
  .transform(({ pM, qWxyz: [w, x, y, z] }) => ({ pM, qXyzw: [x, y, z, w] as [number, number, number, number] }));

const problem = z.object({ code: z.string(), message: z.string(), hint: z.string() });
export type SaidProblem = z.output<typeof problem>;

/** The first line of the program. */
export const firstLine = z.union([
  z.object({ ready: z.record(z.string(), z.unknown()) }),
  z.object({ error: problem }),
]);
export const readySchema = z.object({ port: z.int(), protocol: z.int(), backend: z.string() });

export const answerSchema = z.union([
  z.object({ id: z.int(), ok: z.unknown() }),
  z.object({ id: z.int(), error: problem }),
]);

export const helloSchema = z.object({ protocol: z.int(), backend: z.string() });

export const words = z.record(z.string(), z.unknown()).transform((facts) =>
  Object.entries(facts)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; '),
);

export const descriptionSchema = z.object({
  backend: z.string(),
  task: z.string(),
  robot: z.string(),
  controlMode: z.string(),
  rateHz: number.positive(),
  simHz: number.positive(),
  maxSteps: z.int().positive(),
  actionLow: z.array(number),
  actionHigh: z.array(number),
  jointNames: z.array(z.string()),
  cameras: z.array(z.string()),
  /** Of the robot, in the world. */
  basePose: pose,
  successKeys: z.array(z.string()),
  renderer: words,
  versions: words,
  assets: z.string(),
  images: z.enum(['raw', 'jpeg']),
});
export type Description = z.output<typeof descriptionSchema>;

const image = z.object({
  camera: z.string(),
  widthPx: z.int().positive(),
  heightPx: z.int().positive(),
  encoding: z.enum(['rgb8', 'jpeg']),
  data: z.instanceof(Uint8Array),
  intrinsics: z.object({ fxPx: number, fyPx: number, cxPx: number, cyPx: number }).optional(),
  cameraInBase: pose.optional(),
});

export const sensedSchema = z.object({
  state: z.object({
    /** Read anew after each step: long tasks change it. */
    instruction: z.string(),
    isFinalSubtask: z.boolean(),
    qRad: z.array(number),
    qdRadPerS: z.array(number),
    /** In the frame of the base, as all poses but that of the base. */
    tcpPose: pose,
    commandedTcpPose: pose,
    gripperOpen: number.min(0).max(1),
  }),
  judge: z.object({
    elapsedSteps: z.int(),
    success: z.boolean(),
    reward: number,
    terminated: z.boolean(),
    truncated: z.boolean(),
    /** What the task itself counts, such as whether the thing is held. */
    stats: z.record(z.string(), z.union([number, z.boolean(), z.array(number)])),
  }),
  images: z.array(image),
  /** Where the time of this answer went, ms. */
  timings: z.record(z.string(), number),
  oracle: z.object({ expertAction: z.array(number).optional(), state: z.record(z.string(), z.unknown()) }).optional(),
});
export type SimSensed = z.output<typeof sensedSchema>;
