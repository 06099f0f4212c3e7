/**
 * What is in a recording: an MCAP file with JSON messages on `/episode`, `/step` and one `/frame/<camera>` per camera.
 * Shapes and names only, shared by recorder and reader. Container: https://mcap.dev/spec (version 0); pictures: `foxglove.CompressedImage`.
 */
import { z } from 'zod';
import {
  frameSchema,
  type Immutable,
  OUTCOMES,
  opinionSchema,
  poseSchema,
  SEVERITY,
  sensedSchema,
  traceSchema,
} from '../types.ts';

/** Version of the JSON shapes below. A reader refuses newer ones. */
export const FORMAT_VERSION = 1;
export const PROFILE = 'pumice';
export const EPISODE_TOPIC = '/episode';
export const STEP_TOPIC = '/step';
export const frameTopic = (camera: string): string => `/frame/${camera}`;

/** Any number, NaN and the infinities too: a record shows what came, not what should have come. */
const anyNumber = z.custom<number>((value) => typeof value === 'number', 'expected a number');

/** An action as it was proposed, maybe not a valid one. */
const looseAction = z.looseObject({ kind: z.string() });

/** Where the picture of a frame is: the message of that sequence number on that topic. */
const frameReferenceSchema = z.object({ topic: z.string(), sequence: z.int().min(0) });
export type FrameReference = z.infer<typeof frameReferenceSchema>;

const storedFrameSchema = frameSchema.omit({ data: true }).extend({ reference: frameReferenceSchema });

const observationSchema = sensedSchema.extend({
  frames: z.array(storedFrameSchema),
  seq: z.number(),
  epoch: z.number(),
  instruction: z.string(),
  history: z.array(
    z.object({
      index: z.number(),
      proposed: looseAction,
      targetText: z.string().optional(),
      tcpPose: poseSchema.optional(),
      verdict: z.object({ kind: z.enum(SEVERITY), reasons: z.array(z.string()) }),
      executed: looseAction.optional(),
      refusal: z.string().optional(),
      mayRest: z.literal(true).optional(),
    }),
  ),
});

/** Opinions as they came. */
const givenOpinionsSchema = z.array(
  opinionSchema.extend({ critic: z.string(), tookMs: anyNumber, judgedStampMs: anyNumber }),
);

/** A `StepRecord` whose frames are references. */
export const storedStepSchema = z.object({
  index: z.int(),
  stampMs: anyNumber,
  observation: observationSchema.optional(),
  chunkId: z.string().optional(),
  thought: z.string().optional(),
  traces: z.array(traceSchema).optional(),
  rawText: z.string().optional(),
  usage: z.object({ inputTokens: anyNumber, outputTokens: anyNumber }).optional(),
  proposed: looseAction,
  verdict: z.object({
    kind: z.enum(SEVERITY),
    action: looseAction,
    reasons: z.array(z.string()),
    by: z.string(),
    opinions: givenOpinionsSchema.optional(),
    approvedBy: z.string().optional(),
  }),
  judgedStampMs: anyNumber.optional(),
  judgedAgeMs: anyNumber.optional(),
  vetoesInARow: z.int().optional(),
  lease: z
    .object({
      chunkId: z.string(),
      epoch: anyNumber,
      judgedStampMs: anyNumber,
      untilMs: anyNumber,
      speedScale: anyNumber,
      by: z.array(z.string()).optional(),
      opinions: givenOpinionsSchema.optional(),
    })
    .optional(),
  act: z
    .object({
      status: z.enum(['done', 'refused', 'stopped']),
      executed: looseAction.optional(),
      reason: z.string().optional(),
    })
    .optional(),
  human: z
    .object({
      command: looseAction.optional(),
      policy: looseAction.optional(),
      share: anyNumber,
      intervention: z.boolean(),
      mode: z.enum(['manual', 'assist', 'supervised']).optional(),
      isHeld: z.boolean().optional(),
      inputAgeMs: anyNumber.optional(),
      help: z.enum(['go-above', 'descend']).optional(),
      refused: z.string().optional(),
      isLimited: z.boolean().optional(),
    })
    .optional(),
  timings: z.object({
    observeMs: anyNumber,
    thinkMs: anyNumber,
    checkMs: anyNumber,
    actMs: anyNumber,
    totalMs: anyNumber,
  }),
  dropped: anyNumber,
});
export type StoredStep = z.infer<typeof storedStepSchema>;

const uiLimitsSchema = z.object({
  origins: z.array(z.string()),
  secrets: z.record(z.string(), z.object({ origin: z.string() })),
  maxTextChars: anyNumber,
  maxScrollPx: anyNumber,
  maxWaitMs: anyNumber,
});
const vec3 = z.tuple([anyNumber, anyNumber, anyNumber]);
const boxSchema = z.object({ minM: vec3, maxM: vec3 });
const motionLimitsSchema = z.object({
  frameId: z.string(),
  stepMs: anyNumber,
  maxStepM: anyNumber,
  maxStepRad: anyNumber,
  maxSpeedMPerS: anyNumber,
  maxTurnRadPerS: anyNumber,
  maxAccelerationMPerS2: anyNumber,
  maxTurnAccelerationRadPerS2: anyNumber,
  decelerationMPerS2: anyNumber,
  workspace: boxSchema,
  keepOut: z.array(boxSchema.extend({ name: z.string() })),
  maxGripperPerS: anyNumber,
  maxFollowingErrorM: anyNumber,
});
/** Limits from before they were whole. The gate of today takes them for none, so they are not handed on. */
const olderMotionLimitsSchema = z
  .strictObject({ frameId: z.string(), maxStepM: anyNumber, maxStepRad: anyNumber })
  .transform(() => undefined);

const factsSchema = z.object({
  episodeId: z.string(),
  startedWallMs: anyNumber,
  instruction: z.string(),
  seed: anyNumber.optional(),
  env: z.string(),
  policy: z.string(),
  critics: z.array(z.string()),
  limits: z.object({
    ui: z.union([z.literal('unlimited'), uiLimitsSchema]).optional(),
    motion: z.union([z.literal('unlimited'), motionLimitsSchema, olderMotionLimitsSchema]).optional(),
    maxObservationAgeMs: anyNumber,
    maxPlanAgeMs: anyNumber,
  }),
  facts: z.record(z.string(), z.string()),
});

const endSchema = z.object({
  outcome: z.enum(OUTCOMES),
  reason: z.string(),
  answer: z.string().optional(),
  judged: z
    .object({ by: z.literal('person'), outcome: z.enum(['success', 'failure']), note: z.string().optional() })
    .optional(),
});

/** A message on `/episode`: the facts first, how it ended last. */
export const episodeMessageSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('start'),
    formatVersion: z.int(),
    /** Wall time of the monotonic zero of all stamps, ms since 1970. */
    wallAtZeroMs: anyNumber,
    facts: factsSchema,
  }),
  z.object({ event: z.literal('end'), end: endSchema }),
]);
export type EpisodeMessage = Immutable<z.infer<typeof episodeMessageSchema>>;

/** The parts of `foxglove.CompressedImage` that are read back. */
export const imageMessageSchema = z.object({ data: z.string(), format: z.enum(['jpeg', 'png']) });

/** The JSON Schema of a shape, for tools that open the file without pumice. */
export const jsonSchemaOf = (schema: z.ZodType): object => z.toJSONSchema(schema, { unrepresentable: 'any' });
