/** Cosmos Reason, QVQ and Qwen-VL against what the original programs compute (`test/golden/reasoners`). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/cli/golden-check.ts';
import { QWEN_CHECKS } from '../../src/cli/golden-qwen.ts';

const file = (name: string): Entry =>
  JSON.parse(readFileSync(new URL(`../golden/reasoners/${name}.json`, import.meta.url), 'utf8'));
const failuresOf = (name: string, content: Entry) =>
  [...QWEN_CHECKS[name]!(content)].filter(({ differences }) => differences.length > 0);

/** Fields of an entry that hold results of the original. */
const RESULTS = ['expected', 'qwen_vl_utils', 'transformers', 'extract_tagged_text', 'critic', 'benchmark_reasoning'];
RESULTS.push('benchmark_letter', 'reasoning', 'content');
const LISTS = ['cases', 'split', 'stream'];

describe.each(Object.keys(QWEN_CHECKS))('fixture %s', (name) => {
  const content = file(name);

  it('passes in every row', () => {
    expect(failuresOf(name, content)).toEqual([]);
    expect([...QWEN_CHECKS[name]!(content)].length).toBeGreaterThan(0);
  });

  it('fails in every row where any result is another', () => {
    for (const list of LISTS)
      for (const entry of content[list] ?? [])
        for (const key of RESULTS.filter((result) => entry[result] !== undefined)) {
          const changed = { [list]: [{ ...entry, [key]: another(entry[key]) }] };
          expect(failuresOf(name, changed), `${entry.id} ${key}`).toHaveLength(1);
        }
  });
});

/** The same value with its last leaf changed; a failure becomes a success. */
function another(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value}!`;
  if (typeof value !== 'object' || value === null) return 'something';
  if ('error' in value) return [28, 28];
  if (Array.isArray(value)) return value.length === 0 ? ['something'] : [...value.slice(0, -1), another(value.at(-1))];
  const [key, last] = Object.entries(value).at(-1) ?? ['something', null];
  return { ...value, [key]: another(last) };
}

it('a published answer means the same in other white space and order of keys', () => {
  const cases: Entry[] = file('cosmos_real_outputs').cases;
  const rewritten = cases.map((entry) => ({ ...entry, text: entry.text.replace(/```json\n([\s\S]*)\n```/, rewrite) }));
  expect(rewritten.filter(({ text }, at) => text !== cases[at]!.text).length).toBeGreaterThan(3);
  expect(failuresOf('cosmos_real_outputs', { cases: rewritten })).toEqual([]);
});

const rewrite = (_: string, json: string) => `\n${JSON.stringify(turned(JSON.parse(json)), null, '\t')} `;
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}
