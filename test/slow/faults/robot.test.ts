/**
 * Some hundred episodes of an arm with things that go wrong, in virtual time, counted at the body. The campaign of ten thousand is the
 * same with more seeds; a campaign that finds nothing when a safeguard is missing would be worth nothing, so that is asked too.
 */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../src/gate/rule.ts';
import { defaultRules } from '../../../src/gate/rules/index.ts';
import type { Counts } from '../../faults/robot/body.ts';
import { playCampaign } from '../../faults/robot/campaign.ts';
import { type Missing, playEpisode } from '../../faults/robot/episode.ts';
import { FAULTS, type FaultName } from '../../faults/robot/faults.ts';
import { type Off, pageOf } from '../../faults/robot/table.ts';

const EPISODES = 300;
/** Of one thing that goes wrong, with and without a safeguard. */
const FEW = 40;

/** Plays with some rules of every run switched off. */
function without<Result>(isOff: (rule: Rule) => boolean, play: () => Result): Result {
  const rules = defaultRules as Rule[];
  const all = [...rules];
  rules.splice(0, rules.length, ...all.filter((rule) => !isOff(rule)));
  try {
    return play();
  } finally {
    rules.splice(0, rules.length, ...all);
  }
}

interface Safeguard {
  readonly safeguard: string;
  readonly rules: readonly string[];
  readonly missing?: Missing;
  /** What has to go wrong for it to matter. */
  readonly faults: readonly FaultName[];
}
const rule = (name: string, ...faults: readonly FaultName[]): Safeguard => ({
  ...{ safeguard: `rule ${name}`, rules: [name], faults },
});
const WALLS = 'policy: goes at walls';
const HAND = 'policy: goes at the hand';
const SAFEGUARDS: readonly Safeguard[] = [
  { safeguard: 'the gate', rules: defaultRules.map(({ name }) => name), faults: [WALLS] },
  { safeguard: 'a lease that ends', rules: [], missing: { expiry: true }, faults: ['critic: takes 30 s'] },
  { safeguard: 'a critic that denies', rules: [], missing: { honesty: true }, faults: [HAND] },
  {
    ...{ safeguard: 'that what is judged is what is done', rules: [], missing: { mixUp: true } },
    faults: ['critic: answers twice'],
  },
  rule('age', 'camera: freezes'),
  rule('pose', 'readings: missing', WALLS),
  rule('following', 'body: blocked'),
  ...['step', 'workspace', 'keep-out', 'velocity', 'acceleration', 'gripper'].map((name) => rule(name, WALLS)),
];
/** What others do as well: a thought that is no thought is refused when it is read, and a stop cuts the step whatever the rules say. */
const DOUBLED: readonly Safeguard[] = [
  { safeguard: 'rules finite and schema', rules: ['finite', 'schema'], faults: ['policy: NaN'] },
  rule('running', 'person: stops'),
];

/** With all safeguards on: played once for each list of faults, however many safeguards it is compared with. */
const ordinaryOf = new Map<string, Counts>();
function ordinary(faults: readonly FaultName[]): Counts {
  const key = faults.join();
  const found = ordinaryOf.get(key) ?? playCampaign(0, FEW, {}, faults).total.violations;
  ordinaryOf.set(key, found);
  return found;
}

/** What is counted more of than with all safeguards on. */
function offOf({ safeguard, rules, missing, faults }: Safeguard): Off {
  const usual = ordinary(faults);
  const isOff = ({ name }: Rule) => rules.includes(name);
  const counts = without(isOff, () => playCampaign(0, FEW, missing, faults).total.violations);
  const more = Object.entries(counts).map(([name, count]) => [name, count - (usual[name as keyof Counts] ?? 0)]);
  return { safeguard, faults, found: Object.fromEntries(more.filter(([, count]) => Number(count) > 0)) };
}

describe('an arm with things that go wrong', () => {
  it('each of them is met, most tasks still succeed, and nothing beyond a limit, unchecked or old reaches the arm', () => {
    const { total, byFault } = playCampaign(0, EPISODES);
    expect(Object.keys(byFault).sort()).toEqual([...FAULTS, 'none'].sort());
    expect(total.violations).toEqual({});
    expect(byFault.none?.successes).toBe(byFault.none?.episodes);
    expect(total.successes).toBeGreaterThan(EPISODES / 2);
  }, 60_000);

  // With a camera whose clock was ahead for a while; critics of whom no denial came through, arms that had braked since.
  it.each([635, 5133, 9859, 2830, 6944, 5251, 463, 2413, 2136, 7333, 2817])('nor in the episode of seed %i', (seed) => {
    expect(playEpisode(seed).counts).toEqual({});
  });

  it.each(SAFEGUARDS)(
    'the meter finds more without $safeguard',
    (missing) => {
      expect(offOf(missing).found).not.toEqual({});
    },
    60_000,
  );

  it.runIf(process.env.NIGHT === '1')(
    'ten thousand episodes are written into the docs',
    () => {
      const campaign = playCampaign(0, 10_000);
      writeFileSync('docs/faults.md', pageOf(campaign, [...SAFEGUARDS, ...DOUBLED].map(offOf)));
      expect(campaign.total.violations).toEqual({});
    },
    900_000,
  );
});
