/**
 * The simulated arm with things that go wrong, in real physics and virtual time, counted at the body. The campaign of hundreds is the
 * same with more seeds; a campaign that finds nothing when a safeguard is missing would be worth nothing, so that is asked too.
 */
import { cinder } from 'pumice/critics/cinder';
import { ember } from 'pumice/policies/ember';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rule } from '../../../src/gate/rule.ts';
import { defaultRules } from '../../../src/gate/rules/index.ts';
import { missingOf, type Off, playCampaign, sectionOf } from '../../faults/mujoco/campaign.ts';
import type { Cast, Missing } from '../../faults/mujoco/episode.ts';
import { openStage } from '../../faults/mujoco/witness.ts';
import { writePart } from '../../faults/page.ts';
import type { FaultName } from '../../faults/robot/faults.ts';

const isNight = process.env.NIGHT === '1';
const MANY = 300;
const SOME = 12;
/** Of one thing that goes wrong, with and without a safeguard. */
const FEW = 10;

let cast: Cast;
beforeAll(async () => {
  cast = { stage: await openStage(), ember: ember(), emberAhead: ember({ execute: 4 }), cinder: cinder() };
});
afterAll(async () => {
  await Promise.all([cast.ember.close?.(), cast.emberAhead.close?.(), cast.cinder.close?.()]);
  cast.stage.world.close();
});

/** Plays with some rules of every run switched off. */
async function without<Result>(isOff: (rule: Rule) => boolean, play: () => Promise<Result>): Promise<Result> {
  const rules = defaultRules as Rule[];
  const all = [...rules];
  rules.splice(0, rules.length, ...all.filter((rule) => !isOff(rule)));
  try {
    return await play();
  } finally {
    rules.splice(0, rules.length, ...all);
  }
}

interface Safeguard {
  readonly safeguard: string;
  readonly rules: readonly string[];
  readonly missing?: Missing;
  /** Missing in the episodes with all other safeguards too. */
  readonly always?: Missing;
  /** What has to go wrong for it to matter. */
  readonly faults: readonly FaultName[];
  readonly episodes?: number;
}
const rule = (name: string, ...faults: readonly FaultName[]): Safeguard => ({
  ...{ safeguard: `rule ${name}`, rules: [name], faults },
});
const WALLS = 'policy: goes at walls';
const SAFEGUARDS: readonly Safeguard[] = [
  { safeguard: 'the gate', rules: defaultRules.map(({ name }) => name), faults: [WALLS] },
  {
    safeguard: 'a critic that denies',
    rules: [],
    missing: { honesty: true },
    faults: ['camera: goes black'],
    episodes: 8,
  },
  {
    ...{ safeguard: 'a lease that ends', rules: [], faults: ['critic: takes 30 s'], episodes: 24 },
    ...{ always: { sight: true }, missing: { sight: true, expiry: true } },
  },
  rule('age', 'camera: freezes'),
  rule('following', 'body: blocked'),
  rule('acceleration', WALLS),
  // With this arm one says in metres a step what the other says in metres a second.
  { safeguard: 'rules step and velocity', rules: ['step', 'velocity'], faults: [WALLS], episodes: 8 },
];

const seedsOf = ({ episodes = FEW }: Safeguard) => [0, episodes] as const;

async function offOf(one: Safeguard): Promise<Off> {
  const { safeguard, rules, missing, faults } = one;
  const isOff = ({ name }: Rule) => rules.includes(name);
  const { total } = await without(isOff, () => playCampaign(cast, seedsOf(one), missing, faults));
  return { safeguard, faults, episodes: seedsOf(one)[1], found: total.violations };
}

const offs: Off[] = [];

describe('the simulated arm with things that go wrong', () => {
  it('nothing beyond a limit, unchecked or old reaches it, and tasks are done', async () => {
    const { total } = await playCampaign(cast, [0, SOME]);
    expect(total.violations).toEqual({});
    expect(total.done).toBeGreaterThan(SOME / 3);
    expect(total.driven).toBeGreaterThan(SOME);
  });

  // Deltas of a look before were moved to where the arm was after they had been judged.
  it.each([28])('nor in the episode of seed %i', async (seed) => {
    const { total } = await playCampaign(cast, [seed, seed + 1]);
    expect(total.violations).toEqual({});
    expect(total.driven).toBeGreaterThan(0);
  });

  it.each(isNight ? SAFEGUARDS : SAFEGUARDS.slice(0, 2))('the meters find more without $safeguard', async (missing) => {
    const { total } = await playCampaign(cast, seedsOf(missing), missing.always, missing.faults);
    expect(total.violations).toEqual({});
    const off = await offOf(missing);
    offs.push(off);
    expect(off.found).not.toEqual({});
  });

  it.runIf(isNight)('what is found without them is written into the docs', () => {
    expect(offs).toHaveLength(SAFEGUARDS.length);
    writePart('docs/faults-mujoco.md', 'safeguards', missingOf(offs));
  });

  it.runIf(isNight)(
    'hundreds of episodes are written into the docs, most of them done',
    async () => {
      const campaign = await playCampaign(cast, [0, MANY]);
      writePart('docs/faults-mujoco.md', 'episodes', sectionOf(campaign));
      expect(campaign.total.violations).toEqual({});
      expect(campaign.total.done).toBeGreaterThan(MANY / 2);
    },
    3_600_000,
  );
});
