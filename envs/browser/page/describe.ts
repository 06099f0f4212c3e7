/**
 * Says what an element is: role, accessible name, value, kind of input, options, state.
 * A shortened form of the Accessible Name computation (https://www.w3.org/TR/accname-1.2/): no CSS content, and names end
 * after `MAX_NAME_CHARS`. Never tells the value of a password field.
 * Runs inside the page: self-contained, no imports at run time.
 */
import type { Dom, Root } from './dom.ts';
import type { Description } from './protocol.ts';

/** @param shadowOf - shadow root of an element, closed ones included. */
export function makeDescribe(dom: Dom, shadowOf: (element: Element) => ShadowRoot | null) {
  /** Longer names say nothing more to a model. Chosen. */
  const MAX_NAME_CHARS = 120;
  /** Chosen: a paragraph. */
  const MAX_VALUE_CHARS = 500;
  /** Chosen: the countries of the world fit in. */
  const MAX_OPTIONS = 300;
  /** Stands for text that is not to be told; its length tells nothing. */
  const HIDDEN_VALUE = '•••';

  const ROLE_OF_TAG: Record<string, string> = {
    button: 'button',
    summary: 'button',
    textarea: 'textbox',
    video: 'video',
    audio: 'audio',
    option: 'option',
    img: 'img',
    label: 'label',
  };
  const ROLE_OF_INPUT: Record<string, string> = {
    button: 'button',
    submit: 'button',
    reset: 'button',
    image: 'button',
    file: 'button',
    color: 'button',
    checkbox: 'checkbox',
    radio: 'radio',
    range: 'slider',
    number: 'spinbutton',
    search: 'searchbox',
  };
  /** Types of input that are filled like any text, so that their type need not be told. */
  const PLAIN_INPUTS = new Set(['text', 'checkbox', 'radio', 'button', 'submit', 'reset', 'image', 'search']);
  const SKIPPED_TAGS = new Set(['script', 'style', 'noscript', 'template', 'iframe', 'select', 'textarea', 'datalist']);
  const BREAKING_TAGS = new Set([
    'div',
    'p',
    'br',
    'li',
    'td',
    'th',
    'tr',
    'h1',
    'h2',
    'h3',
    'h4',
    'section',
    'option',
  ]);

  const squeeze = (text: string, limit: number): string => text.replace(/\s+/g, ' ').trim().slice(0, limit);

  function roleOf(e: Element): string | undefined {
    const explicit = dom.attribute(e, 'role')?.trim().split(/\s+/)[0];
    if (explicit && explicit !== 'presentation' && explicit !== 'none') return explicit.toLowerCase().slice(0, 40);
    const tag = dom.localName(e);
    if (tag === 'a' || tag === 'area')
      return dom.hasAttribute(e, 'href') || dom.hasAttribute(e, 'xlink:href') ? 'link' : undefined;
    if (dom.isInput(e)) return ROLE_OF_INPUT[e.type] ?? (e.list ? 'combobox' : 'textbox');
    if (dom.isSelect(e)) return e.multiple || e.size > 1 ? 'listbox' : 'combobox';
    const drawn = dom.isDrawn(e) && tag !== 'svg' && tag !== 'g' ? tag : undefined;
    return ROLE_OF_TAG[tag] ?? (dom.isEditable(e) ? 'textbox' : drawn);
  }

  /** Text of a node and what is below it, in the flat tree, as a reader would hear it. */
  function textBelow(n: Node, budget: { chars: number; nodes: number }): string {
    if (budget.chars <= 0 || budget.nodes-- <= 0) return '';
    if (dom.nodeType(n) === 3) {
      const text = (n as Text).data;
      budget.chars -= text.trim().length;
      return text.slice(0, 4 * MAX_NAME_CHARS);
    }
    if (dom.nodeType(n) !== 1) return '';
    const e = n as Element;
    const tag = dom.localName(e);
    if (SKIPPED_TAGS.has(tag) || dom.attribute(e, 'aria-hidden') === 'true' || dom.hasAttribute(e, 'hidden')) return '';
    const label = dom.attribute(e, 'aria-label')?.trim();
    if (label) return ` ${label} `;
    if (tag === 'img') return ` ${dom.attribute(e, 'alt') ?? ''} `;
    const text = textOfChildren(e, budget);
    return BREAKING_TAGS.has(tag) ? ` ${text} ` : text;
  }

  function textOfChildren(e: Element, budget: { chars: number; nodes: number }): string {
    if (dom.isSlot(e)) {
      const assigned = e.assignedNodes({ flatten: true });
      if (assigned.length) return assigned.map((n) => textBelow(n, budget)).join('');
    }
    let text = '';
    for (let n = dom.firstChild(shadowOf(e) ?? e); n; n = dom.nextSibling(n)) text += textBelow(n, budget);
    return text;
  }

  const contentOf = (e: Element): string =>
    squeeze(textOfChildren(e, { chars: MAX_NAME_CHARS, nodes: 200 }), MAX_NAME_CHARS);

  function labelledBy(e: Element): string {
    const ids = dom.attribute(e, 'aria-labelledby');
    if (!ids) return '';
    const root = dom.rootOf(e) as Root;
    const parts = ids.split(/\s+/).map((id) => {
      const part = id && dom.byId(root, id);
      return part ? dom.attribute(part, 'aria-label') || contentOf(part) : '';
    });
    return squeeze(parts.join(' '), MAX_NAME_CHARS);
  }

  function labelsOf(e: Element): string {
    const labels = (e as HTMLInputElement).labels;
    return labels ? squeeze([...labels].map(contentOf).join(' '), MAX_NAME_CHARS) : '';
  }

  const isButtonInput = (e: Element): e is HTMLInputElement =>
    dom.isInput(e) && /^(button|submit|reset|image)$/.test(e.type);
  const isField = (e: Element): e is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement =>
    dom.isInput(e) || dom.isTextArea(e) || dom.isSelect(e);

  function nameOf(e: Element): string {
    const told = labelledBy(e) || dom.attribute(e, 'aria-label')?.trim();
    if (told) return squeeze(told, MAX_NAME_CHARS);
    const attribute = (name: string) => squeeze(dom.attribute(e, name) ?? '', MAX_NAME_CHARS);
    if (isButtonInput(e)) {
      const face = e.type === 'image' ? attribute('alt') : e.value;
      return squeeze(face || labelsOf(e) || attribute('title') || (e.type === 'image' ? '' : e.type), MAX_NAME_CHARS);
    }
    if (isField(e)) return labelsOf(e) || attribute('title') || attribute('placeholder') || attribute('name');
    const tag = dom.localName(e);
    if (tag === 'img' || tag === 'area') return attribute('alt') || attribute('title');
    if (dom.isEditable(e)) return attribute('title') || attribute('placeholder') || attribute('data-placeholder');
    return contentOf(e) || attribute('title') || attribute('alt') || hintOf(e);
  }

  /** What a thing without a name is called in the markup: often all that tells a drawn bin from a drawn star. */
  function hintOf(e: Element): string {
    const parts = [e, dom.firstElement(e)].map((part) =>
      part ? `${dom.attribute(part, 'id') ?? ''} ${dom.attribute(part, 'class') ?? ''}` : '',
    );
    // What changes while the pointer is on it is no name.
    return squeeze(parts.join(' ').replace(/\S*(hover|focus|active|pressed)\S*/g, ''), MAX_NAME_CHARS);
  }

  function currentValue(e: Element): string | undefined {
    if (dom.isInput(e)) {
      if (/^(checkbox|radio|button|submit|reset|image)$/.test(e.type)) return undefined;
      if (e.type === 'password') return e.value ? HIDDEN_VALUE : '';
      return e.value.slice(0, MAX_VALUE_CHARS);
    }
    if (dom.isTextArea(e)) return e.value.slice(0, MAX_VALUE_CHARS);
    if (dom.isSelect(e))
      return squeeze([...e.selectedOptions].map((option) => option.label).join(', '), MAX_VALUE_CHARS);
    if (dom.isEditable(e)) return squeeze(dom.text(e) ?? '', MAX_VALUE_CHARS);
    return dom.attribute(e, 'aria-valuetext') ?? dom.attribute(e, 'aria-valuenow') ?? undefined;
  }

  function isFocused(e: Element): boolean {
    return dom.active(dom.rootOf(e) as Root) === e && document.hasFocus();
  }

  function stateOf(e: Element): Description['state'] {
    const state: Record<string, boolean> = {};
    const aria = (name: string) => dom.attribute(e, `aria-${name}`);
    if (dom.isInput(e) && /^(checkbox|radio)$/.test(e.type)) state.checked = e.checked;
    const checked = aria('checked') ?? aria('pressed');
    if (state.checked === undefined && checked !== null) state.checked = checked !== 'false';
    if (aria('selected') !== null) state.selected = aria('selected') === 'true';
    if (aria('expanded') !== null) state.expanded = aria('expanded') === 'true';
    else if (dom.localName(e) === 'summary') {
      const details = dom.parent(e);
      if (details && dom.isDetails(details)) state.expanded = details.open;
    }
    if (isFocused(e)) state.focused = true;
    if ((isField(e) && e.required) || aria('required') === 'true') state.required = true;
    if ((isField(e) && !dom.isSelect(e) && e.readOnly) || aria('readonly') === 'true') state.readonly = true;
    return Object.keys(state).length ? state : undefined;
  }

  function optionsOf(e: Element): string[] | undefined {
    if (!dom.isSelect(e)) return undefined;
    return [...e.options].slice(0, MAX_OPTIONS).map((option) => squeeze(option.label, MAX_NAME_CHARS));
  }

  /** @param isSecret - the value is not told. */
  function describe(e: Element, isSecret: boolean): Description {
    const description: { -readonly [K in keyof Description]: Description[K] } = {};
    const role = roleOf(e);
    if (role) description.role = role;
    const name = nameOf(e);
    if (name) description.name = name;
    const value = currentValue(e);
    if (value !== undefined) description.value = isSecret && value ? HIDDEN_VALUE : value;
    if (dom.isInput(e) && !PLAIN_INPUTS.has(e.type)) description.inputType = e.type;
    const options = optionsOf(e);
    if (options) description.options = options;
    const state = stateOf(e);
    if (state) description.state = state;
    return description;
  }
  return { describe, roleOf, nameOf };
}
