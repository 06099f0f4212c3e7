/** Whether a recording shows that each executed action was checked. */
import { of } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { lacksOf, renderReport, uncheckedOf } from '../../src/record/index.ts';
import type { StepRecord } from '../../src/types.ts';
import { fakeCritic, inVirtualTime, ROWS, repeating, story } from '../loop-story.ts';
import { armEpisode } from './arm.ts';
import { sampleFacts, sampleSteps } from './sample.ts';

let steps: readonly StepRecord[];
beforeAll(async () => {
  steps = await sampleSteps();
});

/** The first step, which was carried out, with something changed or (`undefined`) taken away. */
const spoilt = (change: { readonly [K in keyof StepRecord]?: StepRecord[K] | undefined }): StepRecord => {
  const fields = Object.entries({ ...steps[0], ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as unknown as StepRecord;
};

const lacks = (record: StepRecord) => lacksOf(record, sampleFacts.critics).join('; ');

describe('an executed action', () => {
  it('whose record names verdict, critics, picture, age and chunk lacks nothing', () => {
    expect(lacks(spoilt({}))).toBe('');
    expect(uncheckedOf(steps, sampleFacts.critics)).toEqual([]);
  });

  it('lacks what its record does not name, or names as what it cannot be', () => {
    const { verdict } = steps[0]!;
    const [opinion] = verdict.opinions!;
    const { opinions: _opinions, ...bare } = verdict;
    const lease = { chunkId: 'another', epoch: 0, judgedStampMs: 1, untilMs: 2, speedScale: 1, opinions: [opinion!] };
    expect(lacks(spoilt({ judgedAgeMs: undefined }))).toBe('the age of the picture that it was judged on');
    expect(lacks(spoilt({ judgedAgeMs: Number.NaN }))).toBe('the age of the picture that it was judged on');
    expect(lacks(spoilt({ judgedAgeMs: -1 }))).toBe('the age of the picture that it was judged on');
    expect(lacks(spoilt({ judgedStampMs: undefined }))).toBe('the picture that it was judged on');
    expect(lacks(spoilt({ chunkId: undefined }))).toBe('the chunk that it is from');
    expect(lacks(spoilt({ chunkId: '' }))).toBe('the chunk that it is from');
    expect(lacks(spoilt({ verdict: { ...verdict, opinions: [] } }))).toBe('the opinion of critic cosmos');
    expect(lacks(spoilt({ verdict: bare }))).toBe(
      'what the critics said, or that rules alone judged it; the opinion of critic cosmos',
    );
    for (const kind of ['deny', 'halt'] as const)
      expect(lacks(spoilt({ verdict: { ...verdict, opinions: [{ ...opinion!, kind }] } }))).toBe(
        `the consent of critic cosmos (it said ${kind})`,
      );
    for (const kind of ['ask', 'deny', 'halt'] as const)
      expect(lacks(spoilt({ verdict: { ...verdict, kind } }))).toBe(`a verdict that lets it through (it is ${kind})`);
    expect(lacks(spoilt({ verdict: bare, lease }))).toBe('a lease of its own chunk (it is of another)');
    expect(lacks(spoilt({ verdict: bare, lease: { ...lease, chunkId: 'chunk-0' } }))).toBe('');
  });

  it('that a critic wanted a person to approve lacks their consent, unless verdict or lease name them', () => {
    const { verdict } = steps[0]!;
    const opinions = [{ ...verdict.opinions![0]!, kind: 'ask' as const }];
    const missing = "a person's consent, for which critic cosmos asked";
    expect(lacks(spoilt({ verdict: { ...verdict, opinions } }))).toBe(missing);
    expect(lacks(spoilt({ verdict: { ...verdict, opinions, approvedBy: 'ann' } }))).toBe('');
    const { opinions: _opinions, ...bare } = verdict;
    const lease = { chunkId: 'chunk-0', epoch: 0, judgedStampMs: 1, untilMs: 2, speedScale: 1, opinions };
    expect(lacks(spoilt({ verdict: bare, lease: { ...lease, by: ['cosmos'] } }))).toBe(missing);
    expect(lacks(spoilt({ verdict: bare, lease: { ...lease, by: ['cosmos', 'approver ann'] } }))).toBe('');
  });

  it('is one that the body says it did, in part too; a body that does not say what did what was allowed', () => {
    const executed = steps[0]!.proposed;
    const wrong = { judgedAgeMs: undefined };
    expect(lacks(spoilt({ ...wrong, act: { status: 'done' } }))).not.toBe('');
    expect(lacks(spoilt({ ...wrong, act: { status: 'stopped', executed } }))).not.toBe('');
    expect(lacks(spoilt({ ...wrong, act: { status: 'stopped' } }))).toBe('');
    expect(lacks(spoilt({ ...wrong, act: { status: 'refused' } }))).toBe('');
    expect(lacks(spoilt({ ...wrong, act: undefined }))).toBe('');
  });

  it('is not coming to rest, which nobody has to allow', () => {
    expect(lacks(spoilt({ judgedAgeMs: undefined, act: { status: 'done', executed: { kind: 'hold' } } }))).toBe('');
  });
});

describe('the report', () => {
  it('fails, with the step and what it lacks, where an executed action was not checked', async () => {
    const { end, ...episode } = await armEpisode(4);
    const whole = await renderReport({ ...episode, end: end! });
    expect(whole).not.toContain('This report fails');
    expect(whole).toContain('None: rules alone judged it.');
    const { judgedAgeMs: _age, ...unaged } = episode.steps[2]!;
    const page = await renderReport({ ...episode, steps: episode.steps.with(2, unaged) });
    expect(page).toContain('This report fails');
    expect(page).toContain('<a href="#step-2">step 2</a> lacks the age of the picture that it was judged on');
    expect(page).not.toContain('step 1</a> lacks');
  });

  it('shows what each critic said, of what, how it was asked, and how old the picture was', async () => {
    const episode = { facts: sampleFacts, steps, isComplete: true, wallAtZeroMs: 0 };
    const page = await renderReport(episode);
    for (const text of [
      'evidence: irreversible',
      '93 % sure',
      'asked fast',
      'prompt page-reason2-v1 (7c0f6b6a8d1e)',
      '1402 tokens in, 3 out',
      'answered in 183 ms',
      'the person asked to stop before paying &lt;img src=x>',
      'Judged on a picture 496 ms old, as part of chunk chunk-0.',
      'No critic was asked.',
    ])
      expect(page).toContain(text);
  });
});

describe.each(ROWS)('$title', ({ make, ordinary, strategies, isPaced }) => {
  const records = (judges: boolean) =>
    inVirtualTime((scheduler, helpers) => {
      const env = make(scheduler);
      const critics = judges ? [fakeCritic(() => of({ kind: 'allow', reasons: [] }))] : [];
      const policy = repeating(env, ordinary, 3);
      const actions = isPaced ? Array(6).fill(ordinary) : [ordinary];
      const long = { ...policy, act: () => of({ actions }) };
      const tale = story(scheduler, helpers, { env, policy: long, critics, budget: { maxSteps: 12 }, ...strategies });
      tale.tellAll();
      return tale.records();
    });

  it.each([
    ['a critic', true],
    ['rules alone', false],
  ])('what the loop records lacks nothing, judged by %s', (_judges, judges) => {
    const made = records(judges);
    const isMoving = ({ act }: StepRecord) => act?.executed !== undefined && act.executed.kind !== 'hold';
    expect(made.filter(isMoving).length).toBeGreaterThan(3);
    expect(uncheckedOf(made, judges ? ['fake'] : [])).toEqual([]);
    // Non-vacuity: with a critic that was not asked, each of them lacks it.
    expect(uncheckedOf(made, ['absent'])).toHaveLength(made.filter(isMoving).length);
  });
});
