/** Suites as data, their results, and two of these beside each other. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { TASKS } from 'pumice/envs/sim';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluateSuite, shownTo } from '../../src/cli/eval-suite.ts';
import { loadPlugin } from '../../src/cli/registry.ts';
import { evaluationOf, parseSeeds } from '../../src/eval/run-pairs.ts';
import { compareResults, comparisonText, drawn } from '../../src/eval/suite/compare.ts';
import { guardProblem } from '../../src/eval/suite/guards.ts';
import { comparePage } from '../../src/eval/suite/page.ts';
import { mergeShards, type Result, readResult } from '../../src/eval/suite/result.ts';
import { mindOf, suiteHash, versionsOf } from '../../src/eval/suite/setup.ts';
import { isInShard, readSuite } from '../../src/eval/suite/suite.ts';
import { SUITES } from '../../src/eval/suites/index.ts';
import { MINIWOB_TASKS } from './miniwob-tasks.ts';

const folder = mkdtempSync(join(tmpdir(), 'pumice-suite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BACKENDS = 'envs/simpler/server/backends';
const tasks = ['pick', 'put'];
/** `does`: which of eight seeds of each task succeed. */
const result = (does: (task: string, seed: number) => boolean, setup: object = {}): Result => {
  const suite = { name: 'tabletop', sha256: 'a', tasks, seeds: [0, 1, 2, 3, 4, 5, 6, 7] };
  const episodes = tasks.flatMap((task) =>
    suite.seeds.map((seed) => ({ task, seed, success: does(task, seed), steps: 3, layoutSeed: seed })),
  );
  return { setup: { suite, policy: { name: 'ember' }, ...setup }, guards: {}, ...evaluationOf(tasks, episodes) };
};
const shardOf = (whole: Result, part: number, of: number): Result => {
  const episodes = whole.episodes.filter((_, at) => isInShard(at, { part, of }));
  return { ...whole, setup: { ...whole.setup, shard: { part, of } }, ...evaluationOf(tasks, episodes) };
};

/** Of a simulator: its own, and those named after it. */
const filesOf = (backend: string) =>
  readdirSync(BACKENDS)
    .filter((file) => file.endsWith('.py') && file.startsWith(backend))
    .map((file) => readFileSync(join(BACKENDS, file), 'utf8'));

describe('a suite', () => {
  it.each(SUITES)('$name names tasks that its body has, policies that there are, and seeds', async (suite) => {
    const { simulator } = suite;
    const backend = simulator && filesOf(simulator.backend).join();
    const known = { sim: TASKS, browser: MINIWOB_TASKS, simpler: [] }[suite.env];
    const isKnown = (task: string) => (backend ?? JSON.stringify(known)).includes(`"${task}"`);
    expect(suite.tasks.filter((task) => !isKnown(task))).toEqual([]);
    expect(parseSeeds(suite.seeds).length).toBeGreaterThanOrEqual(suite.guards.seedsPerTask);
    for (const { policy } of [suite.guards.oracle, suite.guards.nothing]) await loadPlugin('policy', policy);
    expect(suite.guards.oracle.atLeast).toBeGreaterThan(suite.guards.nothing.atMost);
  });

  it('of a file is the same as one of ours, and without guards, or with guards that say nothing, is none', () => {
    const file = join(folder, 'suite.json');
    const reading = (content: unknown) => () => {
      writeFileSync(file, JSON.stringify(content));
      return readSuite(file);
    };
    for (const suite of SUITES) expect(suiteHash(reading(suite)())).toBe(suiteHash(suite));
    const [suite] = SUITES;
    const { guards, ...bare } = suite!;
    expect(reading(bare)).toThrow(/no suite: guards/);
    expect(reading({ ...bare, guards: { ...guards, oracle: { policy: 'hold', atLeast: 0 } } })).toThrow(
      /more of the oracle/,
    );
    expect(reading({ ...suite, env: 'simpler' })).toThrow(/a simulator with env simpler/);
    expect(reading({ ...suite, latency: 5 })).toThrow(/latency/);
    expect(() => readSuite(join(folder, 'none.json'))).toThrow(/no suite: .*ENOENT/);
  });

  it('with another task or rule is another, though its name is the same', () => {
    const [suite] = SUITES;
    expect(suiteHash({ ...suite!, tasks: ['pick'] })).not.toBe(suiteHash(suite!));
    expect(suiteHash({ ...suite!, successRule: 'any' })).not.toBe(suiteHash(suite!));
  });

  it('reports nothing where its oracle fails one task, or nothing succeeds; and reports where both hold', () => {
    const [suite] = SUITES;
    const evaluation = (does: (task: string, seed: number) => boolean) => evaluationOf(tasks, result(does).episodes);
    const all = evaluation(() => true);
    const none = evaluation(() => false);
    expect(guardProblem(suite!, [all, none])).toBeUndefined();
    expect(guardProblem(suite!, [evaluation((task) => task === 'pick'), none])).toMatch(/oracle .* 0 of 8 of put/);
    expect(guardProblem(suite!, [all, evaluation((task, seed) => task === 'put' && seed < 2)])).toMatch(
      /does nothing .* 2 of 8 of put/,
    );
  });
});

