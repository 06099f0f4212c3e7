import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { review } from '../../src/gate/review.ts';
import type { Rule } from '../../src/gate/rule.ts';
import { defaultRules } from '../../src/gate/rules/index.ts';
import { join as joinVerdict, refuse } from '../../src/gate/verdict.ts';
import type { EpisodeFacts, Policy } from '../../src/ports.ts';
import { type Episode, type Rerun, readEpisode, recorder, rerunGate, rerunPolicy } from '../../src/record/index.ts';
import { ACTION_KINDS, type Action, type StepRecord, type Verdict } from '../../src/types.ts';
import { anyAction, click, context, inOrder, limits, motionLimits, move, observation, proprio } from '../gate/given.ts';
import { sampleEnd, sampleFacts } from './sample.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-rerun-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const facts: EpisodeFacts = { ...sampleFacts, critics: ['cosmos'], limits: limits() };
const outside: Action = { kind: 'ui-navigate', url: 'https://evil.example/' };
const tooFar = move({ dPosM: [0.06, 0, 0] });

/** A step as the loop records it: seen 10 ms after it began, thought of for 10 ms, judged by the default rules. */
function stepOf(index: number, action: Action, change: Partial<StepRecord> = {}): StepRecord {
  const seen = observation({ seq: index });
  return {
    index,
    stampMs: 980,
    observation: seen,
    chunkId: `c${index}`,
    proposed: action,
    verdict: review(defaultRules, action, context({ observation: seen, plannedStampMs: seen.stampMs })),
    timings: { observeMs: 10, thinkMs: 10, checkMs: 2, actMs: 5, totalMs: 27 },
    dropped: 0,
    ...change,
  };
}

let files = 0;
/** Through a real file, since that is what is run again. */
async function recorded(steps: readonly StepRecord[], of: EpisodeFacts = facts): Promise<Episode> {
  const sink = recorder({ file: join(folder, `${files++}.mcap`) });
  await sink.open!(of);
  for (const step of steps) await sink.write(step);
  await sink.close(sampleEnd);
  return readEpisode(sink.file);
}

/** A policy that plays a list, from its start after each reset. */
function playing(actions: readonly Action[]): Policy {
  let left: Action[] = [];
  return {
    name: 'playing',
    actionKinds: ACTION_KINDS,
    reset: () => {
      left = [...actions];
    },
    act: async () => ({ actions: [left.shift()!] }),
  };
}

const differing = (reruns: Iterable<Rerun<unknown>>): number[] =>
  [...reruns].filter(({ same }) => !same).map(({ index }) => index);

