/** The critic goal against real servers with a fake model: no word of a page reaches it, and no bad answer is a yes. */
import fc from 'fast-check';
import type { Action, Observation, Opinion } from 'pumice';
import { cosmosReason } from 'pumice/critics/cosmos-reason';
import { fillQuestion, goal } from 'pumice/critics/goal';
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../policies/critics/goal/facts.ts';
import { fact, Tainted, Trusted } from '../../policies/critics/goal/trusted.ts';
import { fakeModelServer, says } from '../models/fake-model-server.ts';
import { asking, click, page, questionIn } from './cosmos-cases.ts';

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
