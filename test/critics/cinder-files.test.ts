/** What cinder says of files that are missing, damaged or another model's; and that without a card there is no opinion. */
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PumiceError } from 'pumice';
import { cinder } from 'pumice/critics/cinder';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { readCinder } from '../../policies/critics/cinder/model.ts';
import { THRESHOLD, writeTinyCinder } from './tiny-cinder.ts';

const root = mkdtempSync(join(tmpdir(), 'pumice-cinder-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
let folder: string;
const file = (name: string) => join(folder, name);
beforeEach(() => {
  folder = writeTinyCinder(join(root, String(folders++)));
});
const problem = (): PumiceError => {
  try {
    cinder({ weights: folder });
  } catch (error) {
    if (PumiceError.is(error, 'config/invalid')) return error;
    throw error;
  }
  throw new Error('was made');
};
const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };

it('a whole model is read: weights, words, threshold', () => {
  expect(readCinder(folder)).toMatchObject({ weights: readFileSync(file('cinder.onnx')), threshold: THRESHOLD });
});

it.each(['cinder.onnx', 'cinder.json', 'vocabulary.json'])(
  'without %s there is no critic, and it says which file',
  (name) => {
    unlinkSync(file(name));
    expect(problem().message).toMatch(new RegExp(`${name}' is not there`));
    expect(problem().hint).toMatch(/cinder\.onnx, cinder\.json and vocabulary\.json/);
  },
);

it('weights that changed in one bit are refused', () => {
  const bytes = readFileSync(file('cinder.onnx'));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file('cinder.onnx'), bytes);
  expect(problem().message).toMatch(/damaged: its sha256 is not the one that cinder\.json names/);
});

it.each([
  ['without a threshold', { threshold: undefined }, /threshold/],
  ['with one that allows nothing', { threshold: 0 }, /threshold/],
  ['with one that is no probability', { threshold: 1.5 }, /threshold/],
  ['with hazards in another order', { hazards: ['collision', 'wrong-object', 'off-table', 'infeasible'] }, /hazards/],
])('a card %s is refused', (_, card, message) => {
  writeTinyCinder(folder, { card });
  expect(problem().message).toMatch(message);
});

it('a network that is no cinder is found before a run, when it is tried out', async () => {
  const network = readFileSync(file('cinder.onnx'));
  // Another name of the same length, in the graph and in what the graph gives.
  const other = Buffer.from(network.toString('latin1').replaceAll('hazards', 'hazardz'), 'latin1');
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256').update(other).digest('hex');
  writeTinyCinder(folder, { card: { weights: { bytes: other.length, sha256 } } });
  writeFileSync(file('cinder.onnx'), other);
  const critic = cinder({ weights: folder });
  await expect(critic.prepare!(context) as Promise<unknown>).rejects.toThrow(
    /another model: there is no output 'hazards'/,
  );
  await critic.close!();
});
