/** Every policy in the repository keeps the contract; found by glob, so that nobody has to register one. */
import type { PolicyPlugin } from 'pumice';
import { policyContract } from 'pumice/testing';
import { describe, expect, it } from 'vitest';

const found = import.meta.glob<PolicyPlugin>('../../policies/*.ts', { eager: true, import: 'default' });

/** Options for the policies that have some without a default. */
const OPTIONS: Readonly<Record<string, unknown>> = {
  scripted: { actions: [{ kind: 'ui-wait', durationMs: 1 }] },
  vlm: { modelUrl: 'http://127.0.0.1:9/v1', model: 'none' },
  replay: { from: 'no-such-file.mcap' },
};

it('finds the policies', () => {
  expect(Object.keys(found).length).toBeGreaterThanOrEqual(2);
});

describe.each(Object.entries(found))('%s', (path, plugin) => {
  const name = path.replace(/^.*\/|\.ts$/g, '');
  for (const { title, check } of policyContract(plugin, () => plugin.create(plugin.options.parse(OPTIONS[name] ?? {}))))
    it(title, check);
});
