/**
 * Takes the DOM's builtins from their prototypes, once. A page cannot reach an isolated world's prototypes, but form
 * clobbering crosses worlds (`<form><input name=matches>` makes `form.matches` an input everywhere), so elements and
 * documents are never asked for a property directly where they could be a form.
 * Runs inside the page: self-contained, no imports at run time.
 */
export type Root = Document | ShadowRoot;
export type Dom = ReturnType<typeof takeDom>;

export function takeDom() {
  /** `f` with `this` as first parameter. */
  const method = <F>(f: unknown): F => Function.prototype.call.bind(f as () => void) as unknown as F;
  const getter = <F>(prototype: object, key: string): F =>
    method<F>(Object.getOwnPropertyDescriptor(prototype, key)?.get ?? (() => undefined));

  const findInElement = method<(e: Node, selector: string) => NodeListOf<Element>>(Element.prototype.querySelectorAll);
  const findInDocument = method<typeof findInElement>(Document.prototype.querySelectorAll);
  const findInFragment = method<typeof findInElement>(DocumentFragment.prototype.querySelectorAll);
  const byIdInDocument = method<(root: Root, id: string) => Element | null>(Document.prototype.getElementById);
  const byIdInFragment = method<typeof byIdInDocument>(DocumentFragment.prototype.getElementById);
  const hitInDocument = method<(root: Root, x: number, y: number) => Element | null>(
    Document.prototype.elementFromPoint,
  );
  const hitInShadow = method<typeof hitInDocument>(ShadowRoot.prototype.elementFromPoint);
  const sheetsOfDocument = getter<(root: Root) => StyleSheetList>(Document.prototype, 'styleSheets');
  const sheetsOfShadow = getter<typeof sheetsOfDocument>(ShadowRoot.prototype, 'styleSheets');
  const adoptedOfDocument = getter<(root: Root) => CSSStyleSheet[]>(Document.prototype, 'adoptedStyleSheets');
  const adoptedOfShadow = getter<typeof adoptedOfDocument>(ShadowRoot.prototype, 'adoptedStyleSheets');
  const activeOfDocument = getter<(root: Root) => Element | null>(Document.prototype, 'activeElement');
  const activeOfShadow = getter<typeof activeOfDocument>(ShadowRoot.prototype, 'activeElement');
  const nodeType = getter<(n: Node) => number>(Node.prototype, 'nodeType');
  const localName = getter<(e: Element) => string>(Element.prototype, 'localName');
  const namespace = getter<(e: Element) => string | null>(Element.prototype, 'namespaceURI');
  const HTML = 'http://www.w3.org/1999/xhtml';
  // Never `instanceof`: a node that another frame's world touched first, or that was adopted, is of that frame's classes.
  const isHtml = (e: Element, tag: string): boolean => localName(e) === tag && namespace(e) === HTML;
  const ownerDocument = getter<(n: Node) => Document | null>(Node.prototype, 'ownerDocument');
  const isEditableHtml = getter<(e: Element) => boolean>(HTMLElement.prototype, 'isContentEditable');
  const walk = method<(d: Document, root: Node, what: number) => TreeWalker>(Document.prototype.createTreeWalker);
  const range = method<(d: Document) => Range>(Document.prototype.createRange);
  const elementsOfForm = getter<(form: Element) => Iterable<Element>>(HTMLFormElement.prototype, 'elements');
  const isDocument = (root: Node): boolean => nodeType(root) === 9;

  return {
    nodeType,
    matches: method<(e: Element, selector: string) => boolean>(Element.prototype.matches),
    closest: method<(e: Element, selector: string) => Element | null>(Element.prototype.closest),
    box: method<(e: Element) => DOMRect>(Element.prototype.getBoundingClientRect),
    rects: method<(e: Element) => DOMRectList>(Element.prototype.getClientRects),
    attribute: method<(e: Element, name: string) => string | null>(Element.prototype.getAttribute),
    hasAttribute: method<(e: Element, name: string) => boolean>(Element.prototype.hasAttribute),
    isVisible: method<(e: Element, options: CheckVisibilityOptions) => boolean>(Element.prototype.checkVisibility),
    shadowRoot: getter<(e: Element) => ShadowRoot | null>(Element.prototype, 'shadowRoot'),
    localName,
    /** Of SVG. */
    isDrawn: (e: Element): boolean => namespace(e) === 'http://www.w3.org/2000/svg',
    isInput: (e: Element): e is HTMLInputElement => isHtml(e, 'input'),
    isSelect: (e: Element): e is HTMLSelectElement => isHtml(e, 'select'),
    isTextArea: (e: Element): e is HTMLTextAreaElement => isHtml(e, 'textarea'),
    isButton: (e: Element): e is HTMLButtonElement => isHtml(e, 'button'),
    isField: (e: Element): e is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement =>
      isHtml(e, 'input') || isHtml(e, 'textarea') || isHtml(e, 'select'),
    /** What a form sends, and what sends it, in order. */
    formFields: (form: Element): Element[] => [...elementsOfForm(form)],
    baseUri: getter<(n: Node) => string>(Node.prototype, 'baseURI'),
    isLabel: (e: Element): e is HTMLLabelElement => isHtml(e, 'label'),
    isSlot: (e: Element): e is HTMLSlotElement => isHtml(e, 'slot'),
    isDetails: (n: Node): n is HTMLDetailsElement => nodeType(n) === 1 && isHtml(n as Element, 'details'),
    assignedSlot: getter<(e: Element) => HTMLSlotElement | null>(Element.prototype, 'assignedSlot'),
    firstElement: getter<(e: Element) => Element | null>(Element.prototype, 'firstElementChild'),
    clientLeft: getter<(e: Element) => number>(Element.prototype, 'clientLeft'),
    clientTop: getter<(e: Element) => number>(Element.prototype, 'clientTop'),
    clientWidth: getter<(e: Element) => number>(Element.prototype, 'clientWidth'),
    clientHeight: getter<(e: Element) => number>(Element.prototype, 'clientHeight'),
    parent: getter<(n: Node) => Node | null>(Node.prototype, 'parentNode'),
    text: getter<(n: Node) => string | null>(Node.prototype, 'textContent'),
    firstChild: getter<(n: Node) => Node | null>(Node.prototype, 'firstChild'),
    nextSibling: getter<(n: Node) => Node | null>(Node.prototype, 'nextSibling'),
    /** Whether a node handed over belongs to this frame: the debugger resolves nodes of any frame of the process. */
    isOwn: (n: unknown): n is Node => {
      try {
        return ownerDocument(n as Node) === document;
      } catch {
        return false;
      }
    },
    isConnected: getter<(n: Node) => boolean>(Node.prototype, 'isConnected'),
    rootOf: method<(n: Node) => Node>(Node.prototype.getRootNode),
    /** Subscribes to what only the isolated world hears of. */
    listen: method<(target: Node, type: string, listener: () => void, options: AddEventListenerOptions) => void>(
      EventTarget.prototype.addEventListener,
    ),
    isEditable: (e: Element): boolean => namespace(e) === HTML && isEditableHtml(e),
    find: (n: Node, selector: string): NodeListOf<Element> => {
      const type = nodeType(n);
      return (type === 1 ? findInElement : type === 9 ? findInDocument : findInFragment)(n, selector);
    },
    byId: (root: Root, id: string) => (isDocument(root) ? byIdInDocument : byIdInFragment)(root, id),
    hit: (root: Root, x: number, y: number) => (isDocument(root) ? hitInDocument : hitInShadow)(root, x, y),
    sheets: (root: Root): CSSStyleSheet[] =>
      isDocument(root)
        ? [...sheetsOfDocument(root), ...adoptedOfDocument(root)]
        : [...sheetsOfShadow(root), ...adoptedOfShadow(root)],
    active: (root: Root) => (isDocument(root) ? activeOfDocument : activeOfShadow)(root),
    walk: (root: Node, what: number) => walk(document, root, what),
    /** Box of what an element holds, for elements that have none of their own. */
    contentBox: (n: Node): DOMRect => {
      const r = range(document);
      r.selectNodeContents(n);
      return r.getBoundingClientRect();
    },
    textRects: (n: Node): DOMRectList => {
      const r = range(document);
      r.selectNodeContents(n);
      return r.getClientRects();
    },
  };
}
