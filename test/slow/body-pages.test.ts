import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Download } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keepDownload } from '../../envs/browser/downloads.ts';
import { sleep } from '../../src/clock.ts';
import type { Notice } from '../../src/types.ts';
import { openRig, type Rig } from '../browser/rig.ts';
import type { Answer } from '../browser/site.ts';

const file: Answer = (_, response) => {
  response.writeHead(200, { 'content-disposition': 'attachment; filename="../../in:voice.txt"' });
  response.end('paid');
};

const PAGES: Readonly<Record<string, Answer>> = {
  '/': '<title>Home</title>home',
  '/dialogs': `<button onclick="document.title=confirm('Sure?')">Ask</button><button onclick="document.title=prompt('Name?','Bo')">Prompt</button>
    <input aria-label=Field oninput="if(this.value.length===3)alert('three')">
    <button onmousedown="alert('down')" onclick="document.title='up'">Down</button>`,
  '/greets': `<title>Greets</title><script>alert('hello')</script><button>After</button>`,
  '/unload': `<input aria-label=Field><a href="/dialogs">Link</a><script>onbeforeunload=(e)=>{e.preventDefault();e.returnValue='x'}</script>`,
  '/popups': `<a href="/popped" target=_blank>Blank</a><a href="/popped" target=_blank rel=noopener>Noopener</a>
    <button onclick="window.open('/popped','w','width=300,height=200')">Window</button><button onclick="window.open('https://elsewhere.example/')">Away</button>
    <button onclick="setTimeout(()=>window.open('/greets'),0)">Greeting</button>`,
  '/popped': `<title>Popped</title><button onclick="window.close()">Close me</button>`,
  '/files': `<a href="/file">Get</a><a href="/file" target=_blank>Get in a tab</a>`,
  '/file': file,
  '/asks': `<button onclick="Notification.requestPermission().then(r=>document.title=r)">Notify</button>
    <button onclick="navigator.geolocation.getCurrentPosition(()=>document.title='here',e=>document.title='code '+e.code)">Locate</button>`,
  '/crash': `<title>Fine</title><button>Fine</button><a href="chrome://crash">Crash</a>`,
  '/leaves': `<title>Leaves</title><input aria-label=Pushing oninput="history.pushState(0,'','?'+this.value)">
    <input aria-label=Leaving oninput="if(this.value.length===3)location.href='/slow'"><a href="/slow">Slow link</a>`,
  '/slow': (_, response) => {
    setTimeout(() => response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Slow</title>'), 300);
  },
  '/late': `<a href="/popped-late" target=_blank>Open</a>
    <div aria-label=Area style="position:absolute;left:300px;top:300px;width:200px;height:200px" onclick="document.title='clicked'">Area</div>`,
  '/popped-late': (_, response) => {
    const page = `<title>Late</title><body style="height:700px" onclick="document.title='clicked unseen'">`;
    setTimeout(() => response.writeHead(200, { 'content-type': 'text/html' }).end(page), 3000);
  },
  '/chooser': `<input type=file aria-label=File>`,
};

let rig: Rig;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pumice-'));
  rig = await openRig(PAGES, () => ({ downloadsDir: folder }));
  await rig.reset();
});
afterAll(async () => {
  await rig.close();
  rmSync(folder, { recursive: true });
});

const click = (name: string) => rig.act({ kind: 'ui-click', target: rig.at(name) });
const kinds = (notices: readonly Notice[]) => notices.map(({ kind }) => kind);