describe('the head of a result', () => {
  it('names weights by their hash, and how a model is asked', () => {
    expect(mindOf('ember', {})).toMatchObject({ data: { 'ember.onnx': expect.stringMatching(/^[0-9a-f]{64}$/) } });
    const asked = mindOf('magma', { model: 'microsoft/Magma-8B' });
    expect(asked).toMatchObject({ profile: 'magma', promptSha256: expect.any(String), sampling: expect.anything() });
    expect(mindOf('vlm', { model: 'Qwen3-VL-8B' }).promptSha256).not.toBe(asked.promptSha256);
  });

  it('names versions, and a commit or that there is none', () => {
    expect(versionsOf()).toMatchObject({
      ...{ pumice: expect.any(String), node: process.version, mujoco: expect.stringMatching(/^\d/) },
      commit: expect.stringMatching(/^([0-9a-f]{40}|none)/),
    });
  });
});

describe('shards', () => {
  it('put together are what one machine would have written, to the byte, in any order and number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
        (of, coins) => {
          const whole = result((task, seed) => coins[seed + (task === 'put' ? 8 : 0)]!);
          const shards = Array.from({ length: of }, (_, at) => shardOf(whole, at + 1, of)).reverse();
          expect(JSON.stringify(mergeShards(shards))).toBe(JSON.stringify(whole));
        },
      ),
    );
  });

  it('of which one is missing, there twice, or of another evaluation are refused', () => {
    const whole = result(() => true);
    const [one, two] = [shardOf(whole, 1, 2), shardOf(whole, 2, 2)];
    expect(() => mergeShards([one])).toThrow(/parts 1 to 2, got 1/);
    expect(() => mergeShards([one, one])).toThrow(/got 1, 1/);
    expect(() => mergeShards([one, { ...two, setup: { ...two.setup, policy: { name: 'hold' } } }])).toThrow(/policy/);
    expect(() => mergeShards([one, { ...two, guards: { oracle: 0 } }])).toThrow(/guards/);
    expect(() => mergeShards([one, { ...two, episodes: one.episodes }])).toThrow(/same episode/);
    expect(() => mergeShards([whole])).toThrow(/without/);
  });
});

