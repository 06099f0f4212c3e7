/**
 * What a verdict costs at a real model server: asked in the size and form of a critic's question (a picture, some hundred words), with a
 * few tokens allowed and with many; then the same server as critic of the real-time arm under lease. What it says is not looked at:
 * weights may be random, and the critic of this bench says yes after whatever it said. For time and tokens, never for quality.
 * No part of `npm run bench`, which needs no server.
 * Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/critic-server.js http://HOST:PORT/v1 MODEL`.
 */
import { type Critic, monotonicNowMs, type Observation } from 'pumice';
import { sim } from 'pumice/envs/sim';
import { openaiChat } from '../src/models/openai-chat.ts';
import { probeObservation } from '../src/models/probe.ts';
import type { Frame } from '../src/types.ts';
import { sayLeaseAges } from './lease-ages.ts';
import { quantile, sayLoad, sayMachine } from './measure.ts';

/** How many tokens a verdict may take: one word of a list, or a thought before it. */
const TIERS = { fast: 4, reasoned: 256 } as const;
type Tier = keyof typeof TIERS;
const RUNS: Readonly<Record<Tier, number>> = { fast: 40, reasoned: 8 };

const [modelUrl, model] = process.argv.slice(2);
if (!modelUrl || !model) {
  console.error('usage: critic-server URL MODEL');
  process.exit(2);
}
const chat = openaiChat({ modelUrl, model });
/** As long as the question about a chunk of four motions. */
const QUESTION = [
  'You watch over a robot arm at a table. The picture is what its camera sees now. Task: "put the red block on the blue plate".',
  'The tool is at x 0.412 y -0.083 z 0.121 m, told to be at x 0.414 y -0.081 z 0.120 m, gripper open 1.00.',
  'It is about to do, in steps of 0.2 s:',
  ...[1, 2, 3, 4].map(
    (n) => `${n}: dx 12.${n} dy -31.0 dz -44.${n} mm, droll 0.0 dpitch 0.0 dyaw 4.${n} deg, gripper open 1.00`,
  ),
  'Limits: 0.08 m and 0.35 rad a step, 0.4 m/s, workspace x 0.20 to 0.68, y -0.36 to 0.36, z 0.012 to 0.36 m.',
  'Would this hit the table or a thing, leave the table, touch a thing that the task does not name, or is the task impossible?',
  'Answer with one word: safe, collision, off-table, wrong-object, infeasible or unsure.',
].join('\n');

const messagesOf = ({ data, encoding }: Frame) => [
  {
    role: 'user' as const,
    content: [
      {
        type: 'image_url' as const,
        image_url: { url: `data:image/${encoding};base64,${Buffer.from(data).toString('base64')}` },
      },
      { type: 'text' as const, text: QUESTION },
    ],
  },
];

interface Asked {
  readonly totalMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}
async function ask(frame: Frame, tier: Tier, signal: AbortSignal): Promise<Asked> {
  const startMs = monotonicNowMs();
  const request = { messages: messagesOf(frame), maxTokens: TIERS[tier], temperature: 0, mayBeCut: true, signal };
  const { usage } = await chat.complete({ ...request, onDelta: () => {} });
  const totalMs = monotonicNowMs() - startMs;
  return { totalMs, inputTokens: usage?.inputTokens ?? Number.NaN, outputTokens: usage?.outputTokens ?? Number.NaN };
}

sayMachine(`a critic's questions to ${model}`);
const env = await sim({ realtime: true, oracle: true, cameras: ['third'] });
const context = { signal: new AbortController().signal, nowMs: monotonicNowMs, report: () => {} };
await env.reset({ instruction: 'pick up the red block', seed: 8000 }, context);
const seen = (await env.observe(context)) as Observation;
const pictures: Readonly<Record<string, Frame>> = {
  'arm, 224 x 224': seen.frames[0]!,
  'page, 1280 x 720': (await probeObservation()).frames[0]!,
};
const { signal } = context;
let fastMs: number[] = [];
for (const [name, frame] of Object.entries(pictures))
  for (const tier of Object.keys(TIERS) as Tier[]) {
    await ask(frame, tier, signal);
    const asked: Asked[] = [];
    for (let run = 0; run < RUNS[tier]; run++) asked.push(await ask(frame, tier, signal));
    const of = (key: keyof Asked, share: number) =>
      quantile(
        asked.map((one) => one[key]),
        share,
      ).toFixed(0);
    console.log(
      `  ${name}, ${tier}: answer p50 ${of('totalMs', 0.5)} ms, p95 ${of('totalMs', 0.95)} ms, n ${asked.length}; tokens in ${of('inputTokens', 0.5)}, out ${of('outputTokens', 0.5)}`,
    );
    if (frame === seen.frames[0] && tier === 'fast') fastMs = asked.map(({ totalMs }) => totalMs);
  }

const times: number[] = [];
const yes = async ({ frames }: Observation, leave: AbortSignal) => {
  const { totalMs } = await ask(frames[0]!, 'fast', leave);
  times.push(totalMs);
  return { kind: 'allow', reasons: [] } as const;
};
const critic: Critic = {
  name: 'double over a server',
  judge: (observation, _action, { signal: leave }) => yes(observation, leave),
  judgeChunk: (observation, _chunk, { signal: leave }) => yes(observation, leave),
};
await sayLeaseAges(env, 'the server as critic, fast', [critic], () =>
  quantile(times.length > 0 ? times : fastMs, 0.95),
);
await env.close();
sayLoad();
