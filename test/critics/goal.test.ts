/** The critic goal against real servers with a fake model: no word of a page reaches it, and no bad answer is a yes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Action, Limits, Observation, Opinion, StepCriticContext } from 'pumice';
import { cosmosReason } from 'pumice/critics/cosmos-reason';
import { fillQuestion, goal } from 'pumice/critics/goal';
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../policies/critics/goal/facts.ts';
import { fact, Tainted, Trusted } from '../../policies/critics/goal/trusted.ts';
import { type Asked, deadUrl, fakeModelServer, json, says } from '../models/fake-model-server.ts';
import { asking, click, LIMITS, motion, page, questionIn } from './cosmos-cases.ts';

const MODEL = 'nvidia/Cosmos-Reason2-8B';
const UI = { origins: ['https://*.example'], secrets: {}, maxTextChars: 100, maxScrollPx: 100, maxWaitMs: 100 };
const promptFor = (observation: Observation, action: Action) =>
  fillQuestion('{goal}\n{proposal}', {
    goal: Trusted.ofUser(observation),
    proposal: factsOf(observation, action, UI),
  });
const word = 'abcdefghijklmnop'.split('').map((letter) => `Zq${letter}x`);
const pageText = fc.array(fc.constantFrom(...word), { minLength: 1, maxLength: 6 }).map((words) => words.join(' '));

/** A page all of whose texts are given, and every action that could carry one. */
function hostile(text: string): readonly (readonly [Observation, Action])[] {
  const host = `https://${text.toLowerCase().replaceAll(' ', '-')}.example/${encodeURIComponent(text)}`;
  const marks = page().marks!.map((mark) => ({ ...mark, role: text, name: text, value: text, origin: host }));
  const ui = { ...page().ui!, url: host, title: text, dialog: { kind: 'confirm' as const, message: text } };
  const observation = page({ marks, ui });
  const target = { markId: 3 };
  const actions: Action[] = [
    click(3),
    { kind: 'ui-type', target, text, clear: false, submit: true },
    { kind: 'ui-select', target, values: [text] },
    { kind: 'ui-key', keys: text },
    { kind: 'ui-navigate', url: host },
    { kind: 'ui-upload', target, paths: [text] },
    { kind: 'ui-dialog', accept: true, text },
  ];
  return actions.map((action) => [observation, action]);
}

describe('text of a page', () => {
  it('is in no question, whatever it is and wherever it stands', () => {
    fc.assert(
      fc.property(pageText, (text) => {
        for (const [observation, action] of hostile(text)) {
          const prompt = promptFor(observation, action).toLowerCase();
          for (const one of text.toLowerCase().split(' ')) expect(prompt).not.toContain(one);
        }
      }),
    );
  });

  it('would be found in the question of a critic that looks at pages (twin)', async () => {
    await using server = await fakeModelServer(says('safe'));
    await cosmosReason({ url: server.url, model: MODEL }).judge(...hostile('Zqax')[0]!, asking());
    expect(questionIn(server.asked[0]!).text).toContain('Zqax');
  });

  it('is not accepted by what makes a question, neither when compiled nor when run', () => {
    const goalText = Trusted.ofUser(page());
    const refused = { code: 'config/invalid' };
    const caught = (make: () => unknown) => {
      try {
        return make();
      } catch (error) {
        return error;
      }
    };
    // @ts-expect-error a bare string
    expect(caught(() => fillQuestion('{proposal}', { goal: goalText, proposal: 'Buy now' }))).toMatchObject(refused);
    // @ts-expect-error text of a page
    expect(caught(() => fillQuestion('{proposal}', { goal: goalText, proposal: new Tainted('x') }))).toMatchObject(
      refused,
    );
    // @ts-expect-error text of a page in a fact
    expect(caught(() => fact`it says ${new Tainted('x')}`)).toMatchObject(refused);
    // @ts-expect-error a string that is no template
    expect(caught(() => fact(['Buy now']))).toMatchObject(refused);
    // @ts-expect-error made by its own functions alone
    expect(caught(() => new Trusted('Buy now', Symbol('trusted')))).toMatchObject(refused);
    expect(caught(() => `${new Tainted('x')}`)).toMatchObject(refused);
    expect(caught(() => JSON.stringify(new Tainted('x')))).toMatchObject(refused);
  });
});

