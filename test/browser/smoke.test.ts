import { expect, it } from 'vitest';
import { createMarkCollector } from '../../envs/browser/marks.ts';
import { launchBrowser } from './chromium.ts';
import { generatePage } from './generated-page.ts';
import { servePages } from './server.ts';

it('smoke', async () => {
  const browser = await launchBrowser();
  const pages = new Map<string, string>();
  const server = await servePages(pages);
  for (const seed of [1, 2, 3]) {
    const g = generatePage(seed, server.there);
    pages.clear();
    for (const [k, v] of g.pages) pages.set(k, v);
    console.log([...g.pages.values()].join('\n').length, g.pages.size);
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(server.here, { waitUntil: 'load' });
    await page.waitForTimeout(200);
    console.log('loaded');
    const t0 = performance.now();
    const c = await createMarkCollector(page);
    console.log('created');
    const t1 = performance.now();
    const cap = await c.capture({ text: false, signal: AbortSignal.timeout(20000) });
    console.log('captured');
    const t2 = performance.now();
    const cap2 = await c.capture({ text: false, signal: AbortSignal.timeout(20000) });
    const t3 = performance.now();
    const names = new Set(cap2.marks.map((m) => m.name));
    console.log(
      seed,
      'pages',
      g.pages.size,
      'targets',
      g.targets.length,
      'marks',
      cap.marks.length,
      cap2.marks.length,
      'missed',
      g.targets.filter((t) => !names.has(t)),
      'false',
      cap2.marks.filter((m) => !g.targets.includes(m.name!)).map((m) => m.name + ':' + m.role + m.boxPx),
      'ms',
      t1 - t0,
      t2 - t1,
      t3 - t2,
    );
    await page.screenshot({ path: `/tmp/w/s${seed}.png` });
    const html = [...g.pages.values()].join('\n');
    for (const t of g.targets.filter((t) => !names.has(t)))
      console.log(t, html.match(new RegExp(`.{80}[>"&;]${t}\\b.{30}`))?.[0]);
    await c.dispose();
    await page.close();
  }
  await browser.close();
  await server.close();
  expect(1).toBe(1);
}, 60000);
