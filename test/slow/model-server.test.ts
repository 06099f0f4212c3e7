/**
 * policies/server as a process, over true loading, tokenizing and generating on the CPU: KOSMOS-2 of transformers in small with random
 * weights; Magma and CogVLM2-Video with doubles of the programs that their checkpoints bring.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openaiChat } from 'pumice/models';
import { firstValueFrom, from } from 'rxjs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import kosmos2 from '../../policies/markers/kosmos2.ts';
import { sleep } from '../../src/clock.ts';
import type { Observation } from '../../src/types.ts';
import { modelPython } from './model-server/python.ts';
import { type ModelServer, modelServer, PROGRAMS, startServe } from './model-server/server.ts';

const TABLE_FILE = resolve(import.meta.dirname, '../golden/magma/action_token_table.json');
const TABLE: { readonly tokens: readonly { readonly id: number; readonly hex: string }[] } = JSON.parse(
  readFileSync(TABLE_FILE, 'utf8'),
);
const ANSWER = '<object><patch_index_0044><patch_index_0863></object>';
const PHRASE = '<grounding><phrase> a red block</phrase>';
const folder = mkdtempSync(join(tmpdir(), 'pumice-model-server-'));
const at = (name: string) => join(folder, name);
let python: string;
const make = (program: string, ...args: readonly string[]) =>
  execFileSync(python, [program, ...args], { stdio: 'pipe', env: { ...process.env, OMP_NUM_THREADS: '2' } });

beforeAll(() => {
  python = modelPython();
}, 1_500_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const picture = async (colour: string, width = 64, height = 48) =>
  sharp({ create: { width, height, channels: 3, background: colour } })
    .jpeg()
    .toBuffer();
const dataUrl = (data: Uint8Array, type = 'image/jpeg') =>
  `data:${type};base64,${Buffer.from(data).toString('base64')}`;
const image = async (colour: string) =>
  ({ type: 'image_url', image_url: { url: dataUrl(await picture(colour)) } }) as const;
const text = (words: string) => ({ type: 'text', text: words }) as const;
const chatOf = ({ url }: ModelServer, apiKeyEnv?: string) => openaiChat({ modelUrl: url, model: 'm', apiKeyEnv });
/** Longest that building and loading a small model may take on a busy machine. */
const START_MS = 240_000;
const signal = new AbortController().signal;

/** The wire itself, for what the client does not read. */
async function post({ url }: ModelServer, body: object, headers: object = {}) {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', max_tokens: 16, ...body }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Wire };
}
interface Wire {
  readonly choices: readonly [{ readonly message: { readonly content: string }; readonly token_ids: number[] }];
  readonly error: { readonly message: string; readonly type: string; readonly param: string | null };
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
  readonly timings: { readonly first_token_ms: number; readonly per_token_ms: number };
}
const user = (...content: readonly object[]) => ({ messages: [{ role: 'user', content }] });

