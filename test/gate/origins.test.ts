import { describe, expect, it, test } from 'vitest';
import { isWithin, originOf } from '../../src/gate/origins.ts';
import { origin } from '../../src/gate/rules/origin.ts';
import { secretNamesIn, secrets } from '../../src/gate/rules/secrets.ts';
import type { Action } from '../../src/types.ts';
import {
  click,
  kindOf,
  limits,
  mark,
  move,
  observation,
  opinion,
  PAY,
  reasonOf,
  SHOP,
  type,
  ui,
  uiLimits,
} from './given.ts';

describe('an origin', () => {
  test.each([
    ['https://shop.example/a?b#c', 'https://shop.example'],
    ['HTTPS://SHOP.EXAMPLE:443/', 'https://shop.example'],
    ['http://shop.example:80', 'http://shop.example'],
    ['https://shop.example:8443', 'https://shop.example:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['  https://shop.example', 'https://shop.example'],
    ['http://[::1]:3000/x', 'http://[::1]:3000'],
    ['http://0x7f.1/', 'http://127.0.0.1'],
    ['https://user:pass@shop.example/', 'https://shop.example'],
  ])('of %s is %s', (address, expected) => {
    expect(originOf(address)).toBe(expected);
  });

  test.each([
    '',
    'shop.example',
    '/login',
    'about:blank',
    'javascript:alert(1)',
    'data:text/html,hi',
    'file:///etc/passwd',
    'blob:https://shop.example/1-2',
    'ftp://shop.example',
    'ws://shop.example',
    'chrome://settings',
    'view-source:https://shop.example',
    'https://',
    'https://shop example',
    'https://shop.example:99999',
    'null',
  ])('of %j there is none', (address) => {
    expect(originOf(address)).toBeUndefined();
  });
});

describe('an address is within', () => {
  test.each([
    ['https://shop.example', 'https://shop.example/any/path?x=1#y'],
    ['https://shop.example', 'https://SHOP.example:443'],
    ['https://shop.example/', 'https://shop.example/a'],
    ['https://shop.example:443', 'https://shop.example/a'],
    ['HTTPS://Shop.Example', 'https://shop.example/a'],
    ['https://bücher.example', 'https://xn--bcher-kva.example/'],
    ['http://localhost:3000', 'http://localhost:3000/x'],
    ['http://127.0.0.1:3000', 'http://127.1:3000/'],
    ['http://[::1]:3000', 'http://[::1]:3000/'],
    ['https://*.shop.example', 'https://shop.example/'],
    ['https://*.shop.example', 'https://a.shop.example/'],
    ['https://*.shop.example', 'https://a.b.shop.example:8443/'],
    ['https://*.SHOP.example', 'https://a.shop.example/'],
    ['https://*.shop.example/', 'https://a.shop.example/'],
    ['https://*.shop.example:443', 'https://a.shop.example/'],
    ['https://*.shop.example:8443', 'https://a.shop.example:8443/'],
    ['https://*.bücher.example', 'https://a.xn--bcher-kva.example/'],
    ['http://*.localhost', 'http://a.localhost:3000/'],
    ['https://shop.example', 'https:\\\\shop.example\\login'],
  ])('%s: %s', (pattern, address) => {
    expect(isWithin([pattern], address)).toBe(true);
    expect(isWithin(['https://other.example', pattern], address)).toBe(true);
  });
});

describe('an address is not within', () => {
  test.each([
    ['https://shop.example', 'http://shop.example/', 'another scheme'],
    ['https://shop.example', 'https://shop.example:8443/', 'another port'],
    ['http://localhost:3000', 'http://localhost:3001/', 'another port'],
    ['https://shop.example', 'https://a.shop.example/', 'a host below an exact one'],
    ['https://shop.example', 'https://shop.example.evil.example/', 'the host as a prefix'],
    ['https://shop.example', 'https://evilshop.example/', 'the host as a suffix'],
    ['https://shop.example', 'https://shop.example@evil.example/', 'the host as a user'],
    ['https://shop.example', 'https://shop.example:x@evil.example/', 'the host as a user with a password'],
    ['https://shop.example', 'https://evil.example/https://shop.example', 'the host in the path'],
    ['https://shop.example', 'https://evil.example/?https://shop.example', 'the host in the query'],
    ['https://shop.example', 'https://evil.example#https://shop.example', 'the host in the fragment'],
    ['https://shop.example', 'https://evil.example\\@shop.example/', 'a backslash'],
    ['https://shop.example', 'https://ann@shop.example/', 'a user'],
    ['https://shop.example', 'https://:pass@shop.example/', 'a password'],
    ['https://shop.example', 'https://shop.example./', 'a trailing dot'],
    ['https://shop.example', 'https://ѕhop.example/', 'a look-alike letter'],
    ['https://shop.example', 'javascript:location="https://shop.example"', 'a script'],
    ['https://shop.example', 'data:text/html,https://shop.example', 'data'],
    ['https://shop.example', 'blob:https://shop.example/1', 'a blob'],
    ['https://shop.example', 'about:blank', 'a blank page'],
    ['https://shop.example', '', 'nothing'],
    ['https://shop.example', '/login', 'a relative address'],
    ['https://*.shop.example', 'https://evilshop.example/', 'a suffix without its dot'],
    ['https://*.shop.example', 'http://a.shop.example/', 'another scheme under a wild card'],
    ['https://*.shop.example', 'https://ann@a.shop.example/', 'a user under a wild card'],
    ['https://*.shop.example', 'https://a.shop.example.evil.example/', 'a prefix under a wild card'],
    ['https://*.shop.example:8443', 'https://a.shop.example/', 'another port under a wild card'],
    ['https://*.shop.example:443', 'https://a.shop.example:8443/', 'a port where the default is written'],
    ['http://*.0.0.1', 'http://127.0.0.1/', 'an address of numbers under a wild card'],
    ['https://*', 'https://shop.example/', 'a wild card alone'],
    ['https://*.', 'https://shop.example/', 'a wild card before nothing'],
    ['https://shop.*', 'https://shop.example/', 'a wild card behind'],
    ['https://*shop.example', 'https://evilshop.example/', 'a wild card without a dot'],
    ['https://*.*.example', 'https://a.shop.example/', 'two wild cards'],
    ['*://shop.example', 'https://shop.example/', 'a wild scheme'],
    ['shop.example', 'https://shop.example/', 'a pattern without a scheme'],
    ['https://shop.example/admin', 'https://shop.example/', 'a pattern with a path'],
    ['https://shop.example?x', 'https://shop.example/', 'a pattern with a query'],
    ['https://shop.example#x', 'https://shop.example/', 'a pattern with a fragment'],
    ['https://ann@shop.example', 'https://shop.example/', 'a pattern with a user'],
    ['https://*.ann@shop.example', 'https://shop.example/', 'a wild pattern with a user'],
    ['https://shop.example\\x', 'https://shop.example/', 'a pattern with a backslash'],
    ['x https://shop.example', 'https://shop.example/', 'a pattern after something'],
    ['https://shop.example:x', 'https://shop.example/', 'a pattern with no port'],
    ['file:///', 'file:///etc/passwd', 'a file, even by its own pattern'],
    ['about:blank', 'about:blank', 'a blank page, even by its own pattern'],
    ['ftp://shop.example', 'ftp://shop.example/', 'another protocol, even by its own pattern'],
    ['null', 'null', 'the origin of a sandboxed frame'],
    ['', 'https://shop.example/', 'an empty pattern'],
  ])('%s: %s (%s)', (pattern, address) => {
    expect(isWithin([pattern], address)).toBe(false);
  });

  it('anything when there are no patterns', () => {
    expect(isWithin([], SHOP)).toBe(false);
  });
});

describe('the origin rule', () => {
  const evil = 'https://evil.example';
  const onEvil = { observation: observation({ ui: ui({ url: `${evil}/win` }) }) };
  const nowhere = { observation: observation({ ui: ui({ url: 'about:blank' }) }) };
  const touches: readonly Action[] = [
    click(),
    click({ xPx: 700, yPx: 500 }),
    type('a'),
    type('a', { markId: 1 }),
    { kind: 'ui-select', target: { markId: 1 }, values: ['a'] },
    { kind: 'ui-check', target: { markId: 1 }, checked: true },
    { kind: 'ui-scroll', dxPx: 0, dyPx: 1 },
    { kind: 'ui-key', keys: 'Enter' },
    { kind: 'ui-drag', from: { markId: 1 }, to: { markId: 2 } },
    { kind: 'ui-hover', target: { markId: 1 } },
    { kind: 'ui-upload', target: { markId: 1 }, paths: ['a'] },
    { kind: 'ui-dialog', accept: true },
  ];
  const waysOut: readonly Action[] = [
    { kind: 'ui-navigate', url: SHOP },
    { kind: 'ui-back' },
    { kind: 'ui-wait', durationMs: 1 },
    { kind: 'ui-tab', op: 'close' },
    { kind: 'ui-tab', op: 'open' },
    { kind: 'ui-tab', op: 'switch', index: 0 },
    { kind: 'ui-dialog', accept: false },
  ];

  it('denies touching a page of a foreign origin', () => {
    for (const action of touches) expect([action.kind, kindOf(origin, action, onEvil)]).toEqual([action.kind, 'deny']);
    expect(opinion(origin, type('a'), onEvil)).toEqual({
      kind: 'deny',
      reason: "'https://evil.example/win' is outside the declared origins",
    });
  });

  it('leaves the ways out of a foreign page open', () => {
    for (const action of waysOut) expect([action.kind, kindOf(origin, action, onEvil)]).toEqual([action.kind, 'allow']);
  });

  it('lets only ways out be taken from about:blank, and where the page is unknown', () => {
    const { ui: _ui, ...unknown } = observation();
    for (const where of [nowhere, { observation: unknown }]) {
      for (const action of touches) expect([action.kind, kindOf(origin, action, where)]).toEqual([action.kind, 'deny']);
      expect(kindOf(origin, { kind: 'ui-navigate', url: SHOP }, where)).toBe('allow');
    }
  });

  it('denies a mark whose document is of a foreign origin, pointed at by number or by place', () => {
    const ad = {
      observation: observation({ marks: [mark(), mark({ id: 2, boxPx: [200, 200, 300, 300], origin: evil })] }),
    };
    expect(kindOf(origin, click({ markId: 1 }), ad)).toBe('allow');
    expect(reasonOf(origin, click({ markId: 2 }), ad)).toBe("'https://evil.example' is outside the declared origins");
    expect(kindOf(origin, click({ xPx: 250, yPx: 250 }), ad)).toBe('deny');
    expect(kindOf(origin, click({ xPx: 350, yPx: 250 }), ad)).toBe('allow');
    expect(kindOf(origin, { kind: 'ui-drag', from: { markId: 1 }, to: { markId: 2 } }, ad)).toBe('deny');
  });

  it('goes by the page where a mark does not say its origin', () => {
    const { origin: _origin, ...plain } = mark();
    const marks = [plain];
    expect(kindOf(origin, click(), { observation: observation({ marks }) })).toBe('allow');
    expect(kindOf(origin, click(), { observation: observation({ marks, ui: ui({ url: evil }) }) })).toBe('deny');
  });

  it('names every foreign place', () => {
    const marks = [mark({ origin: 'https://ad.example' })];
    expect(reasonOf(origin, click(), { observation: observation({ marks, ui: ui({ url: evil }) }) })).toBe(
      "'https://evil.example', 'https://ad.example' is outside the declared origins",
    );
  });

  it('denies going to an address outside, or to what is no address', () => {
    for (const url of [evil, `https://shop.example@evil.example`, 'javascript:alert(1)', '/cart', 'file:///etc/passwd'])
      expect(kindOf(origin, { kind: 'ui-navigate', url })).toBe('deny');
    expect(kindOf(origin, { kind: 'ui-navigate', url: `${PAY}/x` })).toBe('allow');
  });

  it('denies turning to a tab of a foreign origin, or to one that is not there or not named', () => {
    expect(kindOf(origin, { kind: 'ui-tab', op: 'switch', index: 1 })).toBe('deny');
    expect(kindOf(origin, { kind: 'ui-tab', op: 'switch', index: 7 })).toBe('deny');
    expect(kindOf(origin, { kind: 'ui-tab', op: 'switch' })).toBe('deny');
    const { ui: _ui, ...unknown } = observation();
    expect(kindOf(origin, { kind: 'ui-tab', op: 'switch', index: 0 }, { observation: unknown })).toBe('deny');
    expect(kindOf(origin, { kind: 'ui-tab', op: 'close', index: 1 })).toBe('allow');
  });

  it('has nothing to say on motions, nor where no origins are declared', () => {
    const { ui: _ui, ...bare } = limits();
    expect(kindOf(origin, move(), onEvil)).toBe('allow');
    expect(kindOf(origin, click(), { ...onEvil, limits: bare })).toBe('allow');
    expect(kindOf(origin, click(), { ...onEvil, limits: limits({ ui: 'unlimited' }) })).toBe('allow');
  });
});

describe('the names of secrets in a text', () => {
  test.each<[string, readonly string[]]>([
    ['none here', []],
    ['{{password}}', ['password']],
    ['{{ password }}', ['password']],
    ['a{{a}}b{{b}}', ['a', 'b']],
    ['{{{password}}}', ['password']],
    ['{{a{{b}}', ['b']],
    ['{{}}', ['']],
    ['{password}', []],
    ['{{password', []],
    ['{{two\nlines}}', ['two\nlines']],
  ])('%j: %j', (text, names) => {
    expect(secretNamesIn(text)).toEqual(names);
  });
});

describe('the secrets rule', () => {
  const password = '{{password}}';

  it('lets a secret be typed into a mark of exactly its origin', () => {
    expect(kindOf(secrets, type(password, { markId: 1 }))).toBe('allow');
    expect(opinion(secrets, type(password, { markId: 2 }))).toEqual({
      kind: 'deny',
      reason: `'password' may be typed at ${SHOP}, not at ${PAY}`,
    });
    expect(kindOf(secrets, type('{{card}}', { markId: 2 }))).toBe('allow');
  });

  it('goes by the mark around a point, and by the page where there is no mark or it does not say', () => {
    expect(kindOf(secrets, type(password, { xPx: 60, yPx: 25 }))).toBe('allow');
    expect(kindOf(secrets, type(password, { xPx: 300, yPx: 250 }))).toBe('deny');
    expect(kindOf(secrets, type(password, { xPx: 700, yPx: 500 }))).toBe('allow');
    expect(kindOf(secrets, type(password))).toBe('allow');
    const onPay = { observation: observation({ ui: ui({ url: `${PAY}/x` }) }) };
    expect(kindOf(secrets, type(password), onPay)).toBe('deny');
    expect(kindOf(secrets, type(password, { markId: 1 }), onPay)).toBe('allow');
    const { origin: _origin, ...plain } = mark();
    const unsaid = { observation: observation({ marks: [plain], ui: ui({ url: `${PAY}/x` }) }) };
    expect(kindOf(secrets, type(password, { markId: 1 }), unsaid)).toBe('deny');
  });

  it('takes no host below, no other port or scheme, and no wild card for the same origin', () => {
    const at = (url: string) => ({ observation: observation({ marks: [], ui: ui({ url }) }) });
    for (const url of [
      'http://shop.example',
      'https://a.shop.example',
      'https://shop.example:8443',
      'about:blank',
      'https://shop.example.evil.example',
    ])
      expect(kindOf(secrets, type(password), at(url))).toBe('deny');
    const wild = { limits: limits({ ui: uiLimits({ secrets: { password: { origin: 'https://*.example' } } }) }) };
    expect(kindOf(secrets, type(password), wild)).toBe('deny');
  });

  it('denies where neither the place nor the home of a secret is known', () => {
    const { ui: _ui, ...unknown } = observation({ marks: [] });
    const homeless = limits({ ui: uiLimits({ secrets: { password: { origin: 'about:blank' } } }) });
    expect(kindOf(secrets, type(password), { observation: unknown })).toBe('deny');
    expect(kindOf(secrets, type(password), { observation: unknown, limits: homeless })).toBe('deny');
  });

  it('denies a name that is not declared, also one that every object has', () => {
    expect(reasonOf(secrets, type('{{pin}}', { markId: 1 }))).toBe("there is no secret 'pin'");
    for (const name of ['constructor', '__proto__', 'toString', ''])
      expect(reasonOf(secrets, type(`{{${name}}}`, { markId: 1 }))).toBe(`there is no secret '${name}'`);
  });

  it('judges every name in a text', () => {
    expect(kindOf(secrets, type('{{password}} {{card}}', { markId: 1 }))).toBe('deny');
    expect(kindOf(secrets, type('{{card}} {{password}}', { markId: 1 }))).toBe('deny');
  });

  it('knows no secrets where no origins are declared', () => {
    const { ui: _ui, ...bare } = limits();
    expect(kindOf(secrets, type(password), { limits: bare })).toBe('deny');
    expect(kindOf(secrets, type(password), { limits: limits({ ui: 'unlimited' }) })).toBe('deny');
  });

  it('denies a secret anywhere but in what is typed', () => {
    const actions: readonly Action[] = [
      { kind: 'ui-navigate', url: `${SHOP}/?p=${password}` },
      { kind: 'ui-dialog', accept: true, text: password },
      { kind: 'ui-select', target: { markId: 1 }, values: ['a', password] },
      { kind: 'ui-key', keys: password },
      { kind: 'ui-upload', target: { markId: 1 }, paths: ['a', password] },
    ];
    for (const action of actions)
      expect(reasonOf(secrets, action)).toBe(`'password' is put into ${action.kind}; a secret can only be typed`);
    expect(kindOf(secrets, { kind: 'ui-dialog', accept: true })).toBe('allow');
  });

  it('has nothing to say on words and motions', () => {
    expect(kindOf(secrets, { kind: 'done', outcome: 'success', answer: password })).toBe('allow');
    expect(kindOf(secrets, move({ frameId: password }))).toBe('allow');
  });
});
