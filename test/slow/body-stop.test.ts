import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BrowserEnv, browser } from '../../envs/browser/index.ts';
import { type Action, type ActResult, actionSchema, type Sensed } from '../../src/types.ts';
import { launchBrowser } from '../browser/chromium.ts';
import { contextOf } from '../browser/rig.ts';
import { openSite, type Site } from '../browser/site.ts';

const block = (name: string, place: string) =>
  `<div role=button aria-label=${name} style="position:absolute;${place};width:50px;height:50px;background:red"></div>`;
const PAGES = {
  '/': `<textarea aria-label=Letter style="position:absolute;top:100px;left:100px;width:400px;height:200px"></textarea>
    ${block('Box', 'left:10px;top:10px')}${block('Goal', 'left:1000px;top:600px')}<div style="height:50000px"></div>
    <button aria-label=Send style="position:absolute;top:400px;left:100px" onclick="fetch('/keep',{method:'POST'}).catch(()=>{})">Send</button>
    <script>for (const name of ['keydown','keyup','input','mousedown','mousemove','mouseup','wheel'])
      addEventListener(name, (event) => report(name, event.clientX ?? 0), true)</script>`,
};

/** Input events of the page, in the order in which they reached it. */
let events: { readonly name: string; readonly xPx: number }[];
let onEvent: (name: string) => void;
let chromium: Browser;
let page: Page;
let site: Site;
let env: BrowserEnv;
let sent: string[];

beforeAll(async () => {
  chromium = await launchBrowser();
  site = await openSite({
    ...PAGES,
    '/keep': (request, response) => {
      sent.push(`${request.method} ${request.url}`);
      response.end('ok');
    },
  });
});
afterAll(async () => {
  await chromium.close();
  await site.close();
});
beforeEach(async () => {
  await env?.close();
  await page?.close();
  events = [];
  sent = [];
  onEvent = () => {};
  page = await chromium.newPage({ viewport: { width: 1280, height: 720 } });
  await page.exposeFunction('report', (name: string, xPx: number) => {
    events.push({ name, xPx });
    onEvent(name);
  });
  env = await browser({ page, url: `${site.url}/` });
  await env.reset({ instruction: 'test' }, contextOf());
});

const look = async () => (await env.observe(contextOf())) as Sensed;
const at = (seen: Sensed, name: string) => ({ markId: seen.marks!.find((mark) => mark.name === name)!.id });
const act = async (action: unknown, signal?: AbortSignal) =>
  (await env.act(actionSchema.parse(action), contextOf(signal))) as ActResult;

/** Whatever was under way has arrived when the page has drawn twice and answered. */
const arrived = () =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

/** Stops by `stop` at the n-th event of a name; answers what the act said, and the events that came after the stop. */
async function cutAt(name: string, n: number, action: unknown, stop = () => env.halt(1, 'test'), signal?: AbortSignal) {
  let seen = 0;
  let cutIndex = Number.POSITIVE_INFINITY;
  onEvent = (one) => {
    if (one !== name || ++seen !== n) return;
    cutIndex = events.length;
    stop();
  };
  const result = await act(action, signal);
  await arrived();
  return { result, after: events.slice(cutIndex) };
}

const letter = 'lorem ipsum dolor sit amet '.repeat(75).slice(0, 2000);