describe('dialogs', () => {
  it('freeze the page: the picture is the last one, darkened, without marks, and only ui-dialog helps', async () => {
    const before = await rig.open('/dialogs');
    expect(await click('Ask')).toMatchObject({ status: 'done', reason: 'a dialog opened' });
    const seen = await rig.look();
    expect(seen.ui.dialog).toEqual({ kind: 'confirm', message: 'Sure?' });
    expect(seen.marks).toEqual([]);
    const [frame] = seen.frames;
    expect(frame).toMatchObject({ widthPx: 1280, heightPx: 720, encoding: 'rgb8', camera: 'page' });
    expect(frame!.data[3 * 1280 * 700]).toBe(before.frames[0]!.data[3 * 1280 * 700]! >> 1);
    expect(frame!.stampMs).toBeGreaterThan(before.stampMs);
    const during = await rig.act({ kind: 'ui-key', keys: 'Enter' });
    expect(during).toMatchObject({ status: 'refused', reason: expect.stringMatching(/dialog is open.*ui-dialog/) });
    await rig.act({ kind: 'ui-dialog', accept: true });
    expect(await rig.told()).toBe('true');
    await click('Ask');
    await rig.act({ kind: 'ui-dialog', accept: false });
    expect(await rig.told()).toBe('false');
  });

  it('of the kind prompt tell their default and take a text', async () => {
    await rig.open('/dialogs');
    await click('Prompt');
    expect((await rig.look()).ui.dialog).toEqual({ kind: 'prompt', message: 'Name?', defaultValue: 'Bo' });
    await rig.act({ kind: 'ui-dialog', accept: true, text: 'Ann' });
    expect(await rig.told()).toBe('Ann');
  });

  it('cut a text where they open, and a click between down and up', async () => {
    await rig.open('/dialogs');
    const typed = await rig.act({ kind: 'ui-type', target: rig.at('Field'), text: 'abcdef' });
    expect(typed).toMatchObject({ status: 'done', reason: 'a dialog opened', executed: { text: 'abc' } });
    await rig.act({ kind: 'ui-dialog', accept: true });
    await rig.look();
    expect(rig.mark('Field').value).toBe('abc');
    await click('Down');
    await rig.act({ kind: 'ui-dialog', accept: true });
    // The button is up again: the next click is a whole one.
    await rig.look();
    await click('Ask');
    expect((await rig.look()).ui.dialog?.message).toBe('Sure?');
    await rig.act({ kind: 'ui-dialog', accept: true });
  });

  it('at the start of a page are seen, not waited for', async () => {
    await rig.open('/greets').catch(() => {});
    expect((await rig.look()).ui.dialog).toMatchObject({ kind: 'alert', message: 'hello' });
    await rig.act({ kind: 'ui-dialog', accept: true });
    const seen = await rig.look();
    expect(seen.marks.map(({ name }) => name)).toEqual(['After']);
  });

  it('that ask whether to leave are accepted for ui-navigate, and shown when the page itself wants to leave', async () => {
    await rig.open('/unload');
    await rig.act({ kind: 'ui-type', target: rig.at('Field'), text: 'x' });
    await click('Link');
    expect((await rig.look()).ui.dialog?.kind).toBe('beforeunload');
    await rig.act({ kind: 'ui-dialog', accept: false });
    expect((await rig.look()).ui.url).toBe(`${rig.site.url}/unload`);
    const seen = await rig.open('/dialogs');
    expect(seen.ui.url).toBe(`${rig.site.url}/dialogs`);
    expect(seen.ui.notices).toContainEqual({ kind: 'dialog', text: expect.stringMatching(/leave.*yes/) });
  });
});

describe('tabs', () => {
  beforeEach(() => rig.reset());

  it.each(['Blank', 'Noopener', 'Window'])(
    'a popup that an action opened becomes the active tab (%s), and the one before when it closes',
    async (name) => {
      await rig.open('/popups');
      await click(name);
      const seen = await rig.look();
      expect(seen.ui.title).toBe('Popped');
      expect(seen.ui.tabs.map(({ active }) => active)).toEqual([false, true]);
      expect(kinds(seen.ui.notices)).toEqual(['popup']);
      if (name !== 'Window') await rig.act({ kind: 'ui-tab', op: 'close' });
      else await click('Close me');
      const back = await rig.look();
      expect(back.ui.tabs).toHaveLength(1);
      expect(back.marks.map((mark) => mark.name)).toContain(name);
    },
  );

  it('what comes to the front unseen is not acted on: a point of the picture means that picture', async () => {
    await rig.open('/late');
    await click('Open');
    const before = await rig.look();
    expect(before.ui.tabs).toHaveLength(1);
    await sleep(3000);
    const blind = { kind: 'ui-click', target: { xPx: 400, yPx: 400 } } as const;
    for (const action of [
      blind,
      { kind: 'ui-key', keys: 'Enter' },
      { kind: 'ui-type', text: 'x' },
      { kind: 'ui-back' },
    ] as const)
      expect(await rig.act(action)).toEqual({ status: 'refused', reason: expect.stringContaining('another tab') });
    expect((await rig.look()).ui.title).toBe('Late');
    expect(await rig.act(blind)).toMatchObject({ status: 'done' });
    expect((await rig.look()).ui.title).toBe('clicked unseen');
  });

  it('a popup to a place that is not allowed does not open, and the notice names the flag', async () => {
    await rig.open('/popups');
    await click('Away');
    const seen = await rig.look();
    expect(seen.ui.tabs).toHaveLength(1);
    expect(seen.ui.notices).toContainEqual({
      kind: 'blocked',
      text: expect.stringContaining('elsewhere.example'),
      allowWith: '--allow-origin https://elsewhere.example',
    });
  });

  it('a popup that greets with a dialog is answered there', async () => {
    await rig.open('/popups');
    await click('Greeting');
    for (let looks = 0; (await rig.look()).ui.dialog === undefined; looks++) expect(looks).toBeLessThan(5);
    expect((await rig.look()).ui.url).toBe(`${rig.site.url}/greets`);
    await rig.act({ kind: 'ui-dialog', accept: true });
    await rig.act({ kind: 'ui-tab', op: 'close' });
    expect((await rig.look()).ui.tabs).toHaveLength(1);
  });
});

