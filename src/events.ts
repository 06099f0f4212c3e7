/** What a run tells while it goes on. Shapes only. */
import type { EpisodeFacts, Question } from './ports.ts';
import type { Action, EpisodeEnd, Observation, StepRecord } from './types.ts';

export type RunEvent =
  | { readonly kind: 'episode-start'; readonly facts: EpisodeFacts }
  | { readonly kind: 'step-start'; readonly index: number }
  /** What the policy is now asked about, with its marks. Of a body that is paced, whose steps come often enough, only what was marked for a person who leads it. */
  | { readonly kind: 'observed'; readonly observation: Observation }
  /** A piece of the thought that is being written, as the policy reports it. */
  | { readonly kind: 'thought-delta'; readonly who: string; readonly text: string }
  | { readonly kind: 'progress'; readonly who: string; readonly text: string }
  | {
      readonly kind: 'action-proposed';
      readonly index: number;
      readonly action: Action;
      readonly targetText?: string;
      readonly thought?: string;
    }
  /** Somebody has to say yes; the run waits for the approver. */
  | { readonly kind: 'approval-asked'; readonly question: Question }
  /** The policy wants a person to go on, e.g. for a second factor; the run is paused if there is one. */
  | { readonly kind: 'hand-over'; readonly reason: string }
  /** A step is over, and on disk. */
  | { readonly kind: 'step-end'; readonly record: StepRecord }
  /** A chunk that came too late, twice, for another epoch ... `count`: of this reason so far. */
  | { readonly kind: 'chunk-refused'; readonly reason: string; readonly text: string; readonly count: number }
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'instruction-changed'; readonly instruction: string }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'protective-stop'; readonly cause: string }
  | { readonly kind: 'stop-latched'; readonly cause: string }
  /** A sink that is not required failed; the run goes on. */
  | { readonly kind: 'sink-failed'; readonly sink: string; readonly reason: string }
  /** The last event. Every sink is closed. */
  | { readonly kind: 'episode-end'; readonly end: EpisodeEnd };
