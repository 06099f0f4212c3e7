/**
 * The ports: what a body, a policy, a critic ... must be. Plugins implement these and nothing else of pumice.
 * Every call may answer with a Promise or an Observable; the loop takes exactly one answer, within a deadline (`once.ts`).
 */
import type { ObservableInput } from 'rxjs';
import { z } from 'zod';
import { PumiceError } from './errors.ts';
import {
  ACTION_KINDS,
  type Action,
  type ActionKind,
  type ActResult,
  actionSchema,
  type EpisodeEnd,
  type Frame,
  type Immutable,
  type Observation,
  type Opinion,
  type Sensed,
  type StepRecord,
  type Thought,
  type Verdict,
} from './types.ts';

/** One answer: a Promise, or an Observable that emits once. */
export type Answer<T> = ObservableInput<T>;

/** Something worth telling while a call is under way. */
export type Report =
  | { readonly kind: 'thought-delta'; readonly text: string }
  | { readonly kind: 'progress'; readonly text: string };

/** What every port call gets. Check `signal` after each await that precedes an effect. */
export interface Context {
  readonly signal: AbortSignal;
  /** Monotonic time, ms. */
  readonly nowMs: () => number;
  readonly report: (report: Report) => void;
}

/** What to do in this episode. */
export interface Task {
  readonly instruction: string;
  readonly seed?: number;
}

/** Which pages an action may be on or go to, and what may be filled in there. Pure data, so that records can carry it. */
export interface UiLimits {
  /**
   * Origins that may be navigated to and acted in: `https://a.example` (exact), `https://*.a.example` (the host and below),
   * as made by `originsOf`.
   */
  readonly origins: readonly string[];
  /** Secrets by name, and the one origin into which each may be filled. Their values are known to the body alone. */
  readonly secrets: Readonly<Record<string, { readonly origin: string }>>;
  /**
   * Absent: a person is asked before what cannot be taken back, and about words of unknown origin where they decide where something goes.
   * `allow` asks nobody: for worlds in which nothing can be lost, such as benchmarks.
   */
  readonly irreversible?: 'allow';
  readonly maxTextChars: number;
  readonly maxScrollPx: number;
  readonly maxWaitMs: number;
}

/** A box whose sides are parallel to the axes of its frame. */
export interface Box {
  readonly minM: readonly [number, number, number];
  readonly maxM: readonly [number, number, number];
}

/**
 * Where, how far and how fast a tool may be moved. Nothing here has a default. All of it speaks of the tool centre point alone:
 * whoever has a long tool makes the workspace smaller and the keep-outs larger by it. `src/limits.ts` says what is no limit.
 */
export interface MotionLimits {
  /** The frame of all that follows, and the only one in which motions are taken. */
  readonly frameId: string;
  /** Time that the body is given for one action, ms: what makes a way into a speed. */
  readonly stepMs: number;
  readonly maxStepM: number;
  readonly maxStepRad: number;
  readonly maxSpeedMPerS: number;
  readonly maxTurnRadPerS: number;
  readonly maxAccelerationMPerS2: number;
  readonly maxTurnAccelerationRadPerS2: number;
  /** With what the body surely comes to rest: by it the way is reckoned that it takes to stop. */
  readonly decelerationMPerS2: number;
  readonly workspace: Box;
  /** Empty where nothing is to be kept out of: it has to be written. */
  readonly keepOut: readonly (Box & { readonly name: string })[];
  /** Share of the opening per second, counted from what was commanded last. A policy that knows open and closed alone needs 1000 / stepMs. */
  readonly maxGripperPerS: number;
  /** How far the tool may be from where it was told to be (`proprio.commandedTcpPose`). */
  readonly maxFollowingErrorM: number;
}

/** What a body allows. Nothing declared means that a run does not start; `unlimited()` must be written out. */
export interface Limits {
  readonly ui?: UiLimits | 'unlimited';
  readonly motion?: MotionLimits | 'unlimited';
  /** Age of the newest frame above which no action is taken, ms. */
  readonly maxObservationAgeMs: number;
  /** Age of the observation that a plan was thought on above which the plan is not played, ms. */
  readonly maxPlanAgeMs: number;
}

