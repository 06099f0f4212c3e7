/** Pages of the observation bench: a grid of controls that changes and scrolls between samples, and a mixed page of frames and roots at rest. */
import { generatePage } from '../test/browser/generated-page.ts';

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

/** Some 230 targets in frames of two sites and in roots of all kinds. */
export const mixedPage = (sites: readonly string[]): Map<string, string> => generatePage(1, sites).pages;
