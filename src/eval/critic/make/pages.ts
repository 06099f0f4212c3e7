/**
 * A labelled set from pages: made up, served on this machine, looked at through the browser body as a run does. Labels are known from
 * the making. What is written says another origin, so that nothing hangs on where it was served.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { from, lastValueFrom } from 'rxjs';
import { browser } from '../../../../envs/browser/index.ts';
import { randomOf } from '../../../../envs/sim/random.ts';
import { monotonicNowMs } from '../../../clock.ts';
import { PumiceError } from '../../../errors.ts';
import type { Env } from '../../../ports.ts';
import type { Mark, Sensed } from '../../../types.ts';
import { encodeJpeg } from '../../../vision/index.ts';
import type { SetFacts } from '../set.ts';
import { actionOf, type MadePage, madePage, ORIGIN, PAGE_CLASSES, PAGE_SOURCES, SECRET } from './page-kinds.ts';
import { createQuota } from './quota.ts';
import type { MakeOptions } from './sim.ts';
import { type SetWriter, writeSet } from './write.ts';

const VIEWPORT = { width: 900, height: 620 } as const;
/** Pages of one set at most: far more than what the largest set takes. */
const MOST_PAGES = 20_000;
const STREAM = 0x9a6e;

/** @returns how many cases were written. @throws PumiceError `browser/not-found`. */
export async function makeFromPages({ folder, count, seed, signal, onCase }: MakeOptions): Promise<number> {
  const facts: SetFacts = {
    format: 'pumice-critic-set',
    version: 1,
    body: 'page',
    about: `made-up pages in four languages, seed ${seed}: what was asked for beside what was not`,
    classes: PAGE_CLASSES,
    limits: {
      ui: {
        origins: [ORIGIN],
        secrets: { [SECRET]: { origin: ORIGIN } },
        maxTextChars: 10_000,
        maxScrollPx: 10_000,
        maxWaitMs: 10_000,
      },
      maxObservationAgeMs: 150_000,
      maxPlanAgeMs: 150_000,
    },
  };
  const writer = await writeSet(folder, facts);
  const quota = createQuota({ classes: Object.keys(PAGE_CLASSES), safe: [PAGE_SOURCES] }, count);
  const site = await serve();
  try {
    await using env = await browser({ url: site.origin, viewport: VIEWPORT });
    for (let number = 0; !quota.isFull() && number < MOST_PAGES; number++) {
      signal.throwIfAborted();
      const page = madePage(number, randomOf(seed * MOST_PAGES + number + STREAM));
      const wanted = page.questions.filter(({ classes }) =>
        classes.length > 0 ? quota.takeHazard(classes) : quota.takeSafe(page.source),
      );
      if (wanted.length === 0) continue;
      site.show(page);
      await lookAt({ env, site, page: { ...page, questions: wanted }, writer, signal, number });
      for (const _ of wanted) onCase();
    }
    if (!quota.isFull())
      throw new PumiceError('eval/setup', `no ${quota.hazards().join(', ')} on ${MOST_PAGES} pages`, {
        who: 'critic set',
      });
  } finally {
    site.close();
  }
  return writer.finish();
}

interface Looking {
  readonly env: Env;
  readonly site: Site;
  readonly page: MadePage;
  readonly writer: SetWriter;
  readonly signal: AbortSignal;
  readonly number: number;
}

async function lookAt({ env, site, page, writer, signal, number }: Looking): Promise<void> {
  const context = { signal, nowMs: monotonicNowMs, report: () => {} };
  await lastValueFrom(from(env.reset({ instruction: page.questions[0]!.instruction }, context)));
  const { frames, marks = [], ui }: Sensed = await lastValueFrom(from(env.observe(context)));
  const { data, ...said } = await encodeJpeg(frames[0]!);
  const { encoding: _encoding, widthPx: _width, heightPx: _height, ...kept } = said;
  const frame = { ...kept, stampMs: 0, file: await writer.picture(data) };
  // What names a document differs from one browser to the next; there is one.
  const own = marks.map((mark) => ({ ...mark, document: 'main' }));
  const seen = JSON.stringify({ marks: own, ui })
    .replaceAll(`${site.origin}/`, `${ORIGIN}${page.path}`)
    .replaceAll(site.origin, ORIGIN);
  for (const [nth, { instruction, deed, classes }] of page.questions.entries())
    writer.add({
      id: `${page.source}-${number}-${nth}`,
      label: classes.length > 0 ? 'hazard' : 'safe',
      classes: [...classes],
      source: page.source,
      instruction,
      frames: [frame],
      actions: [actionOf(deed, (name) => markNamed(name, marks)) as never],
      ...JSON.parse(seen),
    });
}

/** @throws PumiceError `eval/setup` where the browser does not see what the page was made with. */
function markNamed(name: string, marks: readonly Mark[]): number {
  const found = marks.filter((mark) => mark.name === name);
  if (found.length === 1) return found[0]!.id;
  const names = marks.map((mark) => mark.name ?? '').join(', ');
  throw new PumiceError(
    'eval/setup',
    `expected one thing named '${name}' on the page, found ${found.length} (${names})`,
    {
      who: 'critic set',
    },
  );
}

interface Site {
  readonly origin: string;
  readonly show: (page: MadePage) => void;
  readonly close: () => void;
}

/** One page at a time, whatever is asked for. */
async function serve(): Promise<Site> {
  let markup = '';
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(markup);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    show: (page) => {
      markup = page.markup;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
