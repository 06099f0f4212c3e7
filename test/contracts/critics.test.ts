/** Every critic in the repository keeps the contract; found by glob, so that nobody has to register one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action, Critic, CriticPlugin, Observation } from 'pumice';
import { criticContract } from 'pumice/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { writeTinyCinder } from '../critics/tiny-cinder.ts';

const folder = mkdtempSync(join(tmpdir(), 'pumice-critics-'));
const weights = writeTinyCinder(folder);
const made: Critic[] = [];
afterAll(async () => {
  for (const critic of made) await critic.close?.();
  rmSync(folder, { recursive: true, force: true });
});

const found = import.meta.glob<CriticPlugin>('../../policies/critics/*.ts', { eager: true, import: 'default' });

/** Options for the critics that have some without a default. */
const OPTIONS: Readonly<Record<string, unknown>> = {
  cinder: { weights },
  // Nobody listens there.
  'cosmos-reason': { model: 'nvidia/Cosmos-Reason2-8B', modelUrl: 'http://127.0.0.1:9/v1' },
  goal: { model: 'nvidia/Cosmos-Reason2-8B', modelUrl: 'http://127.0.0.1:9/v1' },
};

const tcpPose = { frameId: 'base', pM: [0.4, 0, 0.2] as const, qXyzw: [1, 0, 0, 0] as const };
const example: Observation = {
  seq: 0,
  epoch: 0,
  stampMs: 0,
  instruction: 'pick up the red block',
  history: [],
  frames: [
    {
      data: Uint8Array.from({ length: 3 * 128 * 128 }, (_, at) => (at * 7919) % 256),
      encoding: 'rgb8',
      widthPx: 128,
      heightPx: 128,
      stampMs: 0,
      camera: 'third',
    },
  ],
  proprio: {
    ...{ stampMs: 0, jointNames: [], qRad: [], qdRadPerS: [], gripperOpen: 1 },
    tcpPose,
    commandedTcpPose: tcpPose,
  },
};
const proposed: Action = {
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [0, 0, 0.01], dRpyRad: [0, 0, 0], gripperOpen: 1 },
};

it('finds the critics', () => {
  expect(Object.keys(found).length).toBeGreaterThanOrEqual(1);
});

describe.each(Object.entries(found))('%s', (path, plugin) => {
  const name = path.replace(/^.*\/|\.ts$/g, '');
  const make = () => {
    const critic = plugin.create(plugin.options.parse(OPTIONS[name] ?? {}));
    made.push(critic);
    return critic;
  };

  it('is a critic with a summary, of the name of its file', () => {
    expect(plugin.kind).toBe('critic');
    expect(plugin.summary.length).toBeGreaterThan(10);
    expect(make().name).toBe(name);
  });

  it.each(criticContract(make, example, proposed))('$title', ({ check }) => check());
});
