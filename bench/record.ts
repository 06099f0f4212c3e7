/**
 * What recording adds to a step, ms and bytes: interleaved with no recording, and with the floor, the bare write and fdatasync of as
 * many bytes. Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/record.js [folder]`.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EpisodeFacts } from '../src/ports.ts';
import { recorder } from '../src/record/index.ts';
import type { Frame, Mark, StepRecord } from '../src/types.ts';

const STEPS = 200;
/** Steps left out of the numbers: code not yet compiled, files not yet open. */
const WARM_UP = 10;
const MARKS = 300;
/** Bytes of a JPEG of a page of 1280 x 800 at quality 80: measured 60 to 130 thousand. */
const JPEG_BYTES = 90_000;

/** Bytes that do not compress or repeat, always the same. */
function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 32)
    bytes.set(
      createHash('sha256')
        .update(`${seed} ${at}`)
        .digest()
        .subarray(0, Math.min(32, length - at)),
      at,
    );
  return bytes;
}

const marks: readonly Mark[] = Array.from({ length: MARKS }, (_, id) => ({
  id,
  role: 'button',
  name: `Add item ${id} to the basket`,
  boxPx: [10.5, 20.25 + id, 110.5, 44.25 + id],
  pointPx: [60.5, 32.25 + id],
  state: { focused: false },
  source: 'dom',
  document: 'main',
  origin: 'http://127.0.0.1:4173',
}));

function step(index: number, frame: Frame): StepRecord {
  const action = { kind: 'ui-click', target: { markId: index % MARKS }, button: 'left', count: 1 } as const;
  return {
    index,
    stampMs: index,
    observation: {
      stampMs: index,
      frames: [{ ...frame, stampMs: index }],
      marks,
      seq: index,
      epoch: 0,
      instruction: 'put everything into the basket',
      history: [],
    },
    thought: 'The next item is on the list, so I add it to the basket.',
    proposed: action,
    verdict: { kind: 'allow', action, reasons: ['rules: inside all limits'], by: 'rules' },
    act: { status: 'done', executed: action },
    timings: { observeMs: 60, thinkMs: 400, checkMs: 3, actMs: 30, totalMs: 493 },
    dropped: 0,
  };
}

const page = (seed: number): Frame => ({
  data: noise(JPEG_BYTES, seed),
  encoding: 'jpeg',
  widthPx: 1280,
  heightPx: 800,
  stampMs: 0,
  camera: 'page',
});

const camera = (seed: number): Frame => ({
  data: new Uint8Array(640 * 480 * 3).map((_, at) => (at * 7 + seed * 13 + ((at >> 9) & 31)) & 255),
  encoding: 'rgb8',
  widthPx: 640,
  heightPx: 480,
  stampMs: 0,
  camera: 'third',
});

const CASES: Readonly<Record<string, (index: number) => Frame>> = {
  'page 1280x800 jpeg, each step another picture, 300 marks': page,
  'page 1280x800 jpeg, always the same picture, 300 marks': () => page(0),
  'camera 640x480 rgb8, each step another picture, 300 marks': camera,
};

const facts: EpisodeFacts = {
  episodeId: 'bench',
  startedWallMs: 0,
  instruction: 'put everything into the basket',
  env: 'none',
  policy: 'none',
  critics: [],
  limits: { maxObservationAgeMs: 1000, maxPlanAgeMs: 1000 },
  facts: {},
};

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;

async function measure(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function run(name: string, frameAt: (index: number) => Frame, folder: string): Promise<void> {
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.mcap`);
  const sink = recorder({ file: path });
  await sink.open!(facts);
  const floor = await open(`${path}.floor`, 'w');
  const times: Record<'none' | 'floor' | 'recorder', number[]> = { none: [], floor: [], recorder: [] };
  const sizes: number[] = [];
  let sizeBefore = (await stat(path)).size;
  for (let index = 0; index < STEPS + WARM_UP; index++) {
    const record = step(index, frameAt(index));
    const recorderMs = await measure(() => sink.write(record));
    const { size } = await stat(path);
    const bytes = noise(size - sizeBefore, index);
    const floorMs = await measure(async () => {
      await floor.writeFile(bytes);
      await floor.datasync();
    });
    const noneMs = await measure(async () => record);
    if (index >= WARM_UP) {
      times.recorder.push(recorderMs);
      times.floor.push(floorMs);
      times.none.push(noneMs);
      sizes.push(size - sizeBefore);
    }
    sizeBefore = size;
  }
  await floor.close();
  await sink.close({ outcome: 'success', reason: 'bench' });
  console.log(`\n${name}: ${Math.round(quantile(sizes, 0.5)).toLocaleString('en')} bytes per step (median)`);
  for (const [kind, values] of Object.entries(times))
    console.log(
      `  ${kind.padEnd(9)} median ${quantile(values, 0.5).toFixed(2)} ms   p99 ${quantile(values, 0.99).toFixed(2)} ms`,
    );
}

const folder = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'pumice-bench-'));
const load = () => loadavg().map((value) => value.toFixed(2));
console.log(
  `${cpus().length} cores, node ${process.version}, load ${load().join(' ')}, ${STEPS} steps each, in ${folder}`,
);
for (const [name, frameAt] of Object.entries(CASES)) await run(name, frameAt, folder);
console.log(`\nload at the end ${load().join(' ')}`);
await rm(folder, { recursive: true });
