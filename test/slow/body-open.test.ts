import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBody } from '../../envs/browser/body.ts';
import plugin, { type BrowserEnv, type BrowserOptions, browser } from '../../envs/browser/index.ts';
import { browserOptions } from '../../envs/browser/options.ts';
import { type ActResult, actionSchema, type Sensed } from '../../src/types.ts';
import { launchBrowser, launchOptions } from '../browser/chromium.ts';
import { contextOf, hostIn } from '../browser/rig.ts';
import { openSite, type Site } from '../browser/site.ts';
import { freePort } from '../free-port.ts';
import { DEAD_PORT } from '../models/fake-model-server.ts';

let site: Site;
/** For the tests that are not about starting one. */
let shared: Browser;
let folder: string;
let envs: BrowserEnv[] = [];
let asked: string[] = [];

const COOKIE = `<title></title><script>document.title=document.cookie+'|'+(localStorage.a??'');document.cookie='a=1;max-age=9999';localStorage.a=1</script><button>x</button>`;

beforeAll(async () => {
  shared = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), 'pumice-'));
  site = await openSite({
    '/': '<title>Home</title><button>One</button><input aria-label=Name>',
    '/cookie': COOKIE,
    '/silent': (request) => void asked.push(request.url!),
    '/endless': (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.write(`<!doctype html><title>Endless</title><button>Still</button><p id=p></p>
        <script>setInterval(()=>{p.textContent=Math.random()},5);fetch('/silent')</script>${' '.repeat(2000)}`);
    },
    '/redirect': (_, response) => response.writeHead(302, { location: 'http://elsewhere.example/' }).end(),
    '/login': `<title>Login</title><input aria-label=User><label for=pw>Word</label><input type=password id=pw aria-label=Password oninput="echo.textContent=this.value">
      <p id=echo style="font-size:40px"></p><button onclick="alert(pw.value)">Show</button><iframe id=f style="width:300px;height:60px"></iframe>
      <script>f.src='http://localhost:'+location.port+'/other'</script>`,
    '/other': '<input aria-label=Foreign>',
  });
});
afterEach(async () => {
  await Promise.all(envs.map((env) => env.close()));
  envs = [];
});
afterAll(async () => {
  await shared.close();
  await site.close();
  rmSync(folder, { recursive: true });
});

async function start(options: BrowserOptions): Promise<BrowserEnv> {
  const env = await browser(options);
  envs.push(env);
  return env;
}
/** As `start`, in the browser that is there already. */
async function startIn(options: BrowserOptions): Promise<BrowserEnv> {
  const env = await createBody(
    browserOptions.parse(options),
    hostIn(() => shared),
  );
  envs.push(env);
  return env;
}
async function begin(options: BrowserOptions, by = start): Promise<BrowserEnv> {
  const env = await by(options);
  await reset(env);
  return env;
}
const reset = async (env: BrowserEnv) => void (await env.reset({ instruction: 'test' }, contextOf()));
const look = async (env: BrowserEnv) => (await env.observe(contextOf())) as Sensed;
const act = async (env: BrowserEnv, action: unknown) =>
  (await env.act(actionSchema.parse(action), contextOf())) as ActResult;
const at = (seen: Sensed, name: string) => ({
  markId: seen.marks!.find((mark) => mark.name === name && mark.role !== 'label')!.id,
});

describe('options', () => {
  it.each([
    [{}, /url: expected a start URL/],
    [{ url: 'shop.example' }, /url: expected a whole http\(s\) address/],
    [{ url: 'file:///etc/passwd' }, /url: expected a whole/],
    [{ url: 'https://shop.example', cdp: 'http://127.0.0.1:9222', profile: '/x' }, /one of page, cdp, profile/],
    [{ url: 'https://shop.example', color: 'red' }, /color/],
    [{ url: 'https://shop.example', allowOrigins: ['shop.example'] }, /lacks its scheme/],
    [{ url: 'http://127.0.0.1', secrets: { a: { env: 'PUMICE_UNSET', origin: 'http://127.0.0.1' } } }, /PUMICE_UNSET/],
  ])('%j is refused and the key is named', async (options, message) => {
    await expect(start(options as BrowserOptions)).rejects.toThrow(message);
  });

  it('the plugin makes the same body as the function', async () => {
    const env = await plugin.create(plugin.options.parse({ url: `${site.url}/` }));
    envs.push(env as BrowserEnv);
    expect(env.name).toBe('browser');
    expect(env.facts).toMatchObject({ browser: expect.stringMatching(/\d+\.\d+/), sandbox: expect.any(String) });
    expect(env.facts?.guardLimitations).toMatch(/^what a page writes through an open web socket, [^;]*$/);
    const { ui } = env.limits;
    expect(ui).toMatchObject({ origins: [site.url], secrets: {} });
    expect(ui).toMatchObject({ maxTextChars: 10_000, maxScrollPx: 10_000, maxWaitMs: 10_000 });
    await expect(look(env as BrowserEnv)).rejects.toMatchObject({ code: 'body/not-ready' });
  });
});

