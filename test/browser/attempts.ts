/**
 * Ways to lead a page, or something in it, to a forbidden place, and the checks that each fails there and works at an allowed one, so that
 * "block everything" fails too.
 */
import { expect } from 'vitest';
import { type Attempt, askedAt, fresh, html, LOOK_MS, pause, type Stage, script, until, type Visit } from './stage.ts';

const viaShop =
  (path: string): Attempt =>
  (page, to) =>
    page.goto(new URL(path.replaceAll('$TO', encodeURIComponent(to)), page.url()).href).catch(() => {});

/** Ways to bring a page, or a new one, to an address. */
export const NAVIGATIONS: Readonly<Record<string, Attempt>> = {
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
    const hop = (next: string) => new URL(`/redirect?code=302&to=${encodeURIComponent(next)}`, page.url()).href;
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

/** Ways to make a request that is no navigation. `$TO` ends in /forbidden. */
export const REQUESTS: Readonly<Record<string, Attempt>> = {
  fetch: script(`fetch('$TO', { mode: 'no-cors' })`),
  'fetch with POST': script(`fetch('$TO', { method: 'POST', mode: 'no-cors', body: 'x' })`),
  'fetch with keepalive': script(`fetch('$TO', { mode: 'no-cors', keepalive: true })`),
  'a redirected fetch': script(`fetch('/redirect?code=302&to=' + encodeURIComponent('$TO'), { mode: 'no-cors' })`),
  XMLHttpRequest: script(`{ const x = new XMLHttpRequest(); x.open('GET', '$TO'); x.send() }`),
  sendBeacon: script(`navigator.sendBeacon('$TO', 'x')`),
  'an image': html(`<img src="$TO">`),
  'a style sheet': html(`<link rel=stylesheet href="$TO">`),
  'css url()': html(`<div style="background: url($TO); width: 9px; height: 9px"></div>`),
  'css @import': html(`<style>@import url($TO);</style>`),
  'a font': html(`<style>@font-face { font-family: f; src: url($TO) } p { font-family: f }</style><p>x</p>`),
  'a script': html(`<script src="$TO"></script>`),
  'a module script': script(`import('$TO')`),
  'an iframe': html(`<iframe src="$TO"></iframe>`),
  'a redirected iframe': html(`<iframe src="/redirect?code=302&to=$TO"></iframe>`),
  'a nested iframe': html(`<iframe srcdoc="<iframe src='$TO'></iframe>"></iframe>`),
  'an object': html(`<object data="$TO"></object>`),
  'an embed': html(`<embed src="$TO">`),
  'a video': html(`<video src="$TO" autoplay></video>`),
  'a form in an iframe': html(
    `<form method=post target=f action="$TO"><button id=b>x</button></form><iframe name=f></iframe>`,
    '#b',
  ),
  'a worker': script(`new Worker(URL.createObjectURL(new Blob(["fetch('$TO', { mode: 'no-cors' })"])))`),
  'a shared worker': script(`new SharedWorker(URL.createObjectURL(new Blob(["fetch('$TO', { mode: 'no-cors' })"])))`),
  EventSource: script(`new EventSource('$TO')`),
  'a prefetch link': html(`<link rel=prefetch href="$TO">`),
  'a preload link': html(`<link rel=preload as=fetch crossorigin href="$TO">`),
  'a web socket': (page, to) => script(`new WebSocket('$TO')`)(page, to.replace('http:', 'ws:')),
  'a web socket of a worker': (page, to) =>
    script(`new Worker(URL.createObjectURL(new Blob(["new WebSocket('$TO')"])))`)(page, to.replace('http:', 'ws:')),
};

export async function expectPageKept(stage: Stage, at: Visit, name: string): Promise<void> {
  const attempt = NAVIGATIONS[name]!;
  const { evil, ally } = fresh(stage);
  await attempt(at.page, `${evil}/forbidden`);
  await until('a block is told', () => at.blocked.length > 0);
  await pause(LOOK_MS);
  expect(stage.evil.connections).toEqual([]);
  for (const page of at.context.pages()) expect(page.url()).not.toContain(evil);
  // A page of that kind is itself kept out, so it gets to move nowhere.
  if (name.startsWith('a blob: page')) return;
  expect(at.blocked).toMatchObject([{ allowWith: `--allow-origin ${evil}` }]);
  at.blocked.length = 0;
  await attempt(at.page, `${ally}/forbidden`);
  await until('it arrives', () => askedAt(stage.shop, ally).some((request) => request.includes('/forbidden')));
  expect(at.blocked).toEqual([]);
}

export async function expectInnerUnreached(stage: Stage, at: Visit, name: string): Promise<void> {
  const attempt = REQUESTS[name]!;
  const { evil, inner } = fresh(stage);
  await attempt(at.page, `${inner}/forbidden`);
  await until('a block is told', () => at.blocked.length > 0);
  await pause(LOOK_MS);
  expect(stage.inner.connections).toEqual([]);
  expect(at.blocked).toMatchObject([{ allowWith: `--allow-origin ${inner}` }]);
  at.blocked.length = 0;
  await attempt(at.page, `${evil}/forbidden`);
  await until('it arrives', () => askedAt(stage.evil, evil).some((request) => request.includes('/forbidden')));
  expect(at.blocked).toEqual([]);
}
