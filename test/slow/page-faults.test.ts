/** Pages that misbehave, through a whole run on the browser body: the outcome is clear and comes in time, the record is readable, and no browser is left. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Action,
  type ActionKind,
  type EpisodeEnd,
  type Observation,
  type Policy,
  type RunOptions,
  run,
  type StepRecord,
} from 'pumice';
import { type BrowserEnv, type BrowserOptions, browser } from 'pumice/envs/browser';
import { readEpisode } from 'pumice/record';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browsersBelow, killRenderers } from '../agents/processes.ts';
import { type Answer, openSite, type Site } from '../browser/site.ts';

const slowly: Answer = () => {};
const PAGES: Readonly<Record<string, Answer>> = {
  '/': '<title>Home</title><button>One</button>',
  '/restless': `<title>Restless</title><button>Still</button><p id=p></p><script>
    setInterval(() => { p.textContent = Math.random() }, 1);
    const poll = () => fetch('/poll').then(poll, poll); poll()</script>`,
  '/poll': slowly,
  '/huge': `<title>Huge</title><button>First</button><div id=d></div><script>
    d.innerHTML = Array.from({ length: 50000 }, (_, i) => '<div><button>Button ' + i + '</button></div>').join('')</script>`,
  '/dense': `<title>Dense</title><style>button{all:unset;width:4px;height:4px;background:red;float:left;margin:1px 0 0 1px}</style><div id=d></div><script>
    d.innerHTML = '<button></button>'.repeat(50000)</script>`,
  '/greets': `<title>Greets</title><button>After</button><script>addEventListener('load', () => alert('hello'))</script>`,
  '/leaves': `<title>Leaves</title><button>Here</button><script>let n = 0
    const look = () => ++n > 8 ? location.replace('/') : requestAnimationFrame(look); look()</script>`,
  '/hops': `<title>Hop</title><button>Here</button><script>setTimeout(() => location.replace('/hops?' + Math.random()), 40)</script>`,
  '/blocks': `<title>Blocks</title><button onclick="for (;;);">Block</button>`,
  '/computes': `<title>Computes</title><button onclick="const end = performance.now() + 10000; while (performance.now() < end); document.title = 'Computed'">Go</button>`,
  '/crashes': `<title>Crashes</title><button>Boom</button>`,
  '/never': slowly,
};

let site: Site;
let folder: string;
let files = 0;
let env: BrowserEnv | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pumice-'));
  site = await openSite(PAGES);
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await env?.close();
  env = undefined;
  expect(browsersBelow()).toEqual([]);
});

type Move = (seen: Observation) => Action;
const KINDS: readonly ActionKind[] = ['ui-click', 'ui-dialog', 'ui-wait', 'ui-navigate', 'done'];
/** A policy of one function. */
const policyOf = (move: Move): Policy => ({
  name: 'test',
  actionKinds: KINDS,
  reset: () => {},
  act: async (seen) => ({ actions: [move(seen)] }),
});
const DONE: Action = { kind: 'done', outcome: 'success' };
const WAIT: Action = { kind: 'ui-wait', durationMs: 10 };
const done: Move = () => DONE;
const clickOn = (seen: Observation, name: string): Action => {
  const found = seen.marks?.find((mark) => mark.name === name);
  return found ? { kind: 'ui-click', target: { markId: found.id }, button: 'left', count: 1 } : WAIT;
};

/** Runs on a page; answers the result, the record and how the steps went. */
async function attempt(url: string, move: Move, options: Partial<RunOptions & BrowserOptions> = {}) {
  const { noSandbox = false, ...task } = options;
  env = await browser({ url, noSandbox });
  const record = join(folder, `${files++}.mcap`);
  const { result } = run({
    env,
    policy: policyOf(move),
    instruction: 'test',
    record,
    budget: { maxSteps: 6, timeoutMs: 60_000 },
    ...task,
  });
  const end = await result;
  const episode = await readEpisode(record);
  expect({ outcome: episode.end?.outcome, steps: episode.steps.length, isComplete: episode.isComplete }).toEqual({
    outcome: end.outcome,
    steps: end.steps,
    isComplete: true,
  });
  return { end, steps: episode.steps };
}
const noticesOf = (steps: readonly StepRecord[]) =>
  steps
    .flatMap(({ observation }) => observation?.ui?.notices ?? [])
    .map(({ text }) => text)
    .join('; ');