describe('a start that fails says why and what to do', () => {
  it.each([
    ['nobody there', () => `http://127.0.0.1:${DEAD_PORT}/`, /CONNECTION_REFUSED/, /server runs/],
    ['nobody there by https', () => `https://127.0.0.1:${DEAD_PORT}/`, /TUNNEL|EMPTY/, /network|server runs/],
    ['no such name', () => 'http://nowhere.invalid/', /not resolved/, /address, the network/],
    ['no TLS', () => site.url.replace('http', 'https'), /ERR_SSL/, /certificate/],
    ['a redirect that leaves', () => `${site.url}/redirect`, /ERR_/, /--allow-origin/],
  ])('%s', async (_, url, message, hint) => {
    const env = await startIn({ url: url() });
    const failure = expect.objectContaining({
      code: 'body/unreachable',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    await expect(reset(env)).rejects.toEqual(failure);
  });

  it('a server that never answers is left as soon as the call is', async () => {
    const env = await startIn({ url: `${site.url}/silent` });
    const abort = new AbortController();
    asked = [];
    const resetting = Promise.resolve(env.reset({ instruction: 'test' }, contextOf(abort.signal)) as Promise<void>);
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error('left'));
    await expect(resetting).rejects.toThrow('left');
  });

  it('a page that never ends and never rests is looked at all the same', async () => {
    const env = await begin({ url: `${site.url}/endless` }, startIn);
    for (let looks = 0; looks < 2; looks++) {
      const seen = await look(env);
      expect(seen.ui?.title).toBe('Endless');
      expect(seen.marks?.map(({ name }) => name)).toEqual(['Still']);
    }
  });
});

describe('episodes', () => {
  it('begin afresh: nothing is left of the one before', async () => {
    const env = await begin({ url: `${site.url}/cookie` }, startIn);
    expect((await look(env)).ui?.title).toBe('|');
    await reset(env);
    expect((await look(env)).ui?.title).toBe('|');
  });

  it('of two bodies share nothing: a stop of one leaves the other alone', async () => {
    const [one, two] = await Promise.all([begin({ url: `${site.url}/` }), begin({ url: `${site.url}/` })]);
    const [seen] = await Promise.all([look(one), look(two)]);
    const typing = act(two, { kind: 'ui-type', target: at(seen, 'Name'), text: 'both' });
    one.halt(1, 'test');
    expect(await act(one, { kind: 'ui-click', target: at(seen, 'One') })).toMatchObject({ status: 'stopped' });
    expect(await typing).toMatchObject({ status: 'done' });
    await one.close();
    expect((await look(two)).marks?.find(({ name }) => name === 'Name')?.value).toBe('both');
  });

  it('with a profile keep what the last one left', async () => {
    const options = { url: `${site.url}/cookie`, profile: join(folder, 'profile') };
    const first = await begin(options);
    expect((await look(first)).ui?.title).toBe('|');
    await first.close();
    const second = await begin(options);
    expect((await look(second)).ui?.title).toBe('a=1|1');
    expect(second.facts?.browser).toMatch(/\d+\.\d+/);
  });

  it('with a storage state begin with its cookies', async () => {
    const cookie = { name: 'a', value: '1', domain: '127.0.0.1', path: '/', expires: -1 };
    const path = join(folder, 'state.json');
    const rest = { httpOnly: false, secure: false, sameSite: 'Lax' };
    writeFileSync(path, JSON.stringify({ cookies: [{ ...cookie, ...rest }], origins: [] }));
    const env = await begin({ url: `${site.url}/cookie`, storageState: path });
    expect((await look(env)).ui?.title).toBe('a=1|');
    await expect(start({ url: `${site.url}/`, storageState: '/none' })).rejects.toThrow(/no file \/none/);
  });

  it('end without a process left, however often closed', async () => {
    const browsers = () =>
      execFileSync('ps', ['-o', 'args=', '--ppid', `${process.pid}`], { encoding: 'utf8' }).match(/^\S*chrom/gm)
        ?.length;
    const before = browsers() ?? 0;
    const env = await begin({ url: `${site.url}/` });
    expect(browsers()).toBe(before + 1);
    await env.close();
    await env[Symbol.asyncDispose]();
    await env.close();
    expect(browsers() ?? 0).toBe(before);
  });
});

describe("the user's own", () => {
  let own: Browser;
  afterEach(() => own.close());

  it('page stays open and works as before when the body is closed', async () => {
    own = await launchBrowser();
    const page = await own.newPage();
    await page.goto(`${site.url}/`);
    const env = await begin({ page });
    expect(env.facts?.guardLimitations).toMatch(/DNS rebinding/);
    const seen = await look(env);
    expect(seen.ui?.tabs).toHaveLength(1);
    await act(env, { kind: 'ui-type', target: at(seen, 'Name'), text: 'kept' });
    await env.close();
    expect(page.isClosed()).toBe(false);
    expect(await page.inputValue('input')).toBe('kept');
    // Nobody of ours is left to answer it, so Playwright dismisses it again by itself.
    expect(await page.evaluate(() => confirm('still there?'))).toBe(false);
    await page.goto(`${site.other}/`);
    expect(await page.title()).toBe('Home');
  });

  it('running browser is used by its debugger address, in a tab that is closed again', async () => {
    const port = await freePort();
    const options = await launchOptions();
    own = await chromium.launch({ ...options, args: [...options.args, `--remote-debugging-port=${port}`] });
    const env = await begin({ url: `${site.url}/`, cdp: `http://127.0.0.1:${port}` });
    const seen = await look(env);
    expect(seen.ui?.title).toBe('Home');
    expect(await act(env, { kind: 'ui-click', target: at(seen, 'One') })).toMatchObject({ status: 'done' });
    await env.close();
    expect(own.isConnected()).toBe(true);
    await expect(start({ url: `${site.url}/`, cdp: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'body/unreachable',
    });
  });
});

describe('secrets', () => {
  it('are filled in by name, into fields of their origin alone, and appear in no picture or text', async () => {
    process.env.PUMICE_TEST_WORD = 'hunter2secret';
    const env = await begin(
      {
        url: `${site.url}/login`,
        allowOrigins: [site.other],
        secrets: { word: { env: 'PUMICE_TEST_WORD', origin: site.url } },
      },
      startIn,
    );
    expect(env.limits.ui).toMatchObject({ secrets: { word: { origin: site.url } } });
    let seen = await look(env);
    const type = (target: unknown, text = '{{word}}') => act(env, { kind: 'ui-type', target, text });
    expect(await type(at(seen, 'Foreign'))).toMatchObject({
      status: 'refused',
      reason: expect.stringMatching(/belongs to/),
    });
    expect(await type(at(seen, 'User'), '{{other}}')).toMatchObject({
      status: 'refused',
      reason: expect.stringMatching(/no secret 'other'/),
    });
    expect(await type(undefined)).toMatchObject({ status: 'refused', reason: expect.stringMatching(/marked itself/) });
    const label = seen.marks!.find(({ role }) => role === 'label');
    if (label)
      expect(await type({ markId: label.id })).toMatchObject({
        status: 'refused',
        reason: expect.stringMatching(/marked itself/),
      });
    const typed = await type(at(seen, 'Password'));
    expect(typed).toMatchObject({ status: 'done', executed: { text: '{{word}}' } });
    seen = await look(env);
    expect(JSON.stringify({ ...seen, frames: [] })).not.toContain('hunter2');
    expect(JSON.stringify(seen.ui?.texts)).toContain('{{word}}');
    // The page wrote it out in big letters: that place is grey now, all of it.
    const [frame] = seen.frames;
    const echo = seen.ui?.texts?.find(({ text }) => text === '{{word}}');
    const [x0, y0, x1, y1] = echo!.boxPx.map(Math.round) as [number, number, number, number];
    const row = frame!.data.subarray(3 * (1280 * ((y0 + y1) >> 1) + x0 + 1), 3 * (1280 * ((y0 + y1) >> 1) + x1 - 1));
    expect(new Set(row).size).toBe(1);
    await act(env, { kind: 'ui-click', target: at(seen, 'Show') });
    seen = await look(env);
    expect(seen.ui?.dialog).toMatchObject({ message: '{{word}}' });
    await act(env, { kind: 'ui-dialog', accept: true });
  });
});