describe('the gate run again on a recording', () => {
  test('says the same of every action by the same rules, whatever was proposed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAction, { minLength: 1, maxLength: 6 }), async (actions) => {
        const episode = await recorded(actions.map((action, index) => stepOf(index, action)));
        const reruns = [...rerunGate(episode, defaultRules)];
        expect(reruns).toHaveLength(actions.length);
        expect(differing(reruns)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('tells just the steps that are judged otherwise when a rule is gone, new, or stricter', async () => {
    const actions = [click(), outside, tooFar, move()];
    const episode = await recorded(actions.map((action, index) => stepOf(index, action)));
    expect(episode.steps.map((step) => step.verdict.kind)).toEqual(['allow', 'deny', 'modify', 'allow']);
    const without = (...names: string[]) => defaultRules.filter((rule) => !names.includes(rule.name));
    expect(differing(rerunGate(episode, without('origin', 'made-address')))).toEqual([1]);
    expect(differing(rerunGate(episode, without('step')))).toEqual([2]);
    const noClicks: Rule = {
      name: 'no-clicks',
      judge: ({ kind }) => (kind === 'ui-click' ? { kind: 'deny', reason: 'no' } : { kind: 'allow' }),
    };
    expect(differing(rerunGate(episode, [...defaultRules, noClicks]))).toEqual([0]);
    const closer = { ...facts.limits, motion: motionLimits({ maxStepM: 0.04 }) };
    // Denied before and after, or smaller by another factor: the second is a difference too.
    expect(differing(rerunGate({ ...episode, facts: { ...facts, limits: closer } }, defaultRules))).toEqual([2]);
  });

  test('shows both verdicts with their reasons', async () => {
    const episode = await recorded([stepOf(0, outside)]);
    const [rerun] = rerunGate(episode, []);
    expect(rerun).toMatchObject({ index: 0, recorded: { kind: 'deny', by: 'origin' }, now: { kind: 'allow' } });
  });

  test('judges by the clock of then: an observation that was too old is too old again', async () => {
    const late = { timings: { observeMs: 10, thinkMs: 400, checkMs: 2, actMs: 0, totalMs: 412 } };
    const old = review(defaultRules, click(), context({ nowMs: 1390, plannedStampMs: 990 }));
    expect(old).toMatchObject({ kind: 'deny', by: 'age' });
    const episode = await recorded([stepOf(0, click(), { ...late, verdict: old })]);
    expect(differing(rerunGate(episode, defaultRules))).toEqual([]);
  });

  test('counts the plan of a chunk from its first step, and its modified actions in a row', async () => {
    const seen = (index: number) => {
      const stampMs = 990 + 600 * index;
      return observation({ seq: index, stampMs, frames: [], proprio: proprio({ stampMs }) });
    };
    const play = (index: number, action: Action, modifiedInARow: number): StepRecord =>
      stepOf(index, action, {
        chunkId: 'one',
        stampMs: 980 + 600 * index,
        observation: seen(index),
        verdict: review(
          defaultRules,
          action,
          context({ observation: seen(index), nowMs: 1000 + 600 * index, plannedStampMs: 990, modifiedInARow }),
        ),
      });
    const episode = await recorded([play(0, tooFar, 0), play(1, tooFar, 1), play(2, tooFar, 2)]);
    expect(episode.steps.map((step) => step.verdict.kind)).toEqual(['modify', 'modify', 'deny']);
    // The last is denied for both: a plan of 1210 ms, and the third in a row.
    expect(episode.steps[2]!.verdict.reasons.join()).toMatch(/plan.*in a row/);
    expect(differing(rerunGate(episode, defaultRules))).toEqual([]);
  });

  test('takes no other judge for a rule: what a critic, a person or a stop decided may be milder now, not stricter', async () => {
    const denied = (by: string, action: Action = click()): Verdict =>
      joinVerdict(stepOf(0, action).verdict, by, 'deny', ['no']);
    const others = ['cosmos', 'approver terminal', 'plan'].map((by, index) =>
      stepOf(index, click(), { verdict: denied(by) }),
    );
    const cut = stepOf(3, click(), { verdict: refuse('halt', click(), 'stop', 'Ctrl-C') });
    const { observation: _, ...blind } = stepOf(4, click());
    const episode = await recorded([...others, cut, blind]);
    const reruns = [...rerunGate(episode, defaultRules)];
    expect(reruns.map(({ index, same }) => [index, same])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    const halts: Rule = { name: 'halts', judge: () => ({ kind: 'halt', reason: 'always' }) };
    expect(differing(rerunGate(episode, [...defaultRules, halts]))).toEqual([0, 1, 2]);
    // A rule that is not known by now is no such judge.
    const gone = await recorded([stepOf(0, click(), { verdict: denied('old-rule') })]);
    expect(differing(rerunGate(gone, defaultRules))).toEqual([0]);
  });

  test('an action that a person was asked about agrees when it is asked about again, for the same reason', async () => {
    const asks: Rule = { name: 'asks', judge: () => ({ kind: 'ask', reason: 'it costs money' }) };
    const asked = review([...defaultRules, asks], click(), context());
    const episode = await recorded([
      stepOf(0, click(), { verdict: joinVerdict(asked, 'gate', 'deny', ['nobody is there']) }),
      stepOf(1, click(), { verdict: joinVerdict(stepOf(1, click()).verdict, 'gate', 'deny', ['nobody is there']) }),
    ]);
    expect(differing(rerunGate(episode, [...defaultRules, asks]))).toEqual([1]);
  });

  test('what a person said yes to agrees where the gate would ask, and differs where it would say no', async () => {
    const rule = (kind: 'ask' | 'deny'): Rule => ({ name: 'pays', judge: () => ({ kind, reason: 'it costs money' }) });
    const yes = { ...stepOf(0, click()).verdict, approvedBy: 'ann' };
    const episode = await recorded([stepOf(0, click(), { verdict: yes }), stepOf(1, click())]);
    expect(episode.steps[0]!.verdict.approvedBy).toBe('ann');
    // The second was allowed without anybody: that somebody would have to be asked now is told.
    expect(differing(rerunGate(episode, [...defaultRules, rule('ask')]))).toEqual([1]);
    expect(differing(rerunGate(episode, [...defaultRules, rule('deny')]))).toEqual([0, 1]);
  });
});

describe('a policy run again on a recording', () => {
  async function all(episode: Episode, policy: Policy) {
    const reruns = [];
    for await (const rerun of rerunPolicy(episode, policy)) reruns.push(rerun);
    return reruns;
  }

  test('is not asked for what a person put in its place', async () => {
    const own = stepOf(
      1,
      { kind: 'ui-back' },
      { human: { command: { kind: 'ui-back' }, share: 1, intervention: true } },
    );
    const episode = await recorded([stepOf(0, click()), own, stepOf(2, click())]);
    const reruns = await all(episode, playing([click(), click()]));
    expect(reruns.map(({ index, same }) => [index, same])).toEqual([
      [0, true],
      [2, true],
    ]);
  });

  test('proposes the same as before, or the difference is told', async () => {
    const actions = inOrder.slice(0, 5);
    const episode = await recorded(actions.map((action, index) => stepOf(index, action)));
    expect(differing(await all(episode, playing(actions)))).toEqual([]);
    const changed = actions.with(2, { kind: 'ui-back' });
    const reruns = await all(episode, playing(changed));
    expect(differing(reruns)).toEqual([2]);
    expect(reruns[2]).toEqual({
      index: 2,
      recorded: { action: actions[2] },
      now: { action: { kind: 'ui-back' } },
      same: false,
    });
  });

  test('sees what was seen: instruction, picture, marks and history of the step', async () => {
    const steps = [stepOf(0, click()), stepOf(1, move())];
    const episode = await recorded(steps);
    const seen: unknown[] = [];
    await all(episode, {
      name: 'eyes',
      actionKinds: ['hold'],
      reset: (task) => seen.push(task),
      act: async (observed) => {
        seen.push(observed);
        return { actions: [{ kind: 'hold' }] };
      },
    });
    expect(seen[0]).toEqual({ instruction: facts.instruction, seed: facts.seed });
    expect(seen.slice(1).map((each) => JSON.parse(JSON.stringify(each)))).toEqual(
      steps.map((step) => JSON.parse(JSON.stringify(step.observation))),
    );
  });

  test('is asked once for each chunk, and not in a step that was cut', async () => {
    const cut = stepOf(3, click(), { verdict: refuse('halt', click(), 'stop', 'Ctrl-C') });
    const episode = await recorded([
      stepOf(0, move(), { chunkId: 'a' }),
      stepOf(1, click(), { chunkId: 'a' }),
      stepOf(2, move(), { chunkId: 'b' }),
      cut,
    ]);
    const reruns = await all(episode, playing([move(), move()]));
    expect(reruns.map(({ index, same }) => [index, same])).toEqual([
      [0, true],
      [2, true],
    ]);
  });

  test('that throws, stays silent or answers nonsense differs from one that proposed, and agrees with one that failed', async () => {
    const { chunkId: _, ...failed } = stepOf(
      1,
      { kind: 'hold' },
      { verdict: refuse('deny', { kind: 'hold' }, 'policy', 'down') },
    );
    const episode = await recorded([stepOf(0, click()), failed]);
    const answers: readonly (() => ReturnType<Policy['act']>)[] = [
      () => Promise.reject(new Error('the server is gone')),
      () => [],
      () => Promise.resolve({ actions: [] }),
    ];
    for (const act of answers) {
      const reruns = await all(episode, { name: 'broken', actionKinds: ['hold'], reset: () => {}, act });
      expect(reruns.map(({ same }) => same)).toEqual([false, true]);
      expect(reruns[0]!.now).toEqual({ failure: expect.stringMatching(/\w/) });
    }
  });
});
