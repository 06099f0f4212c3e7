/** Where the rules on where words come from draw their lines: what is just an address, just private, just plain, and what is just not. */
import { describe, expect, it } from 'vitest';
import { copiedText, forwarding, madeAddress } from '../../src/gate/rules/provenance.ts';
import type { Action, Mark, Observation } from '../../src/types.ts';
import { click, kindOf, limits, mark, observation, reasonOf, SHOP, type, ui, uiLimits } from './given.ts';

const INSTRUCTION = 'Write to ann@example.org, and search for red shoes in High Street.';
const seeing = (over: Partial<Observation> = {}) => ({
  observation: observation({ instruction: INSTRUCTION, ...over }),
});
/** What is known of an observation without a part. */
const without = (part: 'marks' | 'ui') => {
  const { [part]: _, ...rest } = seeing().observation;
  return { observation: rest as Observation };
};

describe('rule copied-text', () => {
  const to = (over: Partial<Mark> = {}) => seeing({ marks: [mark({ role: 'textbox', name: 'To', ...over })] });
  const into = (text: string, given = to()) => kindOf(copiedText, type(text, { markId: 1 }), given);
  const why = (text: string, given = to()) => reasonOf(copiedText, type(text, { markId: 1 }), given);

  it('has nothing to say of a page without marks, or where nothing is typed', () => {
    expect(kindOf(copiedText, type('eve@evil.example'), without('marks'))).toBe('allow');
    const focused = to({ state: { focused: true } });
    expect(kindOf(copiedText, { kind: 'ui-wait', durationMs: 1 }, focused)).toBe('allow');
  });

  it('takes secrets out by their whole names, and words beside them one by one', () => {
    expect(into('{{wifi+key}}')).toBe('allow');
    expect(into('{{ wifi(key) }}')).toBe('allow');
    expect(into('street{{k}}red')).toBe('allow');
    expect(into('wifi')).toBe('ask');
  });

  it('quotes eighty letters, without the spaces around them', () => {
    expect(why(`  ${'x'.repeat(99)} `)).toBe(`'${'x'.repeat(80)}' goes into 'To': it is not in the instruction`);
    expect(why('  eve ')).toMatch(/^'eve' goes/);
  });

  it('knows what is on the page word by word, and nothing that is not', () => {
    const shown = to({ value: 'violet', clues: { text: 'blue' } });
    expect(why('blue violet', shown)).toContain('it stands on the page');
    expect(why('was here', to())).toContain('it is not in the instruction');
    const bare = { ...to(), observation: { ...to().observation } };
    delete (bare.observation as { ui?: unknown }).ui;
    expect(why('was here', bare)).toContain('it is not in the instruction');
  });

  it.each(['emails', 'my-url', 'telephone'])('goes by the whole kind of a field: not %s', (inputType) =>
    expect(into('eve', to({ name: 'x', inputType }))).toBe('allow'),
  );

  it.each([
    ['a-Control+V', 'allow'],
    ['Control+Vx', 'allow'],
    ['Shift+Alt+Insert', 'ask'],
    ['Shift+Control+Alt+Ins', 'ask'],
  ])('pasting is %s: %s', (keys, kind) =>
    expect(kindOf(copiedText, { kind: 'ui-key', keys }, to({ state: { focused: true } }))).toBe(kind),
  );
});

const goTo = (url: string, given: object = seeing()) => kindOf(madeAddress, { kind: 'ui-navigate', url }, given);
const whyNot = (url: string, given: object = seeing()) => reasonOf(madeAddress, { kind: 'ui-navigate', url }, given);
const MADE = /comes neither from the instruction nor from a link/;
const ELSEWHERE = /leads outside of the declared origins/;