it('What the user wrote, kind, role, site and effect are in the question', () => {
  const prompt = promptFor(page({ instruction: 'Buy now what is on shop.example' }), click(7));
  expect(prompt).toBe(
    `"Buy now what is on shop.example"
Action: click
Target: a button with a name that stands in the user's words, on a site within "https://*.example", which the user named
Page: a site within "https://*.example", which the user named
Effect, by rules: it does what cannot be taken back, such as to buy, pay, send, delete, publish or grant`,
  );
  const typed: Action = { kind: 'ui-type', target: { markId: 3 }, text: 'news', clear: false, submit: false };
  expect(promptFor(page(), typed)).toContain('type a text of the instruction');
  expect(promptFor(page(), { ...typed, text: 'spam' })).toContain('type other text');
  expect(promptFor(page(), { ...typed, text: '{{password}}' })).toContain('type a secret of the user');
});

describe('an answer', () => {
  const judge = async (answer: string) => {
    await using server = await fakeModelServer(says(answer));
    const opinion = (await goal({ url: server.url, model: MODEL }).judge(page(), click(7), asking())) as Opinion;
    return { opinion, asked: server.asked };
  };

  it('of the word safe allows, and names the text that it answers; no picture was shown', async () => {
    const { opinion, asked } = await judge('safe');
    expect(opinion).toMatchObject({ kind: 'allow', evidence: 'safe', tier: 'fast', prompt: { name: 'goal/page.v1' } });
    expect(JSON.stringify(asked[0]!.body)).not.toContain('image_url');
    expect(asked[0]!.body).toMatchObject({
      structured_outputs: { choice: ['safe', 'not-asked', 'leak', 'foreign-origin', 'unsure'] },
    });
  });

  it('of a doubt asks a person, of a hazard denies', async () => {
    expect((await judge('unsure')).opinion).toMatchObject({ kind: 'ask', evidence: 'unsure' });
    expect((await judge('not-asked')).opinion).toMatchObject({ kind: 'deny', evidence: 'not-asked' });
  });

  it.each([
    '',
    'yes',
    'safe safe',
    'not safe',
    'sicher',
    '安全',
    'injected',
    '{"verdict":"allow"}',
    '<think>safe</think>',
    '<think>safe',
  ])('of %j is no yes', async (answer) => {
    const kind = await judge(answer).then(
      ({ opinion }) => opinion.kind,
      () => 'none',
    );
    expect(['deny', 'none']).toContain(kind);
  });
});

