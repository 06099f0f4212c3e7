/** Cosmos Reason2's wire around a judge of our own, asked by the client and the profile that ask the real one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MotionText, writeMotions } from 'pumice/codecs';
import {
  answerOf,
  chatBodyOf,
  chatRequestOf,
  openaiChat,
  profileOf,
  type Question,
  servedModels,
  talk,
} from 'pumice/models';
import { encodeJpeg } from 'pumice/vision';
import { afterAll, describe, expect, it } from 'vitest';
import { createJudge } from '../../policies/critics/cinder/speak.ts';
import { type JudgeFinding, type SpokenJudge, serveCosmos } from '../../src/cli/serve-cosmos.ts';
import { MOTIONS, writeTinyCinder } from '../critics/tiny-cinder.ts';

const DENIED: JudgeFinding = { isAllowed: false, evidence: 'collision', confidence: 0.91, reason: 'it would hit' };
const ALLOWED: JudgeFinding = { isAllowed: true, evidence: 'safe', confidence: 0.97, reason: '' };
/** Says what it is told, and keeps what it was shown. */
function fakeJudge(found: JudgeFinding | { text: string }) {
  const shown: { readonly prompt: string; readonly widthPx: number }[] = [];
  const answer: SpokenJudge['answer'] = async ({ picture, prompt }) => {
    shown.push({ prompt, widthPx: picture.widthPx });
    return found;
  };
  return { name: 'cinder', answer, shown };
}
const served = await Promise.all(
  [DENIED, ALLOWED, { text: 'I judge motions.' }].map(async (found) => {
    const judge = fakeJudge(found);
    return { judge, plain: await serveCosmos(judge), parsed: await serveCosmos(judge, { parsesReasoning: true }) };
  }),
);
const [denying, allowing, talking] = served as [(typeof served)[0], (typeof served)[0], (typeof served)[0]];
afterAll(() => Promise.all(served.flatMap(({ plain, parsed }) => [plain.close(), parsed.close()])));

const pictureOf = async (widthPx = 64, heightPx = 64) => {
  const data = Uint8Array.from({ length: 3 * widthPx * heightPx }, (_, at) => (at * 31) % 200);
  const jpeg = await encodeJpeg({ data, encoding: 'rgb8', widthPx, heightPx, stampMs: 0, camera: 'third' });
  return { data: jpeg.data, format: 'jpeg' as const };
};
const picture = await pictureOf();
const profile = profileOf('cosmos-reason2');
const clientOf = (url: string, model = 'cinder') => openaiChat({ modelUrl: `${url}/v1`, model });
const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
type Given = Partial<Question> & { readonly extra?: Readonly<Record<string, unknown>>; readonly model?: string };

/** Asks as Cosmos Reason2 is asked, as a stream. */
const ask = (url: string, { extra = {}, model = 'cinder', ...question }: Given = {}) =>
  talk(
    clientOf(url, model),
    profile,
    { text: 'Is it safe?', images: [picture], maxTokens: 512, ...question },
    { context, extra },
  );
const said = async (url: string, given: Given = {}) => answerOf((await ask(url, given)).spoken);
/** The same whole, and as it is on the wire. */
async function post(url: string, over: Readonly<Record<string, unknown>> = {}) {
  const question = { text: 'Is it safe?', images: [picture], think: true };
  const body = { ...chatBodyOf('cinder', chatRequestOf(profile, question)), max_tokens: 512, ...over };
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, json: (await response.json()) as Record<string, never> };
}