describe('a stop', () => {
  it('cuts a text of 2,000 characters: no key follows but the one under way', async () => {
    const target = at(await look(), 'Letter');
    const { result, after } = await cutAt('input', 50, { kind: 'ui-type', target, text: letter });
    expect(result.status).toBe('stopped');
    expect(after.filter(({ name }) => name === 'input').length).toBeLessThanOrEqual(2);
    // What was executed is what arrived.
    const { text } = result.executed as Extract<Action, { kind: 'ui-type' }>;
    expect(letter.startsWith(text)).toBe(true);
    expect(await page.inputValue('textarea')).toBe(text);
  });

  it('cuts the part of a long text that is put in by pieces', async () => {
    const target = at(await look(), 'Letter');
    const { result, after } = await cutAt('input', 105, { kind: 'ui-type', target, text: letter });
    expect(result.status).toBe('stopped');
    expect(after.filter(({ name }) => name === 'input').length).toBeLessThanOrEqual(2);
    expect((await page.inputValue('textarea')).length).toBeLessThan(500);
  });

  it('twin: the same text without a stop arrives whole', async () => {
    const target = at(await look(), 'Letter');
    expect(await act({ kind: 'ui-type', target, text: letter })).toMatchObject({ status: 'done' });
    expect(await page.inputValue('textarea')).toBe(letter);
  });

  it('cuts a drag: the button is released where it is, and nothing else is sent', async () => {
    const seen = await look();
    const drag = { kind: 'ui-drag', from: at(seen, 'Box'), to: at(seen, 'Goal') };
    let moves = 0;
    const { result, after } = await cutAt('mousemove', 6, drag, () => env.halt(1, 'test'));
    for (const { name } of after) if (name === 'mousemove') moves += 1;
    expect(result.status).toBe('stopped');
    expect(moves).toBeLessThanOrEqual(2);
    expect(after.filter(({ name }) => name === 'mouseup')).toHaveLength(1);
    expect(after.every(({ name }) => name === 'mouseup' || name === 'mousemove')).toBe(true);
    expect(Math.max(...events.map(({ xPx }) => xPx))).toBeLessThan(1000);
  });

  it('releases keys that are held', async () => {
    const { result, after } = await cutAt('keydown', 2, { kind: 'ui-key', keys: 'Control+Shift+A' });
    expect(result.status).toBe('stopped');
    const ups = events.filter(({ name }) => name === 'keyup').length;
    expect(ups).toBe(events.filter(({ name }) => name === 'keydown').length);
    expect(after.filter(({ name }) => name === 'keydown').length).toBeLessThanOrEqual(1);
  });

  it('cuts a wait and a long scroll at once', async () => {
    const waiting = act({ kind: 'ui-wait', durationMs: 60_000 });
    env.halt(1, 'test');
    expect(await waiting).toMatchObject({ status: 'stopped' });
    await env.reset({ instruction: 'again' }, contextOf());
    await look();
    const { result } = await cutAt('wheel', 2, { kind: 'ui-scroll', dyPx: 40_000 });
    expect(result.status).toBe('stopped');
    expect(result.executed).toMatchObject({ kind: 'ui-scroll' });
    expect(events.filter(({ name }) => name === 'wheel').length).toBeLessThan(20);
  });

  it('comes from the signal of the call as well', async () => {
    const target = at(await look(), 'Letter');
    const abort = new AbortController();
    const typing = { kind: 'ui-type', target, text: letter };
    const { result } = await cutAt('input', 10, typing, () => abort.abort(), abort.signal);
    expect(result.status).toBe('stopped');
    // Only that call is over.
    expect(await act({ kind: 'ui-key', keys: 'Enter' })).toMatchObject({ status: 'done' });
  });

  it('is final for its episode, idempotent, and leaves words and looking possible; the next reset begins afresh', async () => {
    const seen = await look();
    env.halt(2, 'test');
    env.halt(1, 'again');
    expect(await act({ kind: 'ui-click', target: at(seen, 'Box') })).toMatchObject({ status: 'stopped' });
    expect(await act({ kind: 'hold' })).toMatchObject({ status: 'done' });
    expect((await look()).marks?.length).toBeGreaterThan(2);
    expect(events).toEqual([]);
    await env.reset({ instruction: 'again' }, contextOf());
    expect(await act({ kind: 'ui-click', target: at(await look(), 'Box') })).toMatchObject({ status: 'done' });
    await arrived();
    expect(events.map(({ name }) => name)).toContain('mouseup');
  });

  it('fails requests that could change something from then on', async () => {
    await look();
    await page.click('button', { noWaitAfter: true });
    await page.waitForResponse(/keep/);
    env.halt(1, 'test');
    const failed = page.waitForEvent('requestfailed');
    await page.click('button');
    await failed;
    expect(sent).toEqual(['POST /keep']);
  });
});
