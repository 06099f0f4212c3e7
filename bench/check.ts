/**
 * What checking costs. The whole chain on one action: rules, the asking of critics that answer at once, the joining of what they say;
 * beside it the rules alone, and as floor one parse of the action. Then what a step takes longer by with a critic of 0.2 s and of 1.5 s
 * that it waits for (`check: inline`), less the time of the critic: what pumice itself adds. The critics are doubles that say yes.
 * Run with: `npm run bench -- check`.
 */
import { type Critic, run, sleep } from 'pumice';
import { of } from 'rxjs';
import { createApprovals } from '../src/approvals.ts';
import { createAsk, DEADLINES_MS } from '../src/ask.ts';
import { inline } from '../src/check.ts';
import { monotonicNowMs, monotonicScheduler } from '../src/clock.ts';
import { createDesk } from '../src/decision.ts';
import { review } from '../src/gate/review.ts';
import { defaultRules } from '../src/gate/rules/index.ts';
import type { Env, Policy } from '../src/ports.ts';
import { type Action, type ActionChunk, actionSchema, type Sensed } from '../src/types.ts';
import { quantile, sayLoad, sayMachine, timedNow } from './measure.ts';
import { click, facts, MARKS, observation, page } from './scene.ts';

const CHECKS = 20_000;
const WARM_UP = 4_000;

const frame = page(0);
const MOVE: Action = {
  kind: 'eef-delta',
  frameId: 'base',
  dPosM: [0.02, 0.01, 0],
  dRpyRad: [0, 0, 0.05],
  gripperOpen: 1,
};
const ACTIONS: Readonly<Record<string, (index: number) => Action>> = {
  'click on a mark of 300': (index) => click(index % MARKS),
  'type into a mark of 300': (index) => ({
    kind: 'ui-type',
    target: { markId: index % MARKS },
    text: 'two bags of basalt, please',
    clear: true,
    submit: false,
  }),
  'move of a tool': () => MOVE,
  'move, made smaller': () => ({ ...MOVE, dPosM: [0.06, 0, 0] }) as Action,
};

const yes: Critic = { name: 'yes', judge: () => of({ kind: 'allow', reasons: [] }) };
const ask = createAsk(DEADLINES_MS, monotonicScheduler, () => {});
const approvals = createApprovals({ nowMs: monotonicNowMs });
const askPerson = createDesk({
  ...{ approver: undefined, approvals, ask, answerMs: DEADLINES_MS.approver },
  ...{ nowMs: monotonicNowMs, onAsk: () => {} },
});
const checkWith = (critics: readonly Critic[]) =>
  inline(
    {
      ...{ rules: defaultRules, critics, approvals, askPerson, approvedBy: undefined, nowMs: monotonicNowMs },
      actionKinds: ['ui-click', 'ui-type', 'eef-delta'],
    },
    ask,
  );
const chains = { 'no critic': checkWith([]), 'one critic that answers at once': checkWith([yes]) };

const us = (values: readonly number[], share: number) => (1000 * quantile(values, share)).toFixed(1).padStart(6);
const say = (name: string, values: readonly number[]) =>
  console.log(`  ${name.padEnd(40)} p50 ${us(values, 0.5)} us   p99 ${us(values, 0.99)} us`);

sayMachine(`the chain, ${CHECKS} actions each, ${defaultRules.length} rules`);
for (const [name, actionAt] of Object.entries(ACTIONS)) {
  const times: Record<string, number[]> = { 'floor: parse the action': [], 'rules alone': [] };
  const kinds = new Set<string>();
  for (let index = 0; index < CHECKS + WARM_UP; index++) {
    const seen = observation(index, frame);
    const action = actionAt(index);
    const context = {
      ...{ observation: seen, nowMs: index + 4, plannedStampMs: index },
      ...{ limits: facts.limits, isRunning: true, modifiedInARow: 0 },
    };
    const chunk = { id: 'c', epoch: 0, basedOnSeq: index, basedOnStampMs: index, actions: [action] } as ActionChunk;
    const note = (what: string, tookMs: number) => {
      if (index < WARM_UP) return;
      times[what] ??= [];
      times[what].push(tookMs);
    };
    note(
      'floor: parse the action',
      timedNow(() => actionSchema.safeParse(action)),
    );
    note(
      'rules alone',
      timedNow(() => review(defaultRules, action, context)),
    );
    for (const [what, check] of Object.entries(chains)) {
      let kind = '';
      note(
        `whole chain, ${what}`,
        timedNow(() => check(action, () => context, chunk).subscribe((verdict) => (kind = verdict.kind))),
      );
      kinds.add(kind);
    }
  }
  console.log(`${name}: ${[...kinds].join(', ')}`);
  for (const [what, values] of Object.entries(times)) say(what, values);
}

const STEPS: Readonly<Record<number, number>> = { 0: 200, 200: 40, 1500: 8 };
const sensed = (): Sensed => {
  const { seq: _, epoch: _epoch, instruction: _instruction, history: _history, ...rest } = observation(0, frame);
  const stampMs = performance.now();
  const { proprio } = rest;
  return { ...rest, stampMs, frames: [{ ...frame, stampMs }], ...(proprio && { proprio: { ...proprio, stampMs } }) };
};
const env: Env = {
  name: 'none',
  actionKinds: ['ui-click'],
  limits: { ...facts.limits, maxObservationAgeMs: 60_000, maxPlanAgeMs: 60_000 },
  reset: () => of(null),
  observe: () => of(sensed()),
  act: (executed) => of({ status: 'done', executed }),
  halt: () => {},
  close: async () => {},
};
const policy: Policy = {
  ...{ name: 'none', actionKinds: ['ui-click'], reset: () => {} },
  act: () => of({ actions: [click(7)] }),
};

console.log('what a step that waits for its critic takes longer by, less what the critic itself took');
for (const [takesMs, steps] of Object.entries(STEPS)) {
  let [askedMs, tookMs] = [0, 0];
  const slow: Critic = {
    name: `double of ${takesMs} ms`,
    judge: async (_observation, _action, { signal }) => {
      askedMs = monotonicNowMs();
      if (Number(takesMs) > 0) await sleep(Number(takesMs), signal);
      tookMs = monotonicNowMs() - askedMs;
      return { kind: 'allow', reasons: [] };
    },
  };
  const whole: number[] = [];
  const added: number[] = [];
  const episode = run({ env, policy, instruction: 'go', critics: [slow], budget: { maxSteps: steps } });
  for await (const { timings, verdict } of episode) {
    if (verdict.kind !== 'allow') throw new Error(`${verdict.kind}: ${verdict.reasons.join('; ')}`);
    whole.push(timings.totalMs);
    added.push(timings.checkMs - tookMs);
  }
  const ms = (values: readonly number[], share: number) => quantile(values, share).toFixed(2);
  console.log(
    `  critic of ${takesMs.padStart(4)} ms, ${String(whole.length).padStart(3)} steps: a step p50 ${ms(whole, 0.5)} ms; added by pumice p50 ${ms(added, 0.5)} ms, p99 ${ms(added, 0.99)} ms`,
  );
}
sayLoad();
