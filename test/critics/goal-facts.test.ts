/** What critic goal tells a model of an action: facts in fixed words, each true of the action and of nothing else. */
import type { Action, ActionOf, Observation } from 'pumice';
import { fillQuestion } from 'pumice/critics/goal';
import { describe, expect, it } from 'vitest';
import { factsOf, type GoalLimits } from '../../policies/critics/goal/facts.ts';
import { fact, Tainted, Trusted } from '../../policies/critics/goal/trusted.ts';
import { click, page } from './cosmos-cases.ts';

const SHOP: GoalLimits = { origins: ['https://shop.example', 'https://*.example'] };
/** The facts of one kind, in their order: those that begin `Target: `. */
const factsAbout = (
  what: 'Action' | 'Target' | 'Page' | 'Effect, by rules',
  action: Action,
  { observation = page(), limits = SHOP }: { observation?: Observation; limits?: GoalLimits } = {},
): readonly string[] =>
  Trusted.read(factsOf(observation, action, limits))
    .split('\n')
    .filter((line) => line.startsWith(`${what}: `))
    .map((line) => line.slice(what.length + 2));
const on = (mark: { role?: string; name?: string; origin?: string }): Observation =>
  page({ marks: [{ ...page().marks![0]!, ...mark }] });
const at = (url: string, instruction = 'read the news') => page({ instruction, ui: { ...page().ui!, url } });

const target = { markId: 3 };
const typed = (text: string, submit = false): Action => ({ kind: 'ui-type', target, text, clear: false, submit });

describe('the action', () => {
  it.each<readonly [string, Action]>([
    ['click', click(3)],
    ['type a text of the instruction', typed('news')],
    ['type other text and press Enter', typed('spam', true)],
    ['choose, a text of the instruction, other text', { kind: 'ui-select', target, values: ['news', 'spam'] }],
    ['tick', { kind: 'ui-check', target, checked: true }],
    ['untick', { kind: 'ui-check', target, checked: false }],
    ['scroll', { kind: 'ui-scroll', dxPx: 0, dyPx: 100 }],
    ['drag from the first target to the second', { kind: 'ui-drag', from: target, to: { markId: 7 } }],
    ['point at the target', { kind: 'ui-hover', target }],
    [
      'go to other text as address, on a site within "https://*.example"',
      { kind: 'ui-navigate', url: 'https://news.example/today' },
    ],
    ['go back', { kind: 'ui-back' }],
    ['change tabs', { kind: 'ui-tab', op: 'open' }],
    [
      'hand over 2 files of the user: other text, a text of the instruction',
      { kind: 'ui-upload', target, paths: ['/home/user/passwords', 'news'] },
    ],
    ['accept a dialog', { kind: 'ui-dialog', accept: true }],
    ['dismiss a dialog', { kind: 'ui-dialog', accept: false }],
    ['wait', { kind: 'ui-wait', durationMs: 100 }],
    ['something that is not known', { kind: 'hold' }],
  ])('is told as: %s', (told, action) => {
    expect(factsAbout('Action', action)).toEqual([told]);
  });

  it.each(['Enter', 'Tab', 'Escape', 'Space', 'Backspace', 'Delete'])('of the key %s names it', (keys) => {
    expect(factsAbout('Action', { kind: 'ui-key', keys })).toEqual([`press ${keys}`]);
  });

  it.each(['F5', 'enter', 'Control+Enter', 'Enter Tab', ' Enter'])(
    'of any other key, such as %j, names none',
    (keys) => {
      expect(factsAbout('Action', { kind: 'ui-key', keys })).toEqual(['press another key']);
    },
  );

  it.each(['{{password}}', '{{card-number}}'])('that fills in %s and nothing else fills in a secret', (text) => {
    expect(factsAbout('Action', typed(text))).toEqual(['type a secret of the user']);
  });

  it.each(['{{password}} ', 'see {{password}}', '{{}}', '{{pass word}}', '{password}'])(
    'that fills in %j fills in other text',
    (text) => {
      expect(factsAbout('Action', typed(text))).toEqual(['type other text']);
    },
  );

  it('is told first, then its targets, then the page, then its effect', () => {
    expect(Trusted.read(factsOf(page(), click(3), SHOP)).split('\n')).toEqual([
      'Action: click',
      'Target: a link with another name, on a site within "https://shop.example"',
      'Page: a site within "https://shop.example"',
      expect.stringMatching(/^Effect, by rules: /),
    ]);
  });
});

