/**
 * What pumice knows of a family of models: how it is reached, how media and words are packed, how thinking is asked for and where it
 * comes back, in which numbers it writes places, in which form it acts, and by what all of that was proven. One row of
 * `profiles.ts`, or of a user's own config. Data only: `request.ts` makes requests of it, decoders take their space from it.
 */
import { z } from 'zod';

const text = z.string().min(1);
const positive = z.number().positive();

/** The ways to reach a model; each is one client in this folder. */
export const TRANSPORTS = ['openai-chat', 'magma-rest', 'openvla-act', 'openpi-ws', 'cogvlm2-video'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** What a family is used for. */
export const MODEL_ROLES = ['ui', 'arm', 'marker', 'planner', 'critic', 'ask', 'judge', 'narrate'] as const;
export type ModelRole = (typeof MODEL_ROLES)[number];

/**
 * How a picture is resized before it is sent. `smart`: both sides to multiples of `factor`, the area within bounds (codec
 * smart-resize), so that the server's own resizing changes nothing; `pad`: to fit, the rest black.
 */
const resizeSchema = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('as-is') }),
  z.strictObject({ rule: z.literal('exact'), widthPx: positive, heightPx: positive }),
  z.strictObject({ rule: z.literal('pad'), widthPx: positive, heightPx: positive }),
  z.strictObject({ rule: z.literal('smart'), factor: positive, minPx: positive, maxPx: positive }),
]);

const videoSchema = z.strictObject({
  /** `mp4`: one file; `frames`: one picture part per frame; `jpeg-list`: one URL with all frames. */
  as: z.enum(['mp4', 'frames', 'jpeg-list']),
  fps: positive,
  /** Longest clip that is seen whole, s. */
  maxS: positive.optional(),
  maxFrames: z.int().positive().optional(),
  /** Whether the family reads its times from digits in the picture. */
  stamps: z.enum(['burnt-in', 'none']),
  /** Pixels of all frames together, where the client bounds them. */
  totalPx: positive.optional(),
  /** Fields of the request that go with a video. */
  extra: z.record(z.string(), z.unknown()).default({}),
  /** Bounds of `size` in `mm_processor_kwargs`, over time and area: the longest follows from the room that the server's context leaves. */
  budget: z.strictObject({ shortestEdge: positive, pxPerToken: positive, share: positive.max(1) }).optional(),
});

/** Parameters of the request, named as pumice names them; `request.ts` knows the words of the wire. */
const samplingSchema = z.strictObject({
  maxTokens: z.int().positive(),
  temperature: z.number().min(0).max(2),
  topP: z.number().positive().max(1).optional(),
  topK: z.int().positive().optional(),
  presencePenalty: z.number().optional(),
  repetitionPenalty: positive.optional(),
  seed: z.int().optional(),
});

const thinkingSchema = z.strictObject({
  /** `never`: it does not think first; `always`: unasked; else where the asking text stands. */
  ask: z.enum(['never', 'always', 'user-suffix', 'system-suffix']),
  text: text.optional(),
  /** Fields of an answer in which the thought may come, first one wins; `content` means within tags or unmarked. */
  fields: z.array(z.enum(['reasoning', 'reasoning_content', 'content'])),
  tags: z.enum(['none', 'think', 'think-answer']),
});

const spaceSchema = z.strictObject({
  kind: z.enum(['unit', 'grid', 'sent-px']),
  max: positive.optional(),
  axes: z.enum(['xy', 'yx']),
});

function isPattern(source: string): boolean {
  try {
    return Boolean(new RegExp(source, 'i'));
  } catch {
    return false;
  }
}

/** What stands behind a claim. `none`: written after the source or a document, never run against anything of it. */
export const PROOFS = ['fixture', 'real server', 'published answer', 'double', 'none'] as const;
const provenSchema = z.strictObject({
  /** Each form of the family that pumice reads or writes, and what showed it right. */
  forms: z
    .array(
      z.strictObject({
        form: text,
        by: z.array(z.enum(PROOFS)).min(1),
        /** Names of fixture files (`pumice golden` knows them) and paths of tests in which it was. */
        where: z.array(text).optional(),
        note: text.optional(),
      }),
    )
    .min(1),
  /** Whether trained weights of the family were ever asked by pumice. */
  trainedWeights: z.boolean(),
});

export const modelProfileSchema = z.strictObject({
  family: z.string().regex(/^[\w][\w./:-]*$/, 'expected letters, digits, and . / : -'),
  summary: text,
  /** Names, as servers give them, by which the family is recognised. Regular expression, case ignored. */
  names: text.refine(isPattern, 'expected a regular expression'),
  transport: z.enum(TRANSPORTS),
  /** Other ways in which the same model is served. */
  also: z.array(z.enum(TRANSPORTS)).default([]),
  roles: z.array(z.enum(MODEL_ROLES)).min(1),
  media: z.strictObject({
    order: z.enum(['media-first', 'text-first']),
    image: z.strictObject({ resize: resizeSchema, format: z.enum(['jpeg', 'png', 'rgb8']) }).optional(),
    video: videoSchema.optional(),
  }),
  prompt: z.strictObject({
    system: text.optional(),
    /** Questions that the family was trained on. `{word}` is replaced; see `wordsOf`. */
    forms: z.record(z.string(), text).default({}),
  }),
  /** Names of the fields of an observation, where the server's own config gives them: ours on the left, its on the right. */
  fields: z.record(z.string(), text).optional(),
  sampling: z.strictObject({ plain: samplingSchema, thinking: samplingSchema.optional() }),
  thinking: thinkingSchema,
  /** Numbers in which it writes places; without it no decoder of places reads its answers. */
  space: spaceSchema.optional(),
  /** The form of what it does, by role. */
  actionFormat: z.strictObject({
    ui: z.enum(['pumice-json', 'magma-ui', 'ui-tars-calls']).optional(),
    arm: z.enum(['magma-tokens', 'openvla-numbers', 'openpi-chunk', 'trajectory-json']).optional(),
  }),
  /** Field of a request by which its servers hold an answer to one of several words; absent where they have none. */
  choiceField: z.enum(['structured_outputs', 'guided_choice']).optional(),
  limits: z.strictObject({
    images: z.int().min(0),
    videos: z.int().min(0),
    contextTokens: z.int().positive().optional(),
  }),
  /** Where the row was read from, with revision; what is from memory says so. */
  source: text,
  proven: provenSchema,
});

export type ModelProfile = z.output<typeof modelProfileSchema>;
export type Sampling = z.output<typeof samplingSchema>;
export type Resize = z.output<typeof resizeSchema>;
