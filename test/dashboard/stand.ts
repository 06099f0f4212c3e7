/** A dashboard with a run behind it, on the fake page and by the real clock, so that a real browser can lead it. */
import type { Action, Critic, Observation, Policy, RunOptions } from 'pumice';
import { monotonicNowMs, run, sleep } from 'pumice';
import { fakePage } from 'pumice/envs/fake';
import { monotonicScheduler } from '../../src/clock.ts';
import { type Dashboard, dashboard, type WatchedBody } from '../../src/dashboard/index.ts';

export const SAVE: Action = { kind: 'ui-click', target: { markId: 2 }, button: 'left', count: 1 };

export interface StandOptions {
  /** Time to think, ms. */
  readonly thinkMs?: number;
  readonly thought?: (step: number) => string;
  /** Steps after which the policy says that it is done. */
  readonly steps?: number;
  /** Asks about every step. */
  readonly asks?: boolean;
  readonly over?: Partial<RunOptions>;
  readonly body?: WatchedBody;
}

/** Presses Save, again and again, and tells a thought piece by piece. */
export function presser({ thinkMs = 40, thought, steps = 10_000 }: StandOptions): Policy {
  let step = 0;
  return {
    name: 'presser',
    actionKinds: ['ui-click', 'ui-type', 'ui-check', 'done'],
    reset: () => {
      step = 0;
    },
    act: async (_observation: Observation, { signal, report }) => {
      step += 1;
      const text = thought?.(step) ?? `Save is the button at the bottom, for the ${step}th time`;
      for (const word of text.split(/(?= )/)) {
        report({ kind: 'thought-delta', text: word });
        await sleep(thinkMs / 10, signal);
      }
      await sleep(thinkMs, signal);
      return { actions: [step > steps ? { kind: 'done', outcome: 'success', answer: 'saved' } : SAVE], thought: text };
    },
  };
}

const asking: Critic = {
  name: 'cautious',
  judge: async () => ({ kind: 'ask', reasons: ['it sends <b>something</b> off'] }),
};

/** Begins a run that the dashboard shows. */
export function begin(board: Dashboard, options: StandOptions = {}) {
  const env = fakePage({ scheduler: monotonicScheduler, actMs: 20 });
  const going = run({
    ...{ env, policy: presser(options), instruction: 'save the form', approver: board.approver, stops: [board.stops] },
    ...(options.asks && { critics: [asking] }),
    ...{ budget: { maxSteps: 10_000 }, ...options.over },
  });
  board.watch(going, options.body);
  return { env, going };
}

export async function stand(options: StandOptions = {}) {
  const board = await dashboard();
  return { board, ...begin(board, options) };
}

/** Waits until something is so, however busy the machine is. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, withinMs = 15_000): Promise<void> {
  for (const endMs = monotonicNowMs() + withinMs; !(await isSo()); await sleep(20))
    if (monotonicNowMs() > endMs) throw new Error(`not so within ${withinMs} ms: ${what}`);
}
