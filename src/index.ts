/** The public entry point: run an episode, and write plugins for it. Loads no browser, image or file library. */
export * from './agent.ts';
export { DEADLINES_MS, type Deadlines } from './ask.ts';
export type { RunOptions } from './assemble.ts';
export { monotonicNowMs, monotonicScheduler, sleep, wallMs } from './clock.ts';
export * from './errors.ts';
export type { RunEvent } from './events.ts';
export { rpyOfRotationVector, turnBetween } from './gate/rotation.ts';
export type { GateContext, Rule, RuleOpinion } from './gate/rule.ts';
export { describeTarget, markOf, targetsOf } from './gate/targets.ts';
export { type PlannedOptions, planned } from './planned.ts';
export * from './ports.ts';
export { type EpisodeResult, type Run, run } from './run.ts';
export type { RealTime } from './strategies.ts';
export type { Budget } from './tally.ts';
export * from './types.ts';
