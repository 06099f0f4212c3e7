import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Blocked } from '../../envs/browser/guard.ts';
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

/** Ways to make a request that is no navigation. `$TO` ends in /forbidden. */
const REQUESTS: Readonly<Record<string, Attempt>> = {
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

describe('nothing in a page reaches the inner network', () => {
  beforeEach(() => at.again());

  it.each(Object.entries(REQUESTS))('not %s, which reaches the public internet', async (_, attempt) => {
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
  });
});

/** Ways to write an address of the inner network; `$P` is the port of the inner server. */
const SPELLINGS: readonly (readonly [string, string])[] = [
  ['decimal', 'http://2130706433:$P/'],
  ['octal', 'http://0177.0.0.1:$P/'],
  ['hexadecimal', 'http://0x7f000001:$P/'],
  ['mixed', 'http://0x7f.1:$P/'],
  ['short', 'http://127.1:$P/'],
  ['all zero', 'http://0.0.0.0:$P/'],
  ['nothing but zero', 'http://0:$P/'],
  ['another loopback', 'http://127.8.9.10:$P/'],
  ['IPv6 loopback', 'http://[::1]:$P/'],
  ['IPv6 unspecified', 'http://[::]:$P/'],
  ['IPv4 mapped into IPv6', 'http://[::ffff:127.0.0.1]:$P/'],
  ['full-width digits', 'http://１２７.０.０.１:$P/'],
  ['localhost', 'http://localhost:$P/'],
  ['LOCALHOST with a dot', 'http://LOCALHOST.:$P/'],
  ['below localhost', 'http://a.localhost:$P/'],
  ['a public name with an inner address', 'http://inner.example:$P/'],
  ['a name with a public and an inner address', 'http://mixed.example:$P/'],
  ['a name of the own site with an inner address', 'http://rebound.shop.example:$P/'],
  ['cloud metadata', 'http://169.254.169.254/latest/meta-data/'],
  ['cloud metadata by name', 'http://metadata.example/latest/meta-data/'],
  ['cloud metadata in decimal', 'http://2852039166/latest/'],
  ['the local network', 'http://192.168.0.1/'],
  ['https on a tunnel', 'https://127.0.0.1:$P/'],
];

describe('an inner address is known under every name', () => {
  let told: readonly Blocked[] = [];
  let connections: readonly string[] = [];
  const written = (address: string) => address.replace('$P', String(stage.inner.port));

  beforeAll(async () => {
    await at.again();
    for (const [, address] of SPELLINGS) {
      at.guard.retell();
      await at.page.evaluate((to) => fetch(to, { mode: 'no-cors' }).catch(() => {}), written(address));
    }
    told = [...at.blocked];
    connections = [...stage.inner.connections];
  });

  it.each(SPELLINGS)('%s', (_, address) => {
    const { host } = new URL(written(address));
    const block = told.find((one) => new URL(one.url).host === host);
    expect(block?.allowWith).toMatch(/^--allow-(origin http|private)/);
  });

  it('and nothing was connected to, while each was told', () => {
    expect(connections).toEqual([]);
    expect(told).toHaveLength(SPELLINGS.length);
  });
});