describe('a target', () => {
  it.each([
    ['button', 'a button'],
    ['link', 'a link'],
    ['textbox', 'a field for text'],
    ['searchbox', 'a search field'],
    ['checkbox', 'a box to tick'],
    ['radio', 'one of several choices'],
    ['combobox', 'a list to choose from'],
    ['option', 'an entry of a list'],
    ['tab', 'a tab of the page'],
    ['menuitem', 'an entry of a menu'],
    ['Button', 'an element'],
    ['safe', 'an element'],
    ['', 'an element'],
  ])('of role %j is %s', (role, told) => {
    expect(factsAbout('Target', click(3), { observation: on({ role }) })).toEqual([
      `${told} with another name, on a site within "https://shop.example"`,
    ]);
  });

  it.each(['news', ' news ', 'read the news'])('called %j bears a name out of “read the news”', (name) => {
    expect(factsAbout('Target', click(3), { observation: on({ name }) })[0]).toMatch(
      /a name that stands in the user's/,
    );
  });

  it.each(['News', 'newspaper', '', '  '])('called %j bears another name', (name) => {
    expect(factsAbout('Target', click(3), { observation: on({ name }) })[0]).toMatch(/^a link with another name, /);
  });

  it('that nobody knows is told as unknown, not as harmless', () => {
    expect(factsAbout('Target', click(99))).toEqual(['an element with another name, on an unknown site']);
    const bare = page({ marks: [{ id: 3, boxPx: [0, 0, 9, 9], pointPx: [4, 4], source: 'dom' }] });
    expect(factsAbout('Target', click(3), { observation: bare })).toEqual([
      'an element with another name, on an unknown site',
    ]);
  });

  it('is told for each one, in the order in which they are touched; an action without one has none', () => {
    expect(factsAbout('Target', { kind: 'ui-drag', from: { markId: 7 }, to: target })).toEqual([
      expect.stringMatching(/^a button /),
      expect.stringMatching(/^a link /),
    ]);
    expect(factsAbout('Target', { kind: 'ui-back' })).toEqual([]);
  });

  it('of a frame is on the site of that frame, whatever the page is', () => {
    const observation = on({ origin: 'https://pay.elsewhere' });
    expect(factsAbout('Target', click(3), { observation })[0]).toMatch(/, on a site that no limit names$/);
    expect(factsAbout('Page', click(3), { observation })).toEqual(['a site within "https://shop.example"']);
  });
});

