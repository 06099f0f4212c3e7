/** What a page keeps to itself is met at the network: what was sent is counted at the server. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { effectOf } from '../../src/gate/effects/effects.ts';
import type { Observation, Sensed } from '../../src/types.ts';
import { openRig, type Rig } from '../browser/rig.ts';

const button = (name: string, script: string, more = '') => `<button ${more} onclick="${script}">${name}</button>`;
const post = (path: string, method = 'POST') =>
  `fetch('${path}',{method:'${method}'}).then(() => document.title='sent', () => document.title='failed')`;

const PAGE = `<!doctype html><title>start</title><style>a,button{margin:4px;min-width:30px;min-height:20px}</style>
<a href="/next" onclick="event.preventDefault();${post('/api/x')}">Details</a>
<a href="/next">Following page</a>
<a href="/asks" onclick="event.preventDefault();${post('/api/search')}">Asking</a>
${button('Weiter', post('/api/items/3', 'DELETE'))}
${button('Fertig', post('/api/orders'))}
${button('Speichern', post('/api/draft'))}
${button('Nachher', `setTimeout(() => ${post('/api/late')}, 50)`)}
${button('', post('/api/nameless'), 'aria-label=" " style="width:30px"')}
${button('<svg class="icon-trash" width="10" height="10"></svg>', '1', 'aria-label="Eintrag"')}
${button('Löschen', post('/api/remove'))}
<button aria-label="Ansehen" onclick="1"><span aria-hidden="true">Jetzt kaufen</span></button>
<form action="/find" method="get"><input name="q" aria-label="Suche"><button>Los</button></form>
<form action="/konto/loeschen" method="post"><button id="weg">Gut</button></form>
<form action="/card" method="post"><input autocomplete="cc-number" aria-label="Nummer"><button>Ok so</button></form>
<div role="dialog" aria-label="Konto löschen?"><button>Ja</button><button>Abbrechen</button></div>`;
const NEXT = `<!doctype html><title>next</title><script>fetch('/api/boot',{method:'POST'}).then(() => document.title='booted', () => document.title='failed')</script>`;

let rig: Rig;
let seen: Sensed;
const sentTo = (path: string) => rig.site.requests.filter((one) => one.includes(path)).length;
const effect = (name: string) => {
  const observation = { ...seen, seq: 0, epoch: 0, instruction: '', history: [] } as Observation;
  return effectOf({ kind: 'ui-click', target: rig.at(name), button: 'left', count: 1 }, observation);
};

beforeAll(async () => {
  rig = await openRig({ '/': PAGE, '/next': NEXT, '/find': 'found', '/konto/loeschen': 'gone', '/card': 'paid' });
});
afterAll(() => rig?.close());
beforeEach(async () => {
  await rig.reset();
  seen = await rig.look();
});
const press = async (name: string) => {
  await rig.act({ kind: 'ui-click', target: rig.at(name) });
  seen = await rig.look();
  return seen as Sensed & { ui: NonNullable<Sensed['ui']> };
};

it('marks say what their elements do', () => {
  const expected = {
    read: ['Details', 'Following page', 'Los', 'Abbrechen'],
    write: ['Weiter', 'Speichern'],
    irreversible: ['Löschen', 'Eintrag', 'Ansehen', 'Gut', 'Ok so', 'Ja'],
  };
  for (const [kind, names] of Object.entries(expected))
    for (const name of names) expect([name, effect(name).class]).toEqual([name, kind]);
});

describe('a request that writes', () => {
  it('during an act that reads is held back and told, and the same deed again is irreversible', async () => {
    const { ui } = await press('Details');
    expect([ui.title, sentTo('/api/x')]).toEqual(['failed', 0]);
    expect(ui.notices.map(({ text }) => text).join()).toMatch(/POST .*\/api\/x was held back: .*a person is asked/);
    expect(effect('Details').class).toBe('irreversible');
    expect(effect('Following page').class).toBe('read');
    // The rule has asked by then: the body lets it pass.
    expect((await press('Details')).ui.title).toBe('sent');
    expect(sentTo('/api/x')).toBe(1);
  });

  it('and cannot be taken back by its method or its address is held back during an act that writes', async () => {
    for (const [name, path] of [
      ['Weiter', '/api/items/3'],
      ['Fertig', '/api/orders'],
    ] as const) {
      expect((await press(name)).ui.title).toBe('failed');
      expect([name, sentTo(path), effect(name).class]).toEqual([name, 0, 'irreversible']);
    }
  });

  it('passes during an act that writes, also when it comes late', async () => {
    expect((await press('Speichern')).ui.title).toBe('sent');
    await rig.act({ kind: 'ui-click', target: rig.at('Nachher') });
    await rig.act({ kind: 'ui-wait', durationMs: 300 });
    expect([sentTo('/api/draft'), sentTo('/api/late')]).toEqual([1, 1]);
  });

  it('passes during an act that was approved', async () => {
    expect((await press('Löschen')).ui.title).toBe('sent');
    expect(sentTo('/api/remove')).toBe(1);
  });

  it('passes where it only asks', async () => {
    expect((await press('Asking')).ui.title).toBe('sent');
  });

  it('passes when a page that was opened sends it', async () => {
    await press('Following page');
    const { ui } = await rig.look();
    expect([ui.title, ui.held]).toEqual(['booted', undefined]);
  });
});

it('a form that is aimed elsewhere after it was seen is not pressed', async () => {
  const page = `<!doctype html><title>a</title><form action="/find" method="get"><button onmouseover="this.form.action='/konto/loeschen'">Los</button></form>`;
  const other = await openRig({ '/': page, '/find': 'found' });
  try {
    await other.reset();
    await other.look();
    const result = await other.act({ kind: 'ui-click', target: other.at('Los') });
    expect(result).toMatchObject({ status: 'refused', reason: expect.stringContaining('leads or sends elsewhere') });
  } finally {
    await other.close();
  }
});

it('nothing is held back where nothing can be lost', async () => {
  const other = await openRig({ '/': PAGE }, () => ({ irreversible: 'allow' }));
  try {
    await other.reset();
    await other.look();
    await other.act({ kind: 'ui-click', target: other.at('Weiter') });
    await other.look();
    expect(other.site.requests.filter((one) => one.includes('/api/items/3'))).toHaveLength(1);
  } finally {
    await other.close();
  }
});
