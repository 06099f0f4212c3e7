/**
 * Writes pages for the marks tests, by seed: targets of many kinds and decoys, in iframes of the same and of another site,
 * in open, closed and declarative shadow roots, nested at random. The ground truth comes with it: every target is named
 * `t<n>`, every decoy `d<n>`, and all fit into 1280 x 720.
 */
import { randomFrom } from '../random.ts';

export interface GeneratedPage {
  /** HTML by path; `/` is the page. */
  readonly pages: Map<string, string>;
  readonly targets: readonly string[];
  readonly decoys: readonly string[];
}

type Piece = (name: string) => string;

/** Named by text or label; `NAME` in a script is the element with that name in its root. */
const TARGETS: Record<string, Piece> = {
  button: (n) => `<button>${n}</button>`,
  link: (n) => `<a href="#x">${n}</a>`,
  text: (n) => `<input aria-label="${n}">`,
  checkbox: (n) => `<input type=checkbox aria-label="${n}">`,
  transparent: (n) => `<input type=checkbox style="opacity:0" aria-label="${n}">`,
  radio: (n) => `<input type=radio aria-label="${n}">`,
  range: (n) => `<input type=range aria-label="${n}">`,
  select: (n) => `<select aria-label="${n}"><option>one<option>two</select>`,
  textarea: (n) => `<textarea aria-label="${n}" rows=1></textarea>`,
  role: (n) => `<div role=switch>${n}</div>`,
  tabindex: (n) => `<div tabindex=0>${n}</div>`,
  onclick: (n) => `<div onclick="1">${n}</div>`,
  pointer: (n) => `<div class=pointer><i>${n}</i></div>`,
  inlinePointer: (n) => `<span style="cursor:pointer">${n}</span>`,
  editable: (n) => `<div contenteditable aria-label="${n}">text</div>`,
  label: (n) => `<label>${n}<input type=checkbox hidden></label>`,
  summary: (n) => `<details><summary>${n}</summary>more</details>`,
  listener: (n) => `<div data-listen=click>${n}</div>`,
  pointerdown: (n) => `<b data-listen=pointerdown>${n}</b>`,
  circle: (n) => `<svg width=20 height=20><circle cx=10 cy=10 r=9 data-listen=click aria-label="${n}"/></svg>`,
  svgLink: (n) => `<svg width=60 height=20><a href="#s" aria-label="${n}"><rect width=60 height=20 /></a></svg>`,
  area: (n) =>
    `<img usemap="#m${n}" width=60 height=20><map name="m${n}"><area shape=rect coords="0,0,60,20" href="#a" alt="${n}"></map>`,
  contents: (n) => `<a href="#c" style="display:contents"><span>${n}</span></a>`,
  float: (n) => `<a href="#f"><span style="float:left">${n}</span></a>`,
  lines: (n) =>
    `<div style="width:60px;line-height:11px;font-size:9px">some words <a href="#l" aria-label="${n}">over two lines</a></div>`,
  halfCovered: (n) => `<button style="width:80px">${n}</button><i class=cover style="left:0;width:50px"></i>`,
  slotted: (n) => `<div data-shadow="<button><slot></slot></button>"><span>${n}</span></div>`,
  late: (n) => `<div data-late="<button>${n}</button>"></div>`,
  clobbered: (n) => `<form><input name=matches hidden><input name=getAttribute hidden><button>${n}</button></form>`,
  clobberedForm: (n) =>
    `<form tabindex=0 aria-label="${n}"><input name=parentNode hidden><input name=tagName hidden>form</form>`,
};

const DECOYS: Record<string, Piece> = {
  plain: (n) => `<div>${n}</div>`,
  noHref: (n) => `<a>${n}</a>`,
  hidden: (n) => `<button style="visibility:hidden">${n}</button>`,
  none: (n) => `<button style="display:none">${n}</button>`,
  disabled: (n) => `<button disabled>${n}</button>`,
  fieldset: (n) => `<fieldset disabled style="all:unset"><button>${n}</button></fieldset>`,
  ariaDisabled: (n) => `<div role=button aria-disabled=true>${n}</div>`,
  inert: (n) => `<div inert><button>${n}</button></div>`,
  noPointer: (n) => `<button style="pointer-events:none">${n}</button>`,
  transparent: (n) => `<div style="opacity:0"><button>${n}</button></div>`,
  zero: (n) => `<button style="width:0;height:0;padding:0;border:0;overflow:hidden">${n}</button>`,
  clipped: (n) => `<button style="position:absolute;left:120px">${n}</button>`,
  scrolledOut: (n) => `<div style="height:20px;overflow:auto"><p style="height:90px"></p><button>${n}</button></div>`,
  covered: (n) => `<button>${n}</button><i class=cover style="left:0;width:96px"></i>`,
  hiddenInput: (n) => `<input type=hidden aria-label="${n}">`,
  mousemove: (n) => `<div data-listen=mousemove>${n}</div>`,
  emptyLabel: (n) => `<label>${n}</label>`,
  focusTarget: (n) => `<div tabindex=-1>${n}</div>`,
  defaultCursor: (n) => `<div style="cursor:default">${n}</div>`,
  closedDetails: (n) =>
    `<details style="height:20px;overflow:hidden"><summary hidden></summary><button>${n}</button></details>`,
  offScreen: (n) => `<button style="position:fixed;left:0;top:3000px">${n}</button>`,
  hiddenFrame: () => `<iframe style="display:none" srcdoc="<button>d0</button>"></iframe>`,
};

