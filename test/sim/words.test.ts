/** The language of the tasks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goalsOf, layoutOf, taskOf } from '../../envs/sim/layout.ts';
import { randomOf } from '../../envs/sim/random.ts';
import { parseGoal, phrase, TASKS, TRAINED_WORDS } from '../../envs/sim/words.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe.each(TASKS)('%s', (kind) => {
  it.each(['trained', 'unseen'] as const)(
    'every %s phrasing is understood as the goal that it was made from',
    (from) => {
      let asked = 0;
      fc.assert(
        fc.property(seeds, (seed) => {
          const goals = goalsOf(layoutOf(seed), kind);
          fc.pre(goals.length > 0);
          const goal = goals[seed % goals.length]!;
          expect(parseGoal(phrase(randomOf(seed), goal, from))).toEqual(goal);
          asked += 1;
        }),
      );
      expect(asked).toBeGreaterThan(50);
    },
  );

  it('a task names colours that are in its layout', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const task = taskOf(kind, seed);
        const { blocks } = layoutOf(task.seed);
        expect(blocks.map(({ colour }) => colour)).toContain(task.goal.block);
      }),
    );
  });

  it('a task that cannot be done asks for the colour that no block has', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const task = taskOf(kind, seed, { isAbsent: true });
        const { blocks } = layoutOf(task.seed);
        expect(blocks.map(({ colour }) => colour)).not.toContain(task.goal.block);
        expect(parseGoal(task.instruction)?.block).toBe(task.goal.block);
      }),
    );
  });

  it('the same seed gives the same task', () => {
    expect(taskOf(kind, 1007)).toEqual(taskOf(kind, 1007));
    expect(taskOf(kind, 1007)).not.toEqual(taskOf(kind, 1008));
  });
});

it.each([
  ['pick up the red block', { kind: 'pick', block: 'red' }],
  ['Put the RED block on the blue plate!', { kind: 'put', block: 'red', plate: 'blue' }],
  ['put the red block on the red plate', { kind: 'put', block: 'red', plate: 'red' }],
  ['put the green cube on the yellow cube', { kind: 'stack', block: 'green', onto: 'yellow' }],
  ['push the yellow block to the left', { kind: 'push', block: 'yellow', side: 'left' }],
  ['move the yellow block onto the green dish', { kind: 'put', block: 'yellow', plate: 'green' }],
  ['go to the green block', { kind: 'hover', block: 'green' }],
])('reads: %s', (sentence, goal) => {
  expect(parseGoal(sentence)).toEqual(goal);
});

it.each([
  '',
  'make me a sandwich',
  'pick up the purple block',
  'pick up the block',
  'red',
  'the red block',
  'pick up the red and the green and the blue block',
])('does not pretend to understand: %s', (sentence) => {
  expect(parseGoal(sentence)).toBeUndefined();
});

it('the words of the unseen phrasings are not all known: the test is about new words too', () => {
  const words = new Set(
    TASKS.flatMap((kind) => goalsOf(layoutOf(1007), kind).map((goal) => phrase(randomOf(1), goal, 'unseen'))).flatMap(
      (text) => text.split(' '),
    ),
  );
  expect([...words].some((word) => !TRAINED_WORDS.includes(word))).toBe(true);
  expect(new Set(TRAINED_WORDS).size).toBe(TRAINED_WORDS.length);
});
