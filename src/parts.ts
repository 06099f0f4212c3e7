/** What the loop is put together from; `run.ts` puts it together. */
import type { Observable } from 'rxjs';
import type { Body } from './body.ts';
import type { Check } from './check.ts';
import type { Controls } from './controls.ts';
import type { RunEvent } from './events.ts';
import type { Pace } from './pace.ts';
import type { PlanInHand } from './plan.ts';
import type { EpisodeFacts, Limits, Policy, Task } from './ports.ts';
import type { Sinks } from './sinks.ts';
import type { Tally } from './tally.ts';
import type { Think } from './think.ts';
import type { EpisodeEnd } from './types.ts';

export interface LoopParts {
  readonly task: Task;
  readonly facts: EpisodeFacts;
  readonly limits: Limits;
  readonly body: Body;
  readonly policy: Policy;
  readonly pace: Pace;
  readonly think: Think;
  readonly check: Check;
  readonly plan: PlanInHand;
  readonly sinks: Sinks;
  readonly tally: Tally;
  readonly controls: Controls;
  /** The first reason to end the episode from outside: a stop, or the time budget used up. */
  readonly interrupt$: Observable<{ readonly outcome: 'stopped' | 'truncated'; readonly cause: string }>;
  /** What the world says after each act of how the episode ended; empty while it goes on. */
  readonly verdictOfWorld$: Observable<EpisodeEnd>;
  /** Whether somebody is there to take over. */
  readonly isAttended: boolean;
  readonly nowMs: () => number;
  readonly tell: (event: RunEvent) => void;
}
