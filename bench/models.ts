/**
 * What pumice adds to asking a model: the client over a bare `fetch` of the same bytes, how long a stop takes until the caller is
 * free and until the server knows, how long a clip takes, and how much text the decoders read.
 * Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/models.js`.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  actionStats,
  critique,
  LLAMA3_VOCAB_SIZE,
  loopAtEnd,
  readAction,
  readActionText,
  readBoxes,
  readEvents,
  readGrounded,
  spansIn,
  spokenIn,
  textOfActionTokens,
} from '../src/codecs/index.ts';
import { openaiChat } from '../src/models/openai-chat.ts';
import { profileOf } from '../src/models/profiles.ts';
import { chatBodyOf, chatRequestOf } from '../src/models/request.ts';
import { clipOf } from '../src/models/video.ts';
import { quantile, sayLoad, sayMachine, sayTimes, timed, timedNow } from './measure.ts';
import { camera, page } from './scene.ts';

const CALLS = 400;
/** Calls left out of the numbers: code not yet compiled. */
const WARM_UP = 200;
const ABORTS = 60;

// ---------------------------------------------------------------- a server that answers at once

const ANSWER = JSON.stringify({
  choices: [{ index: 0, message: { role: 'assistant', content: '{"kind":"ui-click"}' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1200, completion_tokens: 7 },
});
const EVENTS = [{ content: '{"kind":' }, { content: '"ui-click"}' }].map(
  (delta) => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`,
);
const END = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`;
let stall = false;
let left: (response: ServerResponse) => void = () => {};

const server = createServer((request, response) => {
  let bytes = 0;
  let isStream = false;
  request.on('data', (part: Buffer) => {
    bytes += part.length;
    isStream ||= part.includes('"stream":true');
  });
  request.on('end', () => {
    response.on('close', () => response.writableFinished || left(response));
    if (!isStream) return response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of EVENTS) response.write(event);
    if (!stall) response.end(END);
    return bytes;
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const modelUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;

// ---------------------------------------------------------------- the client over a bare fetch

const picture = page(0);
const chat = openaiChat({ modelUrl, model: 'm' }, {});
const generic = profileOf('generic');
const question = () =>
  chatRequestOf(generic, { text: 'Which one?', images: [{ data: picture.data, format: 'jpeg' }], maxTokens: 50 });
const ready = JSON.stringify(chatBodyOf('m', question()));
const readyStream = JSON.stringify({ ...JSON.parse(ready), stream: true, stream_options: { include_usage: true } });
const signal = new AbortController().signal;

const bare = (body: string) => async () => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${modelUrl}/chat/completions`, { method: 'POST', headers, body });
  return response.text();
};
const client = (form: object) => () => chat.complete({ ...question(), ...form, signal });

/** The server runs in this process: its share of the CPU is in both. */
async function costOf(work: () => Promise<unknown>): Promise<{ readonly tookMs: number; readonly cpuMs: number }> {
  const before = process.cpuUsage();
  const tookMs = await timed(work);
  const { user, system } = process.cpuUsage(before);
  return { tookMs, cpuMs: (user + system) / 1000 };
}

async function sayOverhead(name: string, floor: () => Promise<unknown>, whole: () => Promise<unknown>): Promise<void> {
  const floors: Awaited<ReturnType<typeof costOf>>[] = [];
  const wholes: typeof floors = [];
  for (let call = 0; call < CALLS + WARM_UP; call++) {
    // Turn and turn about: whoever comes second finds the caches warm.
    const order = call % 2 === 0 ? [floor, whole] : [whole, floor];
    const costs = [await costOf(order[0]!), await costOf(order[1]!)];
    if (call % 2 === 1) costs.reverse();
    if (call < WARM_UP) continue;
    floors.push(costs[0]!);
    wholes.push(costs[1]!);
  }
  const times = (costs: typeof floors) => costs.map(({ tookMs }) => tookMs);
  const cpu = (costs: typeof floors) => costs.map(({ cpuMs }) => cpuMs);
  const over = (of: typeof times) => (quantile(of(wholes), 0.5) - quantile(of(floors), 0.5)).toFixed(3);
  console.log(`${name}, ${ready.length.toLocaleString('en')} bytes asked`);
  sayTimes('client, from JPEG to answer', times(wholes));
  sayTimes('floor: bare fetch, made body', times(floors));
  sayTimes('client, CPU alone', cpu(wholes));
  sayTimes('floor, CPU alone', cpu(floors));
  console.log(`  client over floor, of medians ${over(times)} ms, CPU ${over(cpu)} ms`);
}

// ---------------------------------------------------------------- stops

async function sayStops(): Promise<void> {
  const callerMs: number[] = [];
  const serverMs: number[] = [];
  stall = true;
  for (let nth = 0; nth < ABORTS; nth++) {
    const abort = new AbortController();
    let stoppedMs = 0;
    const known = new Promise<number>((resolve) => {
      left = () => resolve(performance.now() - stoppedMs);
    });
    const onDelta = () => {
      if (stoppedMs > 0) return;
      stoppedMs = performance.now();
      abort.abort(new Error('stop'));
    };
    await chat.complete({ ...question(), signal: abort.signal, onDelta }).catch(() => {});
    callerMs.push(performance.now() - stoppedMs);
    serverMs.push(await known);
  }
  stall = false;
  console.log(`stop in the middle of a stream, ${ABORTS} times`);
  sayTimes('until the caller is free', callerMs);
  sayTimes('until the server knows', serverMs);
}

// ---------------------------------------------------------------- clips

async function sayClips(): Promise<void> {
  const frames = Array.from({ length: 41 }, (_, at) => ({ ...camera(at), stampMs: at * 100 }));
  const { widthPx, heightPx } = frames[0]!;
  const times: number[] = [];
  let longestMs = 0;
  for (let nth = 0; nth < 8; nth++) {
    let beatMs = performance.now();
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - beatMs);
      beatMs = performance.now();
    }, 1);
    times.push(await timed(() => clipOf(frames, profileOf('cosmos-reason2'))));
    clearInterval(beat);
  }
  console.log(`a clip of 4 s at 4 Hz, ${widthPx}x${heightPx} rgb8, as MP4`);
  sayTimes('from frames to file', times);
  console.log(`  the main thread stood still for ${longestMs.toFixed(1)} ms at most`);
}

// ---------------------------------------------------------------- decoders

const IDS = [127, 3, 250, 90, 12, 200, 255].map((bin) => LLAMA3_VOCAB_SIZE - bin - 1);

function sayDecoder(name: string, text: string, work: (text: string) => unknown): void {
  const runs: number[] = [];
  for (let round = 0; round < 12; round++) {
    const perRound = 200;
    const tookMs = timedNow(() => {
      for (let nth = 0; nth < perRound; nth++) work(text);
    });
    if (round >= 2) runs.push(tookMs / perRound);
  }
  const medianMs = quantile(runs, 0.5);
  const mb = Buffer.byteLength(text) / 1e6 / (medianMs / 1e3);
  console.log(
    `  ${name.padEnd(28)} ${(1e3 / medianMs).toFixed(0).padStart(9)} a second   ${mb.toFixed(1).padStart(7)} MB/s`,
  );
}

const picture720 = { widthPx: 1280, heightPx: 720 };
const grid = { space: { kind: 'grid', max: 1000, axes: 'xy' }, picture: picture720, mode: 'strict' } as const;
const stats = actionStats('google_robot');
const action = { stats, mode: 'strict', frameId: 'base' } as const;
const box = (nth: number) => `{"bbox_2d": [${nth}, 20, ${nth + 100}, 400], "label": "cup ${nth}"}`;
const boxes = `\`\`\`json\n[${Array.from({ length: 20 }, (_, nth) => box(nth)).join(', ')}]\n\`\`\``;
const events = `[${Array.from({ length: 10 }, (_, nth) => `{"start": "00:0${nth}.25", "end": "00:1${nth}.5", "caption": "it moves"}`).join(', ')}]`;
const thought = `<think>\n${'The cup stands left of the plate, so the arm has to move right. '.repeat(60)}\n</think>\n\n`;
const critic = `${thought.replace('</think>', '')}<component name="arm"><analysis>it bends the wrong way</analysis><anomaly>Yes</anomaly></component></think>\n<answer>Yes</answer>`;
const grounded = '<|object_ref_start|>the cup<|object_ref_end|><|box_start|>(100,200),(300,400)<|box_end|>';
const ids = JSON.stringify(IDS);

async function sayDecoders(): Promise<void> {
  console.log('decoders, in one thread');
  sayDecoder('magma-action, from ids', ids, (text) => readAction(text, action));
  sayDecoder('magma-action, from text', textOfActionTokens(IDS), (text) => readActionText(text, action));
  sayDecoder('thought and answer', `${thought}yes`, (text) => spokenIn(text));
  sayDecoder('20 boxes as JSON', boxes, (text) => readBoxes(text, grid));
  sayDecoder('10 events as JSON', events, (text) => readEvents(text));
  sayDecoder('critic XML', critic, (text) => critique(text));
  sayDecoder('box tokens of Qwen-VL', grounded, (text) => readGrounded(text, grid));
  sayDecoder('times in prose', 'from 00:02.80 to 00:06.5 the arm lifts the cup', (text) => spansIn(text));
  sayDecoder('loop at the end', thought, (text) => loopAtEnd(text));
}

sayMachine(`models, ${CALLS} calls each`);
await sayOverhead('whole', bare(ready), client({}));
await sayOverhead('streamed', bare(readyStream), client({ onDelta: () => {} }));
await sayStops();
await sayClips();
await sayDecoders();
sayLoad();
server.closeAllConnections();
server.close();
