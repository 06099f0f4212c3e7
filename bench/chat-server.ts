/**
 * The client against a real OpenAI-compatible server, as it stands: first piece, time per piece, usage, a stop, a wrong model. What
 * the model says is not looked at: weights may be random. No part of `npm run bench`, which needs no server.
 * Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/chat-server.js http://HOST:PORT/v1 MODEL [traffic file]`.
 */
import { describeError } from '../src/errors.ts';
import { openaiChat } from '../src/models/openai-chat.ts';
import { probeObservation } from '../src/models/probe.ts';
import { recordTraffic } from '../src/models/traffic.ts';
import { sayLoad, sayMachine, sayTimes } from './measure.ts';

const RUNS = 10;
const TOKENS = 16;

const [modelUrl, model, file] = process.argv.slice(2);
if (!modelUrl || !model) {
  console.error('usage: chat-server URL MODEL [traffic file]');
  process.exit(2);
}
const exchange = file ? { fetch: recordTraffic(file) } : {};
const chat = openaiChat({ modelUrl, model, ...exchange });
const [frame] = (await probeObservation()).frames;
const url = `data:image/jpeg;base64,${Buffer.from(frame!.data).toString('base64')}`;
const question = {
  messages: [
    {
      role: 'user' as const,
      content: [
        { type: 'image_url' as const, image_url: { url } },
        { type: 'text' as const, text: 'Which disc is blue?' },
      ],
    },
  ],
  maxTokens: TOKENS,
  temperature: 0,
  mayBeCut: true,
};
const open = () => new AbortController().signal;

sayMachine(`chat with ${model}, ${RUNS} questions with a picture of ${frame!.widthPx}x${frame!.heightPx}`);
const firstMs: number[] = [];
const pieceMs: number[] = [];
for (let run = 0; run <= RUNS; run++) {
  let pieces = 0;
  const answer = await chat.complete({ ...question, signal: open(), onDelta: () => void pieces++ });
  if (run === 0) {
    console.log(`  ${pieces} pieces, finish ${answer.finish}, usage ${JSON.stringify(answer.usage)}`);
    continue;
  }
  firstMs.push(answer.firstMs);
  if (pieces > 1) pieceMs.push((answer.totalMs - answer.firstMs) / (pieces - 1));
}
sayTimes('first piece', firstMs);
if (pieceMs.length > 0) sayTimes('each further piece', pieceMs);
const whole = await chat.complete({ ...question, signal: open() });
console.log(`  whole: finish ${whole.finish}, ${whole.totalMs.toFixed(0)} ms`);

const stopMs: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const abort = new AbortController();
  let stoppedMs = 0;
  const onDelta = () => {
    if (stoppedMs === 0) stoppedMs = performance.now();
    abort.abort(new Error('stop'));
  };
  await chat.complete({ ...question, maxTokens: 64, signal: abort.signal, onDelta }).catch(() => {});
  stopMs.push(performance.now() - stoppedMs);
}
sayTimes('stop until the caller is free', stopMs);
const wrong = openaiChat({ modelUrl, model: 'no-such/model', ...exchange }).complete({ ...question, signal: open() });
console.log(`  a wrong model: ${await wrong.then(() => 'an answer', describeError)}`);
sayLoad();