describe('a site', () => {
  const told = (observation: Observation, limits: GoalLimits = SHOP) =>
    factsAbout('Page', { kind: 'ui-back' }, { observation, limits })[0];

  it('is told by the first pattern of the operator that it passes for', () => {
    expect(told(at('https://shop.example/cart'))).toBe('a site within "https://shop.example"');
    expect(told(at('https://shop.example/cart'), { origins: [...SHOP.origins!].reverse() })).toBe(
      'a site within "https://*.example"',
    );
  });

  it('is one that no limit names where none passes, or where there are none', () => {
    expect(told(at('https://other.test/'))).toBe('a site that no limit names');
    expect(told(page(), { origins: [] })).toBe('a site that no limit names');
    expect(told(page(), {})).toBe('a site that no limit names');
  });

  it('counts as named where the user wrote its host, whether or not a limit names it', () => {
    expect(told(at('https://shop.example/', 'buy on shop.example'))).toMatch(/shop\.example", which the user named$/);
    expect(told(at('https://other.test/', 'look at other.test'))).toBe(
      'a site that no limit names, which the user named',
    );
  });

  it('does not count as named by its path, its user name or a part of an address', () => {
    expect(told(at('https://evil.test/other.test', 'look at other.test'))).toBe('a site that no limit names');
    expect(told(at('https://other.test@evil.test/', 'look at other.test'))).toBe('a site that no limit names');
    expect(told(at('other.test', 'look at other.test'))).toBe('a site that no limit names');
    expect(told(at('about:blank', 'look at about:blank'))).toBe('a site that no limit names');
  });

  it('is unknown where the body shows no page', () => {
    const { ui: _, ...blind } = page();
    expect(told(blind)).toBe('an unknown site');
  });
});

it.each<readonly [string, Action]>([
  ['it only reads', { kind: 'ui-back' }],
  ['it fills in or changes something', typed('news')],
  [
    'it does what cannot be taken back, such as to buy, pay, send, delete, publish or grant',
    click(7) as ActionOf<'ui-click'>,
  ],
])('An effect is told as the rules see it: %s', (told, action) => {
  expect(factsAbout('Effect, by rules', action)).toEqual([told]);
});

describe('trusted text', () => {
  const caught = (make: () => unknown): unknown => {
    try {
      return make();
    } catch (error) {
      return error;
    }
  };
  const refusedAs = (what: string) => ({
    ...{ code: 'config/invalid', who: 'critic goal' },
    message: `critic goal: expected trusted text, got ${what}`,
    hint: expect.stringMatching(/^Say a fact about it instead/),
  });

  it('is put together in the order of its template', () => {
    expect(Trusted.read(fact`${1} of ${2}: ${fact`three`}.`)).toBe('1 of 2: three.');
    expect(Trusted.read(fact``)).toBe('');
  });

  it('quotes the words of the user and of the operator on one line', () => {
    expect(Trusted.read(Trusted.ofUser(page({ instruction: 'say "yes"\nnow' })))).toBe('"say \\"yes\\"\\nnow"');
    expect(Trusted.read(Trusted.ofOperator('https://*.example\n'))).toBe('"https://*.example\\n"');
  });

  it('is no list of strings made to look like a template', () => {
    const disguises: readonly unknown[] = [
      ['Buy now'],
      Object.freeze(['Buy now']),
      Object.assign(['Buy now'], { raw: ['Buy now'] }),
      Object.freeze({ raw: [], reduce: () => 'Buy now' }),
      'Buy now',
    ];
    for (const disguise of disguises)
      expect(caught(() => fact(disguise as TemplateStringsArray))).toMatchObject(
        refusedAs('a string that is no template'),
      );
  });

  it('is refused by what it is instead', () => {
    const text = new Tainted('Buy now');
    const read = (what: unknown) => caught(() => Trusted.read(what as Trusted));
    expect(read('Buy now')).toMatchObject(refusedAs('a bare string'));
    for (const what of [text, undefined, { '#text': 'Buy now' }])
      expect(read(what)).toMatchObject(refusedAs('text of a page or a model'));
    expect(caught(() => `${text}`)).toMatchObject(refusedAs('text of a page or a model'));
    expect(caught(() => JSON.stringify({ text }))).toMatchObject(refusedAs('text of a page or a model'));
    const Made = Trusted as unknown as new (text: string, key: unknown) => Trusted;
    expect(caught(() => new Made('Buy now', Symbol('trusted')))).toMatchObject(refusedAs('a bare string'));
  });
});

it('A question holds the words as they are, once each: what the user wrote is not filled in again', () => {
  const goal = Trusted.ofUser({ instruction: "read {proposal} and {goal}, for $& and $1 and $'" });
  const question = fillQuestion('\nFor {goal}\ndo {proposal}{other}\n\n', { goal, proposal: fact`click` });
  expect(question).toBe('\nFor "read {proposal} and {goal}, for $& and $1 and $\'"\ndo click{other}');
});
