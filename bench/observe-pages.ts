/** Pages of the observation bench: a grid of controls that changes and scrolls between samples, and a mixed page of frames and roots at rest. */

/**
 * `count` controls in 12 columns, 10 rows in view, some 12 nodes each. Every control in view has a colour of its own in its red and
 * green parts, blue 200, so that boxes can be read back from the pixels. `change()` moves, replaces and rewrites 30 of them and
 * jumps to another row.
 */
export function gridPage(count: number): string {
  const control = (i: number): string => {
    const color = `rgb(${(i % 63) * 4},${(Math.floor(i / 63) % 63) * 4},200)`;
    const style = `style="background:${color};color:${color};border:0;border-radius:0;outline:0" aria-label="${color}"`;
    switch (i % 5) {
      case 0:
        return `<button data-t ${style}>Save ${i}</button>`;
      case 1:
        return `<a data-t href="#${i}" ${style}>Open item ${i}</a>`;
      case 2:
        return `<div data-t class=pointer ${style}>Card ${i}</div>`;
      case 3:
        return `<div data-t role=button tabindex=0 ${style}>Act ${i}</div>`;
      default:
        return `<span data-t tabindex=0 ${style}>Tab ${i}</span>`;
    }
  };
  const cells = Array.from({ length: count }, (_, i) => {
    const note = `<small>note ${(i * 7) % 97}</small>`;
    return `<div class=cell><div class=head><span>Item</span> <b>${i}</b></div><div class=body>${control(i)}</div><div class=bar><i></i></div><div>${note}</div></div>`;
  });
  return `<!doctype html><style>*{box-sizing:border-box}body{margin:0;font:12px sans-serif}.grid{display:grid;grid-template-columns:repeat(12,1fr);
grid-auto-rows:72px}.cell{border:1px solid #ccc;padding:2px;overflow:hidden}.body>*{display:inline-block;width:70px;height:20px;overflow:hidden}
.pointer{cursor:pointer}.head{color:#393}.bar{background:linear-gradient(90deg,#fde,#dfe);height:12px}</style>
<div class=grid>${cells.join('')}</div><script>let k=0;window.change=()=>{const all=document.querySelectorAll('[data-t]');k++;
const first=Math.max(0,Math.floor(scrollY/72)*12);for(let i=0;i<30;i++){const e=all[(first+(i*4+k)%120)%all.length];
if(i%3==0)e.style.marginLeft=(k*3+i)%20+'px';else if(i%3==1)e.replaceWith(e.cloneNode(true));else e.firstChild.data='Now '+k+' '+i}
scrollTo(0,((k*5)%Math.max(1,Math.floor(document.documentElement.scrollHeight/72)-11))*72)}</script>`;
}

const buttons = (prefix: string, count: number): string => {
  const one = (_: unknown, i: number) => `<button class=small>${prefix}${i}</button>`;
  return `<style>.small{width:44px;height:18px;font-size:9px;padding:0}.row{display:flex;flex-wrap:wrap;gap:2px}</style><div class=row>${Array.from({ length: count }, one).join('')}</div>`;
};

/**
 * Some 230 controls at rest: in frames of the same and of another site, nested; in open, closed, nested and declarative roots; native
 * controls, SVG, an image map, listeners; and some 15 things that are none. HTML by path, `/` is the page.
 *
 * @param there - another site that serves the same paths, and `here`, its own.
 */
export function mixedPage(here: string, there: string): Map<string, string> {
  const at = (left: number, top: number, width: number, rest = '') =>
    `style="position:absolute;left:${left}px;top:${top}px;width:${width}px;${rest}"`;
  const page = `<!doctype html><style>body{margin:0;font:12px sans-serif}.pointer{cursor:pointer}</style>
<iframe ${at(0, 0, 400, 'height:120px')} src="/same"></iframe><iframe ${at(410, 0, 430, 'height:260px')} src="${there}/cross"></iframe>
<div id=open ${at(0, 130, 400)}></div><div id=closed ${at(0, 210, 400)}></div><div id=nested ${at(0, 290, 400)}></div>
<section ${at(0, 350, 400)}><template shadowrootmode=closed>${buttons('d', 10)}</template></section>
<div ${at(860, 0, 400, 'line-height:20px')}><div onclick="1">handler</div><div id=listening>listens</div><div class=pointer>pointer <b>inside</b></div>
<div tabindex=0>focusable</div><div contenteditable>editable</div><label><input type=checkbox>label</label><details><summary>summary</summary>x</details>
<span role=link tabindex=-1>link</span><select><option>1</select><input type=range><textarea rows=1></textarea><svg width=200 height=40>
<circle id=circle cx=20 cy=20 r=15 fill=red /><g role=button><rect x=50 y=5 width=30 height=30 /></g><a href="#s"><rect x=100 y=5 width=30 height=30 fill=blue /></a>
<path d="M140 5h30v30h-30z" style="cursor:pointer"/></svg><img usemap="#map" width=60 height=20 style="background:#aaa"><map name=map><area coords="0,0,30,20" href="#a"></map>
<video controls width=120 height=40></video></div><canvas ${at(860, 330, 100)} height=40></canvas>
<div ${at(0, 420, 900)}><button style="visibility:hidden">h</button><button style="display:none">n</button><button disabled>off</button>
<button style="pointer-events:none">p</button><div inert><button>i</button></div><div>plain text</div><input type=hidden><div role=button aria-disabled=true>a</div>
<div style="opacity:0"><button>o</button></div><a>no address</a><div style="height:30px;width:100px;overflow:auto"><p style="height:200px"></p><button>s</button></div></div>
<button ${at(300, 540, 80, 'height:30px')}>covered</button><div ${at(290, 530, 100, 'height:50px;background:#fff')}></div>
<iframe ${at(500, 500, 200, 'height:60px')} src="${there}/half"></iframe><div ${at(500, 500, 100, 'height:60px;background:#efe')}></div>
<button ${at(0, 3000, 80)}>below</button><script>
const attach = (host, mode, html) => { const root = host.attachShadow({ mode }); root.innerHTML = html; return root; };
attach(document.getElementById('open'), 'open', ${JSON.stringify(buttons('o', 30))});
attach(document.getElementById('closed'), 'closed', ${JSON.stringify(buttons('c', 30))});
const outer = attach(document.getElementById('nested'), 'open', '<div></div>');
attach(attach(outer.firstChild, 'closed', '<div></div>').firstChild, 'closed', ${JSON.stringify(buttons('n', 20))});
listening.addEventListener('click', () => 1); circle.addEventListener('click', () => 1);
</script>`;
  return new Map([
    ['/', page],
    ['/same', buttons('s', 40)],
    ['/cross', `${buttons('x', 40)}<iframe width=420 height=120 src="${here}/inner"></iframe>`],
    ['/inner', buttons('i', 40)],
    [
      '/half',
      '<button style="position:absolute;left:10px">under</button><button style="position:absolute;left:130px">beside</button>',
    ],
  ]);
}