describe('a page that cannot be opened is a fault with its reason and what to do', () => {
  it('nobody listens', async () => {
    const closed = await openSite({});
    await closed.close();
    const { end } = await attempt(`${closed.url}/`, done);
    expect(end).toMatchObject({ outcome: 'fault', steps: 0, reason: expect.stringMatching(/REFUSED.*server runs/) });
  });

  it('no such host', async () => {
    const { end } = await attempt('http://no-such-host.invalid/', done, { noSandbox: true });
    expect(end).toMatchObject({ outcome: 'fault', reason: expect.stringMatching(/not resolved.*Check the address/) });
  });

  it('a certificate that nobody signed', async () => {
    const server = createTlsServer({ cert: CERTIFICATE, key: KEY }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { end } = await attempt(`https://127.0.0.1:${port}/`, done);
      expect(end).toMatchObject({ outcome: 'fault', reason: expect.stringMatching(/ERR_CERT.*certificate/) });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('a server that never answers', async () => {
    const { end } = await attempt(`${site.url}/never`, done, { deadlinesMs: { reset: 2000 } });
    expect(end).toMatchObject({ outcome: 'fault', steps: 0, reason: expect.stringMatching(/within 2000 ms/) });
  });
});

it('a page that never settles is looked at and acted on all the same', async () => {
  let steps = 0;
  const { end } = await attempt(`${site.url}/restless`, (seen) => (steps++ < 2 ? clickOn(seen, 'Still') : DONE));
  expect(end).toMatchObject({ outcome: 'success', steps: 3 });
});

describe('a page of 50,000 buttons', () => {
  /** On a machine that is busy with other things such a page may be given up; then that is said. */
  const isGivenUp = ({ outcome, reason }: EpisodeEnd) => outcome === 'fault' && /hangs|no answer/.test(reason);

  it('most of them below the fold, gives the marks that are in view', async () => {
    const { end, steps } = await attempt(`${site.url}/huge`, (seen) => (seen.seq < 2 ? clickOn(seen, 'First') : DONE));
    if (isGivenUp(end)) return;
    expect(end).toMatchObject({ outcome: 'success', steps: 3 });
    const { marks } = steps[0]!.observation!;
    expect(marks!.length).toBeGreaterThan(10);
    expect(marks!.length).toBeLessThan(100);
  });

  it('all of them in view, gives no more marks than a picture can carry', async () => {
    const { end, steps } = await attempt(`${site.url}/dense`, (seen) => (seen.seq < 1 ? WAIT : DONE));
    if (isGivenUp(end)) return;
    expect(end).toMatchObject({ outcome: 'success', steps: 2 });
    expect(steps.map(({ observation }) => observation!.marks!.length)).toEqual([1000, 1000]);
  });
});

it('a dialog in the load handler is seen, answered, and the page goes on', async () => {
  const { end, steps } = await attempt(`${site.url}/greets`, (seen) =>
    seen.ui?.dialog ? { kind: 'ui-dialog', accept: true } : seen.ui?.title === 'Greets' ? DONE : WAIT,
  );
  expect(end.outcome).toBe('success');
  expect(steps.some(({ observation }) => observation?.ui?.dialog?.message === 'hello')).toBe(true);
  expect(steps.at(-1)!.observation!.marks!.map(({ name }) => name)).toEqual(['After']);
});

it('a page that goes away while it is looked at is left for the next one', async () => {
  const { end, steps } = await attempt(`${site.url}/leaves`, (seen) => (seen.ui?.title === 'Home' ? DONE : WAIT));
  expect(end.outcome).toBe('success');
  expect(steps.at(-1)!.observation!.marks!.map(({ name }) => name)).toEqual(['One']);
});

it('a page that goes away for ever ends in a clear way', async () => {
  const { end } = await attempt(`${site.url}/hops`, (seen) => (seen.seq < 3 ? WAIT : DONE));
  // On a busy machine every look may be too old, or the page may never stand still long enough to be looked at.
  const ways = {
    success: /the policy says so/,
    truncated: /6 steps done.*--max-steps|are over \(--timeout\)/,
    fault: /navigates, hangs or is gone/,
  };
  expect(Object.keys(ways)).toContain(end.outcome);
  expect(end.reason).toMatch(ways[end.outcome as keyof typeof ways]);
});

it('a click whose handler never ends is told as such; the page is opened again, once', async () => {
  const { end, steps } = await attempt(
    `${site.url}/blocks`,
    (seen) => (seen.ui?.title === 'Blocks' ? clickOn(seen, 'Block') : DONE),
    { budget: { timeoutMs: 150_000 } },
  );
  expect(end).toMatchObject({ outcome: 'success', steps: 3 });
  for (const { act } of steps.slice(0, 2))
    expect(act).toMatchObject({ status: 'done', reason: 'the page did not take the input in time' });
  expect(noticesOf(steps)).toMatch(/hangs.*opened again.*hangs.*blank/s);
});

it('a page that computes for 10 s is waited for', async () => {
  const { end, steps } = await attempt(`${site.url}/computes`, (seen) =>
    seen.ui?.title === 'Computes' ? clickOn(seen, 'Go') : DONE,
  );
  expect(end).toMatchObject({ outcome: 'success', steps: 2 });
  expect(steps[1]!.observation!.ui).toMatchObject({ title: 'Computed', notices: [] });
});

it('a page that crashes is opened again; where it crashes again, the run goes on from a blank tab', async () => {
  const { end, steps } = await attempt(`${site.url}/crashes`, (seen) => {
    if (seen.seq === 2) return DONE;
    killRenderers();
    return clickOn(seen, 'Boom');
  });
  expect(end).toMatchObject({ outcome: 'success', steps: 3 });
  const seen = steps.map(({ observation }) => observation!.ui!);
  expect(seen.map(({ url }) => url)).toEqual([`${site.url}/crashes`, `${site.url}/crashes`, 'about:blank']);
  expect(seen.map(({ notices }) => notices.some(({ kind }) => kind === 'crash'))).toEqual([false, true, true]);
});

/** For 127.0.0.1, made for this test alone; signed by itself, so that no browser trusts it. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUMoL7N0yAzjyWGP/nZbHF4fnbgXswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyNTEzNTAyMloYDzIxMjYxMTAx
MTM1MDIyWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATXB74mw3rEO0+4Qqxx6KXjMeDFD3NYZ7XFqX9cW2I68rn874G+yUQ5
aV97lxQU5nsgAI4PTzRSR/Sqt03OZI1Uo1MwUTAdBgNVHQ4EFgQULUzJFwmIY7ep
9RB6iEnDseOzQiAwHwYDVR0jBBgwFoAULUzJFwmIY7ep9RB6iEnDseOzQiAwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA0vB/AS0LPeIwBTX9U/Wc
OdTbHq2zDlzlfsE1X98QQOQCIHw74qYGMTWK054osUwsOWesUpxD9aeloctHB6BK
eHaa
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmJHLuOkGrqev42nI
cN4OQJhPqoBvRW7iyXzNtdu1TXShRANCAATXB74mw3rEO0+4Qqxx6KXjMeDFD3NY
Z7XFqX9cW2I68rn874G+yUQ5aV97lxQU5nsgAI4PTzRSR/Sqt03OZI1U
-----END PRIVATE KEY-----`;
