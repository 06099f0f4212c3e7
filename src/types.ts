/**
 * The words of the runtime: action, observation, chunk, verdict, record. Shapes only; no behaviour beyond their schemas.
 * One meaning inside (HANDBOOK 5): metres, radians, monotonic milliseconds, CSS pixels from top-left, `gripperOpen` 0 closed .. 1 open.
 */
import { z } from 'zod';

/** A type with every property readonly, all the way down; typed arrays stay as they are. */
export type Immutable<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer U)[]
    ? number extends T['length']
      ? readonly Immutable<U>[]
      : { readonly [K in keyof T]: Immutable<T[K]> }
    : T extends object
      ? { readonly [K in keyof T]: Immutable<T[K]> }
      : T;

const vec3 = z.tuple([z.number(), z.number(), z.number()]);
const quaternion = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const gripperOpen = z.number().min(0).max(1);

/** What a UI action points at: a mark of the frame it was chosen on, or CSS pixels of that frame. */
export const targetSchema = z.union([
  z.strictObject({ markId: z.int().min(0) }),
  z.strictObject({ xPx: z.number(), yPx: z.number() }),
]);

const button = z.enum(['left', 'right', 'middle']);

/** One command for one control tick. */
export const actionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('eef-delta'), frameId: z.string(), dPosM: vec3, dRpyRad: vec3, gripperOpen }),
  z.strictObject({ kind: z.literal('eef-pose'), frameId: z.string(), pM: vec3, qXyzw: quaternion, gripperOpen }),
  z.strictObject({
    kind: z.literal('eef-twist'),
    frameId: z.string(),
    linearMPerS: vec3,
    angularRadPerS: vec3,
    gripperOpen,
  }),
  z.strictObject({ kind: z.literal('joint-position'), jointNames: z.array(z.string()), qRad: z.array(z.number()) }),
  z.strictObject({
    kind: z.literal('joint-velocity'),
    jointNames: z.array(z.string()),
    qdRadPerS: z.array(z.number()),
  }),
  z.strictObject({
    kind: z.literal('ui-click'),
    target: targetSchema,
    button: button.default('left'),
    count: z.int().min(1).max(3).default(1),
    modifiers: z.array(z.enum(['Shift', 'Control', 'Alt', 'Meta'])).optional(),
  }),
  z.strictObject({
    kind: z.literal('ui-type'),
    target: targetSchema.optional(),
    text: z.string(),
    clear: z.boolean().default(false),
    submit: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('ui-select'), target: targetSchema, values: z.array(z.string()).min(1) }),
  z.strictObject({ kind: z.literal('ui-check'), target: targetSchema, checked: z.boolean() }),
  z.strictObject({
    kind: z.literal('ui-scroll'),
    target: targetSchema.optional(),
    dxPx: z.number().default(0),
    dyPx: z.number().default(0),
  }),
  z.strictObject({ kind: z.literal('ui-key'), keys: z.string().min(1) }),
  z.strictObject({ kind: z.literal('ui-drag'), from: targetSchema, to: targetSchema }),
  z.strictObject({ kind: z.literal('ui-hover'), target: targetSchema }),
  z.strictObject({ kind: z.literal('ui-navigate'), url: z.string().min(1) }),
  z.strictObject({ kind: z.literal('ui-back') }),
  z.strictObject({
    kind: z.literal('ui-tab'),
    op: z.enum(['switch', 'close', 'open']),
    index: z.int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal('ui-upload'), target: targetSchema, paths: z.array(z.string()).min(1) }),
  z.strictObject({ kind: z.literal('ui-dialog'), accept: z.boolean(), text: z.string().optional() }),
  z.strictObject({ kind: z.literal('ui-wait'), durationMs: z.number().min(0) }),
  z.strictObject({ kind: z.literal('hold') }),
  z.strictObject({ kind: z.literal('hand-over'), reason: z.string() }),
  z.strictObject({ kind: z.literal('done'), outcome: z.enum(['success', 'failure']), answer: z.string().optional() }),
]);

