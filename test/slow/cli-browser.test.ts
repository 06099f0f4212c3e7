import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { readEpisode } from 'pumice/record';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { servePages } from '../browser/server.ts';
import { folder, pumice, start } from '../cli/pumice.ts';

const form = `<title>Shop</title><form action="/in"><label>User <input name="user"></label>
  <label>Password <input type="password" name="password"></label><button>Sign in</button></form>`;
let site: Awaited<ReturnType<typeof servePages>>;
beforeAll(async () => {
  site = await servePages(
    new Map([
      ['/', form],
      ['/in', '<h1>Welcome, ann</h1><a href="/">Orders</a>'],
    ]),
  );
});
afterAll(() => site.close());

it('does a task in a real browser; the secret is filled in and written nowhere', async () => {
  using home = folder();
  const word = 'correct-horse-9';
  const args = [
    ...['run', 'ui-navigator', '--url', `${site.here}/`, '--record', 'in.mcap', '--log-level', 'trace'],
    ...['--instruction', 'type "ann" into User, type {{password}} into Password, click "Sign in" and click "Orders"'],
    ...['--secret', `password=SHOP_WORD@${site.here}`],
  ];
  const { code, out, both } = await pumice(args, { cwd: home.path, env: { SHOP_WORD: word } });
  expect(out).toMatch(/Type “\{\{password\}\}” into textbox “Password”[\s\S]*Click link “Orders”[\s\S]*success/);
  expect(code).toBe(0);
  expect(both).not.toContain(word);
  const { steps, facts, isComplete } = await readEpisode(join(home.path, 'in.mcap'));
  expect(isComplete).toBe(true);
  expect(facts).toMatchObject({ facts: { agent: 'ui-navigator', policy: 'mark-matcher' } });
  expect(steps[0]!.observation!.frames[0]!.marked).toBe(true);
  expect(JSON.stringify(steps.map(({ observation: _, ...rest }) => rest))).not.toContain(word);

  const again = ['run', 'ui-navigator', '--url', `${site.here}/`, '--no-record', '--instruction', 'sign in as ann'];
  const replayed = await pumice([...again, '--policy', 'replay', '--from', 'in.mcap', ...args.slice(-2)], {
    cwd: home.path,
    env: { SHOP_WORD: word },
  });
  expect(replayed).toMatchObject({ code: 0, out: expect.stringContaining('Orders') });
});

it('an address where nobody listens, a broken certificate and a closed proxy are faults that say what to do', async () => {
  using home = folder();
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise<void>((resolve) => closed.close(() => resolve()));
  const run = (url: string, env = {}) =>
    pumice(['run', 'ui-navigator', '--url', url, '--instruction', 'click "x"', '--no-sandbox'], {
      cwd: home.path,
      env,
    });
  const [nobody, plain, proxy] = await Promise.all([
    run(`http://127.0.0.1:${port}/`),
    run(site.here.replace('http:', 'https:')),
    run('https://shop.example/', { HTTPS_PROXY: `http://127.0.0.1:${port}` }),
  ]);
  expect(nobody).toMatchObject({
    code: 4,
    out: expect.stringMatching(/could not be opened.*Check that the server runs/),
  });
  expect(plain).toMatchObject({ code: 4, out: expect.stringMatching(/could not be opened \(ERR_SSL.*certificate/) });
  expect(proxy).toMatchObject({ code: 4, out: expect.stringMatching(/could not be opened.*proxy variables/) });
  // What was tried is on record all the same.
  expect(readdirSync(join(home.path, 'runs'))).toHaveLength(3);
});

it('Ctrl-C while the browser works leaves a whole recording and no browser behind', async () => {
  using home = folder();
  home.write('pumice.config.json', {
    url: `${site.here}/`,
    policy: 'scripted',
    policyOptions: { actions: Array(5).fill({ kind: 'ui-wait', durationMs: 8000 }) },
    instruction: 'wait',
    record: 'cut.mcap',
  });
  const run = start(['run', 'ui-navigator', '--json'], { cwd: home.path, env: { PUMICE_TEST_MARK: home.path } });
  while (!readdirSync(home.path).includes('cut.mcap')) await new Promise((resolve) => setTimeout(resolve, 20));
  run.child.kill('SIGINT');
  const { code, out } = await run.ended;
  expect(code).toBe(130);
  expect(JSON.parse(out.trimEnd().split('\n').at(-1)!)).toMatchObject({ kind: 'result', outcome: 'stopped' });
  expect(await readEpisode(join(home.path, 'cut.mcap'))).toMatchObject({ isComplete: true });
  expect(childrenOf(home.path)).toEqual([]);
});

/** Processes that inherited a mark in their environment. */
function childrenOf(mark: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`PUMICE_TEST_MARK=${mark}`);
    } catch {
      return false;
    }
  });
}
