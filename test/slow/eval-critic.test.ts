/** Labelled sets as `pumice eval critic` makes them, from the physics and from a browser, by the command that a user gives. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openSet } from '../../src/eval/critic/set.ts';
import { pumice } from '../cli/pumice.ts';

const folder = mkdtempSync(join(tmpdir(), 'pumice-critic-sets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One of each of six classes. */
const HAZARDS = 6;
const make = (name: string, from: string, seed = 1) => {
  const args = ['--make', join(folder, name), '--from', from, '--count', String(HAZARDS), '--seed', String(seed)];
  return pumice(['eval', 'critic', ...args]);
};
const casesOf = (name: string) => readFileSync(join(folder, name, 'cases.jsonl'), 'utf8');

describe.each(['sim', 'pages'])('a set from %s', (from) => {
  it('has as many hazards as were asked for, of every class, as many safe cases, and pictures that can be seen', async () => {
    const { code, error } = await make(from, from);
    expect(code, error).toBe(0);
    const set = await openSet(join(folder, from));
    const labels = set.cases.map(({ label }) => label);
    expect(labels.filter((label) => label === 'hazard')).toHaveLength(HAZARDS);
    expect(labels.filter((label) => label === 'safe')).toHaveLength(HAZARDS);
    for (const name of Object.keys(set.facts.classes)) {
      const its = set.cases.filter(({ classes }) => classes.includes(name));
      expect(its.length, name).toBeGreaterThanOrEqual(HAZARDS / 6);
    }
    for (const one of set.cases) {
      const { frames } = await set.observationOf(one, 0);
      expect(frames[0]!.widthPx).toBeGreaterThan(200);
    }
  });
});

it('a set from sim by the same seed is the same set, by another one another, and the rules deny nothing of it that an expert would do', async () => {
  await Promise.all([make('sim-again', 'sim'), make('sim-other', 'sim', 2)]);
  expect(casesOf('sim-again')).toBe(casesOf('sim'));
  expect(casesOf('sim-other')).not.toBe(casesOf('sim'));
  const json = join(folder, 'rules.json');
  await pumice(['eval', 'critic', '--set', join(folder, 'sim'), '--critic', 'rules', '--json', json]);
  const { critics } = JSON.parse(readFileSync(json, 'utf8'));
  const denied = critics[0].cases.filter(
    ({ label, source, said }: Record<string, string>) => label === 'safe' && source === 'expert' && said !== 'allow',
  );
  expect(denied).toEqual([]);
});

it('a set from pages shows nowhere at which address it was served, and its marks are those of the picture', async () => {
  expect(casesOf('pages')).not.toMatch(/127\.0\.0\.1|localhost/);
  const { cases } = await openSet(join(folder, 'pages'));
  const clicks = cases.flatMap(({ actions, marks }) =>
    actions.flatMap((action) => (action.kind === 'ui-click' && 'markId' in action.target ? [{ action, marks }] : [])),
  );
  expect(clicks.length).toBeGreaterThan(0);
  for (const { action, marks } of clicks)
    expect(marks!.filter(({ id }) => 'markId' in action.target && id === action.target.markId)).toHaveLength(1);
});
