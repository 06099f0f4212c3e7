/**
 * A scripted person leads the simulated arm, in its physics and in virtual time: alone, and with a policy beside them, which in a third of
 * the seeds wants another thing than they do. At night over all 60 seeds, by day over a few.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countPairs, mcnemar } from '../../src/eval/statistics.ts';
import { openTable, type Table } from '../teleop/arm.ts';
import { ALONE, caseOf, expertFor, HOLDING, type Played, type PlayParts, play } from '../teleop/play.ts';

const isNight = process.env.NIGHT === '1';
const SEEDS = isNight ? 60 : 8;

let table: Table;
let alone: readonly Played[];
let assisted: readonly Played[];
async function playAll(parts: Omit<PlayParts, 'table'>): Promise<readonly Played[]> {
  const all: Played[] = [];
  for (let seed = 0; seed < SEEDS; seed++) all.push(await play(caseOf(seed), { ...parts, table }));
  return all;
}
beforeAll(async () => {
  table = await openTable();
  alone = await playAll({ way: ALONE, policy: () => HOLDING });
  assisted = await playAll({ way: { mode: 'assist', share: 0.5, usesHelp: false }, policy: expertFor });
}, 600_000);
afterAll(() => table.world.close());

const doneOf = (all: readonly Played[]) => all.filter(({ isDone }) => isDone).length;
const wrong = (all: readonly Played[]) => all.filter(({ isWrong }) => isWrong);

describe('a scripted person', () => {
  it('alone does some tasks and not others: there is something to help with, and somebody to help', () => {
    expect(doneOf(alone) / SEEDS).toBeGreaterThanOrEqual(isNight ? 0.4 : 0.2);
    expect(doneOf(alone) / SEEDS).toBeLessThanOrEqual(isNight ? 0.7 : 0.9);
    expect(alone.every(({ steps }) => steps > 100)).toBe(true);
  });

  it('with a policy that has half of the share does more of them', () => {
    expect(doneOf(assisted)).toBeGreaterThan(doneOf(alone));
    if (!isNight) return;
    const pairs = countPairs(alone.map(({ isDone }, at) => [isDone, assisted[at]!.isDone]));
    expect(mcnemar(pairs)).toBeLessThan(0.05);
  });

  it('and no fewer where the policy wants something else', () => {
    expect(doneOf(wrong(assisted))).toBeGreaterThanOrEqual(doneOf(wrong(alone)) - (isNight ? 0 : 1));
    expect(wrong(assisted).length).toBeGreaterThan(1);
  });
});