describe('what pages do unasked', () => {
  it('a page that goes elsewhere while it is typed into cuts the text; one that only changes its address does not', async () => {
    await rig.open('/leaves');
    const pushed = await rig.act({ kind: 'ui-type', target: rig.at('Pushing'), text: 'abcdef' });
    expect(pushed).toEqual({ status: 'done', executed: expect.objectContaining({ text: 'abcdef' }) });
    const left = await rig.act({ kind: 'ui-type', target: rig.at('Leaving'), text: 'x'.repeat(90) });
    expect(left).toMatchObject({ status: 'done', reason: 'another page came' });
    const { text } = left.executed as { text: string };
    expect(text.length).toBeLessThan(90);
    expect((await rig.look()).ui.title).toBe('Slow');
  });

  it('a click that leads to a slow page is over when the page is there', async () => {
    await rig.open('/leaves');
    expect(await click('Slow link')).toMatchObject({ status: 'done' });
    expect((await rig.look()).ui.title).toBe('Slow');
  });

  it('downloads are saved under a safe and free name, told, and part of what the episode leaves behind', async () => {
    await rig.open('/files');
    await click('Get');
    const first = await rig.look();
    expect(first.ui.notices).toEqual([{ kind: 'download', text: expect.stringContaining(folder) }]);
    await click('Get in a tab');
    expect(kinds((await rig.look()).ui.notices)).toContain('download');
    const names = readdirSync(folder).sort();
    expect(names).toEqual([
      expect.stringMatching(/^[\w.]*in_voice \(2\)\.txt$/),
      expect.stringMatching(/in_voice\.txt$/),
    ]);
    expect(names.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['paid', 'paid']);
    expect(rig.env.artifacts?.()).toEqual(names.map((name) => join(folder, name)).reverse());
    // The browser closes the empty tab by itself.
    for (let looks = 0; (await rig.look()).ui.tabs.length > 1; looks++) expect(looks).toBeLessThan(20);
  });

  it('downloads of one name at the same time are kept apart; of one that fails nothing is left', async () => {
    const parallel = mkdtempSync(join(tmpdir(), 'pumice-'));
    const download = (saveAs: (path: string) => Promise<void>) =>
      ({ suggestedFilename: () => 'a.txt', saveAs, failure: async () => 'cut' }) as unknown as Download;
    const saving = (text: string) => download(async (path) => sleep(20).then(() => writeFileSync(path, text)));
    const failing = download(async () => Promise.reject(new Error('gone')));
    const kept = await Promise.all([saving('x'), failing, saving('y')].map((one) => keepDownload(one, parallel)));
    const paths = kept.flatMap(({ path }) => path ?? []);
    expect(readdirSync(parallel).sort()).toEqual(paths.map((path) => basename(path)).sort());
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['x', 'y']);
    expect(kept[1]!.notice.text).toContain('cut');
    rmSync(parallel, { recursive: true });
  });

  it('permission prompts are answered with no, and told', async () => {
    await rig.open('/asks');
    await click('Notify');
    const seen = await rig.look();
    expect(seen.ui.title).toBe('denied');
    expect(seen.ui.notices).toEqual([
      { kind: 'permission', text: expect.stringMatching(/notifications; answered no/) },
    ]);
    await click('Locate');
    const located = await rig.look();
    expect(located.ui.title).toBe('code 1');
    expect(kinds(located.ui.notices)).toEqual(['permission']);
  });

  it('a question for a file that nobody answers is told', async () => {
    await rig.open('/chooser');
    await click('File');
    const seen = await rig.look();
    expect(seen.ui.notices).toEqual([{ kind: 'dialog', text: expect.stringMatching(/ui-upload/) }]);
  });
});
