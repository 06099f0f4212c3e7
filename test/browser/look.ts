/** Opens pages in the browser of the tests and looks at them through the mark collector. */
import type { Browser, Page } from 'playwright';
import { type Capture, createMarkCollector, type MarkCollector } from '../../envs/browser/marks.ts';
import type { GeneratedPage } from './generated-page.ts';
import { servePages } from './server.ts';

/** Far above what a loaded machine needs; a test that is right never waits for it. */
const LOOK_CAP_MS = 20_000;

export const look = (collector: MarkCollector, options: { text?: boolean } = {}): Promise<Capture> =>
  collector.capture({ text: options.text ?? false, signal: AbortSignal.timeout(LOOK_CAP_MS) });

export interface Opened {
  readonly page: Page;
  readonly collector: MarkCollector;
  readonly close: () => Promise<void>;
}

/** Shows `html` (and what it refers to) at `/`; `SITE_A` (its own) and `SITE_B` in it are two sites. */
export async function open(
  browser: Browser,
  html: string | Map<string, string>,
  options: { dpr?: number } = {},
): Promise<Opened> {
  const pages = new Map<string, string>();
  const server = await servePages(pages);
  const sources = typeof html === 'string' ? new Map([['/', html]]) : html;
  for (const [path, source] of sources)
    pages.set(path, source.replaceAll('SITE_A', server.here).replaceAll('SITE_B', server.there));
  const page = await browser.newPage({
    viewport: { width: 1280, height: 720 },
    deviceScaleFactor: options.dpr ?? 1,
  });
  await page.goto(server.here);
  const collector = await createMarkCollector(page);
  const close = async () => {
    await collector.dispose();
    await page.close();
    await server.close();
  };
  return { page, collector, close };
}

export interface Coverage {
  readonly missed: readonly string[];
  readonly false: readonly string[];
  readonly marks: number;
}

/** What a capture found of a generated page. */
export function coverageOf(generated: GeneratedPage, { marks }: Pick<Capture, 'marks'>): Coverage {
  const names = marks.map(({ name }) => name ?? '');
  const targets = new Set(generated.targets);
  const seen = new Set<string>();
  const wrong = names.filter((name) => {
    const isWrong = !targets.has(name) || seen.has(name);
    seen.add(name);
    return isWrong;
  });
  return { missed: generated.targets.filter((name) => !seen.has(name)), false: wrong, marks: marks.length };
}
