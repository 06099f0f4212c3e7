/** Text into HTML: a template tag that escapes every value that is not markup already. Knows no page. */

/** Markup that was made by `html`, and is put into other markup as it is. */
export interface Markup {
  readonly markup: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeText = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);

type Value = string | number | false | undefined | Markup | readonly Value[];

function toMarkup(value: Value): string {
  if (value === false || value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  return 'markup' in value ? value.markup : value.map(toMarkup).join('');
}

/** Markup with its values escaped; `false` and `undefined` leave nothing, lists are joined. */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup => ({
  markup: parts.map((part, at) => part + toMarkup(values[at])).join(''),
});