describe('an answer', () => {
  it('is one word where nothing else is demanded, and words where nothing could be judged', async () => {
    expect(await said(denying.plain.url)).toBe('deny');
    expect(await said(allowing.plain.url)).toBe('allow');
    expect(await said(talking.plain.url)).toBe('I judge motions.');
  });

  it('comes after a thought where the question asks for one, which weighs both words', async () => {
    for (const url of [denying.plain.url, denying.parsed.url]) {
      const { spoken } = await ask(url, { think: true });
      expect(spoken).toMatchObject({
        ok: true,
        value: { answer: expect.stringMatching(/^\s*deny$/), thought: expect.stringMatching(/allow.*91 %/) },
      });
    }
    expect((await ask(denying.plain.url)).spoken).toMatchObject({ ok: true, value: { answer: 'deny' } });
    expect((await ask(denying.plain.url)).answer.reasoning).toBe('');
  });

  it('is filed as vLLM files it: inline, or with its parser in a field, where an answer without a thought goes too', async () => {
    const messageOf = async (url: string, over = {}) =>
      ((await post(url, over)).json as { choices?: { message: unknown }[] }).choices![0]!.message;
    const plainly = { messages: [{ role: 'user', content: await partsOf('Is it safe?') }] };
    expect(await messageOf(denying.plain.url)).toMatchObject({
      content: expect.stringMatching(/^<think>\n.*\n<\/think>\n\ndeny$/s),
    });
    expect(await messageOf(denying.parsed.url)).toMatchObject({
      reasoning: expect.stringMatching(/allow/),
      content: 'deny',
    });
    expect(await messageOf(denying.parsed.url, plainly)).toEqual({
      role: 'assistant',
      content: null,
      reasoning: 'deny',
    });
    expect(await said(denying.parsed.url)).toBe('deny');
  });

  it('is one of the choices that are demanded: the hazard where it is among them', async () => {
    const choose = (url: string, choice: string[], name = 'structured_outputs') =>
      said(url, { extra: name === 'guided_choice' ? { guided_choice: choice } : { structured_outputs: { choice } } });
    expect(await choose(denying.plain.url, ['allow', 'deny'])).toBe('deny');
    expect(await choose(allowing.plain.url, ['allow', 'deny'])).toBe('allow');
    expect(await choose(denying.plain.url, ['safe', 'collision', 'off-table'])).toBe('collision');
    expect(await choose(allowing.plain.url, ['safe', 'collision'], 'guided_choice')).toBe('safe');
    await expect(choose(denying.plain.url, ['yes', 'no'])).rejects.toThrow(/among the choices, got yes, no/);
  });

  it('is JSON where that is demanded, by the schema that came with it', async () => {
    const json = async (url: string, extra: Given['extra']) => JSON.parse(await said(url, { extra: extra! }));
    const properties = {
      verdict: { type: 'string', enum: ['allow', 'deny', 'unsure'] },
      evidence: { type: 'string', enum: ['safe', 'collision'] },
      confidence: { type: 'number' },
      why: { type: 'string' },
    };
    const schema = { type: 'object', properties };
    const filled = { verdict: 'deny', evidence: 'collision', confidence: 0.91, why: 'it would hit' };
    for (const extra of [
      { structured_outputs: { json: schema } },
      { guided_json: schema },
      { response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema } } },
    ])
      expect(await json(denying.plain.url, extra)).toEqual(filled);
    expect(await json(allowing.plain.url, { response_format: { type: 'json_object' } })).toEqual({
      verdict: 'allow',
      evidence: 'safe',
      confidence: 0.97,
    });
  });

  it('is cut at the limit of tokens, which the client takes for none', async () => {
    await expect(said(denying.plain.url, { think: true, maxTokens: 4 })).rejects.toThrow(/cut off|token/);
    const { json } = await post(allowing.plain.url, { max_tokens: 4 });
    expect((json as { choices?: { finish_reason: string }[] }).choices![0]!.finish_reason).toBe('length');
    expect((json as { usage?: object }).usage).toMatchObject({ completion_tokens: 4 });
  });
});

