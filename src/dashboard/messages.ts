/**
 * What the main thread, the thread of the dashboard and its page say to each other. Shapes and schemas only; a page loads none of it at
 * run time, since it takes the types alone.
 */
import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import { deedSchema } from '../hand.ts';
import { type DriverState, type EpisodeFacts, type PilotInput, pilotInputSchema, type StopCategory } from '../ports.ts';
import {
  type Action,
  actionSchema,
  type EpisodeEnd,
  type Frame,
  type Immutable,
  type Mark,
  type Observation,
  type StepRecord,
  type Verdict,
} from '../types.ts';

/** A frame without its picture, which is fetched by its number. */
export interface PictureRef {
  readonly id: number;
  readonly camera: string;
  readonly isMarked: boolean;
  /** Size of what it shows, CSS pixels: the unit of marks and targets. */
  readonly cssWidthPx: number;
  readonly cssHeightPx: number;
  readonly stampMs: number;
  /** Which way is up in it, on the table that it shows: from x of the body's frame towards y. None where its camera says not where it is. */
  readonly upRad?: number;
}

/** A record, bounded and masked, whose frames are without `data`. */
export type ShownRecord = StepRecord;
export interface ShownStep {
  readonly record: ShownRecord;
  readonly pictures: readonly PictureRef[];
}

/** What is being thought about at this moment. */
export interface ShownLook {
  readonly index: number;
  readonly observation: Observation;
  readonly pictures: readonly PictureRef[];
}

export interface ShownQuestion {
  readonly id: string;
  readonly proposed: Action;
  readonly verdict: Verdict;
  readonly look: ShownLook;
  readonly canEdit: boolean;
  /** From when on nobody waits any more, ms since 1970. */
  readonly expiresWallMs: number;
}

export type Phase = 'waiting' | 'running' | 'paused' | 'over';

/** How the run stands, whole: it is small, and only the newest one counts. */
export interface Status {
  readonly phase: Phase;
  readonly facts?: EpisodeFacts;
  readonly instruction: string;
  readonly startedWallMs?: number;
  readonly endedWallMs?: number;
  readonly step?: number;
  readonly doing?: 'looking' | 'thinking' | 'checking' | 'asking';
  readonly thought: string;
  readonly look?: ShownLook;
  readonly proposed?: Action;
  readonly question?: ShownQuestion;
  /** The policy wants a person to go on. */
  readonly handOver?: string;
  /** A stop that is in force: a protective one, or one that a person has to clear. */
  readonly stop?: { readonly kind: 'protective' | 'latched'; readonly cause: string };
  readonly end?: EpisodeEnd;
  /** Somebody listens to the controls of who holds control: an arm can be led. */
  readonly isPiloted?: boolean;
  /** Somebody listens to what people do on the page that they are shown. */
  readonly isByHand?: boolean;
  /** Marks beside the pictures, which a person may name, and the observation that they are of. */
  readonly marked?: { readonly seq: number; readonly marks: readonly Mark[]; readonly pictures: readonly PictureRef[] };
  /** What the driver of the body says of itself. */
  readonly driver?: DriverState;
  /** Somebody may begin a run from the page. */
  readonly canStart: boolean;
}

/** Something worth a line in the log. */
export interface Note {
  readonly wallMs: number;
  readonly level: 'info' | 'warning' | 'stop';
  readonly text: string;
}

/** What the page scrolls through: steps and notes in the order in which they came. */
export type Entry =
  | { readonly kind: 'step'; readonly step: ShownStep }
  | { readonly kind: 'note'; readonly note: Note };

/** Who holds control, and who looks on. */
export interface Watchers {
  readonly viewers: number;
  /** The viewer that holds control, whose silence stops the body. */
  readonly holder?: number;
}

// ---------------------------------------------------------------- main thread and dashboard thread

/** A picture of this moment, for who leads a body. */
export interface LivePicture {
  readonly ref: PictureRef;
  readonly frame: Frame;
}

export interface DashboardWorkerData {
  readonly host: string;
  readonly port: number;
  readonly tokens: Tokens;
  /** A recording to be shown instead of a run. */
  readonly recording?: string;
}
export interface Tokens {
  /** Looks, commands and stops. */
  readonly control: string;
  /** Looks on. */
  readonly view: string;
}