/** An image. `data` belongs to the observation: readers copy before they write. */
export const frameSchema = z.object({
  data: z.instanceof(Uint8Array),
  /** `rgb8` is row-major H x W x 3. */
  encoding: z.enum(['jpeg', 'png', 'rgb8']),
  widthPx: z.int().positive(),
  heightPx: z.int().positive(),
  /** Size in CSS pixels of what the image shows; capture routes disagree on the pixel ratio, so all three travel together. */
  cssWidthPx: z.number().positive().optional(),
  cssHeightPx: z.number().positive().optional(),
  dpr: z.number().positive().optional(),
  stampMs: z.number(),
  /** When one of this camera that is no older was first seen, by the clock of who looks. Set by the runtime: stamps may lie. */
  firstSeenMs: z.number().optional(),
  camera: z.string(),
  /** Whether numbered marks are drawn on it. */
  marked: z.boolean().optional(),
  frameId: z.string().optional(),
  intrinsics: z.object({ fxPx: z.number(), fyPx: z.number(), cxPx: z.number(), cyPx: z.number() }).optional(),
  cameraInBase: z.object({ pM: vec3, qXyzw: quaternion }).optional(),
});

/** Where the tool is, and how it is turned. */
export const poseSchema = z.object({ frameId: z.string(), pM: vec3, qXyzw: quaternion });

/** The robot's own readings. */
export const proprioSchema = z.object({
  stampMs: z.number(),
  firstSeenMs: z.number().optional(),
  jointNames: z.array(z.string()),
  qRad: z.array(z.number()),
  qdRadPerS: z.array(z.number()),
  effort: z.array(z.number()).optional(),
  tcpPose: poseSchema.optional(),
  /** Where the body was told to be last, to which it adds a delta where it goes by commands; a body at rest says where it stands. */
  commandedTcpPose: poseSchema.optional(),
  gripperOpen,
});

const flag = z.boolean().optional();
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** A numbered thing on a frame that an action can point at. Text in it comes from the outside and is not to be trusted. */
export const markSchema = z.object({
  /** The number drawn on the frame; means something for that observation only. */
  id: z.int().min(0),
  /** `[x0, y0, x1, y1]` in CSS pixels of the frame, clipped to it. */
  boxPx: box,
  /** A point at which the thing was hit, CSS pixels. */
  pointPx: z.tuple([z.number(), z.number()]),
  role: z.string().optional(),
  name: z.string().optional(),
  value: z.string().optional(),
  /** `type` of an `<input>`, when it matters how it is filled: date, time, password, file, range ... */
  inputType: z.string().optional(),
  /** Labels of a list's options. */
  options: z.array(z.string()).optional(),
  state: z
    .object({ checked: flag, selected: flag, expanded: flag, focused: flag, required: flag, readonly: flag })
    .optional(),
  /** Who found it: `dom`, a model's name. */
  source: z.string(),
  /** What its markup tells of what it does. For the gate, which can only become stricter by it. */
  clues: z
    .object({
      /** Where it leads by itself, whole. */
      href: z.string().optional(),
      /** The form that it sends off, or in which it is filled in. */
      form: z
        .object({
          method: z.string(),
          url: z.string(),
          /** Whether a click on it sends the form. */
          isSubmitter: z.boolean(),
          /** What stands on the button by which the Enter key sends the form. */
          submitter: z.string().optional(),
          /** Whether it asks for a password or for a card. */
          takes: z.array(z.enum(['password', 'card'])).optional(),
        })
        .optional(),
      /** What stands on it, where its name says something else. */
      text: z.string().optional(),
      /** Identifiers, classes and file names of it and of what is drawn on it. */
      icon: z.string().optional(),
      /** What the dialog or form around it says that it is about. */
      about: z.string().optional(),
    })
    .optional(),
  /** Which document it lives in, an opaque key. */
  document: z.string().optional(),
  /** Origin of that document, e.g. `https://shop.example`. */
  origin: z.string().optional(),
});

