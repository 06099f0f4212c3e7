/** The script that runs inside pages is put together from functions' own source: it must survive every way of compiling. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from './chromium.ts';
import { look, open } from './look.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

it.each([
  ['the source', '../../envs/browser/page/source.ts'],
  ['the package that is built', '../../dist/envs/browser/page/source.js'],
])('it stands alone when made from %s', async (_, path) => {
  const { indexSource } = await import(path);
  const page = await browser.newPage();
  const found = await page.evaluate(`document.body.innerHTML = '<button>hello</button>'; ${indexSource('changed')};
    pumice.call('sample', [{ text: true }])`);
  expect(JSON.parse(String(found))).toMatchObject({
    marks: [{ id: 1, role: 'button', name: 'hello' }],
    texts: [{ text: 'hello' }],
  });
  await page.close();
});

it('visible text is read with its boxes from all frames and roots, top to bottom, and nothing that is not seen', async () => {
  const pages = new Map([
    [
      '/',
      `<body style="margin:0;font:20px/24px monospace"><p style="margin:0">first <b>bold</b></p><div id=host></div><p style="display:none">none</p>
       <p style="opacity:0;margin:0">clear</p><div style="position:relative"><span>under</span><i style="position:absolute;inset:0;background:#fff"></i></div>
       <iframe src="SITE_B/f" style="border:0;height:60px"></iframe><p style="margin-top:3000px">below</p>
       <script>host.attachShadow({ mode: 'closed' }).innerHTML = 'in a root'</script>`,
    ],
    ['/f', '<body style="margin:0">in a frame</body>'],
  ]);
  const { collector, close } = await open(browser, pages);
  const texts = async () => (await look(collector, { text: true })).texts!;
  await expect
    .poll(async () => (await texts()).map(({ text }) => text))
    .toEqual(['first', 'bold', 'in a root', 'in a frame']);
  for (const { boxPx } of await texts()) expect(boxPx[3] - boxPx[1]).toBeGreaterThan(10);
  expect((await look(collector)).texts).toBeUndefined();
  await close();
});