const STYLE = `<style>*{box-sizing:border-box}body,p{margin:0}.cells{display:flex;flex-wrap:wrap}.cell{width:90px;height:24px;
position:relative;overflow:hidden;font:11px sans-serif}.cell>:first-child{max-width:88px}input,select,textarea{margin:2px;width:60px;height:18px}
.pointer{cursor:pointer}.cover{position:absolute;top:0;height:24px;background:#fed}iframe{border:0;display:block}</style>`;

/** Roots and listeners of a document are made by script, closed roots included, as pages do. */
const SCRIPT = `<script>
const dress = (root) => {
  for (const e of root.querySelectorAll('[data-listen]')) e.addEventListener(e.dataset.listen, () => 1);
  for (const e of root.querySelectorAll('[data-shadow],[data-open]')) {
    const isOpen = e.hasAttribute('data-open');
    const inner = e.attachShadow({ mode: isOpen ? 'open' : 'closed' });
    inner.setHTMLUnsafe(isOpen ? e.dataset.open : e.dataset.shadow);
    dress(inner);
  }
  for (const e of root.querySelectorAll('[data-late]'))
    setTimeout(() => { e.attachShadow({ mode: 'closed' }).innerHTML = e.dataset.late; }, 30);
};
dress(document);
</script>`;

const quote = (html: string) => html.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
const CELL_HEIGHT_PX = 24;
const CELLS_PER_ROW = 3;
const WRAPS = ['open', 'closed', 'declarative', 'frame', 'frame', 'srcdoc'] as const;
const WRAPS_WITHOUT_SCRIPT = ['declarative', 'frame', 'srcdoc'] as const;

/** @param sites - origins that serve the same paths; the page is of the first. */
export function generatePage(seed: number, sites: readonly string[]): GeneratedPage {
  const random = randomFrom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const pages = new Map<string, string>();
  const targets: string[] = [];
  const decoys: string[] = [];
  /** Draws pieces such that every kind comes once before any comes twice. */
  function drawer(kinds: Record<string, Piece>) {
    let left: Piece[] = [];
    return (canScript: boolean): Piece => {
      const fits = (piece: Piece) => canScript || !piece('').includes('data-');
      if (!left.some(fits))
        left = Object.values(kinds)
          .map((piece) => ({ piece, at: random() }))
          .sort((one, other) => one.at - other.at)
          .map(({ piece }) => piece);
      return left.splice(left.findIndex(fits), 1)[0]!;
    };
  }
  const drawTarget = drawer(TARGETS);
  const drawDecoy = drawer(DECOYS);

  function cell(canScript: boolean): string {
    const isTarget = random() < 0.7;
    const names = isTarget ? targets : decoys;
    const name = `${isTarget ? 't' : 'd'}${names.length}`;
    names.push(name);
    return `<div class=cell>${(isTarget ? drawTarget : drawDecoy)(canScript)(name)}</div>`;
  }
  const cells = (rows: number, canScript: boolean) =>
    `<div class=cells>${Array.from({ length: rows * CELLS_PER_ROW }, () => cell(canScript)).join('')}</div>`;

  /** A block of `rows` rows: its own cells, and at random an inner block in a frame or root. */
  function block(rows: number, depth: number, canScript = true): string {
    const innerRows = depth < 4 && rows >= 4 && random() < 0.85 ? 2 + below(rows - 3) : 0;
    return cells(rows - innerRows, canScript) + (innerRows ? wrap(innerRows, depth + 1, canScript) : '');
  }
  function wrap(rows: number, depth: number, canScript = true): string {
    const kind = pick(canScript ? WRAPS : WRAPS_WITHOUT_SCRIPT);
    // No script reaches into a closed root that the parser made.
    const html = block(rows, depth, kind !== 'declarative' && (canScript || kind === 'srcdoc' || kind === 'frame'));
    const height = rows * CELL_HEIGHT_PX;
    switch (kind) {
      case 'open':
        return `<section data-open="${quote(STYLE + html)}"></section>`;
      case 'closed':
        return `<section data-shadow="${quote(STYLE + html)}"></section>`;
      case 'declarative':
        return `<section><template shadowrootmode=closed>${STYLE + html}<slot></slot></template></section>`;
      case 'srcdoc':
        return `<iframe width=270 height=${height} srcdoc="${quote(STYLE + html + SCRIPT)}"></iframe>`;
      case 'frame': {
        const path = `/f${pages.size}`;
        pages.set(path, `<!doctype html>${STYLE}${html}${SCRIPT}`);
        return `<iframe width=270 height=${height} src="${pick(sites)}${path}"></iframe>`;
      }
    }
  }
  const columns = Array.from({ length: 4 }, (_, i) => {
    const html = block(8, 1) + wrap(10, 1) + wrap(10, 1);
    return `<div style="position:absolute;top:0;left:${i * 310}px;width:270px">${html}</div>`;
  });
  pages.set('/', `<!doctype html>${STYLE}${columns.join('')}${SCRIPT}`);
  return { pages, targets, decoys };
}