/** Image points of one mark over time, `[T, 2]`. */
export const traceSchema = z.object({
  markId: z.int().min(0),
  pointsPx: z.array(z.tuple([z.number(), z.number()])),
  stepMs: z.number(),
});

/** Something that happened to a page between two observations, for people and policies. */
export const noticeSchema = z.object({
  kind: z.enum(['blocked', 'dialog', 'download', 'popup', 'crash', 'permission', 'navigation', 'warning']),
  text: z.string(),
  /** The flag that would allow what was blocked. */
  allowWith: z.string().optional(),
});

/** State of a user interface that is not in the picture. */
export const uiSchema = z.object({
  url: z.string(),
  title: z.string(),
  tabs: z.array(z.object({ index: z.int(), url: z.string(), title: z.string(), active: z.boolean() })),
  scroll: z.object({ xPx: z.number(), yPx: z.number(), maxXPx: z.number(), maxYPx: z.number() }),
  dialog: z.object({ kind: z.string(), message: z.string(), defaultValue: z.string().optional() }).optional(),
  notices: z.array(noticeSchema),
  /** Deeds after which a request was held back, as `deedOf` writes them: the same deed again asks a person. */
  held: z.array(z.object({ deed: z.string(), method: z.string(), url: z.string() })).optional(),
  /** Pieces of visible text with their boxes, top to bottom; only when the policy needs text. */
  texts: z.array(z.object({ text: z.string(), boxPx: box })).optional(),
});

/** All that an env senses at one instant. `health`: what a machine says of itself, errors in its own words. */
export const sensedSchema = z.object({
  stampMs: z.number(),
  frames: z.array(frameSchema),
  proprio: proprioSchema.optional(),
  health: z.object({ eStop: z.enum(['released', 'pressed', 'unknown']), errors: z.array(z.string()) }).optional(),
  marks: z.array(markSchema).optional(),
  ui: uiSchema.optional(),
});

/** What a policy or planner answers: the loop adds identity and epoch. */
export const thoughtSchema = z.object({
  actions: z.array(actionSchema).min(1),
  /** Time between the actions of a chunk, ms; absent for one action at a time. */
  dtMs: z.number().positive().optional(),
  /** `seq` of the observation that it answers, from a policy that can tell; an answer to another one than was asked is refused. */
  answersSeq: z.int().optional(),
  thought: z.string().optional(),
  traces: z.array(traceSchema).optional(),
  rawText: z.string().optional(),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }).optional(),
});

export type Target = Immutable<z.infer<typeof targetSchema>>;
export type Action = Immutable<z.infer<typeof actionSchema>>;
export type ActionKind = Action['kind'];
/** The action of one kind: `ActionOf<'ui-click'>`. */
export type ActionOf<K extends ActionKind> = Extract<Action, { kind: K }>;
export type Frame = Immutable<z.infer<typeof frameSchema>>;
export type Proprio = Immutable<z.infer<typeof proprioSchema>>;
export type Mark = Immutable<z.infer<typeof markSchema>>;
export type Trace = Immutable<z.infer<typeof traceSchema>>;
export type Notice = Immutable<z.infer<typeof noticeSchema>>;
export type UiState = Immutable<z.infer<typeof uiSchema>>;
export type Sensed = Immutable<z.infer<typeof sensedSchema>>;
export type Thought = Immutable<z.infer<typeof thoughtSchema>>;

export const ACTION_KINDS = actionSchema.options.map((option) => option.shape.kind.value) as readonly ActionKind[];

/** Later kinds take precedence over earlier ones. */
export const SEVERITY = ['allow', 'modify', 'ask', 'deny', 'halt'] as const;
export type VerdictKind = (typeof SEVERITY)[number];