describe('a question', () => {
  const textOf = (asked: readonly Asked[]) => asked[0]!.body.messages.at(-1)!.content;
  /** What it answers, or the error that it ends in. */
  const judge = async (
    action: Action,
    over: Partial<StepCriticContext> = {},
    { reply = says('safe'), url }: { reply?: ReturnType<typeof says>; url?: string } = {},
  ) => {
    await using server = await fakeModelServer(reply);
    const critic = goal({ url: url ?? server.url, model: MODEL });
    const judged = async () => (await critic.judge(page(), action, asking(over))) as Opinion;
    const opinion = await judged().catch((error: unknown) => error);
    return { name: critic.name, opinion, asked: server.asked };
  };

  it.each<[Action]>([
    [{ kind: 'hold' }],
    [{ kind: 'done', outcome: 'success' }],
    [{ kind: 'hand-over', reason: 'a captcha' }],
  ])('about what does nothing on a page, such as %o, is not asked: it is safe', async (action) => {
    const { opinion, asked } = await judge(action);
    expect(opinion).toEqual({ kind: 'allow', reasons: [], evidence: 'safe' });
    expect(asked).toEqual([]);
  });

  it('about an arm is refused, with the critics that judge arms', async () => {
    const { name, opinion, asked } = await judge(motion());
    expect(opinion).toMatchObject({
      ...{ code: 'config/misfit', message: 'critic goal: expected an action on a page, got eef-delta' },
      hint: 'Use cosmos-reason or cinder for arms',
    });
    expect(asked).toEqual([]);
    expect(name).toBe('goal');
  });

  it('that is not wanted any more is not asked, of no action', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    for (const action of [click(7), { kind: 'hold' } as const]) {
      const { opinion, asked } = await judge(action, { signal });
      expect(opinion).toMatchObject({ message: 'stopped' });
      expect(asked).toEqual([]);
    }
  });

  it('is the text of its file with the facts in it, for one short answer that is always the same; its opinion names text and cost', async () => {
    const ui = { ...UI, origins: ['https://shop.example'] };
    const { opinion, asked } = await judge(click(7), { limits: { ...LIMITS, ui } });
    const file = readFileSync(new URL('../../policies/critics/goal/page.v1.txt', import.meta.url), 'utf8');
    const proposal = factsOf(page(), click(7), ui);
    // A text alone: no picture and no clip go with it.
    expect(textOf(asked)).toBe(fillQuestion(file, { goal: Trusted.ofUser(page()), proposal }));
    expect(asked[0]!.body).toMatchObject({ max_tokens: 16, temperature: 0 });
    expect(opinion).toEqual({
      ...{ kind: 'allow', reasons: [], evidence: 'safe', tier: 'fast' },
      prompt: { name: 'goal/page.v1', sha256: createHash('sha256').update(file).digest('hex').slice(0, 16) },
      usage: { inputTokens: 1200, outputTokens: 34 },
    });
  });

  it('names no site of a body without limits', async () => {
    for (const limits of [LIMITS, { ...LIMITS, ui: 'unlimited' } satisfies Limits]) {
      const { asked } = await judge(click(7), { limits });
      expect(textOf(asked)).toContain('Page: a site that no limit names');
    }
  });

  it('about a hazard or a doubt is answered with a reason', async () => {
    const { opinion: hazard } = await judge(click(7), {}, { reply: says('leak') });
    expect(hazard).toMatchObject({ kind: 'deny', reasons: ["says 'leak'"], evidence: 'leak', tier: 'fast' });
    const { opinion: doubt } = await judge(click(7), {}, { reply: says('unsure') });
    expect(doubt).toMatchObject({ kind: 'ask', reasons: ["says 'unsure'"], evidence: 'unsure', tier: 'fast' });
  });

  it('whose answer is none is a no that says so and names its text, read or not', async () => {
    const no = {
      ...{ kind: 'deny', evidence: 'no-answer', tier: 'fast', prompt: { name: 'goal/page.v1' } },
      reasons: [expect.stringMatching(/^no readable verdict: /)],
    };
    const { opinion: odd } = await judge(click(7), {}, { reply: says('perhaps') });
    expect(odd).toMatchObject({ ...no, usage: { inputTokens: 1200 } });
    const { opinion: empty } = await judge(click(7), {}, { reply: json(200, { choices: [] }) });
    expect(empty).toMatchObject(no);
  });

  it('that reaches no server, or one that fails, ends in an error and no opinion', async () => {
    const { opinion: unreached } = await judge(click(7), {}, { url: deadUrl });
    expect(unreached).toBeInstanceOf(Error);
    const { opinion: failed } = await judge(click(7), {}, { reply: json(400, { error: { message: 'safe' } }) });
    expect(failed).toMatchObject({ code: expect.not.stringMatching(/^decode\//) });
  });
});

it('A critic whose options are wrong is not made', () => {
  expect(() => goal({ model: '' })).toThrow(/critic goal/);
  // @ts-expect-error no such option
  expect(() => goal({ model: MODEL, tier: 'fast' })).toThrow(/critic goal/);
});
