/**
 * The little XML that a model's critique is written in, read as strictly as Python's ElementTree reads it: text that is not well formed
 * is none at all. No document types, no name spaces.
 */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Characters before the first child, as `Element.text` of ElementTree. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const START =
  'A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD';
const NAME = `[${START}][${START}\\-.0-9\\xB7\\u0300-\\u036F\\u203F-\\u2040]*`;
const OPEN = new RegExp(
  `<(${NAME})((?:[ \\t\\n]+${NAME}[ \\t\\n]*=[ \\t\\n]*(?:"[^<"]*"|'[^<']*'))*)[ \\t\\n]*(/?)>`,
  'y',
);
const CLOSE = new RegExp(`</(${NAME})[ \\t\\n]*>`, 'y');
const ATTRIBUTE = new RegExp(`(${NAME})[ \\t\\n]*=[ \\t\\n]*(?:"([^<"]*)"|'([^<']*)')`, 'g');
const PLAIN = /[^<]+/y;
/** What is no element: where it begins and ends, and whether what stands between is text. */
const ASIDES = [
  { open: '<!--', close: '-->', isText: false },
  { open: '<![CDATA[', close: ']]>', isText: true },
  { open: '<?', close: '?>', isText: false },
] as const;
const TARGET = /^(?!xml\b)[a-z_][\w.-]*(?=\s|$)/i;
/** Characters that no XML may have, halves of pairs among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const FORBIDDEN = /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF\u{D800}-\u{DFFF}]/u;
const ENTITY = /&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));|&/g;
const NAMED = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" } as const;

interface Draft {
  name: string;
  attributes: Map<string, string>;
  text: string;
  children: Draft[];
}

/** The one element that the text is, or undefined where it is not well formed. */
export function parseXml(source: string): XmlElement | undefined {
  const xml = source.replace(/\r\n?/g, '\n');
  if (FORBIDDEN.test(xml)) return undefined;
  const document: Draft = { name: '', attributes: new Map(), text: '', children: [] };
  const open = [document];
  for (let at = 0; at < xml.length; ) {
    const here = open.at(-1)!;
    const took = takeText(xml, at, here) ?? takeOpening(xml, at, here, open) ?? takeClosing(xml, at, open);
    if (took === undefined) return undefined;
    at = took;
  }
  const isOne = open.length === 1 && document.children.length === 1 && document.text.trim() === '';
  return isOne ? document.children[0] : undefined;
}

function takeText(xml: string, at: number, here: Draft): number | undefined {
  const plain = match(PLAIN, xml, at)?.[0];
  const found =
    plain === undefined
      ? asideAt(xml, at)
      : { text: plain.includes(']]>') ? undefined : plainOf(plain), end: at + plain.length };
  if (found?.text === undefined) return undefined;
  if (here.children.length === 0) here.text += found.text;
  return found.end;
}

function asideAt(xml: string, at: number): { readonly text: string | undefined; readonly end: number } | undefined {
  const kind = ASIDES.find(({ open }) => xml.startsWith(open, at));
  const end = kind ? xml.indexOf(kind.close, at + kind.open.length) : -1;
  if (!kind || end === -1) return undefined;
  const inner = xml.slice(at + kind.open.length, end);
  // Two hyphens end a comment and must be followed by >; the instruction named xml stands at the very beginning only.
  const isSound = kind.open === '<!--' ? !/--|-$/.test(inner) : kind.open === '<?' ? TARGET.test(inner) : true;
  return { text: isSound ? (kind.isText ? inner : '') : undefined, end: end + kind.close.length };
}

function takeOpening(xml: string, at: number, here: Draft, open: Draft[]): number | undefined {
  const found = match(OPEN, xml, at);
  if (!found) return undefined;
  const [whole, name, attributes, isEmpty] = found as unknown as [string, string, string, string];
  const read = attributesOf(attributes);
  // A document is one element; what follows it belongs to nothing.
  if (!read || (open.length === 1 && here.children.length > 0)) return undefined;
  const draft: Draft = { name, attributes: read, text: '', children: [] };
  here.children.push(draft);
  if (!isEmpty) open.push(draft);
  return at + whole.length;
}

function takeClosing(xml: string, at: number, open: Draft[]): number | undefined {
  const found = match(CLOSE, xml, at);
  if (!found || open.length === 1 || open.at(-1)!.name !== found[1]) return undefined;
  open.pop();
  return at + found[0].length;
}

function attributesOf(text: string): Map<string, string> | undefined {
  const attributes = new Map<string, string>();
  for (const [, name, inDouble, inSingle] of text.matchAll(ATTRIBUTE)) {
    const value = plainOf((inDouble ?? inSingle)!.replace(/[\t\n]/g, ' '));
    if (value === undefined || attributes.has(name!)) return undefined;
    attributes.set(name!, value);
  }
  return attributes;
}

/** Undefined where an ampersand stands for nothing. */
function plainOf(text: string): string | undefined {
  let isSound = true;
  const plain = text.replace(ENTITY, (whole, named: keyof typeof NAMED | undefined, decimal?: string, hex?: string) => {
    if (named) return NAMED[named];
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : 0;
    const isCharacter = code > 0 && code <= 0x10_ff_ff && !FORBIDDEN.test(String.fromCodePoint(code));
    isSound &&= isCharacter;
    return isCharacter ? String.fromCodePoint(code) : whole;
  });
  return isSound ? plain : undefined;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
