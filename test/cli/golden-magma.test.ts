/** Magma's fixtures through the checks of `pumice golden`; and that those checks can fail. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/cli/golden.ts';
import type { Entry } from '../../src/cli/golden-check.ts';

const folder = new URL('../golden/magma/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));
const contentOf = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
const failuresOf = (name: string, content: unknown) =>
  [...CHECKS[name]!(content)].filter(({ differences }) => differences.length > 0);

describe.each(names)('%s', (name) => {
  const content = contentOf(name);
  const list = 'tokens' in content ? 'tokens' : 'cases';

  it('every row comes out as in the original', () => {
    expect(failuresOf(name, content)).toEqual([]);
    expect([...CHECKS[name]!(content)]).toHaveLength(content[list].length);
  });

  it('the order of keys is no matter', () => {
    expect(failuresOf(name, reversed(content))).toEqual([]);
  });

  it('twin: any result that is changed is seen', () => {
    for (const [at, entry] of content[list].entries()) {
      const changed = structuredClone(entry);
      spoil(changed, RESULTS[name] ?? []);
      const rows = content[list].map((row: Entry, other: number) => (other === at ? changed : row));
      const failures = failuresOf(name, { ...content, [list]: rows });
      expect(
        failures.map((row) => row.name.replace(/ .*/, '')),
        JSON.stringify(entry).slice(0, 200),
      ).toEqual([`${list}[${at}]`]);
    }
  });
});

/** Where the results of a row stand. */
const RESULTS: Record<string, string[]> = {
  action_decode: ['action'],
  action_encode: ['token_ids'],
  action_ensemble: ['outputs'],
  action_text: ['token_ids'],
  action_token_table: ['bin_index'],
  anyres_grid: ['resized_hw'],
  libero_gripper: ['action'],
  pose_target: ['target', 'p'],
  prompts: ['prompt'],
  server_predict: ['normalized_actions'],
  simpler_postprocess: ['steps'],
  tom_parse: ['expected'],
  ui_parse: ['resolved'],
};

/** Changes the last number or text below a path by as little as counts. */
function spoil(entry: Entry, path: readonly string[]): void {
  const [key, ...rest] = path as [string, ...string[]];
  const value = entry[key];
  if (rest.length > 0) spoil(value, rest);
  else if (typeof value === 'number') entry[key] = value + 1e-9;
  else if (typeof value === 'string') entry[key] = `${value} `;
  else if (value === null) entry[key] = 0;
  else if ('result' in value && value.result === null) entry[key] = { marks: [], traces_256: {}, steps: 0 };
  else spoil(value, [Object.keys(value).at(-1)!]);
}

/** The same with the keys of every object the other way about; marks of a trace keep theirs, which is a result. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null || 'traces_256' in value) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part)]),
  );
}