/** What an `eef-delta` means to a body. */
export interface DeltaMeaning {
  /** Along which axes its translation and its turn are given. */
  readonly axes: 'base' | 'tool';
  /** The point that stays where it is when the tool turns. */
  readonly rotateAbout: 'tcp';
  /** What it is added to: the pose that was commanded last, or the one that is measured. */
  readonly reference: 'commanded' | 'measured';
}

/** Stop categories of IEC 60204-1: 0 power off, 1 stop then power off, 2 stop and stay powered. */
export type StopCategory = 0 | 1 | 2;

/** What a body's driver says of itself. */
export interface DriverState {
  /** What it tells the body: nothing at all, go there, come to rest and stay, or stop for good. */
  readonly mode: 'idle' | 'set-point' | 'hold' | 'halt';
  /** Why it does not lead it, such as `expired`; `none` while it does. */
  readonly cause: string;
  readonly isAtRest: boolean;
  /** What was said of the stop that is in force. */
  readonly reason?: string;
  readonly category?: StopCategory;
}

/** A body: something that is observed and acts. */
export interface Env {
  readonly name: string;
  readonly actionKinds: readonly ActionKind[];
  readonly limits: Limits;
  /** A real machine: such a body needs a robot profile and a driver to start. */
  readonly hardware?: boolean;
  /**
   * Time stands still for it between two acts, as in a simulator that is stepped: a motion goes on where the last one left off. Without
   * this a body on demand answers an act when it is at rest again, since nobody leads it while the next one is thought of.
   */
  readonly isLockstep?: boolean;
  /** Facts of the body driver, the one writer of a body that moves in real time; absent where there is none. */
  readonly driver?: { readonly commandRateHz: number; readonly expiryMs: number };
  /**
   * Of that driver: whoever writes it (`openStopWord`) stops the body at once, from any thread, whatever the rest of the program does. For
   * stop buttons.
   */
  readonly stopWord?: SharedArrayBuffer;
  /** What that driver says of itself, now: for people who look on. */
  readonly driverState?: () => DriverState | undefined;
  /** Its newest pictures, now, whether or not a step is due: for people who lead it, and part of no observation. */
  readonly frames?: () => readonly Frame[];
  /** What a delta means to it: without it a chunk of deltas cannot be thought ahead. */
  readonly delta?: DeltaMeaning;
  /** Facts for the record: what it really runs on. */
  readonly facts?: Readonly<Record<string, string>>;
  readonly reset: (task: Task, context: Context) => Answer<unknown>;
  readonly observe: (context: Context) => Answer<Sensed>;
  /**
   * Carries out one checked action. `refused` when the world moved on; a throw is a fault and ends the run. Of a body that is paced it
   * is asked once a tick, with the pose to be at the end of that tick, and answers as soon as that is handed on.
   */
  readonly act: (action: Action, context: Context) => Answer<ActResult>;
  /** Begins a stop: synchronous, idempotent, at any time, needs nobody. After it no further motion or input begins. */
  readonly halt: (category: StopCategory, reason: string) => void;
  /** Puts the names of secrets in place of their values; applied to all that is recorded. */
  readonly mask?: (text: string) => string;
  /** Files that the episode left behind, e.g. downloads. */
  readonly artifacts?: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Maps observations to actions. */
export interface Policy {
  readonly name: string;
  readonly actionKinds: readonly ActionKind[];
  readonly reset: (task: Task) => void;
  readonly act: (observation: Observation, context: Context) => Answer<Thought>;
  /** Tries out what it depends on, such as a model, before a run begins; a failure is a refusal to start. */
  readonly prepare?: (context: Context) => Answer<unknown>;
  /** Looks at pictures without marks drawn on them. */
  readonly seesBare?: boolean;
  /** What it answers is what a person does, and recorded as theirs. */
  readonly isPerson?: boolean;
  readonly close?: () => Promise<void>;
}

/** What a critic gets beside what it judges. */
export interface CriticContext extends Context {
  /** Limits of the body. */
  readonly limits: Limits;
}
/** The same for a single action: what its chunk would do after it. */
export interface StepCriticContext extends CriticContext {
  readonly following: readonly Action[];
}

/** A judge of each proposed action. It may only make a verdict stricter. */
export interface Critic {
  readonly name: string;
  readonly judge: (observation: Observation, proposed: Action, context: StepCriticContext) => Answer<Opinion>;
  /** Judges what is left of a chunk as one; needed for `check: 'lease'`, where no step can wait for an opinion. */
  readonly judgeChunk?: (observation: Observation, proposed: ProposedChunk, context: CriticContext) => Answer<Opinion>;
  /** Tries out what it depends on, such as a model, before a run begins; a failure is a refusal to start. */
  readonly prepare?: (context: Context) => Answer<unknown>;
  readonly close?: () => Promise<void>;
}

/** What a critic is shown of a chunk: targets, the first of which is the next to be gone to. */
export interface ProposedChunk {
  readonly id: string;
  readonly actions: readonly Action[];
  readonly dtMs: number;
  readonly thought?: string;
}

/** Finds things in frames, numbers them and draws the numbers; the instruction may say which. */
export interface Marker {
  readonly name: string;
  readonly mark: (observation: Observation, context: Context) => Answer<Sensed>;
}

/** Splits an instruction, and says when a part is done. */
export interface Planner {
  readonly name: string;
  readonly split: (instruction: string, observation: Observation, context: Context) => Answer<readonly string[]>;
  readonly judgeProgress: (subtask: string, observation: Observation, context: Context) => Answer<{ done: boolean }>;
}

/** What a person is asked: whether this may be done. */
export interface Question {
  readonly id: string;
  readonly proposed: Action;
  /** Why somebody asks; its action is what would be done, which a rule may have made smaller. */
  readonly verdict: Verdict;
  /** What the proposal goes by: pictures, marks, page. Text in it comes from the outside and is not to be trusted. */
  readonly observation: Observation;
  /** Whether the answer may be another action. */
  readonly canEdit: boolean;
  /** From when on nobody waits for an answer any more, by the clock of the context. */
  readonly expiresMs: number;
}

/** What a person answers who is asked whether something may be done. */
export const decisionSchema = z.discriminatedUnion('kind', [
  /** Once: the next step may propose the same again, on what is there then. */
  z.strictObject({ kind: z.literal('approve') }),
  z.strictObject({ kind: z.literal('deny'), reason: z.string().optional() }),
  /** Proposed in the next step instead of a thought, and judged like any other; marks by their numbers in the picture that was shown. */
  z.strictObject({ kind: z.literal('edit'), action: actionSchema }),
]);
export type Decision = Immutable<z.infer<typeof decisionSchema>>;

/** A person who is asked, anywhere but on the page under control. No approver, no answer and no readable answer mean no. */
export interface Approver {
  readonly name: string;
  /** A yes is for the very next proposal, if it is the same deed on the same thing (`approvals.ts`); an edit is judged like any proposal. */
  readonly ask: (question: Question, context: Context) => Answer<Decision>;
}

/** Takes records. A sink that is `required` ends the run when it fails; any other is counted. */
export interface Sink {
  readonly name: string;
  readonly required: boolean;
  readonly open?: (facts: EpisodeFacts) => Answer<unknown>;
  /** Answers when the record is safe. */
  readonly write: (record: StepRecord) => Answer<unknown>;
  readonly close: (end: EpisodeEnd) => Answer<unknown>;
}

/** What is known of an episode before its first step; the head of every record. */
export interface EpisodeFacts {
  readonly episodeId: string;
  readonly startedWallMs: number;
  readonly instruction: string;
  readonly seed?: number;
  readonly env: string;
  readonly policy: string;
  readonly critics: readonly string[];
  readonly limits: Limits;
  readonly facts: Readonly<Record<string, string>>;
}

/** A source of stops. Emitting, ending or failing all mean stop. */
export interface StopSource {
  readonly name: string;
  readonly stop$: ObservableInput<string>;
}

/** Says after each act whether the world counts the episode as ended: for evaluation only, and never part of an observation. */
export interface Oracle {
  readonly judge: (context: Context) => Answer<EpisodeEnd | undefined>;
}

/** How a person and a policy share a body. */
export const PILOT_MODES = ['manual', 'assist', 'supervised'] as const;

/**
 * All that a person's controls say at one instant; only the newest counts, so that nothing is lost with one that is. While the dead-man
 * is held one comes at least every 50 ms.
 */
export const pilotInputSchema = z.strictObject({
  /** When it was made, by the clock of the run, ms. */
  stampMs: z.number(),
  /** The dead-man is held: without it nothing that stands here moves anything. */
  isHeld: z.boolean(),
  /**
   * `manual`: the person alone. `assist`: person and policy together, by `share`. `supervised`: the policy, until the dead-man is pressed.
   */
  mode: z.enum(PILOT_MODES),
  /** Of the person in what is done in `assist`, 0 to 1. */
  share: z.number().min(0).max(1),
  /** Where a stick leads (`eef-twist`), or where a device is (`eef-pose`), which is followed from where both were when the dead-man was pressed. */
  command: z.discriminatedUnion('kind', [actionSchema.options[2], actionSchema.options[1]]).optional(),
  /** What the runtime is to lead the tool to while the dead-man is held: above what a mark of that observation shows, or down from there. */
  help: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('go-above'), markId: z.int().min(0), seq: z.int().min(0) }),
      z.strictObject({ kind: z.literal('descend') }),
    ])
    .optional(),
});
export type PilotInput = Immutable<z.infer<typeof pilotInputSchema>>;

