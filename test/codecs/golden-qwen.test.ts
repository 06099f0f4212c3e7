/** Cosmos Reason, QVQ and Qwen-VL against what the original programs compute (`test/golden/reasoners`). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/cli/golden-check.ts';
import { QWEN_CHECKS } from '../../src/cli/golden-qwen.ts';

const file = (name: string): Entry =>
  JSON.parse(readFileSync(new URL(`../golden/reasoners/${name}.json`, import.meta.url), 'utf8'));

describe.each(Object.keys(QWEN_CHECKS))('fixture %s', (name) => {
  const rows = [...QWEN_CHECKS[name]!(file(name))];

  it('passes in every row', () => {
    expect(rows.filter(({ differences }) => differences.length > 0)).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
  });
});
