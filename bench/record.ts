/**
 * What recording adds to a step, ms and bytes: interleaved with the floor, the bare write and fdatasync of as many bytes.
 * Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/record.js [folder]`.
 */
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recorder } from '../src/record/index.ts';
import type { Frame } from '../src/types.ts';
import { quantile, sayLoad, sayMachine, sayTimes, timed } from './measure.ts';
import { camera, facts, noise, page, step } from './scene.ts';

const STEPS = 200;
/** Steps left out of the numbers: code not yet compiled, files not yet open. */
const WARM_UP = 10;

interface Case {
  readonly name: string;
  readonly frameAt: (index: number) => Frame;
  readonly mask?: (text: string) => string;
}

const CASES: readonly Case[] = [
  { name: 'page 1280x800 jpeg, each step another picture, 300 marks', frameAt: page },
  { name: 'page 1280x800 jpeg, always the same picture, 300 marks', frameAt: () => page(0) },
  {
    name: 'page 1280x800 jpeg, the same picture, 300 marks, a secret masked',
    frameAt: () => page(0),
    mask: (text) => text.replaceAll('hunter2', '{{password}}'),
  },
  { name: 'camera 640x480 rgb8, each step another picture, 300 marks', frameAt: camera },
];

async function run({ name, frameAt, mask }: Case, folder: string): Promise<void> {
  const sink = recorder({ dir: folder, ...(mask && { mask }) });
  await sink.open!(facts);
  const floor = await open(`${sink.file}.floor`, 'w');
  const times: Record<'floor' | 'recorder', number[]> = { floor: [], recorder: [] };
  const sizes: number[] = [];
  const cpuMs: number[] = [];
  let sizeBefore = (await stat(sink.file)).size;
  for (let index = 0; index < STEPS + WARM_UP; index++) {
    const record = step(index, frameAt(index));
    const cpuBefore = process.cpuUsage();
    const recorderMs = await timed(() => sink.write(record));
    const cpu = process.cpuUsage(cpuBefore);
    const { size } = await stat(sink.file);
    const bytes = noise(size - sizeBefore, index);
    const floorMs = await timed(async () => {
      await floor.writeFile(bytes);
      await floor.datasync();
    });
    if (index >= WARM_UP) {
      times.recorder.push(recorderMs);
      cpuMs.push((cpu.user + cpu.system) / 1000);
      times.floor.push(floorMs);
      sizes.push(size - sizeBefore);
    }
    sizeBefore = size;
  }
  await floor.close();
  await sink.close({ outcome: 'success', reason: 'bench' });
  console.log(`${name}: ${Math.round(quantile(sizes, 0.5)).toLocaleString('en')} bytes per step (median)`);
  sayTimes('recorder', times.recorder);
  sayTimes('recorder, CPU alone', cpuMs);
  sayTimes('floor: write and fdatasync', times.floor);
}

const folder = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'pumice-bench-'));
sayMachine(`recording, ${STEPS} steps each, in ${folder}`);
for (const each of CASES) await run(each, folder);
sayLoad();
await rm(folder, { recursive: true });
