/** What an evaluation and its worker processes say to each other. Plain data. */
import type { ErrorCode } from '../../errors.ts';
import type { EpisodeSettings, PlayedEpisode } from './episode.ts';

/** A policy or critic by name, as on the command line; each process makes its own. */
export interface Choice {
  readonly name: string;
  readonly options: unknown;
}

export type Request =
  | {
      readonly kind: 'begin';
      readonly policy: Choice;
      readonly critics: readonly Choice[];
      readonly settings: EpisodeSettings;
      /** The first that will be played. */
      readonly task: string;
    }
  | { readonly kind: 'episode'; readonly task: string; readonly seed: number };

export type Reply =
  | { readonly kind: 'ready'; readonly facts: Readonly<Record<string, string>> }
  | {
      readonly kind: 'unfit';
      readonly code?: ErrorCode;
      readonly message: string;
      readonly hint?: string;
      /** The process ended. */
      readonly isProcess?: true;
    }
  | { readonly kind: 'alive' }
  | { readonly kind: 'done'; readonly episode: PlayedEpisode };
