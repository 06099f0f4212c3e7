import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Attempt,
  askedAt,
  fresh,
  html,
  LOOK_MS,
  pause,
  type Stage,
  script,
  setStage,
  until,
  type Visit,
  visit,
} from './stage.ts';

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

const viaShop =
  (path: string): Attempt =>
  (page, to) =>
    page.goto(`${stage.url.shop}${path.replaceAll('$TO', encodeURIComponent(to))}`).catch(() => {});

/** Ways to bring a page, or a new one, to an address. */
const NAVIGATIONS: Readonly<Record<string, Attempt>> = {
  'a navigation by address': (page, to) => page.goto(to).catch(() => {}),
  'location.href': script(`location.href = '$TO'`),
  'location.replace': script(`location.replace('$TO')`),
  'a link': html(`<a id=a href="$TO">x</a>`, '#a'),
  'a link under a base href': html(`<base href="$TO/"><a id=a href="../forbidden">x</a>`, '#a'),
  'a link with target=_blank': html(`<a id=a target=_blank href="$TO">x</a>`, '#a'),
  'a link with target=_blank and noopener': html(`<a id=a target=_blank rel=noopener href="$TO">x</a>`, '#a'),
  'a middle click': async (page, to) => {
    await page.setContent(`<a id=a href="${to}">x</a>`);
    await page.click('#a', { button: 'middle' }).catch(() => {});
  },
  'an svg link': html(`<svg><a id=a href="$TO"><rect width=50 height=50 /></a></svg>`, 'rect'),
  'an image map': html(
    `<img usemap=#m width=50 height=50 id=i src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><map name=m><area shape=default href="$TO"></map>`,
    '#i',
  ),
  'a form with GET': html(`<form action="$TO"><button id=b>x</button></form>`, '#b'),
  'a form with POST': html(`<form method=post action="$TO"><input name=q value=1><button id=b>x</button></form>`, '#b'),
  'a button with formaction': html(`<form><button id=b formaction="$TO">x</button></form>`, '#b'),
  'a form with target=_blank': html(
    `<form method=post target=_blank action="$TO"><button id=b>x</button></form>`,
    '#b',
  ),
  'window.open': script(`window.open('$TO')`),
  'window.open with noopener': script(`window.open('$TO', '', 'noopener')`),
  'a popup that navigates later': script(
    `{ const w = window.open('/empty'); setTimeout(() => { w.location = '$TO' }, 60) }`,
  ),
  'a blank popup that is then sent off': script(`{ const w = window.open(''); w.location.href = '$TO' }`),
  'a popup written by its opener': script(
    `{ const w = window.open(''); w.document.write('<script>location = "$TO"</' + 'script>') }`,
  ),
  'redirect 301': viaShop('/redirect?code=301&to=$TO'),
  'redirect 302': viaShop('/redirect?code=302&to=$TO'),
  'redirect 303': viaShop('/redirect?code=303&to=$TO'),
  'redirect 307': viaShop('/redirect?code=307&to=$TO'),
  'redirect 308': viaShop('/redirect?code=308&to=$TO'),
  'a chain of redirects': (page, to) => {
    const hop = (next: string) => `${stage.url.shop}/redirect?code=302&to=${encodeURIComponent(next)}`;
    return page.goto(hop(hop(hop(to)))).catch(() => {});
  },
  'a popup that is redirected': script(`window.open('/redirect?code=302&to=' + encodeURIComponent('$TO'))`),
  'a posted form that is redirected with 307': html(
    `<form method=post action="/redirect?code=307&to=$TO"><button id=b>x</button></form>`,
    '#b',
  ),
  'meta refresh': html(`<meta http-equiv=refresh content="0; url=$TO">`),
  'a refresh header': viaShop('/refresh?to=$TO'),
  'an iframe that moves the top': html(`<iframe srcdoc="<script>top.location = '$TO'</script>"></iframe>`),
  'a link with target=_top in an iframe': async (page, to) => {
    await page.setContent(`<iframe srcdoc='<a target=_top href="${to}">x</a>'></iframe>`);
    await page
      .frameLocator('iframe')
      .locator('a')
      .click({ noWaitAfter: true })
      .catch(() => {});
  },
  'a javascript: link': html(`<a id=a href="javascript:location='$TO'">x</a>`, '#a'),
  'document.domain and then a move': script(`{ try { document.domain = 'shop.example' } catch {} location = '$TO' }`),
  'the navigation API': script(`navigation.navigate('$TO')`),
  'history.back to a page that turns away': script(
    `{ history.pushState(0, '', '#x'); onpopstate = () => { location = '$TO' }; history.back() }`,
  ),
  'view-source:': (page, to) => page.goto(`view-source:${to}`).catch(() => {}),
  'a download link': html(`<a id=a download href="$TO">x</a>`, '#a'),
  'a blob: page that moves on': script(
    `location = URL.createObjectURL(new Blob(['<script>location = "$TO"</' + 'script>'], { type: 'text/html' }))`,
  ),
};

describe('a page goes nowhere outside the allow list', () => {
  beforeEach(() => at.again());

  // Each way is tried to a forbidden place and then to an allowed one, so that "block everything" fails too.
  it.each(Object.entries(NAVIGATIONS))('not by %s, which works where it is allowed', async (name, attempt) => {
    const { evil, ally } = fresh(stage);
    await attempt(at.page, `${evil}/forbidden`);
    await until('a block is told', () => at.blocked.length > 0);
    await pause(LOOK_MS);
    expect(stage.evil.connections).toEqual([]);
    const isBlobPage = name.startsWith('a blob: page');
    if (!isBlobPage) expect(at.blocked).toMatchObject([{ allowWith: `--allow-origin ${evil}` }]);
    for (const page of at.context.pages()) expect(page.url()).not.toContain(evil);
    if (isBlobPage) return;
    at.blocked.length = 0;
    await attempt(at.page, `${ally}/forbidden`);
    await until('it arrives', () => askedAt(stage.shop, ally).some((request) => request.includes('/forbidden')));
    expect(at.blocked).toEqual([]);
  });

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
