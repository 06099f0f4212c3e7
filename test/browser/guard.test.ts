import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pause, type Stage, setStage, until, type Visit, visit } from './guard-bench.ts';

let stage: Stage;
let at: Visit | undefined;

beforeAll(async () => {
  stage = await setStage();
});
afterEach(async () => {
  await at?.end();
  at = undefined;
});
afterAll(async () => stage.close());

/** How long to look whether something forbidden arrives after all, ms. */
const LOOK_MS = 120;

type Attempt = (page: Page, to: string) => Promise<unknown>;

/** Runs page script whose own failure is of no interest. */
const script =
  (code: string): Attempt =>
  (page, to) =>
    page.evaluate(code.replaceAll('$TO', to)).catch(() => {});

const html =
  (markup: string, click?: string): Attempt =>
  async (page, to) => {
    await page.setContent(markup.replaceAll('$TO', to), { waitUntil: 'commit' }).catch(() => {});
    if (click) await page.click(click, { noWaitAfter: true, timeout: 2_000 }).catch(() => {});
  };

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
  it.each(Object.entries(NAVIGATIONS))('not by %s', async (_, attempt) => {
    at = await visit(stage);
    await attempt(at.page, `${stage.url.evil}/forbidden`);
    await until('a block is told', () => at!.blocked.length > 0);
    await pause(LOOK_MS);
    expect(stage.evil.requests).toEqual([]);
    expect(at.blocked[0]).toMatchObject(
      at.blocked[0]!.url.startsWith('blob:') ? {} : { allowWith: `--allow-origin ${stage.url.evil}` },
    );
    for (const page of at.context.pages()) expect(page.url()).toMatch(/^(about:blank|http:\/\/shop\.example:.*)?$/);
  });

  // The same ways work where they are allowed, so that "block everything" fails.
  const twins = Object.entries(NAVIGATIONS).filter(([name]) => !name.startsWith('a blob: page'));
  it.each(twins)('but to an allowed place by %s', async (_, attempt) => {
    at = await visit(stage);
    await attempt(at.page, `http://www.shop.example:${stage.shop.port}/forbidden`);
    await until('it arrives', () => stage.shop.requests.some((request) => request.includes(' /forbidden')));
    expect(at.blocked).toEqual([]);
  });
});
