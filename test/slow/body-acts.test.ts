import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRig, type Rig } from '../browser/rig.ts';

/** Test pages tell what happened to them in their title. */
const tell = '<script>const tell = (text) => { document.title = document.title + text + ";" }</script>';

const PAGES = {
  '/': '<title></title>empty',
  '/click': `${tell}<button onclick="tell('click')" ondblclick="tell('double')" oncontextmenu="tell('menu');return false">Plain</button>
    <button onclick="tell((event.ctrlKey?'control ':'')+(event.shiftKey?'shift':''))">Keys</button>
    <div style="position:relative;height:50px"><button style="position:absolute" onclick="tell('under')">Under</button>
    <div id=lid style="position:absolute;width:300px;height:50px;background:red;display:none">lid</div></div>
    <button id=going>Going</button><button id=changing>Changing</button><button id=off onclick="tell('off')">Off</button>
    <button onclick="lid.style.display='block';going.remove();changing.textContent='Delete all';off.disabled=true">Mess</button>`,
  '/type': `${tell}<input aria-label=Name value=old onkeydown="keys++" oninput="tell(this.value)" onchange="tell('change')"><script>keys=0</script>
    <form onsubmit="tell('sent '+this.q.value);return false"><input name=q aria-label=Search></form>
    <textarea aria-label=Letter></textarea><div contenteditable aria-label=Note role=textbox>x</div>
    <input aria-label=Fixed readonly value=1><div role=button tabindex=-1 aria-label=Nothing style="width:50px;height:20px" onmousedown="event.preventDefault()" onclick="tell('none')">no</div>`,
  '/pick': `${tell}<select aria-label=Size oninput="tell('input')" onchange="tell('change '+this.value)"><option value=s>Small<option value=m>Medium<option value=x disabled>Huge</select>
    <select multiple aria-label=Extras onchange="tell([...this.selectedOptions].map(o=>o.value))"><option>a<option>b<option>c</select>
    ${['date', 'time', 'month', 'week', 'datetime-local', 'color', 'range']
      .map(
        (type) =>
          `<input type=${type} aria-label=${type} oninput="tell('i '+this.value)" onchange="tell('c '+this.value)">`,
      )
      .join('')}<input type=date aria-label=bounded min=2024-01-01 max=2024-12-31 onchange="tell(this.value)">`,
  '/check': `${tell}<label><input type=checkbox onchange="tell('box '+this.checked)">Box</label>
    <input type=radio name=r aria-label=One onchange="tell('one')"><input type=radio name=r aria-label=Two onchange="tell('two')">
    <div role=switch aria-checked=false tabindex=0 onclick="this.setAttribute('aria-checked',this.getAttribute('aria-checked')!=='true')">Switch</div>
    <input type=checkbox aria-label=Stubborn onclick="return false"><button>Neither</button>
    <x-box role=checkbox aria-checked=false aria-label=Shadowed onclick="this.setAttribute('aria-checked','true');tell('shadowed')"></x-box>
    <script>document.querySelector('x-box').attachShadow({mode:'closed'}).innerHTML='<b style="display:inline-block;width:40px;height:20px;background:red"></b>'</script>`,
  '/scroll': `<title></title><div style="height:3000px"><button>Top</button><div tabindex=0 role=listbox aria-label=List id=list style="height:100px;width:200px;overflow:auto" onscroll="document.title=scrollY+' '+this.scrollTop"><div style="height:1000px">long</div></div></div>`,
  '/hover': `${tell}<div style="height:200px"></div><a href=# style="margin-left:200px" onmouseenter="tell('in')" onmousemove="moves++">Menu</a><script>moves=0</script>`,
  '/drag': `${tell}<style>.z{width:80px;height:80px;position:absolute;top:50px;background:#ddd}</style>
    <div class=z id=a draggable=true role=button aria-label=Native style="left:20px">N</div>
    <div class=z id=b role=button aria-label=Drop style="left:300px">D</div>
    <div class=z id=p role=button aria-label=Pointer style="left:20px;top:250px;touch-action:none">P</div>
    <script>
    a.ondragstart=(e)=>e.dataTransfer.setData('text/plain','box'); b.ondragover=(e)=>e.preventDefault();
    b.ondrop=(e)=>{e.preventDefault();tell('dropped '+e.dataTransfer.getData('text/plain'))};
    let from; p.onpointerdown=(e)=>{from=e.clientX;moves=0;p.setPointerCapture(e.pointerId)};
    p.onpointermove=(e)=>{if(from!==undefined){moves++;p.style.left=20+e.clientX-from+'px'}};
    p.onpointerup=(e)=>{tell('moved '+(e.clientX-from)+' '+(moves>5));from=undefined};</script>`,
  '/thief': `${tell}<input aria-label=Field onkeydown="if(this.value.length===3)frames[0].postMessage('take it','*')">
    <iframe sandbox=allow-scripts srcdoc="<input id=x oninput=&quot;parent.postMessage(x.value,'*')&quot;><script>onmessage=()=>x.focus()</script>"></iframe>
    <script>onmessage=({data})=>tell('stolen '+data)</script>`,
  '/code': `${tell}<input aria-label=One oninput="this.nextElementSibling.focus();tell(this.value)"><input aria-label=Two oninput="tell(this.value)">`,
  '/keys': `${tell}<input aria-label=Field onkeydown="tell((event.ctrlKey?'C-':'')+(event.shiftKey?'S-':'')+event.key)" value=abc autofocus>`,
  '/upload': `${tell}<input type=file aria-label=One onchange="tell([...this.files].map(f=>f.name+' '+f.size))">
    <input type=file multiple id=m style="display:none" onchange="tell([...this.files].map(f=>f.name))"><button onclick="m.click()">Many</button><button>No files</button>`,
  // Scrolled, and with `?localhost` in a process of its own.
  '/framing': `<iframe style="position:absolute;top:600px;left:50px;width:600px;height:400px;border:4px solid;padding:3px"></iframe>
    <div style="height:3000px"></div>
    <script>const f=document.querySelector('iframe');f.src='http://'+location.search.slice(1)+':'+location.port+'/mixed';scrollTo(0,550)</script>`,
  '/mixed': `<div style="height:500px"></div><input aria-label=Inner value=x><select aria-label=List><option>A<option>B</select>
    <input type=date aria-label=Day><button onclick="this.textContent='Pressed'">Press</button><div id=host></div>
    <script>const root=host.attachShadow({mode:'closed'});root.innerHTML='<input aria-label=Closed value=old><select aria-label=Sealed><option>C<option>D</select>';scrollTo(0,400)</script>`,
};

