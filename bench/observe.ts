/**
 * What an observation (picture, marks, drawn boxes, JPEG) costs against a bare screenshot of the debugger, PNG and JPEG, all in turn in
 * one run; and how many marks are off by more than 2 px.
 * Run with: `npm run build && npx tsc -p tsconfig.bench.json && node .cache/bench/bench/observe.js [samples]`.
 */
import { cpus, loadavg } from 'node:os';
import type { CDPSession, Page } from 'playwright';
import { type Capture, createMarkCollector } from '../envs/browser/marks.ts';
import som from '../policies/markers/som.ts';
import { launchBrowser } from '../test/browser/chromium.ts';
import { servePages } from '../test/browser/server.ts';
import { gridPage, mixedPage } from './observe-pages.ts';

const SAMPLES = Number(process.argv[2] ?? 40);
/** Rounds left out of the numbers: code not yet compiled. */
const WARM_UP = 5;
const OFF_PX = 2;

const signal = new AbortController().signal;
const marker = som.create({ quality: 80 });
const context = { signal, nowMs: () => performance.now(), report: () => {} };

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;

/** Marks whose box is more than `OFF_PX` from the pixels of the colour in their name. */
function marksOff({ frame, marks }: Capture): number {
  const boxes = new Map<number, [number, number, number, number]>();
  for (let y = 0, at = 0; y < frame.heightPx; y++)
    for (let x = 0; x < frame.widthPx; x++, at += 3) {
      if (frame.data[at + 2] !== 200) continue;
      const color = frame.data[at]! * 256 + frame.data[at + 1]!;
      const box = boxes.get(color);
      if (box) boxes.set(color, [Math.min(box[0], x), box[1], Math.max(box[2], x + 1), y + 1]);
      else boxes.set(color, [x, y, x + 1, y + 1]);
    }
  return marks.filter(({ name, boxPx }) => {
    const [red, green] = (name?.match(/\d+/g) ?? []).map(Number);
    const seen = boxes.get(red! * 256 + green!);
    return !seen || boxPx.some((side, i) => Math.abs(side - seen[i]!) > OFF_PX);
  }).length;
}

interface Subject {
  readonly name: string;
  readonly page: Page;
  readonly change: () => Promise<unknown>;
  readonly isColored: boolean;
}

async function run({ name, page, change, isColored }: Subject): Promise<void> {
  const collector = await createMarkCollector(page);
  const debug: CDPSession = await page.context().newCDPSession(page);
  let off = 0;
  let unstable = 0;
  let marks = 0;
  let last: Capture | undefined;
  const shoot = (format: 'png' | 'jpeg') => async () =>
    Buffer.from((await debug.send('Page.captureScreenshot', { format })).data, 'base64');
  const methods: Record<string, () => Promise<unknown>> = {
    'CDP PNG': shoot('png'),
    'CDP JPEG': shoot('jpeg'),
    observation: async () => {
      last = await collector.capture({ text: false, signal });
      const { frame, marks } = last;
      const asked = { seq: 0, epoch: 0, instruction: '', history: [] };
      return await marker.mark({ ...asked, stampMs: frame.stampMs, frames: [frame], marks }, context);
    },
  };
  const times = Object.fromEntries(Object.keys(methods).map((method) => [method, [] as number[]]));
  for (let round = 0; round < SAMPLES + WARM_UP; round++)
    for (const [method, work] of Object.entries(methods)) {
      await change();
      const startMs = performance.now();
      await work();
      if (round >= WARM_UP) times[method]!.push(performance.now() - startMs);
      if (method !== 'observation') continue;
      marks += last!.marks.length;
      unstable += last!.unstable;
      if (isColored) off += marksOff(last!);
    }
  const floor = quantile(times['CDP PNG']!, 0.5);
  const offText = isColored ? `${off} off by more than ${OFF_PX} px` : 'boxes not read back';
  console.log(`\n${name}: ${marks} marks in ${SAMPLES + WARM_UP} observations, ${offText}, ${unstable} left out`);
  for (const [method, values] of Object.entries(times)) {
    const [least, p50, p99] = [0, 0.5, 0.99].map((share) => quantile(values, share).toFixed(1).padStart(6));
    const ratio = (quantile(values, 0.5) / floor).toFixed(2);
    console.log(`  ${method.padEnd(12)} p50 ${p50} ms   p99 ${p99} ms   least ${least} ms   x PNG ${ratio}`);
  }
  await collector.dispose();
}

const load = () =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
const browser = await launchBrowser();
const pages = new Map<string, string>();
const server = await servePages(pages);
console.log(
  `${cpus().length} cores, node ${process.version}, Chromium ${browser.version()}, load ${load()}, ${SAMPLES} samples`,
);
for (const [path, html] of mixedPage(server.here, server.there)) pages.set(path === '/' ? '/mixed' : path, html);
for (const count of [300, 3000]) pages.set(`/grid${count}`, gridPage(count));
for (const path of ['/grid300', '/grid3000', '/mixed']) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.goto(server.here + path);
  const debug = await page.context().newCDPSession(page);
  const isColored = path !== '/mixed';
  const change = async () => isColored && (await debug.send('Runtime.evaluate', { expression: 'change()' }));
  await page.waitForTimeout(300);
  await run({ name: path.slice(1), page, change, isColored });
  await page.close();
}
console.log(`\nload at the end ${load()}`);
await browser.close();
await server.close();
