/**
 * What the runtime itself adds to a step: 300 marks validated, all default rules, a sink; ports that answer at once. Interleaved with a
 * floor, the same calls in a plain loop; and the parts of it: validation alone, the gate alone, the rest is the loop.
 * Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/loop.js`.
 */
import { of } from 'rxjs';
import { assemble } from '../src/assemble.ts';
import { review } from '../src/gate/review.ts';
import { defaultRules } from '../src/gate/rules/index.ts';
import type { Env, Policy, Sink } from '../src/ports.ts';
import { type Sensed, sensedSchema, type Thought } from '../src/types.ts';
import { quantile, sayLoad, sayMachine, sayTimes, timedNow } from './measure.ts';
import { click, facts, MARKS, observation, page } from './scene.ts';

const ROUNDS = 20;
const STEPS = 200;
const WARM_UP_ROUNDS = 3;

const frame = page(0);
const sensed = (): Sensed => {
  const { seq: _, epoch: _epoch, instruction: _instruction, history: _history, ...rest } = observation(0, frame);
  const stampMs = performance.now();
  return { ...rest, stampMs, frames: [{ ...frame, stampMs }] };
};
const action = click(7);
const thought: Thought = { actions: [action] };
const env: Env = {
  name: 'none',
  actionKinds: ['ui-click'],
  limits: facts.limits,
  reset: () => of(null),
  observe: () => of(sensed()),
  act: (executed) => of({ status: 'done', executed }),
  halt: () => {},
  close: async () => {},
};
const policy: Policy = { name: 'none', actionKinds: ['ui-click'], reset: () => {}, act: () => of(thought) };
let written = 0;
const sink: Sink = { name: 'none', required: true, write: () => of(++written), close: () => of(null) };

/** Times of the steps of one episode, from one announcement to the next. */
function episode(): number[] {
  const stepsMs: number[] = [];
  let lastMs = performance.now();
  const budget = { maxSteps: STEPS };
  assemble({ env, policy, instruction: 'go', sinks: [sink], budget }, ({ kind }) => {
    if (kind !== 'step-end') return;
    const nowMs = performance.now();
    stepsMs.push(nowMs - lastMs);
    lastMs = nowMs;
  }).episode.subscribe();
  if (stepsMs.length !== STEPS) throw new Error(`${stepsMs.length} steps, not ${STEPS}`);
  return stepsMs;
}

const parts: Record<'whole' | 'floor' | 'validation' | 'gate', number[]> = {
  whole: [],
  floor: [],
  validation: [],
  gate: [],
};
for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round++) {
  const whole = episode();
  const floor: number[] = [];
  const validation: number[] = [];
  const gate: number[] = [];
  for (let index = 0; index < STEPS; index++) {
    floor.push(
      timedNow(() => {
        const seen = { ...sensed(), seq: index, epoch: 0, instruction: 'go', history: [] };
        written += Number(seen.seq >= 0 && thought.actions[0]?.kind === 'ui-click');
      }),
    );
    const seen = sensed();
    validation.push(timedNow(() => sensedSchema.parse(seen)));
    const context = {
      observation: { ...seen, seq: 0, epoch: 0, instruction: 'go', history: [] },
      nowMs: performance.now(),
      plannedStampMs: seen.stampMs,
      limits: facts.limits,
      isRunning: true,
      modifiedInARow: 0,
    };
    gate.push(timedNow(() => review(defaultRules, action, context)));
  }
  if (round < WARM_UP_ROUNDS) continue;
  parts.whole.push(...whole);
  parts.floor.push(...floor);
  parts.validation.push(...validation);
  parts.gate.push(...gate);
}

sayMachine(`loop, ${ROUNDS} episodes of ${STEPS} steps, ${MARKS} marks, ${defaultRules.length} rules, 1 sink`);
sayTimes('a step, whole', parts.whole);
sayTimes('of it: validation', parts.validation);
sayTimes('of it: gate', parts.gate);
sayTimes('floor: the calls alone', parts.floor);
const median = (values: readonly number[]) => quantile(values, 0.5);
const loopMs = median(parts.whole) - median(parts.validation) - median(parts.gate) - median(parts.floor);
console.log(`  the loop itself (medians)     ${loopMs.toFixed(3)} ms`);
sayLoad();