describe('each kind of action', () => {
  let rig: Rig;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pumice-'));
    rig = await openRig(PAGES, ({ other }) => ({ allowOrigins: [other], uploads: [join(folder, 'may-go')] }));
    mkdirSync(join(folder, 'may-go'));
    await rig.reset();
  });
  afterAll(async () => {
    await rig.close();
    rmSync(folder, { recursive: true });
  });
  const done = { status: 'done' };
  const refused = (reason: RegExp | string) => ({
    status: 'refused',
    reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
  });

  it('ui-click presses any button, more than once, with keys held, on a mark or a point', async () => {
    await rig.open('/click');
    expect(await rig.act({ kind: 'ui-click', target: rig.at('Plain') })).toMatchObject(done);
    expect(await rig.told()).toBe('click;');
    await rig.act({ kind: 'ui-click', target: rig.at('Plain'), count: 2 });
    await rig.act({ kind: 'ui-click', target: rig.at('Plain'), button: 'right' });
    await rig.act({ kind: 'ui-click', target: rig.at('Keys'), modifiers: ['Control', 'Shift'] });
    const [xPx, yPx] = rig.mark('Keys').pointPx;
    await rig.act({ kind: 'ui-click', target: { xPx, yPx } });
    expect(await rig.told()).toBe('click;click;click;double;menu;control shift;;');
  });

  it('a target that is gone, covered, changed or disabled since the picture is refused with that reason, untouched', async () => {
    await rig.open('/click');
    const targets = ['Under', 'Going', 'Changing', 'Off'].map((name) => rig.at(name));
    await rig.act({ kind: 'ui-click', target: rig.at('Mess') });
    const [under, going, changing, off] = targets;
    expect(await rig.act({ kind: 'ui-click', target: under })).toMatchObject(refused(/Under.*covered/));
    expect(await rig.act({ kind: 'ui-click', target: going })).toMatchObject(refused(/no longer on the page/));
    expect(await rig.act({ kind: 'ui-click', target: changing })).toMatchObject(refused(/another role or name/));
    expect(await rig.act({ kind: 'ui-click', target: off })).toMatchObject(refused(/disabled/));
    expect(await rig.act({ kind: 'ui-click', target: { markId: 99 } })).toMatchObject(refused('there is no mark 99'));
    expect(await rig.act({ kind: 'ui-click', target: { xPx: 5000, yPx: 5 } })).toMatchObject(
      refused(/outside the page/),
    );
    expect(await rig.told()).toBe('');
  });

  it('ui-type types real keys, keeps or clears what is there, and submits', async () => {
    await rig.open('/type');
    await rig.act({ kind: 'ui-type', target: rig.at('Name'), text: 'er ü!' });
    expect(await rig.told()).toBe('olde;older;older ;older ü;older ü!;');
    await rig.open('/type');
    await rig.act({ kind: 'ui-type', target: rig.at('Name'), text: 'z', clear: true });
    expect(await rig.told()).toBe(';z;');
    await rig.act({ kind: 'ui-type', target: rig.at('Search'), text: 'pumice', submit: true });
    expect(await rig.told()).toBe(';z;change;sent pumice;');
    await rig.act({ kind: 'ui-type', target: rig.at('Letter'), text: 'Dear\nAnn' });
    await rig.act({ kind: 'ui-type', text: '!' });
    await rig.act({ kind: 'ui-type', target: rig.at('Note'), text: 'new', clear: true });
    await rig.look();
    expect(rig.mark('Letter').value).toBe('Dear\nAnn!');
    expect(rig.mark('Note').value ?? rig.mark('Note').name).toMatch(/new|Note/);
  });

  it('ui-type into what takes no text is refused, even while another field has the focus', async () => {
    await rig.open('/type');
    expect(await rig.act({ kind: 'ui-type', target: rig.at('Fixed'), text: 'a' })).toMatchObject(refused(/read-only/));
    await rig.act({ kind: 'ui-click', target: rig.at('Name') });
    expect(await rig.act({ kind: 'ui-type', target: rig.at('Nothing'), text: 'a' })).toMatchObject(
      refused(/takes text/),
    );
    await rig.open('/pick');
    expect(await rig.act({ kind: 'ui-type', target: rig.at('Size'), text: 'a' })).toMatchObject(refused(/ui-select/));
  });

  it('a frame of others that takes the focus while one types gets no more than the key under way', async () => {
    await rig.open('/thief');
    const text = 'my address is 12 Elm Street';
    const cut = await rig.act({ kind: 'ui-type', target: rig.at('Field'), text, submit: true });
    expect(cut).toMatchObject({ status: 'done', reason: expect.stringContaining('focus') });
    const { text: typed, submit } = cut.executed as { text: string; submit: boolean };
    expect(typed.length).toBeLessThan(text.length);
    expect(submit).toBe(false);
    const told = await rig.told();
    expect(told.split('stolen ').at(-1)!.length).toBeLessThan(5);
  });

  it('twin: a page that moves the focus on to its own next field gets the rest there', async () => {
    await rig.open('/code');
    expect(await rig.act({ kind: 'ui-type', target: rig.at('One'), text: '1234' })).toMatchObject(done);
    await rig.look();
    expect([rig.mark('One').value, rig.mark('Two').value]).toEqual(['1', '234']);
  });

  it('ui-select chooses by label or value, tells the page, and names what there is when it does not fit', async () => {
    await rig.open('/pick');
    await rig.act({ kind: 'ui-select', target: rig.at('Size'), values: ['Medium'] });
    expect(await rig.told()).toBe('input;change m;');
    const extras = await rig.act({ kind: 'ui-select', target: rig.at('Extras'), values: ['c', 'a'] });
    expect(extras.executed).toMatchObject({ values: ['a', 'c'] });
    expect(await rig.told()).toBe('input;change m;a,c;');
    const choose = (...values: string[]) => rig.act({ kind: 'ui-select', target: rig.at('Size'), values });
    expect(await choose('Tiny')).toMatchObject(refused("the list has no 'Tiny' (has: Small, Medium, Huge)"));
    expect(await choose('Huge')).toMatchObject(refused(/cannot be chosen/));
    expect(await choose('Small', 'Medium')).toMatchObject(refused(/one value only/));
    expect(await rig.act({ kind: 'ui-select', target: rig.at('date'), values: ['x'] })).toMatchObject(
      refused(/no native list/),
    );
  });

  const good = {
    date: '2024-03-31',
    time: '09:30',
    month: '2024-03',
    week: '2024-W13',
    'datetime-local': '2024-03-31T09:30',
    color: '#ff8800',
    range: '70',
  };
  it.each(Object.entries(good))(
    'a field of type %s is filled with events; another format is refused by name',
    async (type, text) => {
      await rig.open('/pick');
      expect(await rig.act({ kind: 'ui-type', target: rig.at(type), text })).toMatchObject(done);
      expect(await rig.told()).toBe(`i ${text};c ${text};`);
      const bad = await rig.act({ kind: 'ui-type', target: rig.at(type), text: '31/3' });
      expect(bad).toMatchObject(refused(/^expected a .*'31\/3'/));
      expect(await rig.told()).toBe(`i ${text};c ${text};`);
    },
  );

  it('a date outside the bounds of its field is refused', async () => {
    await rig.open('/pick');
    const type = (text: string) => rig.act({ kind: 'ui-type', target: rig.at('bounded'), text });
    expect(await type('2025-01-01')).toMatchObject(refused(/from 2024-01-01 to 2024-12-31/));
    expect(await type('2024-06-01')).toMatchObject(done);
  });

  it('ui-check clicks only when needed and looks at the state afterwards', async () => {
    await rig.open('/check');
    const check = (name: string, checked: boolean) => rig.act({ kind: 'ui-check', target: rig.at(name), checked });
    await check('Box', true);
    await check('Box', true);
    await check('Two', true);
    await check('Switch', true);
    expect(await check('Switch', true)).toMatchObject(done);
    expect(await check('Shadowed', true)).toMatchObject(done);
    expect(await check('Shadowed', true)).toMatchObject(done);
    expect(await rig.told()).toBe('box true;two;shadowed;');
    expect(await check('Two', false)).toMatchObject(refused(/another one/));
    expect(await check('Stubborn', true)).toMatchObject(refused(/did not change/));
    expect(await check('Neither', true)).toMatchObject(refused(/nothing that can be checked/));
  });

  it('ui-scroll turns the wheel over the page or over a target', async () => {
    const before = await rig.open('/scroll');
    expect(before.ui.scroll).toMatchObject({ yPx: 0 });
    await rig.act({ kind: 'ui-scroll', target: rig.at('List'), dyPx: 300 });
    expect(await rig.told()).toBe('0 300');
    await rig.act({ kind: 'ui-scroll', dyPx: 1000 });
    expect((await rig.look()).ui.scroll).toMatchObject({ yPx: 1000 });
  });

  it('ui-hover comes along a path', async () => {
    await rig.open('/hover');
    await rig.act({ kind: 'ui-hover', target: rig.at('Menu') });
    expect(await rig.told()).toBe('in;');
  });

  it("ui-drag works with the browser's own drag and drop and with pointer events", async () => {
    await rig.open('/drag');
    await rig.act({ kind: 'ui-drag', from: rig.at('Native'), to: rig.at('Drop') });
    expect(await rig.told()).toBe('dropped box;');
    const [x, y] = rig.mark('Pointer').pointPx;
    await rig.act({ kind: 'ui-drag', from: rig.at('Pointer'), to: { xPx: x + 200, yPx: y } });
    expect(await rig.told()).toBe('dropped box;moved 200 true;');
  });

  it('ui-key presses one key or a combination under any usual name; an unknown one is refused', async () => {
    await rig.open('/keys');
    await rig.act({ kind: 'ui-key', keys: 'ctrl+A' });
    await rig.act({ kind: 'ui-key', keys: 'Shift+Tab' });
    expect(await rig.told()).toBe('C-Control;C-a;S-Shift;S-Tab;');
    expect(await rig.act({ kind: 'ui-key', keys: 'Foo' })).toMatchObject(refused(/Control\+A/));
    // Tab would move the focus on, and Enter would press what nobody looked at.
    expect(await rig.act({ kind: 'ui-key', keys: 'Tab+Enter' })).toEqual({
      status: 'refused',
      reason: expect.stringContaining('more than one key'),
    });
  });

  it('ui-upload answers the question for files, also of a button; what is not allowed, missing files and no question are refused', async () => {
    const paths = ['a.txt', 'b.txt'].map((name) => join(folder, 'may-go', name));
    for (const path of paths) writeFileSync(path, 'hello');
    await rig.open('/upload');
    await rig.act({ kind: 'ui-upload', target: rig.at('One'), paths: [paths[0]] });
    expect(await rig.told()).toBe('a.txt 5;');
    await rig.act({ kind: 'ui-upload', target: rig.at('Many'), paths });
    expect(await rig.told()).toBe('a.txt 5;a.txt,b.txt;');
    const upload = (name: string, ...of: string[]) => rig.act({ kind: 'ui-upload', target: rig.at(name), paths: of });
    expect(await upload('One', join(folder, 'may-go', 'none'))).toMatchObject(refused(/no such file/));
    expect(await upload('One', join(folder, 'may-go'))).toMatchObject(refused(/is no file/));
    writeFileSync(join(folder, 'private'), 'key');
    symlinkSync(join(folder, 'private'), join(folder, 'may-go', 'link'));
    for (const name of ['private', 'may-go/../private', 'may-go/link'])
      expect(await upload('One', `${folder}/${name}`)).toMatchObject(refused(/may not be handed to pages.*--upload/));
    expect(await upload('One', ...paths)).toMatchObject(refused(/one file only/));
    expect(await upload('No files', paths[0]!)).toMatchObject(refused(/asked for no file/));
  });

  it('ui-navigate, ui-back and ui-tab go where they may and say why where not', async () => {
    await rig.open('/check');
    await rig.open('/scroll');
    expect(await rig.act({ kind: 'ui-back' })).toMatchObject(done);
    expect((await rig.look()).ui.url).toBe(`${rig.site.url}/check`);
    expect(await rig.act({ kind: 'ui-navigate', url: 'https://elsewhere.example/' })).toMatchObject(
      refused(/outside the allowed origins/),
    );
    expect(await rig.act({ kind: 'ui-navigate', url: 'http://127.0.0.1:1/' })).toMatchObject(refused(/outside/));
    await rig.act({ kind: 'ui-tab', op: 'open' });
    const blank = await rig.look();
    expect(blank.ui.tabs.map((tab) => tab.active)).toEqual([false, true]);
    expect(await rig.act({ kind: 'ui-back' })).toMatchObject(refused(/no page to go back/));
    await rig.act({ kind: 'ui-tab', op: 'switch', index: 0 });
    expect((await rig.look()).ui.url).toBe(`${rig.site.url}/check`);
    await rig.act({ kind: 'ui-tab', op: 'close', index: 1 });
    expect((await rig.look()).ui.tabs).toHaveLength(1);
    expect(await rig.act({ kind: 'ui-tab', op: 'close' })).toMatchObject(refused(/last tab/));
    expect(await rig.act({ kind: 'ui-tab', op: 'switch', index: 3 })).toMatchObject(refused(/no tab 3/));
  });

  it('ui-wait waits; ui-dialog without a dialog is refused; words to the runtime touch nothing', async () => {
    expect(await rig.act({ kind: 'ui-wait', durationMs: 5 })).toMatchObject(done);
    expect(await rig.act({ kind: 'ui-dialog', accept: true })).toMatchObject(refused(/no dialog/));
    expect(await rig.act({ kind: 'hold' })).toMatchObject(done);
    expect(await rig.act({ kind: 'done', outcome: 'success' })).toMatchObject(done);
    const arm = { kind: 'joint-position', jointNames: [], qRad: [] } as const;
    expect(await rig.act(arm)).toMatchObject(refused(/does not do joint-position/));
  });

  it.each(['127.0.0.1', 'localhost'])(
    'all of it works in a frame of %s and in closed shadow roots, also scrolled',
    async (host) => {
      await rig.open(`/framing?${host}`);
      const acts = [
        { kind: 'ui-type', target: rig.at('Inner'), text: 'yz' },
        { kind: 'ui-select', target: rig.at('List'), values: ['B'] },
        { kind: 'ui-type', target: rig.at('Day'), text: '2024-05-06' },
        { kind: 'ui-click', target: rig.at('Press') },
        { kind: 'ui-type', target: rig.at('Closed'), text: 'new', clear: true },
        { kind: 'ui-select', target: rig.at('Sealed'), values: ['D'] },
      ] as const;
      for (const action of acts) expect(await rig.act(action)).toMatchObject(done);
      await rig.look();
      const values = ['Inner', 'List', 'Day', 'Closed', 'Sealed'].map((name) => rig.mark(name).value);
      expect(values).toEqual(['xyz', 'B', '2024-05-06', 'new', 'D']);
      rig.mark('Pressed');
    },
  );
});
