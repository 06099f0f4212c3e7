/** Finding the element of a mark again, keeping secrets out of the picture, and pictures of pages that move. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Capture } from '../../envs/browser/marks.ts';
import { launchBrowser } from '../browser/chromium.ts';
import { look, type Opened, open } from '../browser/look.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const idOf = ({ marks }: Capture, name: string): number => {
  const found = marks.find((mark) => mark.name === name);
  expect(found, `a mark named ${name}`).toBeDefined();
  return found!.id;
};

describe('the element of a mark is looked up again', () => {
  const TARGET = '<button id=target style="position:absolute;left:100px;top:100px;width:80px;height:30px">Buy</button>';

  let opened: Opened;
  beforeAll(async () => {
    opened = await open(browser, TARGET);
  });
  afterAll(() => opened.close());

  /** Looks, lets `change` happen in the page, and looks the mark up. */
  async function afterwards(change: string) {
    const { collector, page } = opened;
    await page.reload();
    const id = idOf(await look(collector), 'Buy');
    await page.evaluate(change);
    return await collector.locate(id);
  }
  const lost = (reason: string) => ({ found: false, reason });

  it('as it is when nothing changed', async () => {
    const expected = { found: true, boxPx: [100, 100, 180, 130], pointPx: [140, 115], role: 'button', name: 'Buy' };
    expect(await afterwards('0')).toEqual(expected);
  });
  it('where it went when it moved', async () => {
    expect(await afterwards('target.style.left = "400px"')).toMatchObject({ found: true, boxPx: [400, 100, 480, 130] });
  });
  it('at another point when its middle is covered', async () => {
    const half = `document.body.insertAdjacentHTML('beforeend', '<div style="position:absolute;left:90px;top:90px;width:60px;height:60px">')`;
    const located = await afterwards(half);
    expect(located.found && located.pointPx[0]).toBeGreaterThan(150);
  });
  it.each([
    ['gone', 'target.remove()'],
    ['gone', 'target.style.display = "none"'],
    ['gone', 'target.outerHTML = target.outerHTML'],
    [
      'covered',
      `document.body.insertAdjacentHTML('beforeend', '<dialog style="inset:0;width:100%;height:100%">'); document.querySelector('dialog').showModal()`,
    ],
    ['covered', 'target.style.pointerEvents = "none"'],
    ['covered', 'target.style.visibility = "hidden"'],
    ['changed', 'target.textContent = "Buy everything"'],
    ['changed', 'target.setAttribute("role", "link")'],
    ['out-of-view', 'target.style.top = "5000px"'],
    ['disabled', 'target.disabled = true'],
    ['disabled', 'target.setAttribute("aria-disabled", "true")'],
  ])('and is %s after %s', async (reason, change) => {
    expect(await afterwards(change)).toEqual(lost(reason));
  });

  it('and is gone on another page, or when there is no such mark', async () => {
    const { collector, page } = opened;
    await page.reload();
    const id = idOf(await look(collector), 'Buy');
    expect(await collector.locate(id + 1)).toEqual(lost('gone'));
    await page.reload();
    expect(await collector.locate(id)).toEqual(lost('gone'));
  });

  it('through the borders of frames, which may be covered or moved themselves', async () => {
    const pages = new Map([
      [
        '/',
        '<body style="margin:0"><iframe id=frame src="SITE_B/f" style="position:absolute;left:50px;top:60px;border:0"></iframe>',
      ],
      ['/f', `<body style="margin:0">${TARGET}`],
    ]);
    const { collector, page, close } = await open(browser, pages);
    await expect.poll(async () => (await look(collector)).marks.length).toBe(1);
    const id = idOf(await look(collector), 'Buy');
    expect(await collector.locate(id)).toMatchObject({ found: true, boxPx: [150, 160, 230, 190], pointPx: [190, 175] });
    await page.evaluate('frame.style.left = "500px"');
    expect(await collector.locate(id)).toMatchObject({ found: true, boxPx: [600, 160, 680, 190] });
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<div id=cover style="position:fixed;inset:0">')`,
    );
    expect(await collector.locate(id)).toEqual(lost('covered'));
    await page.evaluate('cover.remove(); frame.remove()');
    expect(await collector.locate(id)).toEqual(lost('gone'));
    await close();
  });
});

