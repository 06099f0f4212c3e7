/** A reset that is stopped, left or overtaken by the end of the body goes no further. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createBody } from '../../envs/browser/body.ts';
import { browserOptions } from '../../envs/browser/options.ts';
import { launchBrowser } from './chromium.ts';
import { contextOf, hostIn } from './rig.ts';
import { openSite, type Site } from './site.ts';

let chromium: Browser;
let site: Site;
let asked: string[];

beforeAll(async () => {
  chromium = await launchBrowser();
  site = await openSite({
    '/': (request, response) => {
      asked.push(`${request.url}`);
      response.end('<!doctype html>here');
    },
  });
});
afterAll(async () => {
  await chromium.close();
  await site.close();
});
beforeEach(() => {
  asked = [];
});

/** A body whose browser takes until `open` is called. */
async function slowBody() {
  const host = hostIn(() => chromium);
  let open = () => {};
  const opening = new Promise<void>((resolve) => {
    open = resolve;
  });
  const env = await createBody(browserOptions.parse({ url: `${site.url}/` }), {
    ...host,
    open: async (guard) => {
      const stage = await host.open(guard);
      await opening;
      return stage;
    },
  });
  return { env, open };
}

it.each([
  ['halted', (env: { halt: (category: 1, reason: string) => void }) => env.halt(1, 'pressed'), /pressed/],
  ['closed', (env: { close: () => Promise<void> }) => void env.close(), /closed/],
  ['left', (_env: unknown, abort: AbortController) => abort.abort(new Error('nobody waits')), /nobody waits/],
] as const)('%s: it fails, opens no page and leaves nothing behind', async (_how, cut, why) => {
  const { env, open } = await slowBody();
  const abort = new AbortController();
  const resetting = env.reset({ instruction: 'test' }, contextOf(abort.signal)) as Promise<unknown>;
  cut(env as never, abort);
  open();
  await expect(resetting).rejects.toThrow(why);
  expect(asked).toEqual([]);
  expect(chromium.contexts()).toEqual([]);
  await env.close();
});

it('twin: left alone, the same reset opens the page; after a halt the next one begins afresh', async () => {
  const { env, open } = await slowBody();
  open();
  env.halt(1, 'before anything began');
  await env.reset({ instruction: 'test' }, contextOf());
  env.halt(1, 'pressed');
  await env.reset({ instruction: 'test' }, contextOf());
  expect(asked).toEqual(['/', '/']);
  await env.close();
  await expect(env.reset({ instruction: 'test' }, contextOf())).rejects.toThrow(/closed/);
});
