/**
 * The self-test against a server on loopback whose "model" really looks: it decodes the picture that it is sent, finds the blue in it
 * and answers in the form of a family. What is wrong with a model is put in on purpose.
 */
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { textOfActionTokens } from '../../src/codecs/action-token-text.ts';
import { openaiChat } from '../../src/models/openai-chat.ts';
import { profileOf } from '../../src/models/profiles.ts';
import { askChat, fitOnce, selfTest, type TestAsk } from '../../src/models/self-test.ts';
import { noiseIn } from '../../src/models/self-test-reading.ts';
import { decodeImage } from '../../src/vision/decode.ts';
import { type Asked, deadUrl, fakeModelServer, type Reply, says } from './fake-model-server.ts';

interface Seen {
  /** Middle of the blue, fractions of the picture. */
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

async function lookAt({ body }: Asked): Promise<Seen> {
  const parts = body.messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const { image_url } = parts.find(({ type }) => type === 'image_url');
  const { data, widthPx, heightPx } = await decodeImage(Buffer.from(image_url.url.split(',')[1], 'base64'));
  let [x, y, found] = [0, 0, 0];
  for (let at = 0; at < widthPx * heightPx; at++)
    if (data[3 * at]! < 90 && data[3 * at + 2]! > 180) {
      x += at % widthPx;
      y += Math.floor(at / widthPx);
      found += 1;
    }
  return { x: x / found / widthPx, y: y / found / heightPx, widthPx, heightPx };
}

/** A model that sees, and writes as `write` does. */
const seeing =
  (write: (seen: Seen) => string): Reply =>
  async (response: ServerResponse, asked: Asked) =>
    says(write(await lookAt(asked)))(response, asked);

const px = ({ x, y, widthPx, heightPx }: Seen) => [Math.round(x * widthPx), Math.round(y * heightPx)] as const;
const thousandths = ({ x, y }: Seen) => [Math.round(x * 1000), Math.round(y * 1000)] as const;
const boxOf = ([x, y]: readonly [number, number], half = 20) => [x - half, y - half, x + half, y + half];
const json = (key: string, numbers: readonly number[]) => JSON.stringify([{ [key]: numbers, label: 'disc' }]);
const patches = ({ x, y }: Seen) => {
  const index = (shift: number) => (Math.floor(y * 32) + shift) * 32 + Math.floor(x * 32) + shift;
  const token = (n: number) => `<patch_index_${String(n).padStart(4, '0')}>`;
  return `<grounding><phrase> a blue disc</phrase><object>${token(index(-1))}${token(index(1))}</object>`;
};

/** How each family would answer, if it saw. */
const ANSWERS: Readonly<Record<string, (seen: Seen) => string>> = {
  magma: ({ x, y }) => `Coordinate: (${x.toFixed(2)}, ${y.toFixed(2)}) Mark: 3`,
  'cosmos-reason1': (seen) => `<think>(1, 2)?</think>\n\n<answer>${json('bbox_2d', boxOf(px(seen)))}</answer>`,
  'cosmos-reason2': (seen) => `\`\`\`json\n${json('bbox_2d', boxOf(thousandths(seen)))}\n\`\`\``,
  cosmos3: (seen) => json('box_2d', boxOf(thousandths(seen))),
  kosmos2: patches,
  qvq: (seen) => {
    const [x1, y1, x2, y2] = boxOf(thousandths(seen));
    const thought = 'Let me see. The picture is (1000, 1000) at most. '.repeat(10);
    return `${thought}So it is <|box_start|>(${x1},${y1}),(${x2},${y2})<|box_end|>`;
  },
  'qwen2.5-vl': (seen) => json('bbox_2d', boxOf(px(seen))),
  'qwen3-vl': (seen) => json('point_2d', thousandths(seen)),
  'ui-tars': (seen) => `Thought: I click it.\nAction: click(start_box='(${px(seen).join(',')})')`,
  generic: ({ x }) => (x > 0.5 ? 'Blue.' : 'It is yellow'),
};

const askOf = (family: string, url: string): TestAsk =>
  askChat(openaiChat({ modelUrl: url, model: 'm' }, {}), profileOf(family));

async function run(family: string, reply: Reply, role?: 'arm') {
  await using server = await fakeModelServer(reply);
  const signal = new AbortController().signal;
  return await selfTest({ profile: profileOf(family), ask: askOf(family, server.url), signal, ...(role && { role }) });
}

describe.each(Object.keys(ANSWERS))('a model that sees, of family %s', (family) => {
  test('passes', async () => {
    const result = await run(family, seeing(ANSWERS[family]!));
    expect([result.fault, result.says]).toEqual([
      undefined,
      expect.stringMatching(/found the blue disc|told the colours/),
    ]);
    expect(result.answers).toHaveLength(2);
  });
});

test.each([
  ['qwen2.5-vl', 'qwen3-vl', /writes places in 0\.\.1000, x first; profile 'qwen2\.5-vl' has pixels as sent/],
  ['qwen3-vl', 'qwen2.5-vl', /writes places in pixels as sent, x first; profile 'qwen3-vl' has 0\.\.1000/],
  ['cosmos-reason2', 'magma', /writes places in 0\.\.1, x first/],
  ['magma', 'ui-tars', /writes places in pixels as sent/],
  ['qwen3-vl', 'kosmos2', /expected a place, as family 'qwen3-vl' answers/],
  ['kosmos2', 'generic', /expected a place, as family 'kosmos2' answers/],
])('with profile %s a model of family %s is told from one that does not see', async (profile, model, message) => {
  expect(await run(profile, seeing(ANSWERS[model]!))).toMatchObject({
    fault: 'profile',
    says: expect.stringMatching(message),
  });
});

test('a family that takes video only is shown the pictures as clips', async () => {
  const clips: string[] = [];
  const watching: Reply = (response, asked) => {
    clips.push(JSON.stringify(asked.body.messages));
    says(clips.length === 1 ? 'It is blue.' : 'It is yellow.')(response, asked);
  };
  expect(await run('cogvlm2-video', watching)).toMatchObject({ says: expect.stringContaining('told the colours') });
  expect(clips.every((clip) => clip.includes('data:video/mp4;base64,'))).toBe(true);
  expect(clips[0]).not.toBe(clips[1]);
});

test('axes the other way round are a wrong profile, not a blind model', async () => {
  const swapped = seeing((seen) => json('point', [...thousandths(seen)].reverse()));
  expect(await run('qwen3-vl', swapped)).toMatchObject({
    fault: 'profile',
    says: expect.stringContaining('0..1000, y first'),
  });
});

const tokens = (seed: number) =>
  textOfActionTokens([0, 1, 2, 3, 4, 5, 6].map((at) => 127_900 + ((seed + at * 7) % 90)));

test('action tokens are known for what they are, and not taken for noise', async () => {
  const arm = seeing(({ x }) => tokens(Math.round(x * 50)));
  expect(await run('qwen3-vl', arm)).toMatchObject({
    fault: 'profile',
    hint: expect.stringContaining('this is Magma'),
  });
  expect((await run('magma', arm, 'arm')).fault).toBeUndefined();
});

test('an arm that answers words, or the same tokens whatever it sees, does not pass', async () => {
  expect(
    await run(
      'magma',
      seeing(({ x }) => `Move the arm to ${x}`),
      'arm',
    ),
  ).toMatchObject({
    fault: 'profile',
    says: expect.stringContaining('expected seven action tokens'),
  });
  expect(await run('magma', says(tokens(3)), 'arm')).toMatchObject({ fault: 'constant' });
});

test.each([
  ['the same word again and again', 'the the the the the the the the the the the the'],
  ['one character', '!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!'],
  ['broken characters', 'a\uFFFD\uFFFD\uFFFDb\uFFFD\uFFFDc\uFFFD\uFFFDd e f'],
  ['words of many scripts', ' spécialистоворот 信息 سلام ฉันไม่ שלום abc'],
])('%s is garbled', async (_, text) => {
  expect(await run('qwen3-vl', says(text))).toMatchObject({ fault: 'garbled' });
  expect(await run('generic', says(text))).toMatchObject({ fault: 'garbled' });
});

test.each([
  ['prose', 'The blue disc is at the top right of the picture, next to nothing in particular.'],
  ['a list', '[{"bbox_2d":[10,20,30,40],"label":"disc"},{"bbox_2d":[10,20,30,40],"label":"disc"}]'],
  ['two languages', 'Das ist eine blaue Scheibe, 蓝色的圆盘。'],
  ['a short word', 'nonono'],
])('%s is not garbled', (_, text) => {
  expect(noiseIn(text)).toBeUndefined();
});

test('the same answer to two different pictures is found, in form or not', async () => {
  expect(await run('qwen3-vl', says('[{"bbox_2d":[1,2,3,4]}]'))).toMatchObject({ fault: 'constant' });
  expect(await run('qwen3-vl', says('I cannot see any picture.'))).toMatchObject({ fault: 'constant' });
  expect(await run('generic', says('Blue.'))).toMatchObject({ fault: 'constant' });
});

test('places in form but nowhere near the disc are a warning', async () => {
  let nth = 0;
  const blind: Reply = (response, asked) => says(`{"bbox_2d":[${nth},2,${++nth},4]}`)(response, asked);
  expect(await run('qwen3-vl', blind)).toMatchObject({
    fault: 'unseeing',
    says: expect.stringContaining('0 of 2 pictures'),
  });
});

test('a server that is dead, or none of models, is told as such', async () => {
  const signal = new AbortController().signal;
  const dead = await selfTest({ profile: profileOf('qwen3-vl'), ask: askOf('qwen3-vl', deadUrl), signal });
  expect(dead).toMatchObject({ fault: 'server', says: expect.stringContaining('Nothing listens there') });
  const html: Reply = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hello</html>');
  expect(await run('qwen3-vl', html)).toMatchObject({ fault: 'server', says: expect.stringContaining('<html>') });
});

test('thoughts without an answer point at how the family thinks', async () => {
  expect(await run('qwen3-vl', says('', { reasoning: 'hm' }))).toMatchObject({
    fault: 'profile',
    hint: expect.stringContaining('thinks as profile'),
  });
});

test('an abort ends it with the reason of the abort', async () => {
  const abort = new AbortController();
  abort.abort(new Error('enough'));
  const asked = selfTest({
    profile: profileOf('qwen3-vl'),
    ask: () => Promise.reject(new Error('x')),
    signal: abort.signal,
  });
  await expect(asked).rejects.toThrow('enough');
});

test('as a condition of a start it asks once when all is well, again after a failure, and only warns of a blind model', async () => {
  const { signal } = new AbortController();
  const replies = ['garbage', 'garbage', '[{"bbox_2d":[1,2,3,4]}]', '[{"bbox_2d":[2,2,3,4]}]'];
  let asked = 0;
  const warned: string[] = [];
  const ask: TestAsk = async () => replies[asked++]!;
  const start = fitOnce({ profile: profileOf('qwen3-vl'), ask }, (text) => warned.push(text));
  await expect(start(signal)).rejects.toMatchObject({
    code: 'model/unfit',
    message: expect.stringContaining('constant'),
  });
  await start(signal);
  await start(signal);
  expect([asked, warned.length]).toEqual([4, 1]);
});

test('of an arm, the same tokens twice are a doubt, since discs are a strange sight to it; words are none', async () => {
  const { signal } = new AbortController();
  const warned: string[] = [];
  const start = (text: string) =>
    fitOnce({ profile: profileOf('magma'), ask: async () => text, role: 'arm' }, (why) => warned.push(why))(signal);
  await start(tokens(3));
  expect(warned).toEqual([expect.stringContaining('answers the same to two different pictures')]);
  await expect(start('I move')).rejects.toMatchObject({ code: 'model/unfit' });
});
