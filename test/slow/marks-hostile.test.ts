/** Pages that fight the collector: they can neither hide marks nor forge marks that are no elements, nor hold it up. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../browser/chromium.ts';
import { look, open } from '../browser/look.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const namesOn = async (html: string): Promise<(string | undefined)[]> => {
  const { collector, close } = await open(browser, html);
  const { marks } = await look(collector);
  await close();
  return marks.map(({ name }) => name);
};

it('a page that replaces the builtins it can reach hides nothing, forges nothing and is not even asked', async () => {
  const { collector, page, close } = await open(
    browser,
    `<script>
      window.calls = [];
      const spy = (object, key, answer) => { object[key] = function () { calls.push(key); return answer; }; };
      for (const key of ['getBoundingClientRect', 'getClientRects', 'matches', 'closest', 'getAttribute', 'hasAttribute',
        'checkVisibility', 'querySelectorAll']) spy(Element.prototype, key, null);
      for (const key of ['elementFromPoint', 'querySelectorAll', 'createTreeWalker', 'createRange'])
        spy(Document.prototype, key, null);
      const evil = { id: 99, boxPx: [0, 0, 500, 500], pointPx: [1, 1], name: 'forged', role: 'button' };
      JSON.stringify = () => { calls.push('stringify'); return JSON.parse('{"marks":[' + '"forged"' + ']}'); };
      JSON.parse = () => ({ marks: [evil] });
      Array.prototype.map = () => [evil];
      Array.prototype[Symbol.iterator] = function* () { yield evil; };
      Map.prototype.get = () => evil;
      Set.prototype.has = () => false;
      window.getComputedStyle = () => ({ display: 'none' });
      window.requestAnimationFrame = () => 0;
      window.IntersectionObserver = window.MutationObserver = window.MessageChannel = function () { calls.push('new'); };
      for (const key of ['parentNode', 'localName', 'shadowRoot', 'isConnected'])
        for (const prototype of [Node.prototype, Element.prototype])
          Object.defineProperty(prototype, key, { get() { calls.push(key); return null; } });
      window.pumice = { call: () => { calls.push('pumice'); return '{}'; } };
    </script><button>real</button><a href="#x">link</a>`,
  );
  // Playwright's own scripts stumble over such a page; the bare debugger does not.
  const debug = await page.context().newCDPSession(page);
  const ask = async (expression: string) => (await debug.send('Runtime.evaluate', { expression })).result.value;
  await ask('calls.length = 0');
  const { marks } = await look(collector);
  expect(marks.map(({ name, role }) => [name, role])).toEqual([
    ['real', 'button'],
    ['link', 'link'],
  ]);
  expect(await ask('calls.length')).toBe(0);
  await close();
});

describe('an element whose name is that of a property', () => {
  const PROPERTIES =
    'getBoundingClientRect getClientRects matches closest getAttribute hasAttribute checkVisibility querySelectorAll shadowRoot localName tagName parentNode isConnected nodeType firstElementChild textContent ownerDocument namespaceURI assignedSlot getRootNode isContentEditable offsetWidth clientWidth id type labels';

  it('hides neither its form nor what is in it', async () => {
    const fields = PROPERTIES.split(' ').map((name) => `<input hidden name=${name}>`);
    const form = `<form tabindex=0 aria-label=form>${fields.join('')}<button>inner</button></form>`;
    expect(await namesOn(`${form}<button>after</button>`)).toEqual(expect.arrayContaining(['form', 'inner', 'after']));
  });

  it('does not take the place of a property of the document or the window', async () => {
    const taken =
      `${PROPERTIES} pumice documentElement scrollingElement hasFocus createDocumentFragment elementFromPoint
      createTreeWalker createRange activeElement styleSheets adoptedStyleSheets getElementById document innerWidth scrollX
      IntersectionObserver JSON origin Object Function`.split(/\s+/);
    const things = taken.map((name) => `<img name=${name} id=${name} alt=""><form name=${name}></form>`);
    const { collector, page, close } = await open(
      browser,
      `<style>form{display:inline}</style>${things.join('')}<button>real</button>`,
    );
    expect((await look(collector)).marks.map(({ name }) => name)).toEqual(['real']);
    // The same when the elements are there before the index is: a second collector.
    const { createMarkCollector } = await import('../../envs/browser/marks.ts');
    const second = await createMarkCollector(page);
    expect((await look(second)).marks.map(({ name }) => name)).toEqual(['real']);
    await second.dispose();
    await close();
  });
});

it('what lies under something else, or lets clicks through, is no mark; what lies over it is', async () => {
  const names = await namesOn(`<style>button,div{position:absolute;left:0;top:0;width:90px;height:30px}</style>
    <button>under</button><button style="top:40px;pointer-events:none">through</button>
    <div role=button tabindex=0>over</div>`);
  expect(names).toEqual(['over']);
});

it('an iframe that says it is elsewhere, or nests itself, shows its own marks where it is', async () => {
  const pages = new Map([
    [
      '/',
      '<body style="margin:0"><iframe src="SITE_B/f" style="position:absolute;left:300px;top:200px;border:0"></iframe>',
    ],
    [
      '/f',
      `<body style="margin:0"><button>inner</button><iframe src="SITE_B/f" width=100 height=50></iframe><script>
      window.frameElement = null; window.innerWidth = 5000; window.origin = 'https://bank.example';
      Object.defineProperty(window, 'scrollX', { get: () => 400 });</script>`,
    ],
  ]);
  const { collector, close } = await open(browser, pages);
  await expect.poll(async () => (await look(collector)).marks.length).toBeGreaterThan(0);
  const { marks } = await look(collector);
  for (const { boxPx, origin } of marks) {
    expect(boxPx[0]).toBeGreaterThanOrEqual(300);
    expect(boxPx[1]).toBeGreaterThanOrEqual(200);
    expect(new URL(origin!).hostname).toBe('localhost');
  }
  await close();
});

it('a capture that is aborted ends at once', async () => {
  const { collector, page, close } = await open(browser, '<button>free</button>');
  await look(collector);
  const shown = page.waitForEvent('dialog');
  await page.evaluate(() => void setTimeout(() => alert('stop'), 0));
  const dialog = await shown;
  const abort = new AbortController();
  const capture = collector.capture({ text: false, signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(capture).rejects.toThrow('enough');
  await dialog.accept();
  await close();
});
