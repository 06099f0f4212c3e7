/**
 * What the main thread, the thread of the dashboard and its page say to each other. Shapes and schemas only; a page loads none of it at
 * run time, since it takes the types alone.
 */
import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { EpisodeFacts, StopCategory } from '../ports.ts';
import type { Action, EpisodeEnd, Frame, Observation, StepRecord, Verdict } from '../types.ts';

/** A frame without its picture, which is fetched by its number. */
export interface PictureRef {
  readonly id: number;
  readonly camera: string;
  readonly isMarked: boolean;
  /** Size of what it shows, CSS pixels: the unit of marks and targets. */
  readonly cssWidthPx: number;
  readonly cssHeightPx: number;
  readonly stampMs: number;
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
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint?: string | undefined }
  /** Frames that were taken in: so many more may come. */
  | { readonly kind: 'frame-taken' }
  /** Viewers who may command, and whether one of them holds control. */
  | { readonly kind: 'watchers'; readonly attended: number; readonly isHeld: boolean }
  | { readonly kind: 'stop'; readonly cause: string }
  | { readonly kind: 'command'; readonly command: Command };

// ---------------------------------------------------------------- dashboard and page

const commandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['pause', 'resume', 'step', 'stop', 'clear']) }),
  z.strictObject({ kind: z.literal('instruct'), instruction: z.string().min(1).max(10_000) }),
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
export type Command = z.infer<typeof commandSchema>;

/** What a page says. Anything else closes its socket. */
export const fromPageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('command'), command: commandSchema }),
  z.strictObject({ kind: z.enum(['take-control', 'release-control']) }),
  /** The answer to a ping: its main thread runs, and somebody can see it. */
  z.strictObject({ kind: z.literal('alive'), ping: z.int().min(0) }),
]);
export type FromPage = z.infer<typeof fromPageSchema>;

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
  | { readonly kind: 'ping'; readonly ping: number }
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
