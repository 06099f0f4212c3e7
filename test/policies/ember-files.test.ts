/** What ember says of files that are missing, cut, damaged or another model's, and of engines that are not there. */
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PumiceError } from 'pumice';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { createEngine } from '../../policies/ember/engine.ts';
import { NO_PROPRIO } from '../../policies/ember/input.ts';
import { readModel } from '../../policies/ember/model.ts';
import { installedRuntimes } from '../../policies/shared/network.ts';
import { OFFSET, SCALE, VOCABULARY, writeTinyEmber } from './tiny-ember.ts';

const root = mkdtempSync(join(tmpdir(), 'pumice-ember-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
let folder: string;
const file = (name: string) => join(folder, name);
beforeEach(() => {
  folder = writeTinyEmber(join(root, String(folders++)));
});

const problem = (): PumiceError => {
  try {
    readModel(folder);
  } catch (error) {
    if (PumiceError.is(error, 'config/invalid')) return error;
    throw error;
  }
  throw new Error('was read');
};
const input = { picture: new Uint8Array(128 * 128 * 3), tokens: Array(20).fill(0), proprio: NO_PROPRIO };
const never = new AbortController().signal;

it('a whole model is read: weights, words, ranges', () => {
  const { weights, vocabulary, stats } = readModel(folder);
  expect(weights).toEqual(readFileSync(file('ember.onnx')));
  expect(vocabulary).toEqual(VOCABULARY);
  expect(stats.q01).toEqual(OFFSET.map((middle, at) => middle - SCALE[at]!));
  expect(stats.q99).toEqual(OFFSET.map((middle, at) => middle + SCALE[at]!));
});

it.each(['ember.onnx', 'vocabulary.json', 'stats.json'])('without %s it says which file is not there', (name) => {
  unlinkSync(file(name));
  expect(problem().message).toMatch(new RegExp(`${name}' is not there`));
  expect(problem().hint).toMatch(/ember\.onnx, vocabulary\.json and stats\.json/);
});

it('weights that were cut, grew, or changed in one bit are refused', () => {
  appendFileSync(file('ember.onnx'), 'x');
  expect(problem().message).toMatch(/has \d+ bytes, expected \d+/);
  truncateSync(file('ember.onnx'), 1000);
  expect(problem().message).toMatch(/has 1000 bytes/);
  writeTinyEmber(folder);
  const bytes = readFileSync(file('ember.onnx'));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file('ember.onnx'), bytes);
  expect(problem().message).toMatch(/damaged: its sha256/);
});

it('a card, words or ranges of another form are refused by name', () => {
  writeFileSync(file('ember.json'), '{}');
  expect(problem().message).toMatch(/ember\.json' is not what was expected: weights/);
  writeTinyEmber(folder);
  writeFileSync(file('stats.json'), JSON.stringify({ scale: [1], offset: OFFSET }));
  expect(problem().message).toMatch(/stats\.json.*scale/);
  writeTinyEmber(folder);
  writeFileSync(file('vocabulary.json'), '[');
  expect(problem().message).toMatch(/vocabulary\.json' is no JSON/);
});

it('a model fresh from training has no card, and is read without; a card that is not there is no fault of it', () => {
  unlinkSync(file('ember.json'));
  expect(readModel(folder).vocabulary).toEqual(VOCABULARY);
});

it('bytes that are no network, and networks that are not ember, fail with the first question, each time', async () => {
  const broken = createEngine(Buffer.from('no network'));
  for (let i = 0; i < 2; i++) await expect(broken.infer(input, never)).rejects.toThrow(/weights cannot be read/);
  await broken.close();
  writeTinyEmber(folder, { outputs: ['action', 'bins', 'done', 'cannot'] });
  const other = createEngine(readModel(folder).weights);
  await expect(other.infer(input, never)).rejects.toThrow(/another model: there is no output 'points'/);
  await other.close();
});

it('a question of the wrong size fails, and the next one is answered', async () => {
  const engine = createEngine(readModel(folder).weights);
  await expect(engine.infer({ ...input, picture: new Uint8Array(64 * 64 * 3) }, never)).rejects.toThrow(PumiceError);
  expect((await engine.infer(input, never)).action).toHaveLength(28);
  await engine.close();
});

it('an engine that cannot be loaded gives way to the next; where there is none it says what to install', async () => {
  const { weights } = readModel(folder);
  const second = createEngine(weights, ['onnxruntime-none', 'onnxruntime-web']);
  expect((await second.infer(input, never)).points).toHaveLength(4);
  await second.close();
  const none = createEngine(weights, ['onnxruntime-none']);
  await expect(none.infer(input, never)).rejects.toMatchObject({
    code: 'config/invalid',
    message: expect.stringMatching(/onnxruntime-none/),
    hint: expect.stringMatching(/npm install onnxruntime-web/),
  });
  await none.close();
  const nothing = () => {
    throw new Error('not found');
  };
  expect(() => installedRuntimes('policy ember', nothing)).toThrow(/looked for onnxruntime-node and onnxruntime-web/);
  expect(installedRuntimes('policy ember', (name) => name)).toEqual(['onnxruntime-node', 'onnxruntime-web']);
});

it('the files of a model may lie anywhere', () => {
  const other = join(root, 'a folder with spaces');
  writeTinyEmber(other);
  copyFileSync(file('ember.onnx'), join(other, 'ember.onnx'));
  expect(readModel(other).weights.length).toBeGreaterThan(1000);
});