describe('KOSMOS-2 that always gives one box', () => {
  let server: ModelServer;
  beforeAll(async () => {
    make(join(PROGRAMS, 'random_weights.py'), at('kosmos2'), '--size', 'tiny', '--answer', ANSWER);
    server = await modelServer(python, [at('kosmos2'), '--served-name', 'm', '--max-waiting', '1']);
  }, START_MS);
  afterAll(() => server[Symbol.asyncDispose]());

  it('answers whole: raw text, its token ids, what was read and said, and how long it took', async () => {
    const { body } = await post(server, user(await image('red'), text(PHRASE)));
    expect(body.choices[0]).toMatchObject({
      message: { role: 'assistant', content: ANSWER },
      token_ids: [64009, 64013 + 44, 64013 + 863, 64010],
      finish_reason: 'stop',
    });
    // <s>, <image>, 64 places, </image>, <grounding>, <phrase>, ' ared block' letter by letter, </phrase>
    expect(body.usage).toMatchObject({ completion_tokens: 4, prompt_tokens: expect.closeTo(80, -1) });
    expect(body.timings.first_token_ms).toBeGreaterThan(0);
  });

  it('streams to the client the same text piece by piece, with ids in each piece', async () => {
    const pieces: string[] = [];
    const answer = await chatOf(server).complete({
      messages: [{ role: 'user', content: [await image('red'), text(PHRASE)] }],
      maxTokens: 16,
      temperature: 0,
      signal,
      onDelta: (delta) => pieces.push(delta.text),
    });
    expect(answer).toMatchObject({ text: ANSWER, usage: { outputTokens: 4 } });
    expect(pieces).toEqual(['<object>', '<patch_index_0044>', '<patch_index_0863>', '</object>']);
  });

  it('lets the marker mark what the instruction speaks of', async () => {
    const { data, info } = await sharp(await picture('grey', 320, 240))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const frame = { data, encoding: 'rgb8', widthPx: info.width, heightPx: info.height, stampMs: 0, camera: 'third' };
    const seen = { seq: 0, epoch: 0, stampMs: 0, instruction: 'pick up the red block', history: [], frames: [frame] };
    const marker = kosmos2.create(kosmos2.options.parse({ modelUrl: server.url, model: 'm' }));
    const context = { signal, nowMs: () => 0, report: () => {} };
    const marked = await firstValueFrom(from(marker.mark(seen as unknown as Observation, context)));
    // KOSMOS-2's own example: (0.390625, 0.046875, 0.984375, 0.828125).
    expect(marked.marks).toMatchObject([{ name: 'the red block', boxPx: [125, 11.25, 315, 198.75] }]);
    expect(marked.frames[0]).toMatchObject({ marked: true, encoding: 'jpeg' });
  });

  it('stops at a stop text, and says it only when asked to', async () => {
    const asked = user(await image('red'), text(PHRASE));
    const contents = [];
    for (const more of [{}, { include_stop_str_in_output: true }])
      contents.push((await post(server, { ...asked, stop: ['_0863>'], ...more })).body.choices[0].message.content);
    expect(contents).toEqual([
      '<object><patch_index_0044><patch_index',
      '<object><patch_index_0044><patch_index_0863>',
    ]);
  });

  it('says length where the answer was cut', async () => {
    const { body } = await post(server, { ...user(await image('red'), text(PHRASE)), max_tokens: 2 });
    expect(body.choices[0]).toMatchObject({ finish_reason: 'length', token_ids: [64009, 64013 + 44] });
  });

  it.each([
    ['another model', { model: 'other' }, 404, "expected the model 'm'"],
    ['tools', { tools: [] }, 400, "'tools' is not something that this server can do"],
    ['several answers', { n: 2 }, 400, "'n'"],
    ['no messages', { messages: [] }, 400, "'messages'"],
    ['more tokens than fit', { max_tokens: 4000 }, 400, "'max_tokens'"],
    ['a chat', { messages: [{ role: 'system', content: 'be brief' }] }, 400, 'KOSMOS-2 has no chat'],
    ['no picture', user(text(PHRASE)), 400, "expected one 'image_url', got 0"],
    ['an address', user({ type: 'image_url', image_url: { url: 'http://127.0.0.1/a.png' } }), 400, 'fetches nothing'],
    ['no base64', user({ type: 'image_url', image_url: { url: 'data:image/png;base64,@@' } }), 400, 'not base64'],
    [
      'no picture in it',
      user({ type: 'image_url', image_url: { url: dataUrl(Buffer.from('hello')) } }),
      400,
      'no JPEG',
    ],
    ['places of its own', user(text('<image></image>')), 400, "expected one 'image_url'"],
  ])('refuses %s, and says what it expected', async (_, change, status, why) => {
    const said = await post(server, { ...user(await image('red'), text(PHRASE)), ...change });
    expect(said.status).toBe(status);
    expect(said.body.error.message).toContain(why);
  });

  it('refuses what is no JSON, no path of its own, and a name that is not of this machine', async () => {
    const send = (body: string, type: string) =>
      fetch(`${server.url}/chat/completions`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await send('{', 'application/json')).status).toBe(400);
    expect((await send('[]', 'application/json')).status).toBe(400);
    expect((await send('{}', 'text/plain')).status).toBe(415);
    expect((await fetch(`${server.origin}/chat/completions`)).status).toBe(404);
    const { request } = await import('node:http');
    const status = await new Promise((done) => {
      request(`${server.origin}/health`, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        done(response.statusCode);
      }).end();
    });
    expect(status).toBe(403);
  });

  it('names its model and how much fits', async () => {
    const models = await (await fetch(`${server.url}/models`)).json();
    expect(models).toMatchObject({ data: [{ id: 'm', object: 'model', max_model_len: 2048 }] });
  });
});

