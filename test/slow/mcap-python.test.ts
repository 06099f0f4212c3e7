import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recorder } from '../../src/record/index.ts';
import { sampleEnd, sampleFacts, sampleSteps } from '../record/sample.ts';

/** The reader of another implementation: PyPI `mcap`. */
const MCAP_VERSION = '1.6.0';

let folder: string;
let python: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-python-'));
  execFileSync('python3', ['-m', 'venv', join(folder, 'venv')]);
  python = join(folder, 'venv', 'bin', 'python');
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', `mcap==${MCAP_VERSION}`], { stdio: 'pipe' });
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (path: string) =>
  JSON.parse(String(execFileSync(python, [resolve(import.meta.dirname, 'read_mcap.py'), path])));

test('the Python mcap reader reads every message of a closed and of a cut recording', async () => {
  const steps = await sampleSteps();
  const closed = join(folder, 'closed.mcap');
  const cut = join(folder, 'cut.mcap');
  for (const path of [closed, cut]) {
    const sink = recorder({ file: path });
    await sink.open!(sampleFacts);
    for (const step of steps) await sink.write(step);
    if (path === cut) expect(read(cut).counts).toEqual({ '/episode': 1, '/step': steps.length, '/frame/page': 3 });
    await sink.close(sampleEnd);
  }
  expect(read(closed)).toEqual({
    counts: { '/episode': 2, '/step': steps.length, '/frame/page': 3 },
    schemas: ['foxglove.CompressedImage', 'pumice.Episode', 'pumice.Step'],
    instruction: sampleFacts.instruction,
    jpegHeads: ['ffd8ff', 'ffd8ff', 'ffd8ff'],
  });
}, 120_000);