describe('rule made-address', () => {
  it('lets what the page itself leads to pass, whatever is asked there, and with any part behind it', () => {
    const link = `${SHOP}/go?site=partner.example`;
    const there = seeing({ marks: [mark({ clues: { href: link } })] });
    expect(goTo(link, there)).toBe('allow');
    expect(goTo(`${link}#top`, there)).toBe('allow');
    expect(whyNot(`${link}&n=1`, there)).toMatch(ELSEWHERE);
    expect(goTo(link, seeing({ instruction: `open ${link} please` }))).toBe('allow');
  });

  it('knows where tabs are, and does without tabs, marks or a page', () => {
    const tabs = [{ index: 0, url: `${SHOP}/t?code=zz99x`, title: '', active: false }];
    expect(goTo(`${SHOP}/u?code=zz99x`, seeing({ ui: ui({ tabs }) }))).toBe('allow');
    expect(goTo(`${SHOP}/u?code=zz99x`)).toBe('ask');
    expect(goTo(`${SHOP}/cart`, without('ui'))).toBe('allow');
    expect(goTo(`${SHOP}/cart`, without('marks'))).toBe('allow');
  });

  it('quotes eighty letters of what it asks about', () => {
    const long = 'x'.repeat(99);
    expect(whyNot(`${SHOP}/a?d=${long}1`)).toContain(`'${long.slice(0, 80)}' in`);
    expect(whyNot(`${SHOP}/a?d=https://evil.example/${long}`)).toBe(
      `'https://evil.example/${'x'.repeat(80 - 21)}' in the address leads outside of the declared origins`,
    );
    const told = seeing({ instruction: `Tell ${long}@example.org` });
    expect(whyNot(`${SHOP}/a?d=${long}`, told)).toBe(
      `'${long.slice(0, 80)}' in the address is private to the instruction`,
    );
  });

  it('knows the last word of the instruction and the first of an address, which are two', () =>
    expect(goTo(`${SHOP}/a?d=red-links`, seeing({ instruction: 'Search links for red' }))).toBe('allow'));

  it('takes for private what is part of an address or of what stands behind its word', () => {
    expect(whyNot(`${SHOP}/a?d=annex`)).toContain('private');
    expect(whyNot(`${SHOP}/a?d=pleorg`)).toContain('private');
    const secret = seeing({ instruction: 'The password:  is: Hunter2 for all.' });
    expect(whyNot(`${SHOP}/a?d=hunter2`, secret)).toContain('private');
    expect(goTo(`${SHOP}/a?v=r2`, secret)).toBe('allow');
  });

  it.each([
    ['?page=987', 'allow'],
    ['?page=98765', 'ask'],
    ['?lang=xyz', 'allow'],
    ['?lang=xyzw', 'ask'],
    ['?d=98-76', 'allow'],
    ['?d=98-76-54', 'ask'],
    ['settings/profile/photo/edit', 'allow'],
    ['settings/profile/photo/edit/more', 'ask'],
  ])('carries nothing, or may: %s: %s', (path, kind) => expect(goTo(`${SHOP}/${path}`)).toBe(kind));

  it('takes a name below a pattern of hosts for data, and that of a host that is declared whole for none', () => {
    const ofHosts = (...origins: string[]) => ({ ...seeing(), limits: limits({ ui: uiLimits({ origins }) }) });
    const both = ofHosts('https://longname.example', 'https://*.many.example');
    expect(goTo('https://longname.example/', both)).toBe('allow');
    expect(goTo('https://swordfish.many.example/', both)).toBe('ask');
    expect(goTo('https://www.many.example/', both)).toBe('allow');
    expect(
      goTo('https://swordfish.many.example/', ofHosts('https://*.many.example', 'https://swordfish.many.example')),
    ).toBe('allow');
  });

  it.each([
    ['http://evil.example', ELSEWHERE],
    ['//evil.example/x', ELSEWHERE],
    ['evil.example', ELSEWHERE],
    ['a.b.evil.example', ELSEWHERE],
    ['evil.example/long/path', ELSEWHERE],
    ['evil.example:8080', ELSEWHERE],
    ['see https://evil.example', MADE],
    ['https://evil.example and more', MADE],
    ['evil.example and more', MADE],
    ['evil.examplex9', MADE],
  ])('%s is an address of others, or is none', (value, reason) =>
    expect(whyNot(`${SHOP}/a?d=${encodeURIComponent(value)}`)).toMatch(reason),
  );

  it.each([`http://shop.example/list`, '//shop.example/list', 'shop.example/list', `${SHOP}/list`])(
    'an address of a declared origin is none of others: %s',
    (value) => expect(whyNot(`${SHOP}/a?next=${encodeURIComponent(value)}`)).not.toMatch(ELSEWHERE),
  );

  it('nor is one of an origin that is declared without encryption', () => {
    const plain = { ...seeing(), limits: limits({ ui: uiLimits({ origins: ['http://intra.example', SHOP] }) }) };
    expect(whyNot(`${SHOP}/a?next=//intra.example`, plain)).not.toMatch(ELSEWHERE);
  });
});

describe('rule forwarding', () => {
  const HREF = `${SHOP}/web/http://evil.example`;
  const link = (over: Partial<Mark> = {}) => seeing({ marks: [mark({ clues: { href: HREF }, ...over })] });
  const judge = (action: Action, given: object) => kindOf(forwarding, action, given);

  it('finds an address without encryption too, and asks nobody where nothing can be lost', () => {
    expect(judge(click(), link())).toBe('ask');
    expect(judge(click(), { ...link(), limits: limits({ ui: uiLimits({ irreversible: 'allow' }) }) })).toBe('allow');
  });

  it('says nothing of what is not there', () => {
    expect(judge({ ...click(), target: { markId: 99 } }, link())).toBe('allow');
    expect(judge({ kind: 'ui-key', keys: 'Enter' }, seeing({ marks: [mark({ state: { focused: true } })] }))).toBe(
      'allow',
    );
    expect(judge({ kind: 'ui-key', keys: 'Enter' }, without('marks'))).toBe('allow');
    expect(judge({ kind: 'ui-key', keys: 'x-Enter' }, link({ state: { focused: true } }))).toBe('allow');
  });
});
