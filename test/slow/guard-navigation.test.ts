import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectPageKept } from '../browser/attempts.ts';
import { fresh, LOOK_MS, pause, type Stage, script, setStage, until, type Visit, visit } from '../browser/stage.ts';

let stage: Stage;
/** One guarded page for all tests that need no guard of their own. */
let at: Visit;

beforeAll(async () => {
  stage = await setStage();
  at = await visit(stage);
});
afterAll(async () => {
  await at.end();
  await stage.close();
});

/** One of each kind; all are tried in `test/slow/guard-attempts.test.ts`. */
const KINDS = [
  'a navigation by address',
  'location.href',
  'a link with target=_blank and noopener',
  'a form with POST',
  'window.open',
  'a blank popup that is then sent off',
  'redirect 302',
  'a chain of redirects',
  'a popup that is redirected',
  'meta refresh',
  'an iframe that moves the top',
  'a blob: page that moves on',
];

describe('a page goes nowhere outside the allow list', () => {
  beforeEach(() => at.again());

  it.each(KINDS)('not by %s, which works where it is allowed', (name) => expectPageKept(stage, at, name));

  it.each([
    ['data:', 'data:text/html,<h1>x</h1>'],
    ['file:', 'file:///etc/passwd'],
    ['chrome:', 'chrome://version/'],
    ['a user name in the address', 'http://user@shop.example:$SHOP/'],
  ])('not to %s, even when asked for directly', async (_, address) => {
    await at.page.goto(address.replace('$SHOP', String(stage.shop.port))).catch(() => {});
    await until('a block is told', () => at.blocked.length > 0);
    await until('the page is away from there', () =>
      /^(about:blank|http:\/\/shop\.example:\d+\/empty)$/.test(at.page.url()),
    );
    expect(stage.shop.requests).toEqual([]);
  });
});

describe('an address does not deceive', () => {
  // These leave the page where it is, so one page serves for all.
  beforeAll(() => at.again());
  beforeEach(() => at.forget());

  it.each([
    ['a host that only begins like the allowed one', 'http://shop.example.evil.example:$EVIL/'],
    ['a user name that looks like the allowed host', 'http://shop.example@user.evil.example:$EVIL/'],
    ['a user name and password', 'http://shop.example:80@password.evil.example:$EVIL/'],
    ['a backslash that looks like a path', 'http://back.evil.example:$EVIL\\@shop.example/'],
    ['a homograph', 'http://shоp.example:$EVIL/'],
    ['an ideographic full stop', 'http://ideo.evil。example:$EVIL/'],
    ['capitals', 'HTTP://CAPITAL.EVIL.EXAMPLE:$EVIL/'],
    ['a trailing dot', 'http://dot.evil.example.:$EVIL/'],
    ['a trailing dot on the allowed host', 'http://shop.example.:$SHOP/'],
    ['a percent-encoded host', 'http://percent.%65vil.example:$EVIL/'],
    ['a soft hyphen', 'http://hyphen.ev\u00adil.example:$EVIL/'],
    ['a tab inside the address', 'http://tab.evil\t.example:$EVIL/'],
  ])('not to %s', async (_, address) => {
    const to = address.replace('$EVIL', String(stage.evil.port)).replace('$SHOP', String(stage.shop.port));
    await at.page.evaluate((href) => void location.assign(href), to).catch(() => {});
    await until('a block is told', () => at.blocked.length > 0);
    await pause(LOOK_MS);
    expect([stage.evil.connections, stage.shop.requests]).toEqual([[], []]);
    expect(at.page.url()).toBe(`${stage.url.shop}/empty`);
  });
});

describe('beside that', () => {
  beforeEach(() => at.again());

  it('capitals and the other port of an allowed host are allowed', async () => {
    await at.page.goto(`HTTP://WWW.SHOP.EXAMPLE:${stage.shop.port}/forbidden`);
    expect(stage.shop.requests).toContain(`GET www.shop.example:${stage.shop.port}/forbidden`);
  });

  it('a page that tries again and again is told once', async () => {
    const { evil } = fresh(stage);
    for (let i = 0; i < 5; i += 1) await script(`location = '$TO'`)(at.page, `${evil}/forbidden?${i}`);
    await pause(LOOK_MS);
    expect(at.blocked).toHaveLength(1);
  });

  it('another context of the same browser is left alone', async () => {
    const other = await visit(stage, { startUrl: `${stage.url.evil}/`, at: `${stage.url.evil}/empty` });
    expect(await other.page.evaluate(() => location.pathname)).toBe('/empty');
    expect([at.blocked, other.blocked]).toEqual([[], []]);
    await other.end();
  });
});
