import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type BrowserEnv, createBody } from '../../envs/browser/body.ts';
import { browserOptions } from '../../envs/browser/options.ts';
import { type ActResult, actionSchema, type Sensed } from '../../src/types.ts';
import { launchBrowser } from '../browser/chromium.ts';
import { contextOf, hostIn } from '../browser/rig.ts';
import { openSite, type Site } from '../browser/site.ts';

let chromium: Browser;
let site: Site;
let env: BrowserEnv;
/** The newest page of the episode. */
let page: Page;
beforeAll(async () => {
  chromium = await launchBrowser();
  site = await openSite({ '/': '<title>Fine</title><button>Fine</button><input aria-label=Name>' });
});
afterAll(async () => {
  await env.close();
  await chromium.close();
  await site.close();
});

async function begin(isOwn = true) {
  await env?.close();
  const onPage = (one: Page) => {
    page = one;
  };
  env = await createBody(
    browserOptions.parse({ url: `${site.url}/` }),
    hostIn(() => chromium, { isOwn, onPage }),
  );
  await env.reset({ instruction: 'test' }, contextOf());
  return look();
}
const look = async () => (await env.observe(contextOf())) as Sensed;
const act = async (action: unknown) => (await env.act(actionSchema.parse(action), contextOf())) as ActResult;
async function crash() {
  const crashed = page.waitForEvent('crash');
  const cdp = await page.context().newCDPSession(page);
  cdp.send('Page.crash').catch(() => {});
  await crashed;
}
beforeEach(() => begin());

it('a page that crashed is opened again, once; then the tab is blank; both are told', async () => {
  await crash();
  const click = await act({ kind: 'ui-click', target: { markId: 0 } });
  expect(click).toMatchObject({ status: 'refused', reason: 'the page crashed' });
  const again = await look();
  expect(again.ui).toMatchObject({ url: `${site.url}/`, title: 'Fine', tabs: [{ index: 0 }] });
  expect(again.ui?.notices.map(({ kind }) => kind)).toEqual(['crash', 'crash']);
  expect(await act({ kind: 'ui-click', target: { markId: 0 } })).toMatchObject({ status: 'done' });
  await crash();
  const blank = await look();
  expect(blank.ui?.url).toBe('about:blank');
  expect(blank.ui?.notices.at(-1)?.text).toMatch(/was so before/);
});

it('a page that crashes while it is typed into cuts the text', async () => {
  const typing = act({ kind: 'ui-type', target: { markId: 1 }, text: 'x'.repeat(2000) });
  await page.waitForFunction(() => document.querySelector('input')!.value.length > 5);
  await crash();
  expect(await typing).toMatchObject({ status: 'done', reason: 'the page crashed' });
});

it("a user's own page that crashed is a fault with a clear name", async () => {
  await begin(false);
  await crash();
  await expect(look()).rejects.toMatchObject({ code: 'body/crashed', hint: expect.any(String) });
});

it('a browser that is gone is a fault, and closing afterwards still works', async () => {
  const own = await launchBrowser();
  const kept = chromium;
  chromium = own;
  await begin();
  await own.close();
  chromium = kept;
  await expect(look()).rejects.toMatchObject({ code: 'body/crashed' });
  await expect(act({ kind: 'ui-key', keys: 'a' })).rejects.toMatchObject({ code: 'body/crashed' });
  await env.close();
});
