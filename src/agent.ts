/**
 * The agent plugin: a body, a marker and whatever else one use needs, wired once, so that a policy can be put in. Shapes only.
 */
import type { z } from 'zod';
import type { RunOptions } from './assemble.ts';
import type { Strategies } from './fit.ts';
import type { Env, Policy } from './ports.ts';
import type { Run } from './run.ts';

/** What to do, and all that a run can be told which the agent does not wire itself. */
export type AgentTask = Omit<RunOptions, 'env' | 'policy' | 'marker' | keyof Strategies>;

/** What an agent is given by its caller. */
export interface AgentParts {
  readonly policy: Policy;
  /** Whether the policy reads the text of pages (`PolicyPlugin.needsText`). */
  readonly needsText?: boolean;
}

/** An agent that is ready: its body is there. It makes one attempt at a time. */
export interface Agent extends AsyncDisposable {
  readonly run: (task: AgentTask) => Run;
  /** Its body goes on by itself: at a terminal keys stop it, and nobody is asked questions meanwhile. */
  readonly keysStop?: boolean;
  /** Of the driver of its body, for stop buttons. */
  readonly stopWord?: SharedArrayBuffer;
  /** Of its body, for people who lead it or look on. */
  readonly driverState?: Env['driverState'];
  readonly frames?: Env['frames'];
  /** Takes secrets out of any text that is shown or logged. */
  readonly mask?: (text: string) => string;
  readonly close: () => Promise<void>;
}

/** An agent plugin: `agents/<name>.ts` exports one as default; the file name is its name. */
export interface AgentPlugin<S extends z.ZodType = z.ZodType> {
  readonly kind: 'agent';
  readonly summary: string;
  readonly options: S;
  /** Name of the policy that it works with when none is named. */
  readonly defaultPolicy: string;
  /** Names of the critics that judge it when none are named; none where this is absent. */
  readonly defaultCritics?: readonly string[];
  /** A person leads it: with these options a run of it needs a `pilot`. */
  readonly needsPilot?: (options: z.output<S>) => boolean;
  /** What its policies act with, for those that can do either (their option `body`). */
  readonly body?: 'page' | 'arm';
  readonly create: (options: z.output<S>, parts: AgentParts) => Promise<Agent>;
}

export const defineAgent = <S extends z.ZodType>(plugin: Omit<AgentPlugin<S>, 'kind'>): AgentPlugin<S> => ({
  kind: 'agent',
  ...plugin,
});