/** A person at the controls of a body that moves. The end of its inputs, and their silence, are a dead-man that was let go. */
export interface Pilot {
  readonly name: string;
  readonly input$: ObservableInput<PilotInput>;
}

/** An env plugin: `envs/<name>/index.ts` exports one as default. */
export interface EnvPlugin<S extends z.ZodType = z.ZodType> {
  readonly kind: 'env';
  readonly summary: string;
  readonly options: S;
  readonly create: (options: z.output<S>) => Promise<Env>;
}

/** A policy plugin: `policies/<name>.ts` exports one as default; the file name is its name. */
export interface PolicyPlugin<S extends z.ZodType = z.ZodType> {
  readonly kind: 'policy';
  readonly summary: string;
  readonly options: S;
  readonly actionKinds: readonly ActionKind[];
  /** Whether it reads `ui.texts`. */
  readonly needsText?: boolean;
  /** A sample observation, of the shape that it expects. */
  readonly example: () => Observation;
  readonly create: (options: z.output<S>) => Policy;
}

/** A marker plugin: `policies/markers/<name>.ts`. */
export interface MarkerPlugin<S extends z.ZodType = z.ZodType> {
  readonly kind: 'marker';
  readonly summary: string;
  readonly options: S;
  readonly create: (options: z.output<S>) => Marker;
}