describe('two results', () => {
  const better = result((_, seed) => seed < 7);
  const worse = result((task, seed) => task === 'pick' && seed < 2);
  it('are compared by pairs: intervals of each, the exact test, by task and over all', () => {
    const { rows, unpaired, differs } = compareResults(['a', 'b'], [better, worse]);
    expect(
      rows.map(({ task, n, both, onlyFirst, onlySecond, neither }) => [task, n, both, onlyFirst, onlySecond, neither]),
    ).toEqual([
      ['pick', 8, 2, 5, 0, 1],
      ['put', 8, 0, 7, 0, 1],
      ['all', 16, 2, 12, 0, 2],
    ]);
    // Two-sided, by hand: 2 / 2^5, 2 / 2^7, 2 / 2^12.
    expect(rows.map(({ p }) => p)).toEqual([2 / 2 ** 5, 2 / 2 ** 7, 2 / 2 ** 12].map((p) => expect.closeTo(p, 12)));
    expect(rows[0]!.first).toMatchObject({
      rate: 7 / 8,
      low: expect.closeTo(0.5291, 4),
      high: expect.closeTo(0.9776, 4),
    });
    expect({ unpaired, differs }).toEqual({ unpaired: 0, differs: [] });
  });

  it('of different suites, bodies or perturbations are no pair: such numbers are never put together', () => {
    const with_ = (setup: object) => () => compareResults(['a', 'b'], [better, result(() => true, setup)]);
    expect(with_({ suite: { name: 'tabletop', sha256: 'other' } })).toThrow(/differ in suite/);
    expect(with_({ perturb: { unseen: true } })).toThrow(/differ in perturb/);
    expect(with_({ versions: { node: 'v22' } })().differs).toEqual(['versions']);
  });

  it('with other seeds are compared on those they share, and say how many are left', () => {
    const some = { ...worse, episodes: worse.episodes.filter(({ seed }) => seed < 4) };
    const { rows, unpaired } = compareResults(['a', 'b'], [better, some]);
    expect([rows.at(-1)!.n, unpaired]).toEqual([8, 8]);
    const none = { ...worse, episodes: worse.episodes.map((one) => ({ ...one, seed: one.seed + 100 })) };
    expect(() => compareResults(['a', 'b'], [better, none])).toThrow(/no episode in common/);
  });

  it('are drawn: the rate is inside its interval, and the whole range is no more than the line', () => {
    expect(drawn({ rate: 0.5, low: 0.25, high: 0.75 })).toMatch(/^·{12}─{13}●─{12}·{12}$/);
    expect(drawn({ rate: 1, low: 0, high: 1 })).toMatch(/^─{49}●$/);
    expect(comparisonText(compareResults(['a', 'b'], [better, worse]))).toMatch(/pick {2,}8 .*0\.0625/);
  });

  it('make one page that fetches nothing, in which words of others stay words', () => {
    const picture = 'data:image/jpeg;base64,AAAA';
    const failure = { result: 'a', task: 'pick', seed: 7, outcome: 'truncated', steps: 50, picture };
    const page = comparePage({
      comparison: compareResults(['a', '<script>b'], [better, worse]),
      setups: ['{}', '{}'],
      failures: [{ ...failure, instruction: '<img src=x>', reason: 'late' }],
      failuresInAll: 14,
    });
    expect(page).toContain('1 of 14 failures');
    expect(page).toContain('&lt;img src=x&gt;');
    expect(page).not.toMatch(/<script|src="(?!data:)|href=|url\(|https?:/);
  });
});

it('a file that is no result is refused, and says why', () => {
  const file = join(folder, 'r.json');
  const reading = (content: unknown) => () => {
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return readResult(file);
  };
  const { episodes, summary } = result(() => true);
  expect(reading({ summary, episodes })().setup).toEqual({});
  expect(reading('{')).toThrow(/no result/);
  expect(reading({ summary })).toThrow(/episodes/);
  expect(reading({ summary, episodes: [...episodes, episodes[0]] })).toThrow(/there twice/);
});

describe('a suite of a simulator of others', () => {
  const flags = { policy: 'hold', critic: [], tasks: 'all', stepTimeout: '20', json: 'never-written.json' };

  it('is not begun without the Python that has it, nor with a latency that it cannot feel', async () => {
    await expect(evaluateSuite('metaworld', flags)).rejects.toThrow(/played in metaworld, and no Python/);
    await expect(evaluateSuite('metaworld', { ...flags, python: 'p', latency: '100' })).rejects.toThrow(
      /no suite of the simulated arm/,
    );
    await expect(evaluateSuite('tabletop', { ...flags, python: 'p' })).rejects.toThrow(/needs no simulator/);
    await expect(evaluateSuite('tabletop', { ...flags, policy: 'mark-matcher' })).rejects.toThrow(/acts on pages/);
  });
});

it('pictures are drawn in a simulator where policy or critic looks or a record keeps them, and not otherwise', () => {
  const simulator = SUITES.find(({ name }) => name === 'metaworld')!.simulator!;
  const settings = { ...simulator, python: 'python', cameras: ['front'] };
  const drawnFor = (looksThrough: readonly string[], critic: readonly string[], records?: string) =>
    shownTo({ looksThrough }, settings, { critic, ...(records !== undefined && { records }) }).cameras;
  expect(drawnFor([], [])).toEqual([]);
  for (const cameras of [drawnFor(['third'], []), drawnFor([], ['cinder']), drawnFor([], [], 'runs')])
    expect(cameras).toBe(settings.cameras);
});