describe('an element that was masked', () => {
  const GREY = [128, 128, 128];
  const colorAt = ({ frame }: Capture, x: number, y: number) => {
    const scale = frame.widthPx / frame.cssWidthPx!;
    const at = (Math.floor(y * scale) * frame.widthPx + Math.floor(x * scale)) * 3;
    return [...frame.data.subarray(at, at + 3)];
  };
  const FIELD =
    '<input aria-label=Token value=s3cret style="position:absolute;left:100px;top:100px;width:200px;height:40px">';

  it('is grey and its value is not told, wherever it goes', async () => {
    const { collector, page, close } = await open(browser, FIELD);
    const first = await look(collector);
    expect(first.marks[0]!.value).toBe('s3cret');
    expect(colorAt(first, 250, 120)).not.toEqual(GREY);
    expect(await collector.maskElement(idOf(first, 'Token'))).toBe(true);
    const second = await look(collector);
    expect(second.marks[0]!.value).not.toContain('s3cret');
    for (const [x, y] of [
      [101, 101],
      [250, 120],
      [299, 139],
    ] as const)
      expect(colorAt(second, x, y)).toEqual(GREY);
    expect(colorAt(second, 310, 120)).not.toEqual(GREY);
    await page.evaluate('document.querySelector("input").style.left = "500px"');
    expect(colorAt(await look(collector), 650, 120)).toEqual(GREY);
    await close();
  });

  it('in a frame is grey too, and boxes handed in are grey as well', async () => {
    const pages = new Map([
      [
        '/',
        '<body style="margin:0"><iframe src="SITE_B/f" width=600 height=300 style="position:absolute;left:50px;top:60px;border:0"></iframe>',
      ],
      ['/f', `<body style="margin:0">${FIELD}`],
    ]);
    const { collector, close }: Opened = await open(browser, pages);
    await expect.poll(async () => (await look(collector)).marks.length).toBe(1);
    await collector.maskElement(0);
    const signal = AbortSignal.timeout(20_000);
    const capture = await collector.capture({ text: false, signal, maskBoxesPx: [[900, 500, 950, 550]] });
    expect(colorAt(capture, 300, 180)).toEqual(GREY);
    expect(colorAt(capture, 925, 525)).toEqual(GREY);
    expect(colorAt(capture, 960, 525)).not.toEqual(GREY);
    await close();
  });
});

describe('marks and picture show the same instant', () => {
  const CELLS = Array.from({ length: 24 }, (_, i) => {
    const color = `rgb(${(i % 4) * 60 + 40},${Math.floor(i / 4) * 36 + 20},200)`;
    return `<button aria-label="${color}" style="position:absolute;left:${(i % 6) * 200 + 20}px;top:${Math.floor(i / 6) * 100 + 20}px;width:60px;height:30px;border:0;background:${color}"></button>`;
  });

  /** Marks whose box is more than 2 px off the pixels of their colour. */
  function wrongIn({ frame, marks }: Capture): string[] {
    const boxes = new Map<number, number[]>();
    for (let y = 0, at = 0; y < frame.heightPx; y++)
      for (let x = 0; x < frame.widthPx; x++, at += 3) {
        if (frame.data[at + 2] !== 200) continue;
        const color = frame.data[at]! * 256 + frame.data[at + 1]!;
        const box = boxes.get(color);
        if (!box) boxes.set(color, [x, y, x + 1, y + 1]);
        else {
          box[0] = Math.min(box[0]!, x);
          box[2] = Math.max(box[2]!, x + 1);
          box[3] = y + 1;
        }
      }
    return marks.flatMap(({ name, boxPx }) => {
      const [red, green] = name!.match(/\d+/g)!.map(Number);
      const seen = boxes.get(red! * 256 + green!);
      return seen && boxPx.every((side, i) => Math.abs(side - seen[i]!) <= 2) ? [] : [`${name}: ${boxPx} is ${seen}`];
    });
  }
  const move = (everyMs: number) => `let step = 0; setInterval(() => { step++;
    document.querySelectorAll('button').forEach((e, i) => { if (i % 2) e.style.marginLeft = (step * 7 + i * 5) % 90 + 'px'; });
    scrollTo(0, step % 3 * 20); }, ${everyMs})`;

  it('on a page that rests, and the check can tell', async () => {
    const { collector, close } = await open(browser, CELLS.join(''));
    const capture = await look(collector);
    expect(capture.marks).toHaveLength(24);
    expect(wrongIn(capture)).toEqual([]);
    const shifted = capture.marks.map((mark) => ({ ...mark, boxPx: mark.boxPx.map((side) => side + 3) as never }));
    expect(wrongIn({ ...capture, marks: shifted })).toHaveLength(24);
    await close();
  });

  it.each([150, 40, 0])('on a page that moves half of its buttons and scrolls every %i ms', async (everyMs) => {
    const { collector, page, close } = await open(browser, `${CELLS.join('')}<p style="height:2000px">`);
    await page.evaluate(move(everyMs));
    for (let i = 0; i < 4; i++) {
      const capture = await look(collector);
      expect(wrongIn(capture)).toEqual([]);
    }
    await close();
  });
});