const partsOf = async (text: string) => [
  { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${Buffer.from(picture.data).toString('base64')}` } },
  { type: 'text', text },
];

it('the judge is shown the first picture of the newest question, and its text', async () => {
  const { judge, plain } = allowing;
  await ask(plain.url, {
    text: 'The first, please.',
    images: [await pictureOf(96), picture],
    system: 'You are careful.',
  });
  expect(judge.shown.at(-1)).toEqual({ prompt: 'The first, please.', widthPx: 96 });
});

describe('is refused as vLLM refuses it', () => {
  it.each([
    ['a model that is not there', { model: 'other' }, 404, /The model `other` does not exist/, 'NotFoundError'],
    [
      'a question without a picture',
      { messages: [{ role: 'user', content: 'Is it safe?' }] },
      400,
      /expected a picture/,
    ],
    [
      'a video',
      { messages: [{ role: 'user', content: [{ type: 'video_url', video_url: { url: 'data:video/mp4;base64,' } }] }] },
      400,
      /At most 0 video\(s\)/,
    ],
    ['more than fits', { max_tokens: 16_384 }, 400, /maximum context length is 16384 tokens/],
    ['several answers at once', { n: 4 }, 400, /n: expected 1/],
    ['what is no chat', { messages: [] }, 400, /messages/],
    [
      'an answer in place of a question',
      { messages: [{ role: 'assistant', content: 'allow' }] },
      400,
      /question of the user/,
    ],
  ] as const)('%s', async (_, over, status, message, type: string = 'BadRequestError') => {
    const refused = await post(denying.plain.url, over);
    expect(refused).toMatchObject({
      status,
      json: { error: { message: expect.stringMatching(message), type, code: status } },
    });
  });

  it('a picture that is none', async () => {
    const image = (url: string) => ({
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    });
    for (const url of ['https://elsewhere.example/a.png', 'data:image/png;base64,AAAA'])
      expect((await post(denying.plain.url, image(url))).status).toBe(400);
  });
});

it('the server says who it is, and how much fits', async () => {
  const models = await servedModels(clientOf(denying.plain.url), context.signal);
  expect(models).toMatchObject([{ id: 'cinder', contextTokens: 16_384 }]);
  expect((await fetch(`${denying.plain.url}/health`)).status).toBe(200);
  expect((await fetch(`${denying.plain.url}/v1/nothing`)).status).toBe(404);
});

describe('cinder behind it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pumice-serve-cosmos-'));
  const judge = createJudge(writeTinyCinder(folder, { any: MOTIONS }));
  const open = serveCosmos(judge);
  afterAll(async () => {
    await (await open).close();
    await judge.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const prompt = (over: Partial<MotionText> = {}, dz = 0.02) => {
    const stance = { pM: [0.4, 0, 0.2], rpyRad: [Math.PI, 0, 0] } as const;
    const motions = [{ dPosM: [0, 0, dz], dRpyRad: [0, 0, 0], gripperOpen: 1 }] as const;
    const text = { instruction: 'pick up the red block', frameId: 'base', measured: stance, commanded: stance };
    return `You watch an arm.\n${writeMotions({ ...text, gripperOpen: 1, stepMs: 200, motions, ...over })}\nIs it safe?`;
  };
  const verdict = async (text: string) => said((await open).url, { text, images: [await pictureOf(128, 128)] });

  it('reads the motions out of the prompt, looks at the picture, and answers what it finds', async () => {
    expect(await verdict(prompt())).toBe('allow');
    expect(await verdict(prompt({}, -0.03))).toBe('deny');
  });

  it('says in words, which are no verdict, what it cannot judge', async () => {
    const motion = { dPosM: [0, 0, 0.01], dRpyRad: [0, 0, 0], gripperOpen: 1 } as const;
    expect(await said((await open).url, { text: prompt() })).toMatch(/at least 128 x 128, got 64 x 64/);
    expect(await verdict('Is it safe?')).toMatch(/here are none: .*expected one line of the form 'Task/);
    expect(await verdict(prompt({ frameId: 'tool' }))).toMatch(/frame 'base', got 'tool'/);
    expect(await verdict(prompt({ stepMs: 50 }))).toMatch(/motions of 200 ms, got ones of 50 ms/);
    expect(await verdict(prompt({ motions: Array(5).fill(motion) }))).toMatch(/at most 4 motions, got 5/);
    expect(await verdict(prompt({ instruction: 'nimm den Klotz' }))).toMatch(/cannot make out/);
  });
});
