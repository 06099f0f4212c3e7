/**
 * Keeps the set of elements of one document that may be acted on: every root, closed ones included once the debugger has
 * handed them over, by selectors, by cursor rules of its style sheets, by event listeners.
 * Does not decide what is a mark: that takes boxes and hit tests (`mark-index.ts`).
 * Runs inside the page: self-contained, no imports at run time.
 */
import type { Dom, Root } from './dom.ts';

/** @param onChange - called at the first change after each `armChange()`. */
export function makeCandidates(dom: Dom, onChange: () => void) {
  /** How far outside the viewport candidates count as near, CSS px. Chosen: most scroll steps are shorter. */
  const MARGIN_PX = 256;
  /** Selectors of cursor rules that are kept. Chosen: keeps one match call below some 20 us. */
  const MAX_CURSOR_SELECTORS = 500;
  const ROLES =
    'button link checkbox radio tab menuitem menuitemcheckbox menuitemradio option switch slider spinbutton textbox searchbox combobox treeitem gridcell';
  /** What can be acted on by its nature, whatever it looks like. */
  const SEMANTIC = [
    'a[href],area[href],svg a,button,input:not([type=hidden]),select,textarea,summary,label,video[controls],audio[controls]',
    '[onclick],[onmousedown],[onmouseup],[onpointerdown],[onpointerup],[ontouchstart],[draggable=true]',
    '[tabindex]:not([tabindex^="-"]),[contenteditable=""],[contenteditable=true],[contenteditable=plaintext-only]',
    ...ROLES.split(' ').map((role) => `[role~=${role}]`),
  ].join(',');
  const POINTING = /^(pointer|grab|move|zoom-in|zoom-out|.*-resize)$/;
  const WATCHED = {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: [
      ...['role', 'tabindex', 'onclick', 'href', 'contenteditable', 'class', 'style', 'type', 'controls', 'draggable'],
      ...['hidden', 'open', 'disabled', 'inert', 'aria-disabled', 'aria-hidden', 'for', 'id', 'usemap', 'coords'],
    ],
  };
  /** Events after which something may lie elsewhere though no node changed. */
  const SHIFTING_EVENTS = ['scroll', 'toggle', 'transitionrun', 'transitionend', 'animationstart', 'animationend'];

  let version = 0;
  let isArmed = true;
  const roots = new Set<Root>();
  const closedRoots = new WeakMap<Element, ShadowRoot>();
  const candidates = new Set<Element>();
  const near = new Set<Element>();
  /** Candidates that the intersection observer has not spoken of yet, or never will: areas and boxless elements. */
  const fresh = new Set<Element>();
  const listening = new WeakSet<Element>();
  const iframes = new Set<Element>();
  /** Subtrees whose class or id changed: descendants may now match a cursor rule. */
  const rescans = new Set<Element>();
  let added: Element[] = [];
  let observedScrollX = 0;
  let observedScrollY = 0;

  const bump = (by: number) => {
    version += by;
    if (isArmed && by > 0) {
      isArmed = false;
      onChange();
    }
  };
  const shadowOf = (e: Element): ShadowRoot | null => dom.shadowRoot(e) ?? closedRoots.get(e) ?? null;

  // Cursor rules.
  let cursorSelectors: string[] = [];
  let hoverSelector = '';
  let fullSelector = `[style*="cursor"],${SEMANTIC}`;
  let sheetsSeen = '';
  const unreadable = new WeakSet<CSSStyleSheet>();
  let unreadSheets: string[] = [];
  const handedSheets: CSSStyleSheet[] = [];
  const emptyFragment = document.createDocumentFragment();

  const isSelector = (selector: string): boolean => {
    try {
      dom.find(emptyFragment, selector);
      return selector.trim() !== '';
    } catch {
      return false;
    }
  };
  const rulesOf = (sheet: CSSStyleSheet): CSSRuleList | undefined => {
    if (unreadable.has(sheet)) return undefined;
    try {
      return sheet.cssRules;
    } catch {
      unreadable.add(sheet);
      if (sheet.href) unreadSheets.push(sheet.href);
      return undefined;
    }
  };
  function gatherCursorRules(rules: CSSRuleList, plain: Set<string>, hover: Set<string>): void {
    for (const rule of rules) {
      if (rule instanceof CSSStyleRule && POINTING.test(rule.style.cursor)) {
        const isHover = /:hover|:active/.test(rule.selectorText);
        const text = rule.selectorText.replace(/:(hover|active|focus(-visible|-within)?)/g, '');
        const parts = text.includes('(') ? [text] : text.split(',');
        for (const part of parts)
          if (!/^\s*(\*|html|body|:root)?\s*$/.test(part) && isSelector(part))
            (isHover ? hover : plain).add(part.trim());
      }
      const inner = (rule as CSSGroupingRule).cssRules;
      if (inner?.length) gatherCursorRules(inner, plain, hover);
    }
  }
  /** Number of rules per sheet: `insertRule` fires no event. */
  function sheetSignature(): string {
    let signature = `${handedSheets.length};`;
    for (const root of roots) {
      for (const sheet of dom.sheets(root)) signature += `${rulesOf(sheet)?.length ?? 'x'},`;
      signature += ';';
    }
    return signature;
  }
  function readSheets(): void {
    const signature = sheetSignature();
    if (signature === sheetsSeen) return;
    sheetsSeen = signature;
    const plain = new Set<string>();
    const hover = new Set<string>();
    for (const sheet of [...handedSheets, ...[...roots].flatMap(dom.sheets)]) {
      const rules = rulesOf(sheet);
      if (rules) gatherCursorRules(rules, plain, hover);
    }
    cursorSelectors = [...plain, ...hover].slice(0, MAX_CURSOR_SELECTORS);
    hoverSelector = [...hover].slice(0, MAX_CURSOR_SELECTORS).join(',');
    const selector = [`[style*="cursor"],${SEMANTIC}`, ...cursorSelectors].join(',');
    if (selector === fullSelector) return;
    fullSelector = selector;
    for (const root of roots) for (const e of dom.find(root, fullSelector)) add(e);
  }

  // Observers.
  const intersections = new IntersectionObserver(onIntersections, { root: document, rootMargin: `${MARGIN_PX}px` });
  function onIntersections(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting, boundingClientRect: box } of entries) {
      if (isIntersecting) near.add(target);
      else near.delete(target);
      const isBoxless = box.width === 0 && box.height === 0 && dom.isConnected(target);
      const neverIntersects =
        dom.localName(target) === 'area' || (isBoxless && getComputedStyle(target).display === 'contents');
      if (!neverIntersects) fresh.delete(target);
    }
    if (entries.length) {
      observedScrollX = scrollX;
      observedScrollY = scrollY;
    }
  }
  function add(e: Element): void {
    if (candidates.has(e)) return;
    candidates.add(e);
    fresh.add(e);
    added.push(e);
    intersections.observe(e);
  }
  function remove(e: Element): void {
    if (!candidates.delete(e)) return;
    intersections.unobserve(e);
    near.delete(e);
    fresh.delete(e);
  }
  const isCandidate = (e: Element): boolean => dom.matches(e, fullSelector) || listening.has(e);

  function scan(n: Root | Element): void {
    if (dom.nodeType(n) === 1) {
      const e = n as Element;
      if (isCandidate(e)) add(e);
      scanSpecial(e);
      if (!dom.firstElement(e)) return;
    }
    for (const e of dom.find(n, fullSelector)) add(e);
    const walker = dom.walk(n, NodeFilter.SHOW_ELEMENT);
    for (let e = walker.nextNode(); e; e = walker.nextNode()) scanSpecial(e as Element);
  }
  function scanSpecial(e: Element): void {
    const root = shadowOf(e);
    if (root) addRoot(root);
    const tag = dom.localName(e);
    if (tag === 'iframe' || tag === 'frame') iframes.add(e);
  }
  function unscan(n: Node): void {
    if (dom.nodeType(n) !== 1) return;
    const forget = (e: Element) => {
      if (dom.isConnected(e)) return;
      remove(e);
      iframes.delete(e);
    };
    forget(n as Element);
    if (dom.firstElement(n as Element)) for (const e of dom.find(n, '*')) forget(e);
  }
  const mutations = new MutationObserver(onMutations);
  function onMutations(records: MutationRecord[]): void {
    bump(records.length);
    for (const record of records) {
      if (record.type === 'childList') {
        for (const n of record.addedNodes) if (dom.nodeType(n) === 1 && dom.isConnected(n)) scan(n as Element);
        for (const n of record.removedNodes) unscan(n);
        continue;
      }
      const e = record.target as Element;
      if (dom.isConnected(e) && isCandidate(e)) add(e);
      else remove(e);
      const mayStyleDescendants = record.attributeName === 'class' || record.attributeName === 'id';
      if (mayStyleDescendants && cursorSelectors.length && dom.firstElement(e)) rescans.add(e);
    }
  }
  function addRoot(root: Root): void {
    if (roots.has(root)) return;
    roots.add(root);
    mutations.observe(root, WATCHED);
    for (const type of SHIFTING_EVENTS) dom.listen(root, type, () => bump(1), { capture: true, passive: true });
    scan(root);
  }
  function dropDeadRoots(): void {
    for (const root of roots)
      if (dom.nodeType(root) === 11 && !dom.isConnected(root)) {
        roots.delete(root);
        for (const e of candidates) if (!dom.isConnected(e)) remove(e);
      }
  }

  /** Takes in all that changed until now. */
  function settle(): void {
    onMutations(mutations.takeRecords());
    dropDeadRoots();
    readSheets();
    for (const e of rescans) if (dom.isConnected(e)) for (const inner of dom.find(e, fullSelector)) add(inner);
    rescans.clear();
    onIntersections(intersections.takeRecords());
  }
  /** Candidates that may be in view. After a jump nothing is known of what came near: all of them. */
  function inReach(): Iterable<Element> {
    const isJump =
      Math.abs(scrollX - observedScrollX) > MARGIN_PX - 8 || Math.abs(scrollY - observedScrollY) > MARGIN_PX - 8;
    if (isJump) return candidates;
    return fresh.size ? new Set([...near, ...fresh]) : near;
  }

  return {
    roots,
    iframes,
    shadowOf,
    settle,
    inReach,
    version: () => version,
    armChange: () => {
      isArmed = true;
    },
    isListening: (e: Element) => listening.has(e),
    isSemantic: (e: Element) => dom.matches(e, SEMANTIC),
    isPointing: (e: Element) =>
      POINTING.test(getComputedStyle(e).cursor) || (hoverSelector !== '' && dom.matches(e, hoverSelector)),
    /** How many other candidates lie below, at most `limit`. */
    countBelow: (e: Element, limit: number) => {
      let count = 0;
      for (const _ of dom.find(e, SEMANTIC)) if (++count >= limit) break;
      return count;
    },
    /** Candidates added since the last call. */
    takeAdded: () => {
      const taken = added;
      added = [];
      return taken;
    },
    takeUnreadSheets: () => {
      const taken = unreadSheets;
      unreadSheets = [];
      return taken;
    },
    addRoot: (root: ShadowRoot) => {
      // A closed root may come after its host was scanned: the host is how hit tests find it.
      closedRoots.set(root.host, root);
      if (dom.isConnected(root)) addRoot(root);
    },
    addDocument: () => addRoot(document),
    addListening: (e: Element) => {
      listening.add(e);
      if (dom.isConnected(e)) add(e);
    },
    removeListening: (e: Element) => {
      listening.delete(e);
      if (!dom.matches(e, fullSelector)) remove(e);
    },
    /** Finds open roots that were attached after their host was scanned. */
    rescanRoots: () => {
      for (const root of roots) {
        const walker = dom.walk(root, NodeFilter.SHOW_ELEMENT);
        for (let e = walker.nextNode(); e; e = walker.nextNode()) {
          const inner = dom.shadowRoot(e as Element);
          if (inner) addRoot(inner);
        }
      }
    },
    readSheet: (text: string) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      handedSheets.push(sheet);
    },
  };
}
