/**
 * What marking one frame costs with KOSMOS-2 behind a server: the marker as a run has it, picture in, drawn marks out.
 * Run with: `npm run build && npx tsc -p tsconfig.bench.json && node .cache/bench/bench/kosmos2-marker.js URL MODEL [samples]`,
 * with `policies/server` at URL, on weights or on a model of `random_weights.py --answer`.
 */
import { firstValueFrom, from } from 'rxjs';
import kosmos2 from '../policies/markers/kosmos2.ts';
import type { Context } from '../src/ports.ts';
import type { Frame, Observation } from '../src/types.ts';
import { quantile, sayMachine, timed } from './measure.ts';

const [url = '', model = '', samples = '20'] = process.argv.slice(2);
const WARM_UP = 3;
const WIDTH = 640;
const HEIGHT = 480;

const frame: Frame = {
  data: Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * 7919) % 251),
  encoding: 'rgb8',
  widthPx: WIDTH,
  heightPx: HEIGHT,
  stampMs: 0,
  camera: 'third',
};
const context: Context = {
  signal: new AbortController().signal,
  nowMs: () => performance.now(),
  report: ({ text }) => console.log(text),
};
const marker = kosmos2.create(kosmos2.options.parse({ modelUrl: url, model }));

sayMachine('kosmos2-marker');
console.log(`  ${WIDTH} x ${HEIGHT} px, ${samples} samples`);
for (const instruction of ['pick up the red block', 'put the red block on the green plate']) {
  const observation: Observation = { seq: 0, epoch: 0, stampMs: 0, instruction, history: [], frames: [frame] };
  const times: number[] = [];
  let marks = '';
  for (let round = 0; round < Number(samples) + WARM_UP; round++) {
    const ms = await timed(async () => {
      const marked = await firstValueFrom(from(marker.mark(observation, context)));
      marks = (marked.marks ?? []).map(({ id, name, boxPx }) => `${id} '${name}' [${boxPx.join(', ')}]`).join('; ');
    });
    if (round >= WARM_UP) times.push(ms);
  }
  const [half, most] = [quantile(times, 0.5)!, quantile(times, 0.95)!];
  console.log(`  '${instruction}': p50 ${half.toFixed(1)} ms, p95 ${most.toFixed(1)} ms; ${marks || 'no marks'}`);
}
