/** `pumice ask` through its whole way: files in, a server that speaks for the model, what is printed and drawn. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recorder } from 'pumice/record';
import { decodeImage, encodePng } from 'pumice/vision';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type AskFlags, ask } from '../../src/cli/ask.ts';
import { fakeModelServer, type Reply, says } from '../models/fake-model-server.ts';
import { sampleEnd, sampleFacts, sampleSteps } from '../record/sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'pumice-ask-'));
const image = join(folder, 'desk.png');
const video = join(folder, 'episode.mcap');
beforeAll(async () => {
  writeFileSync(image, await encodePng({ data: new Uint8Array(200 * 100 * 3).fill(255), widthPx: 200, heightPx: 100 }));
  const sink = recorder({ file: video });
  await sink.open(sampleFacts);
  for (const step of await sampleSteps()) await sink.write(step);
  await sink.close(sampleEnd);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

async function asked(
  model: string,
  question: string | undefined,
  flags: Partial<AskFlags>,
  ...replies: readonly Reply[]
) {
  await using server = await fakeModelServer(...replies);
  const out: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const code = await ask(model, question, { modelUrl: server.url, votes: '3', ...flags });
  vi.restoreAllMocks();
  return { code, text: out.join(''), asked: server.asked };
}

test('boxes of an answer are listed in pixels of the picture, and drawn', async () => {
  const out = join(folder, 'out.png');
  const answer = '```json\n[{"bbox_2d": [100, 200, 500, 800], "label": "cup"}]\n```';
  const { code, text } = await asked('nvidia/Cosmos-Reason2-8B', 'Where is the cup?', { image, out }, says(answer));
  expect(code).toBe(0);
  expect(text).toContain('1. box [20, 20, 100, 80] cup');
  const { data, widthPx } = await decodeImage(readFileSync(out));
  expect(widthPx).toBe(200);
  expect([...data.subarray((20 * 200 + 60) * 3, (20 * 200 + 60) * 3 + 3)]).not.toEqual([255, 255, 255]);
});

test('another answer is another box; an answer in words draws nothing', async () => {
  const moved = says('{"bbox_2d": [0, 0, 100, 100]}');
  const out = join(folder, 'other.png');
  expect((await asked('cosmos-reason2', 'Where?', { image, out }, moved)).text).toContain('box [0, 0, 20, 10]');
  const words = await asked('cosmos-reason2', 'Where?', { image }, says('There is none.'));
  expect(words).toMatchObject({ code: 0, text: 'There is none.\n' });
});

test('KOSMOS-2 is asked in its form, and its boxes are read', async () => {
  const answer = 'It is<phrase> a cup</phrase><object><patch_index_0044><patch_index_0863></object>';
  const { text, asked: questions } = await asked(
    'microsoft/kosmos-2',
    'What is it?',
    { image, out: join(folder, 'k.png') },
    says(answer),
  );
  expect(text).toContain('box [78, 5, 197, 83] a cup');
  expect(JSON.stringify(questions[0]!.body.messages)).toContain('<grounding> Question: What is it? Answer:');
});

test('a judge asks each question by votes: the majority is the verdict, and none is unknown', async () => {
  const votes = ['yes', 'yes', 'no', 'yes', 'maybe', 'no', 'no', 'no', 'No.'];
  const replies = votes.map((vote) => says(`<think>\nyes no\n</think>\n\n${vote}`));
  const { code, text, asked: questions } = await asked('cosmos-reason2', undefined, { video, judge: true }, ...replies);
  expect(
    text
      .split('\n')
      .map((line) => line.split(/\s{2,}/)[0] + line.slice(10, 20).trim())
      .slice(0, 3),
  ).toEqual(['successyes', 'plausibleunknown', 'anomalyno']);
  expect(code).toBe(1);
  const seeds = questions.map(({ body }) => body.seed);
  expect(new Set(seeds.slice(0, 3)).size).toBe(3);
  expect(JSON.stringify(questions[0]!.body.messages)).toContain('video_url');
});

test('all good is 0, and one thing wrong is 1', async () => {
  const judged = (...replies: string[]) =>
    asked(
      'cosmos-reason2',
      'stack',
      { image, judge: true, votes: '1', think: false },
      ...replies.map((reply) => says(reply)),
    );
  expect((await judged('yes', 'yes', 'no')).code).toBe(0);
  expect((await judged('no', 'yes', 'no')).code).toBe(1);
  expect((await judged('yes', 'yes', 'yes')).code).toBe(1);
});

test('a narrator tells events with dates, and writes them as captions', async () => {
  const jsonl = join(folder, 'captions.jsonl');
  const events = '[{"start": "00:00.50", "end": "00:01.00", "caption": "the hand opens"}]';
  const { code, text } = await asked('cosmos-reason2', undefined, { video, narrate: true, jsonl }, says(events));
  expect(code).toBe(0);
  expect(text).toMatch(/\d{4}-\d\d-\d\d [\d:.]+ to \d{4}-\d\d-\d\d [\d:.]+ {2}the hand opens/);
  expect(JSON.parse(readFileSync(jsonl, 'utf8'))).toMatchObject({
    source: video,
    startS: 0.5,
    endS: 1,
    caption: 'the hand opens',
  });
});

test('CogVLM2-Video tells when something happens, in prose; another answer is another time', async () => {
  const when = async (answer: string) =>
    (await asked('cogvlm2-video', 'the hand opens', { video, narrate: true, json: true }, says(answer))).text;
  expect(JSON.parse(await when('It happens from 3 to 7 seconds.')).events).toMatchObject([{ startS: 3, endS: 7 }]);
  expect(JSON.parse(await when('From 1 to 2 seconds.')).events).toMatchObject([{ startS: 1, endS: 2 }]);
});

test.each([
  ['no file', {}, /expected one of --image and --video/],
  ['a file that is not there', { image: join(folder, 'none.png') }, /cannot be read/],
  ['both presets', { image, judge: true, narrate: true }, /one of --judge and --narrate/],
  ['votes that are no number', { image, votes: 'many' }, /--votes/],
])('%s is refused before anything is asked', async (_, flags, message) => {
  await expect(ask('cosmos-reason2', 'q', { modelUrl: 'http://127.0.0.1:9/v1', votes: '3', ...flags })).rejects.toThrow(
    message,
  );
});
