import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Blocked } from '../../envs/browser/guard.ts';
import { expectInnerUnreached } from '../browser/attempts.ts';
import { type Stage, setStage, type Visit, visit } from '../browser/stage.ts';

let stage: Stage;
/** One guarded page for all tests that need no guard of their own. */
let at: Visit;

beforeAll(async () => {
  stage = await setStage();
  at = await visit(stage);
});
afterAll(async () => {
  await at.end();
  await stage.close();
});

/** One of each kind; all are tried in `test/slow/guard-attempts.test.ts`. */
const KINDS = [
  'fetch',
  'a redirected fetch',
  'sendBeacon',
  'an image',
  'a module script',
  'a redirected iframe',
  'a nested iframe',
  'a form in an iframe',
  'a shared worker',
  'a prefetch link',
  'a web socket',
  'a web socket of a worker',
];

describe('nothing in a page reaches the inner network', () => {
  beforeEach(() => at.again());

  it.each(KINDS)('not %s, which reaches the public internet', (name) => expectInnerUnreached(stage, at, name));
});

/** Ways to write an address of the inner network; `$P` is the port of the inner server. */
const SPELLINGS: readonly (readonly [string, string])[] = [
  ['decimal', 'http://2130706433:$P/'],
  ['octal', 'http://0177.0.0.1:$P/'],
  ['hexadecimal', 'http://0x7f000001:$P/'],
  ['mixed', 'http://0x7f.1:$P/'],
  ['short', 'http://127.1:$P/'],
  ['all zero', 'http://0.0.0.0:$P/'],
  ['nothing but zero', 'http://0:$P/'],
  ['another loopback', 'http://127.8.9.10:$P/'],
  ['IPv6 loopback', 'http://[::1]:$P/'],
  ['IPv6 unspecified', 'http://[::]:$P/'],
  ['IPv4 mapped into IPv6', 'http://[::ffff:127.0.0.1]:$P/'],
  ['full-width digits', 'http://１２７.０.０.１:$P/'],
  ['localhost', 'http://localhost:$P/'],
  ['LOCALHOST with a dot', 'http://LOCALHOST.:$P/'],
  ['below localhost', 'http://a.localhost:$P/'],
  ['a public name with an inner address', 'http://inner.example:$P/'],
  ['a name with a public and an inner address', 'http://mixed.example:$P/'],
  ['a name of the own site with an inner address', 'http://rebound.shop.example:$P/'],
  ['cloud metadata', 'http://169.254.169.254/latest/meta-data/'],
  ['cloud metadata by name', 'http://metadata.example/latest/meta-data/'],
  ['cloud metadata in decimal', 'http://2852039166/latest/'],
  ['the local network', 'http://192.168.0.1/'],
  ['https on a tunnel', 'https://127.0.0.1:$P/'],
];

describe('an inner address is known under every name', () => {
  let told: readonly Blocked[] = [];
  let connections: readonly string[] = [];
  const written = (address: string) => address.replace('$P', String(stage.inner.port));

  beforeAll(async () => {
    await at.again();
    for (const [, address] of SPELLINGS) {
      at.guard.retell();
      await at.page.evaluate((to) => fetch(to, { mode: 'no-cors' }).catch(() => {}), written(address));
    }
    told = [...at.blocked];
    connections = [...stage.inner.connections];
  });

  it.each(SPELLINGS)('%s', (_, address) => {
    const { host } = new URL(written(address));
    const block = told.find((one) => new URL(one.url).host === host);
    expect(block?.allowWith).toMatch(/^--allow-(origin http|private)/);
  });

  it('and nothing was connected to, while each was told', () => {
    expect(connections).toEqual([]);
    expect(told).toHaveLength(SPELLINGS.length);
  });
});
