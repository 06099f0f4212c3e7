/** Every policy in the repository keeps the contract; found by glob, so that nobody has to register one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyPlugin } from 'pumice';
import { recorder } from 'pumice/record';
import { policyContract } from 'pumice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyEmber } from '../policies/tiny-ember.ts';
import { sampleEnd, sampleFacts, sampleSteps } from '../record/sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'pumice-contract-'));
const recording = join(folder, 'episode.mcap');
const weights = writeTinyEmber(join(folder, 'ember'));
beforeAll(async () => {
  const sink = recorder({ file: recording });
  await sink.open(sampleFacts);
  for (const step of await sampleSteps()) await sink.write(step);
  await sink.close(sampleEnd);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const found = import.meta.glob<PolicyPlugin>('../../policies/*.ts', { eager: true, import: 'default' });

/** Options for the policies that have some without a default. */
const OPTIONS: Readonly<Record<string, unknown>> = {
  scripted: { actions: [{ kind: 'ui-wait', durationMs: 1 }] },
  vlm: { modelUrl: 'http://127.0.0.1:9/v1', model: 'none' },
  magma: { modelUrl: 'http://127.0.0.1:9/v1', model: 'none', body: 'arm', stats: 'bridge_orig' },
  'cosmos-reason': { modelUrl: 'http://127.0.0.1:9/v1', model: 'none' },
  'ui-tars': { modelUrl: 'http://127.0.0.1:9/v1', model: 'none' },
  qvq: { modelUrl: 'http://127.0.0.1:9/v1', model: 'none' },
  openvla: { modelUrl: 'http://127.0.0.1:9', unnormKey: 'bridge_orig' },
  openpi: { modelUrl: 'ws://127.0.0.1:9', metresPerUnit: 0.05, radiansPerUnit: 0.5, gripper: 'close-is-1', dtMs: 100 },
  replay: { from: recording },
  ember: { weights },
};

it('finds the policies', () => {
  expect(Object.keys(found).length).toBeGreaterThanOrEqual(2);
});

describe.each(Object.entries(found))('%s', (path, plugin) => {
  const name = path.replace(/^.*\/|\.ts$/g, '');
  for (const { title, check } of policyContract(plugin, () => plugin.create(plugin.options.parse(OPTIONS[name] ?? {}))))
    it(title, check);
});
