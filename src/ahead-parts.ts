/** What thinking ahead needs, and its times. Shapes only. */
import type { Approvals } from './approvals.ts';
import type { Ask } from './ask.ts';
import type { AskPerson } from './decision.ts';
import type { RunEvent } from './events.ts';
import type { Leases } from './lease.ts';
import type { DeltaMeaning, Policy } from './ports.ts';
import type { Action, ActionChunk, Observation } from './types.ts';

export interface AheadTimes {
  /** With nothing to play for so long the run comes to a protective stop, ms. */
  readonly starveMs: number;
  /** How much of what a tool has fallen behind is made good for when a chunk of deltas arrives, m. */
  readonly maxCatchUpM: number;
  /** Share of its speed at which a plan is played, above 0 and at most 1: slowed down in time, on the same way. */
  readonly speedScale: number;
}

/** Chosen: a person would ask what is wrong after two seconds; 3 cm are half a step of a table-top arm at 5 Hz. */
export const AHEAD_TIMES: AheadTimes = { starveMs: 2000, maxCatchUpM: 0.03, speedScale: 1 };

export interface AheadParts {
  readonly policy: Policy;
  readonly ask: Ask;
  readonly leases: Leases;
  readonly periodMs: number;
  readonly frameId: string;
  readonly delta: DeltaMeaning | undefined;
  readonly times: AheadTimes;
  /** Whether the rules let an action pass as it is. */
  readonly fits: (action: Action, observation: Observation, chunk: ActionChunk) => boolean;
  readonly nowMs: () => number;
  readonly tell: (event: RunEvent) => void;
  /** What a person said yes to, and how one is asked. `approvedBy`: whose yes it is. */
  readonly approvals: Approvals;
  readonly askPerson: AskPerson;
  readonly approvedBy: string | undefined;
  /** A critic takes back what it has allowed: the body holds in this turn of the event loop, or halts. */
  readonly onRevoked: (kind: 'deny' | 'halt', cause: string) => void;
}
