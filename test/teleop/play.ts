/** Episodes of the scripted person at the simulated arm, in virtual time: alone, or with whatever the runtime has to help them. */
import type { Action, Answer, Marker, PilotInput, Policy, RunEvent, StepRecord } from 'pumice';
import { layoutOf, STEP_BUDGET, taskOf } from 'pumice/envs/sim';
import { delay, from, type Observable, Subject } from 'rxjs';
import type { Goal, SimTask } from '../../envs/sim/index.ts';
import { goalsOf } from '../../envs/sim/layout.ts';
import { randomOf } from '../../envs/sim/random.ts';
import { phrase } from '../../envs/sim/words.ts';
import { assemble } from '../../src/assemble.ts';
import { createVirtualTime } from '../faults/mujoco/virtual-time.ts';
import { deltas, foresight } from '../realtime/policies.ts';
import { type ArmOptions, type LedArm, ledArm, RATE_HZ, type Table } from './arm.ts';
import { DELAY_MS, HANDS_MS, type PersonOptions, person, type Sight } from './person.ts';

/** How long they may take, ms: as long as a policy may. */
const MOST_MS = { pick: 200 * STEP_BUDGET.pick, put: 200 * STEP_BUDGET.put } as const;

/** What a policy takes to answer, ms: ember on a laptop. */
const THINK_MS = 100;

export interface Case {
  readonly seed: number;
  readonly task: SimTask;
  /** What the policy is told: in a third of the seeds another thing than the person wants. */
  readonly policyGoal: Goal;
  readonly instruction: string;
  readonly isWrong: boolean;
}

/** Pick and put, one after the other; every third is one in which the policy wants another block. */
export function caseOf(seed: number): Case {
  const task = taskOf(seed % 2 === 0 ? 'pick' : 'put', 700_000 + seed);
  const isWrong = seed % 3 === 2;
  const others = goalsOf(layoutOf(task.seed), task.goal.kind).filter(({ block }) => block !== task.goal.block);
  const random = randomOf(seed ^ 0x51ab);
  const policyGoal = isWrong ? random.pick(others) : task.goal;
  const instruction = isWrong ? phrase(random, policyGoal, 'trained') : task.instruction;
  return { seed, task, policyGoal, instruction, isWrong };
}

export type Way = Pick<PersonOptions, 'mode' | 'share' | 'usesHelp'>;
export const ALONE: Way = { mode: 'manual', share: 1, usesHelp: false };

export interface Played {
  readonly seed: number;
  readonly kind: string;
  readonly isWrong: boolean;
  readonly isDone: boolean;
  readonly tookMs: number;
  /** Steps that the limits made less, or rules said no to. */
  readonly limitHits: number;
  readonly steps: number;
  readonly reason: string;
}

interface LedParts {
  readonly table: Table;
  /** The policy, made for the arm. */
  readonly policy: (arm: LedArm, goal: Goal) => Policy;
  readonly camera?: ArmOptions['camera'];
  /** Things on the table are marked. */
  readonly hasMarks?: boolean;
}
export interface PlayParts extends LedParts {
  readonly way: Way;
}
export interface LeadParts extends LedParts {
  readonly mostMs: number;
  /** What the controls say every 20 ms from the first step on; nothing where it is undefined. */
  readonly act: (nowMs: number, table: Table, arm: LedArm) => PilotInput | undefined;
  readonly onEvent?: (event: RunEvent) => void;
}

/** One episode of the arm, led by whatever is said. */
export async function lead({ task, policyGoal, instruction }: Case, parts: LeadParts) {
  const time = createVirtualTime();
  const { scheduler } = time;
  const arm = ledArm({ table: parts.table, task, scheduler, camera: parts.camera ?? 'none' });
  const input$ = new Subject<PilotInput>();
  const records: StepRecord[] = [];
  let end: Extract<RunEvent, { kind: 'episode-end' }>['end'] | undefined;
  let beganMs = Number.NaN;
  const answerNow = <T>(answer: Answer<T>): Observable<T> =>
    from(time.now(new Promise<T>((resolve, reject) => from(answer).subscribe({ next: resolve, error: reject }))));
  const inner = parts.policy(arm, policyGoal);
  const { episode } = assemble(
    {
      env: arm,
      policy: {
        ...inner,
        act: (seen, context) => answerNow(inner.act(seen, context)).pipe(delay(THINK_MS, scheduler)),
      },
      ...(parts.hasMarks && { marker: markerOf(arm) }),
      realTime: { thingsAtM: 0.02 },
      ...{ instruction, seed: task.seed, oracle: arm.oracle, scheduler },
      pilot: { name: 'scripted person', input$ },
      pace: { rateHz: RATE_HZ },
      budget: { timeoutMs: parts.mostMs },
    },
    (event) => {
      parts.onEvent?.(event);
      if (event.kind === 'episode-end') end = event.end;
      if (event.kind !== 'step-end') return;
      if (Number.isNaN(beganMs)) beganMs = scheduler.now();
      records.push(event.record);
    },
  );
  const move = () => {
    if (end) return;
    const sample = Number.isNaN(beganMs) ? undefined : parts.act(scheduler.now(), parts.table, arm);
    if (sample) input$.next(sample);
    scheduler.schedule(move, HANDS_MS);
  };
  scheduler.schedule(move, 0);
  episode.subscribe({
    error: (cause) => {
      throw cause;
    },
  });
  await time.play(() => end !== undefined);
  return { arm, records, end: end!, tookMs: scheduler.now() - beganMs };
}

/** One episode of the scripted person. */
export async function play(made: Case, { way, ...parts }: PlayParts): Promise<Played> {
  const { seed, task, isWrong } = made;
  const kind = task.goal.kind as 'pick' | 'put';
  const hands = person({ seed, goal: task.goal, ...way });
  const past: { readonly atMs: number; readonly sight: Sight }[] = [];
  let marks: Sight['marks'];
  const { arm, records, end, tookMs } = await lead(made, {
    ...parts,
    mostMs: MOST_MS[kind],
    onEvent: (event) => {
      if (event.kind === 'observed') marks = { seq: event.observation.seq, marks: event.observation.marks ?? [] };
    },
    act: (nowMs, _table, { oracle }) => {
      past.push({ atMs: nowMs, sight: { state: oracle.state(), ...(marks && { marks }) } });
      while (past.length > 1 && past[1]!.atMs <= nowMs - DELAY_MS) past.shift();
      return past[0]!.atMs <= nowMs - DELAY_MS ? hands.act(past[0]!.sight, nowMs) : undefined;
    },
  });
  const isDone = end.outcome === 'success' && arm.oracle.score().first;
  const limitHits = records.filter(
    ({ human, verdict }) => human?.isLimited || verdict.kind === 'modify' || verdict.kind === 'deny',
  ).length;
  return { seed, kind, isWrong, isDone, tookMs, limitHits, steps: records.length, reason: end.reason };
}

export const HOLDING: Policy = {
  name: 'hold',
  actionKinds: ['hold'],
  reset: () => {},
  act: async (): Promise<{ actions: readonly Action[] }> => ({ actions: [{ kind: 'hold' }] }),
};

/** The expert, sure of its goal, sixteen steps ahead. */
export const expertFor = ({ oracle }: LedArm, goal: Goal): Policy => {
  const own = { ...oracle, goal: () => goal, score: () => ({ ...oracle.score(), first: false }) };
  return deltas(foresight(own, 16), 16);
};

const markerOf = ({ oracle }: LedArm): Marker => ({
  name: 'segmentation',
  mark: async (seen) => ({ ...seen, marks: [...oracle.marks('third')] }),
});
