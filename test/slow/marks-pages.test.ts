/** What the collector finds on a page, where, and what it says of it. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mark } from '../../src/types.ts';
import { launchBrowser } from '../browser/chromium.ts';
import { generatePage } from '../browser/generated-page.ts';
import { coverageOf, look, open } from '../browser/look.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const named = (marks: readonly Mark[], name: string): Mark => {
  const found = marks.filter((mark) => mark.name === name && mark.role !== 'label');
  expect(found, `one mark named ${name}`).toHaveLength(1);
  return found[0]!;
};

describe('on generated pages of nested frames and roots', () => {
  it.each([11, 12])('every target is marked once and no decoy is (seed %i)', async (seed) => {
    const generated = generatePage(seed, ['SITE_A', 'SITE_B']);
    const { collector, page, close } = await open(browser, generated.pages);
    // Roots that are attached 30 ms after the load.
    await page.waitForFunction(() => document.readyState === 'complete');
    await expect.poll(async () => coverageOf(generated, await look(collector)).missed, { timeout: 5000 }).toEqual([]);
    const found = coverageOf(generated, await look(collector));
    expect(found.false).toEqual([]);
    await close();
  });

  it('a collector that knew nothing of listeners and closed roots would miss some', () => {
    const { pages } = generatePage(11, ['SITE_A', 'SITE_B']);
    const html = [...pages.values()].join('');
    for (const kind of ['data-listen', 'data-shadow', 'shadowrootmode=closed', 'data-late', 'src="SITE_B', 'srcdoc'])
      expect(html).toContain(kind);
  });
});

it('elements are marked whether they come early or late: inserted, attached, styled, navigated to', async () => {
  const frame = '<button>in frame</button>';
  const { collector, page, close } = await open(
    browser,
    new Map([
      ['/', '<div id=host>old</div>'],
      ['/f', frame],
    ]),
  );
  await look(collector);
  await page.evaluate(() => {
    const add = (html: string) => document.body.insertAdjacentHTML('beforeend', html);
    document.getElementById('host')!.attachShadow({ mode: 'closed' }).innerHTML = '<button>late closed root</button>';
    const deep = document.createElement('div');
    deep.innerHTML = '<section></section>';
    const inner = deep.firstElementChild!.attachShadow({ mode: 'closed' });
    inner.innerHTML = '<p></p>';
    inner.querySelector('p')!.attachShadow({ mode: 'open' }).innerHTML = '<button>root in a root</button>';
    document.body.append(deep);
    add('<style>.late{cursor:pointer}</style><div class=late>styled late</div><div id=inline>inline style</div>');
    document.getElementById('inline')!.style.cursor = 'pointer';
    add('<div id=listening>listens late</div><iframe src="/f"></iframe>');
    setTimeout(() => document.getElementById('listening')!.addEventListener('click', () => 1), 20);
  });
  const expected = ['late closed root', 'root in a root', 'styled late', 'inline style', 'listens late', 'in frame'];
  const names = async () => (await look(collector)).marks.map(({ name }) => name);
  await expect.poll(names, { timeout: 5000 }).toEqual(expect.arrayContaining(expected));
  await page.goto('about:blank');
  expect(await names()).toEqual([]);
  await page.setContent('<button>next page</button>');
  await expect.poll(names).toEqual(['next page']);
  await close();
});

it('only what is in view can be a mark, also after scrolling the page and a box in it', async () => {
  const { collector, page, close } = await open(
    browser,
    `<body style="margin:0"><button>top</button><div id=box style="height:60px;overflow:auto"><p style="height:200px"></p>
     <button>in the box</button></div><p style="height:3000px"></p><button>bottom</button>`,
  );
  const names = async () => (await look(collector)).marks.map(({ name }) => name);
  // What is in view is known to a page when it has been drawn.
  const drawn = () =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(await names()).toEqual(['top']);
  await page.evaluate(() => document.getElementById('box')!.scrollTo(0, 1000));
  await drawn();
  expect(await names()).toEqual(['top', 'in the box']);
  await page.evaluate(() => scrollTo(0, 10_000));
  await drawn();
  expect(await names()).toEqual(['bottom']);
  const { scroll } = await look(collector);
  expect(scroll.yPx).toBe(scroll.maxYPx);
  await close();
});

it('a mark says role, name, value, kind of input, options and state', async () => {
  const { collector, page, close } = await open(
    browser,
    `<label for=mail>Mail</label><input id=mail type=email value="a@b.c" required><input type=password aria-label=Key value=hunter2>
     <input type=checkbox aria-label=Agree checked><input type=date aria-label=Day value=2026-10-05 readonly>
     <select aria-label=Size><option>small<option selected>large</select><textarea aria-label=Note>hi
there</textarea>
     <div role=tab aria-selected=true tabindex=0>Tab</div><button aria-expanded=false id=menu>Menu</button>
     <span id=label>Long</span><div role=slider tabindex=0 aria-labelledby="label menu" aria-valuenow=3>x</div>
     <button><img alt=Search src="data:,"></button><input type=submit value=Go><details open><summary>More</summary></details>`,
  );
  await page.focus('textarea');
  const { marks } = await look(collector);
  const told = (name: string) => {
    const {
      id: _,
      boxPx: _box,
      pointPx: _point,
      source: _source,
      document: _doc,
      origin: _origin,
      clues: _clues,
      ...rest
    } = named(marks, name);
    return rest;
  };
  expect(told('Mail')).toEqual({
    role: 'textbox',
    name: 'Mail',
    value: 'a@b.c',
    inputType: 'email',
    state: { required: true },
  });
  expect(told('Key')).toEqual({ role: 'textbox', name: 'Key', value: '•••', inputType: 'password' });
  expect(told('Agree')).toEqual({ role: 'checkbox', name: 'Agree', state: { checked: true } });
  expect(told('Day')).toEqual({
    role: 'textbox',
    name: 'Day',
    value: '2026-10-05',
    inputType: 'date',
    state: { readonly: true },
  });
  expect(told('Size')).toEqual({ role: 'combobox', name: 'Size', value: 'large', options: ['small', 'large'] });
  expect(told('Note')).toEqual({ role: 'textbox', name: 'Note', value: 'hi\nthere', state: { focused: true } });
  expect(told('Tab')).toEqual({ role: 'tab', name: 'Tab', state: { selected: true } });
  expect(told('Menu')).toEqual({ role: 'button', name: 'Menu', state: { expanded: false } });
  expect(told('Long Menu')).toEqual({ role: 'slider', name: 'Long Menu', value: '3' });
  expect(told('Search')).toEqual({ role: 'button', name: 'Search' });
  expect(told('Go')).toEqual({ role: 'button', name: 'Go' });
  expect(told('More')).toEqual({ role: 'button', name: 'More', state: { expanded: true } });
  await close();
});

it.each([1, 2])(
  'boxes fit the picture, through nested frames of other sites, at %i device pixels per CSS pixel',
  async (dpr) => {
    const at = (color: string, x: number, y: number) =>
      `<button aria-label="${color}" style="position:absolute;left:${x}px;top:${y}px;width:40px;height:20px;border:0;background:${color}"></button>`;
    const pages = new Map([
      [
        '/',
        `<body style="margin:0">${at('rgb(255,0,0)', 700, 30)}<iframe style="position:absolute;left:31px;top:47px;width:500px;height:400px;border:3px solid;padding:5px" src="SITE_B/outer"></iframe>`,
      ],
      [
        '/outer',
        `<body style="margin:0">${at('rgb(0,255,0)', 11, 13)}<iframe style="position:absolute;left:100px;top:90px;width:200px;height:150px;border:2px solid;transform:scale(1.5);transform-origin:0 0" src="SITE_A/inner"></iframe>`,
      ],
      ['/inner', `<body style="margin:0">${at('rgb(0,0,255)', 20, 30)}`],
    ]);
    const { collector, close } = await open(browser, pages, { dpr });
    await expect.poll(async () => (await look(collector)).marks.length).toBe(3);
    const { frame, marks } = await look(collector);
    expect([frame.cssWidthPx, frame.cssHeightPx, frame.dpr]).toEqual([1280, 720, dpr]);
    // Whether the picture has one or `dpr` pixels per CSS pixel is the browser's choice; the frame says which.
    const scale = frame.widthPx / frame.cssWidthPx!;
    expect(frame.heightPx).toBe(720 * scale);
    for (const { name, boxPx } of marks) {
      const color = name!.match(/\d+/g)!.map(Number);
      const seen = boxOfColor(frame, color).map((side) => side / scale);
      for (let side = 0; side < 4; side++)
        expect(Math.abs(seen[side]! - boxPx[side]!), `${name} side ${side}`).toBeLessThanOrEqual(1);
    }
    const origins = marks.map(({ name, origin }) => [name, new URL(origin!).hostname]);
    expect(Object.fromEntries(origins)).toEqual({
      'rgb(255,0,0)': '127.0.0.1',
      'rgb(0,255,0)': 'localhost',
      'rgb(0,0,255)': '127.0.0.1',
    });
    expect(new Set(marks.map(({ document }) => document)).size).toBe(3);
    await close();
  },
);

it('the same page gives the same numbers, from the top, each row from the left', async () => {
  const { collector, close } = await open(
    browser,
    '<p><button>1</button><button>2</button><p><a href="#">3</a><button>4</button>',
  );
  const first = await look(collector);
  expect(first.marks.map(({ id, name }) => [id, name])).toEqual([
    [0, '1'],
    [1, '2'],
    [2, '3'],
    [3, '4'],
  ]);
  expect((await look(collector)).marks).toEqual(first.marks);
  await close();
});

/** Sides of the smallest box around all pixels of a colour. */
function boxOfColor(frame: { data: Uint8Array; widthPx: number; heightPx: number }, color: readonly number[]) {
  let box = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (let y = 0; y < frame.heightPx; y++)
    for (let x = 0; x < frame.widthPx; x++) {
      const at = (y * frame.widthPx + x) * 3;
      if (color.some((part, i) => Math.abs(frame.data[at + i]! - part) > 8)) continue;
      box = [Math.min(box[0]!, x), Math.min(box[1]!, y), Math.max(box[2]!, x + 1), Math.max(box[3]!, y + 1)];
    }
  return box;
}