/** What else a critic says of its opinion, for people and for the record. */
export const opinionNotesSchema = z.object({
  /** What it saw: one word of a list that its critic names, such as `collision`. */
  evidence: z.string().optional(),
  /** 0..1, of its own making: calibrated only where its critic says so. */
  confidence: z.number().min(0).max(1).optional(),
  /** How it was asked, such as `fast` or `reasoned`. */
  tier: z.string().optional(),
  /** Which text it was asked with: name and version, and the beginning of the SHA-256 of what stands in the file. */
  prompt: z.object({ name: z.string(), sha256: z.string() }).optional(),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }).optional(),
});

/** What a critic answers. It can never change an action. */
export const opinionSchema = opinionNotesSchema.extend({
  kind: z.enum(['allow', 'ask', 'deny', 'halt']),
  reasons: z.array(z.string()),
});
export type Opinion = Immutable<z.infer<typeof opinionSchema>>;

/** An opinion as it was given. */
export interface GivenOpinion extends Opinion {
  readonly critic: string;
  readonly tookMs: number;
  /** Stamp of the newest frame that it was shown. */
  readonly judgedStampMs: number;
}

/** What the gate says of one action. A value, never an exception. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** The action that may run: the proposed one, or a smaller one after `modify`. */
  readonly action: Action;
  /** Every reason of every judge, worst or not, each beginning with the judge's name. */
  readonly reasons: readonly string[];
  /** The judge whose word decided. */
  readonly by: string;
  /** What each critic said; an empty list where rules alone judged it, absent where nobody was asked. */
  readonly opinions?: readonly GivenOpinion[];
  /** The person who said yes to it in the step before: whoever asks for one counts as content. */
  readonly approvedBy?: string;
}

/** How one earlier step went, as a policy needs it to learn from it. */
export interface StepFeedback {
  readonly index: number;
  readonly proposed: Action;
  /** Role and name of what the action pointed at, since mark numbers change with every observation. */
  readonly targetText?: string;
  /** Where the tool was when the step was judged: from here `executed` went. */
  readonly tcpPose?: Proprio['tcpPose'];
  readonly verdict: Pick<Verdict, 'kind' | 'reasons'>;
  readonly executed?: Action;
  /** Why an allowed action did not happen. */
  readonly refusal?: string;
  /** Nobody led the body from its end to the next look: it may have come to rest in between. */
  readonly mayRest?: true;
}

/** All the agent sees at one instant, and how it came here. */
export interface Observation extends Sensed {
  readonly seq: number;
  /** Rises with every deny, stop, reset and new instruction; what was thought in an older epoch is void. */
  readonly epoch: number;
  readonly instruction: string;
  /** The newest feedback last; bounded. */
  readonly history: readonly StepFeedback[];
}

/** Actions for the next `horizon` ticks, from one inference. */
export interface ActionChunk extends Thought {
  readonly id: string;
  readonly epoch: number;
  readonly basedOnSeq: number;
  /** Stamp of the observation that it was thought on. */
  readonly basedOnStampMs: number;
  /** Tool pose at that stamp: where the deltas of a chunk are anchored. */
  readonly poseAtFrame?: Proprio['tcpPose'];
}

/** An allowance for one chunk, for a time. */
export interface Lease {
  readonly chunkId: string;
  readonly epoch: number;
  /** Stamp of the newest frame judged. */
  readonly judgedStampMs: number;
  readonly untilMs: number;
  /** Of the speed at which the chunk was thought: below 1 when the time is over and grace runs. */
  readonly speedScale: number;
  /** Who gave it: names of critics, or `rules` where there are none. */
  readonly by?: readonly string[];
  readonly opinions?: readonly GivenOpinion[];
}

/** What the body says of one action. `refused`: it did not happen and the run goes on. A throw is a fault of the env. */
export interface ActResult {
  readonly status: 'done' | 'refused' | 'stopped';
  readonly executed?: Action;
  readonly reason?: string;
}

export * from './step-record.ts';