export type ToWorker =
  | { readonly kind: 'episode' }
  | { readonly kind: 'frame'; readonly id: number; readonly frame: Frame }
  | { readonly kind: 'entry'; readonly entry: Entry }
  /** `isUrgent`: a stop or a question, which no viewer may miss. */
  | { readonly kind: 'status'; readonly status: Status; readonly isUrgent: boolean }
  | { readonly kind: 'body'; readonly stopWord: SharedArrayBuffer | undefined }
  | { readonly kind: 'refuse-edit'; readonly questionId: string; readonly problem: string }
  | { readonly kind: 'refuse'; readonly text: string }
  | { readonly kind: 'live'; readonly pictures: readonly LivePicture[] }
  /** The next sample of a person's controls may come. */
  | { readonly kind: 'pilot-taken' }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint?: string | undefined }
  /** Frames that were taken in: so many more may come. */
  | { readonly kind: 'frame-taken' }
  /** Viewers who may command, and whether one of them holds control. */
  | { readonly kind: 'watchers'; readonly attended: number; readonly isHeld: boolean }
  | { readonly kind: 'stop'; readonly cause: string }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'live-taken' }
  | { readonly kind: 'pilot'; readonly input: PilotInput };

// ---------------------------------------------------------------- dashboard and page

const commandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['pause', 'resume', 'step', 'stop', 'clear']) }),
  z.strictObject({ kind: z.literal('instruct'), instruction: z.string().min(1).max(10_000) }),
  /** What a person does on the page that they are shown. */
  z.strictObject({ kind: z.literal('deed'), deed: deedSchema }),
  z.strictObject({ kind: z.literal('start'), instruction: z.string().min(1).max(10_000) }),
  z.strictObject({
    kind: z.literal('answer'),
    questionId: z.string(),
    answer: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('approve') }),
      z.strictObject({ kind: z.literal('deny'), reason: z.string().max(1000).optional() }),
      /** `json`: the action as the person wrote it. */
      z.strictObject({ kind: z.literal('edit'), json: z.string().max(50_000) }),
    ]),
  }),
]);
export type Command = Immutable<z.infer<typeof commandSchema>>;

/** What a page says. Anything else closes its socket. */
export const fromPageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('command'), command: commandSchema }),
  z.strictObject({ kind: z.enum(['take-control', 'release-control']) }),
  /** The answer to a ping: its main thread runs, and somebody can see it. */
  z.strictObject({ kind: z.literal('alive'), ping: z.int().min(0) }),
  /** A whole sample of the controls: when it was made is told by the newest ping that the page had seen, and how long before. */
  pilotInputSchema.omit({ stampMs: true }).extend({
    kind: z.literal('pilot'),
    ping: z.int().min(0),
    sinceMs: z.number().min(0).max(60_000),
    command: actionSchema.options[2].optional(),
  }),
]);
export type FromPage = Immutable<z.infer<typeof fromPageSchema>>;
export type PageSample = Extract<FromPage, { kind: 'pilot' }>;

/** How a person's controls arrive. */
export interface PilotState {
  /** Age of the newest sample when it came, at most, ms. */
  readonly ageMs?: number;
  /** Samples that were too old to count. */
  readonly dropped: number;
  /** There was a gap while the dead-man was held: it counts again when it was let go. */
  readonly isLapsed: boolean;
}

export type ToPage =
  | {
      readonly kind: 'hello';
      readonly viewer: number;
      readonly right: keyof Tokens;
      /** For a link that only looks on; told to those who may command. */
      readonly viewToken?: string;
      readonly isRecording: boolean;
      /** Another number: other entries, from the first on. */
      readonly generation: number;
    }
  | {
      readonly kind: 'entries';
      readonly generation: number;
      readonly entries: readonly Entry[];
      /** Older ones that are no longer kept. */
      readonly forgotten: number;
    }
  | { readonly kind: 'status'; readonly status: Status; readonly watchers: Watchers }
  | {
      readonly kind: 'ping';
      readonly ping: number;
      /** By the clock of the run, when it left. */
      readonly nowMs: number;
      readonly pilot: PilotState;
    }
  | { readonly kind: 'live'; readonly pictures: readonly PictureRef[] }
  | { readonly kind: 'refused'; readonly text: string; readonly questionId?: string };

/** What the socket of the stop button answers with. */
export interface StopTaken {
  readonly kind: 'stop-taken';
  /** Whether the driver's stop word was written; a body without driver is stopped by the run. */
  readonly isWordWritten: boolean;
}

/** Category of a stop by the button: stop, then power off. */
export const BUTTON_CATEGORY: StopCategory = 1;
/** Category of a stop because who holds control is silent: stop and stay powered. */
export const SILENCE_CATEGORY: StopCategory = 2;