describe('KOSMOS-2 of noise, which talks until it is stopped', () => {
  let server: ModelServer;
  beforeAll(async () => {
    make(join(PROGRAMS, 'random_weights.py'), at('noise'), '--size', 'tiny');
    server = await modelServer(python, [at('noise'), '--served-name', 'm', '--max-waiting', '1']);
  }, START_MS);
  afterAll(() => server[Symbol.asyncDispose]());
  const health = async () =>
    (await (await fetch(`${server.origin}/health`)).json()) as { status: string; busy: boolean; waiting: number };
  const until = async (isSo: (state: Awaited<ReturnType<typeof health>>) => boolean) => {
    while (!isSo(await health())) await sleep(20);
  };
  const long = async () => ({ ...user(await image('red'), text(PHRASE)), max_tokens: 1900, temperature: 2, top_p: 1 });

  it('answers the same question with the same seed in the same way, and with another in another', async () => {
    const idsOf = async (colour: string, more: object = {}) =>
      (await post(server, { ...user(await image(colour), text(PHRASE)), ...more })).body.choices[0].token_ids;
    const sampled = { temperature: 1, seed: 7 };
    expect(await idsOf('red', sampled)).toEqual(await idsOf('red', sampled));
    expect(await idsOf('red', sampled)).not.toEqual(await idsOf('red', { ...sampled, seed: 8 }));
  });

  it('tells its health while it thinks, takes no more than may wait, and stops when the client hangs up', async () => {
    const hangUp = new AbortController();
    const ask = async () =>
      fetch(`${server.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'm', stream: true, ...(await long()) }),
        signal: hangUp.signal,
      }).catch(() => undefined);
    const first = ask();
    await until(({ busy }) => busy);
    const second = ask();
    await until(({ waiting }) => waiting === 1);
    const third = await post(server, await long());
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '2']);
    expect(third.body.error.message).toContain('1 questions wait already');
    hangUp.abort();
    await Promise.all([first, second]);
    await until(({ busy, waiting }) => !busy && waiting === 0);
    expect((await post(server, user(await image('red'), text(PHRASE)))).status).toBe(200);
  });

  it('tells in the stream what it tells as a whole', async () => {
    const asked = { ...user(await image('blue'), text('<grounding>An image of')), temperature: 1, seed: 3 };
    const whole = (await post(server, asked)).body.choices[0];
    const response = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', max_tokens: 16, stream: true, ...asked }),
    });
    const events = (await response.text()).split('\n\n').filter((line) => line.startsWith('data: {'));
    const choices = events.map((line) => JSON.parse(line.slice(6)).choices[0]);
    expect(choices.map(({ delta }) => delta.content ?? '').join('')).toBe(whole.message.content);
    expect(choices.flatMap(({ token_ids }) => token_ids)).toEqual(whole.token_ids);
  });
});

describe('models with programs of their own', () => {
  const log = at('log.json');
  const heard = () => JSON.parse(readFileSync(log, 'utf8'));
  beforeAll(() => {
    make(resolve(import.meta.dirname, 'model-server/doubles.py'), folder, TABLE_FILE);
  }, START_MS);

  it('Magma is asked by its own template, and answers with action tokens as ids and as text', async () => {
    const args = [at('magma'), '--served-name', 'm', '--trust-remote-code'];
    await using server = await modelServer(python, args, { DOUBLE_LOG: log });
    const system = { role: 'system', content: 'You are agent that can see, talk and act.' };
    const content = [await image('red'), text('What action should the robot take to pick coke can?')];
    const { body } = await post(server, { messages: [system, { role: 'user', content }] });
    // As the original puts it together: fixture prompts.json, robot_action.
    expect(heard()).toEqual({
      text: '<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nYou are agent that can see, talk and act.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n<image_start><image><image_end>\nWhat action should the robot take to pick coke can?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
      sizes: [[64, 48]],
      modes: ['RGB'],
    });
    const ids = [127744, 127821, 127900, 127771, 127999, 127850, 127745];
    expect(body.choices[0]).toMatchObject({ token_ids: ids, finish_reason: 'stop' });
    const bytes = ids.map((id) => Buffer.from(TABLE.tokens.find((token) => token.id === id)!.hex, 'hex'));
    expect(body.choices[0].message.content).toBe(String(Buffer.concat(bytes)));
    const own = await post(server, {
      messages: [{ role: 'user', content: [await image('red'), text('<image>\nHi')] }],
    });
    expect([own.status, heard().text.split('<image>').length]).toEqual([200, 2]);
    const wrong = await post(server, { messages: [{ role: 'user', content: [text('<image>\nHi')] }] });
    expect([wrong.status, wrong.body.error.message]).toEqual([400, expect.stringContaining('with a picture')]);
  });

  it('CogVLM2-Video sees one frame a second of a video, or the frames that it is sent, and answers in text', async () => {
    const args = [at('cogvlm2'), '--served-name', 'm', '--trust-remote-code'];
    await using server = await modelServer(python, args, { DOUBLE_LOG: log });
    const frames = [await image('#000'), await image('#fff')];
    const { body } = await post(server, user(...frames, text('When is it light?')));
    expect(body.choices[0].message.content).toBe('3-7é.');
    expect(heard()).toEqual({ query: 'When is it light?', history: [], shape: [3, 2, 48, 64], greys: [0, 255] });
    make(
      '-c',
      [
        'import av, numpy, sys',
        'with av.open(sys.argv[1], "w") as file:',
        '  stream = file.add_stream("mpeg4", rate=4); stream.width = 64; stream.height = 48; stream.pix_fmt = "yuv420p"',
        '  for grey in range(0, 130, 10):',
        '    file.mux(stream.encode(av.VideoFrame.from_ndarray(numpy.full((48, 64, 3), grey, "uint8"))))',
        '  file.mux(stream.encode(None))',
      ].join('\n'),
      at('clip.mp4'),
    );
    const url = dataUrl(readFileSync(at('clip.mp4')), 'video/mp4');
    expect((await post(server, user({ type: 'video_url', video_url: { url } }, text('What?')))).status).toBe(200);
    // Thirteen frames, four a second: seconds 0 to 3.
    expect(heard()).toMatchObject({ query: 'What?', shape: [3, 4, 48, 64] });
    for (const [second, grey] of heard().greys.entries()) expect(Math.abs(grey - 40 * second)).toBeLessThan(8);
    const both = await post(server, user({ type: 'video_url', video_url: { url } }, await image('red'), text('?')));
    expect([both.status, both.body.error.type]).toEqual([400, 'invalid_request_error']);
  });

  it('are not run unless that was said', async () => {
    const { heard: said, ended } = startServe(python, [at('magma'), '--port', '0']);
    expect(await ended).toBe(1);
    expect(said.text).toContain('--trust-remote-code');
  });
});

describe('who may ask', () => {
  const KEY = 'a-key-of-more-than-sixteen-letters';
  it.each([
    ['an address that others reach', ['--host', '0.0.0.0'], '--allow-remote'],
    ['the flag without a key', ['--host', '0.0.0.0', '--allow-remote'], 'needs a key'],
  ])('refuses %s', async (_, args, why) => {
    const { heard, ended } = startServe(python, ['none', ...args], { PUMICE_SERVER_KEY: '' });
    expect(await ended).toBe(1);
    expect(heard.text).toContain(why);
  });

  it('a server with a key answers to that key alone, and tells its health to anyone', async () => {
    const args = [at('kosmos2'), '--served-name', 'm', '--host', '0.0.0.0', '--allow-remote'];
    await using server = await modelServer(python, args, { PUMICE_SERVER_KEY: KEY });
    const asked = user(await image('red'), text(PHRASE));
    expect((await post(server, asked)).status).toBe(401);
    expect((await post(server, asked, { authorization: 'Bearer no' })).status).toBe(401);
    expect((await post(server, asked, { authorization: `Bearer ${KEY}` })).status).toBe(200);
    expect((await fetch(`${server.url}/models`)).status).toBe(401);
  });
});

it('frames of a video are chosen as the original chooses them', () => {
  const fixture = resolve(import.meta.dirname, '../golden/reasoners/cogvlm2_frames.json');
  const program = [
    'import json, sys, numpy',
    `sys.path.insert(0, ${JSON.stringify(PROGRAMS)})`,
    'from media import second_by_second',
    'cases = [case for case in json.load(open(sys.argv[1]))["cases"] if case["strategy"] == "chat"]',
    'def stamps(case):',
    '  return case.get("timestamps") or [float(numpy.float32(i / case["avg_fps"])) for i in range(case["total_frames"])]',
    'chosen = [second_by_second((time, i) for i, time in enumerate(stamps(case))) for case in cases]',
    'bad = [case for case, frames in zip(cases, chosen) if frames != case["expected"]["indices"]]',
    'print(len(cases), len(bad), bad[:1])',
  ].join('\n');
  expect(String(make('-c', program, fixture))).toMatch(/^[1-9]\d* 0 \[\]/);
});
