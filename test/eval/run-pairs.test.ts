import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import { parseSeeds, runPairs, type Score, tableOf } from '../../src/eval/run-pairs.ts';

const score = (success: boolean): Score => ({ success, steps: 2 });
const isOdd = (seed: number) => seed % 2 === 1;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('pairs of task and seed', () => {
  test('each pair runs once, whatever the number of workers, and comes out in order', async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 4 });
    const numbers = fc.uniqueArray(fc.nat(50), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(names, numbers, fc.integer({ min: 1, max: 6 }), async (tasks, seeds, workers) => {
        const runEpisode = async (_: string, seed: number) => turn().then(() => score(isOdd(seed)));
        const { episodes, summary } = await runPairs({ tasks, seeds, workers, runEpisode });
        const sorted = [...seeds].sort((a, b) => a - b);
        expect(episodes.map(({ task, seed }) => [task, seed])).toEqual(
          tasks.flatMap((task) => sorted.map((seed) => [task, seed])),
        );
        expect(summary.successes).toBe(tasks.length * seeds.filter(isOdd).length);
        expect(summary.tasks.map(({ task }) => task)).toEqual(tasks);
      }),
    );
  });

  test('no more episodes are under way than there are workers', async () => {
    let under = 0;
    let most = 0;
    const runEpisode = async () => {
      most = Math.max(most, ++under);
      await turn();
      under--;
      return score(true);
    };
    await runPairs({ tasks: ['a', 'b'], seeds: [1, 2, 3], workers: 2, runEpisode });
    expect(most).toBe(2);
  });

  test('a pair that the control wins gives way to the next seed, which must not be won either', async () => {
    const { episodes } = await runPairs({
      ...{ tasks: ['a', 'b'], seeds: [11, 12, 13], workers: 2 },
      runEpisode: async () => score(true),
      isTrivial: async (task, seed) => task === 'a' && [12, 14].includes(seed),
    });
    const seedsOf = (task: string) => episodes.filter((episode) => episode.task === task).map(({ seed }) => seed);
    expect(seedsOf('a')).toEqual([11, 13, 15]);
    expect(seedsOf('b')).toEqual([11, 12, 13]);
  });

  test('a task that the control always wins is an error, not an endless search', async () => {
    const won = runPairs({
      ...{ tasks: ['a'], seeds: [1], workers: 1, runEpisode: async () => score(true) },
      isTrivial: async () => true,
    });
    await expect(won).rejects.toSatisfy((error) => PumiceError.is(error, 'eval/setup'));
  });

  test('what fails ends the evaluation, after the episodes that were under way', async () => {
    const ended: string[] = [];
    const runEpisode = async (task: string) => {
      if (task === 'bad') throw new Error('no browser');
      await turn();
      ended.push(task);
      return score(true);
    };
    const tasks = ['good', 'bad', 'later', 'latest'];
    await expect(runPairs({ tasks, seeds: [1], workers: 2, runEpisode })).rejects.toThrow('no browser');
    expect(ended).toEqual(['good']);
  });

  test('an abort begins no further episode', async () => {
    const abort = new AbortController();
    let begun = 0;
    const runEpisode = async () => {
      begun++;
      abort.abort(new Error('enough'));
      return score(true);
    };
    const { signal } = abort;
    await expect(runPairs({ tasks: ['a', 'b'], seeds: [1], workers: 1, runEpisode, signal })).rejects.toThrow('enough');
    expect(begun).toBe(1);
  });
});

test('the table has a row for each task and one for all, with intervals', async () => {
  const evaluation = await runPairs({
    ...{ tasks: ['press', 'drag-far'], seeds: [1, 2], workers: 1 },
    runEpisode: async (task) => score(task === 'press'),
  });
  expect(tableOf(evaluation)).toMatchInlineSnapshot(`
    "task      done     rate   95 % interval
    press      2/2  100.0 %  34.2 - 100.0 %
    drag-far   0/2    0.0 %    0.0 - 65.8 %
    all        2/4   50.0 %   15.0 - 85.0 %"
  `);
});

describe('seeds as text', () => {
  test.each([
    ['11-15', [11, 12, 13, 14, 15]],
    ['7', [7]],
    ['1,2, 9-10', [1, 2, 9, 10]],
  ])('%s', (text, seeds) => {
    expect(parseSeeds(text)).toEqual(seeds);
  });

  test.each(['', 'a', '5-3', '1,,2', '1-', '-1', '1,1', '0-999999999'])('%s is refused', (text) => {
    expect(() => parseSeeds(text)).toThrow(/expected seeds/);
  });
});
