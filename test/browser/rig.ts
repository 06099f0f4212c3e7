/** A browser body on a site of the test's own, and short words to use it by. */
import type { Browser, Page } from 'playwright';
import type { Host } from '../../envs/browser/host.ts';
import { type BrowserEnv, type BrowserOptions, browser } from '../../envs/browser/index.ts';
import { monotonicNowMs } from '../../src/clock.ts';
import { type Action, type ActResult, actionSchema, type Mark, type Sensed, type UiState } from '../../src/types.ts';
import { type Answer, openSite, type Site } from './site.ts';

/** A host in a browser that the test launched: episodes in contexts of their own, whose pages the test can reach. */
export const hostIn = (
  chromium: () => Browser,
  { isOwn = true, onPage = (_: Page) => {} }: { readonly isOwn?: boolean; readonly onPage?: (page: Page) => void } = {},
): Host => ({
  facts: {},
  isProxied: isOwn,
  open: async (guard) => {
    const context = await chromium().newContext(guard.contextOptions);
    context.on('page', onPage);
    return { context, page: await context.newPage(), isOwn, dispose: () => context.close() };
  },
  close: async () => {},
});

export type Rig = Awaited<ReturnType<typeof openRig>>;

export const contextOf = (signal: AbortSignal = new AbortController().signal) => ({
  signal,
  nowMs: monotonicNowMs,
  report: () => {},
});

export async function openRig(
  pages: Readonly<Record<string, Answer>>,
  options: (site: Site) => BrowserOptions = () => ({}),
) {
  const site = await openSite(pages);
  const env: BrowserEnv = await browser({ url: `${site.url}/`, ...options(site) });
  const context = contextOf();
  let seen: Sensed | undefined;
  const rig = {
    site,
    env,
    reset: async () => void (await env.reset({ instruction: 'test' }, context)),
    /** Looks; what was seen last stays to be asked of. */
    look: async (): Promise<Sensed & { readonly ui: UiState; readonly marks: readonly Mark[] }> => {
      seen = (await env.observe(context)) as Sensed;
      return seen as Sensed & { readonly ui: UiState; readonly marks: readonly Mark[] };
    },
    /** The mark with this name, in what was seen last. */
    mark: (name: string): Mark => {
      const found = seen?.marks?.filter((mark) => mark.name === name && mark.role !== 'label');
      if (found?.length !== 1)
        throw new Error(`expected one mark '${name}', got ${found?.length}: ${seen?.marks?.map((mark) => mark.name)}`);
      return found[0]!;
    },
    at: (name: string) => ({ markId: rig.mark(name).id }),
    /** Defaults are filled in as the runtime does. */
    act: async (action: Readonly<Record<string, unknown>> & { readonly kind: Action['kind'] }): Promise<ActResult> =>
      (await env.act(actionSchema.parse(action), context)) as ActResult,
    /** Goes to a page of the site and looks. */
    open: async (path: string) => {
      const went = await rig.act({ kind: 'ui-navigate', url: `${site.url}${path}` });
      if (went.status !== 'done') throw new Error(went.reason);
      return rig.look();
    },
    /** The page's title, where test pages tell what they saw. */
    told: async (): Promise<string> => (await rig.look()).ui.title,
    close: async () => {
      await env.close();
      await site.close();
    },
  };
  return rig;
}