/** A critic plugin: `policies/critics/<name>.ts`. */
export interface CriticPlugin<S extends z.ZodType = z.ZodType> {
  readonly kind: 'critic';
  readonly summary: string;
  readonly options: S;
  readonly create: (options: z.output<S>) => Critic;
}

export const defineEnv = <S extends z.ZodType>(plugin: Omit<EnvPlugin<S>, 'kind'>): EnvPlugin<S> => ({
  kind: 'env',
  ...plugin,
});

export const definePolicy = <S extends z.ZodType>(plugin: Omit<PolicyPlugin<S>, 'kind'>): PolicyPlugin<S> => {
  for (const kind of plugin.actionKinds)
    if (!ACTION_KINDS.includes(kind))
      throw new PumiceError('plugin/invalid', `action kind '${kind}' is not one of ${ACTION_KINDS.join(', ')}`);
  return { kind: 'policy', ...plugin };
};

export const defineMarker = <S extends z.ZodType>(plugin: Omit<MarkerPlugin<S>, 'kind'>): MarkerPlugin<S> => ({
  kind: 'marker',
  ...plugin,
});

export const defineCritic = <S extends z.ZodType>(plugin: Omit<CriticPlugin<S>, 'kind'>): CriticPlugin<S> => ({
  kind: 'critic',
  ...plugin,
});

/** Reads options by a schema; an error names the key, what was expected and what came. */
export function parseOptions<S extends z.ZodType>(schema: S, options: unknown, who: string): z.output<S> {
  const parsed = schema.safeParse(options ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`);
  throw new PumiceError('config/invalid', problems.join('; '), { who, hint: 'Correct the option named above' });
}
