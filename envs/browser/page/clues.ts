/**
 * Gathers what markup tells of what an element does: where it leads, which form it sends, what stands on it and is drawn on it, what the
 * dialog around it is about. Judges nothing; the gate reads it (`src/gate/effects`). All of it is the page's own word.
 * Runs inside the page: self-contained, no imports at run time.
 */
import type { Dom } from './dom.ts';
import type { Description } from './protocol.ts';

type Clues = NonNullable<Description['clues']>;

export function makeClues(dom: Dom) {
  /** Chosen: a button says less; a page that says more hides nothing by it, since the beginning counts. */
  const MAX_CHARS = 200;
  /** Addresses; the part behind is data. Chosen. */
  const MAX_URL_CHARS = 2000;
  /** Descendants that are looked at for icons. Chosen: an icon lies at most a few deep. */
  const MAX_DRAWN = 6;
  const DIALOG = 'dialog,[role=dialog],[role=alertdialog]';
  const HEADING = 'h1,h2,h3,h4,h5,h6,legend,[role=heading]';
  const PRESSED = 'button,a,input,[role=button],[role=link]';
  const SUBMITS = /^(submit|image)$/;
  const NAMING = ['id', 'class', 'name', 'data-icon', 'data-action', 'data-testid', 'data-test', 'title', 'alt'];

  const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, MAX_CHARS);
  const textOf = (e: Element): string => squeeze((dom.text(e) ?? '').slice(0, 10 * MAX_CHARS));

  function whole(address: string | null): string | undefined {
    try {
      return new URL(address ?? '', dom.baseUri(document)).href.slice(0, MAX_URL_CHARS);
    } catch {
      return undefined;
    }
  }

  const submits = (e: Element): boolean =>
    (dom.isInput(e) && SUBMITS.test(e.type)) || (dom.isButton(e) && e.type === 'submit');

  function hrefOf(e: Element): string | undefined {
    const link = dom.closest(e, 'a,area');
    if (!link) return undefined;
    const href = dom.attribute(link, 'href') ?? dom.attribute(link, 'xlink:href');
    return href === null ? undefined : (whole(href.trim()) ?? href.slice(0, MAX_CHARS));
  }

  function takesOf(fields: readonly Element[]): ('password' | 'card')[] | undefined {
    const takes: ('password' | 'card')[] = [];
    if (fields.some((field) => dom.isInput(field) && field.type === 'password')) takes.push('password');
    const isCard = (field: Element) =>
      (dom.attribute(field, 'autocomplete') ?? '').includes('cc-') ||
      /card.?(num|no\b)|\bcvc|\bcvv|kartennummer|kreditkarte/i.test(
        `${dom.attribute(field, 'name')} ${dom.attribute(field, 'id')}`,
      );
    if (fields.some(isCard)) takes.push('card');
    return takes.length ? takes : undefined;
  }

  function formOf(e: Element): { form: Clues['form']; element: Element } | undefined {
    const control = dom.isLabel(e) ? (e.control ?? e) : e;
    const owner = dom.isField(control) || dom.isButton(control) ? control.form : dom.closest(control, 'form');
    if (!owner) return undefined;
    const isSubmitter = submits(control);
    const fields = dom.formFields(owner);
    const first = fields.find(submits);
    const sender = isSubmitter ? control : first;
    const own = (name: string) => (sender ? dom.attribute(sender, `form${name}`) : null) ?? dom.attribute(owner, name);
    const takes = takesOf(fields);
    return {
      element: owner,
      form: {
        method: (own('method') ?? 'get').toLowerCase().slice(0, 20),
        url: whole(own('action')) ?? '',
        isSubmitter,
        ...(first && { submitter: squeeze(dom.isInput(first) ? first.value : textOf(first)) }),
        ...(takes && { takes }),
      },
    };
  }

  function faceOf(e: Element): string {
    const text = dom.isInput(e)
      ? submits(e) || e.type === 'button'
        ? squeeze(e.value)
        : ''
      : dom.isField(e)
        ? ''
        : textOf(e);
    if (text.length > 2) return text;
    // Signs and words that style sheets write.
    const drawn = ['::before', '::after'].map((part) => /^"(.*)"$/.exec(getComputedStyle(e, part).content)?.[1] ?? '');
    return squeeze([text, ...drawn].join(' '));
  }

  function iconOf(e: Element): string {
    const below = [...dom.find(e, '*')].slice(0, MAX_DRAWN);
    const said = [e, ...below].flatMap((part) => {
      const file = dom.attribute(part, 'src') ?? dom.attribute(part, 'href') ?? dom.attribute(part, 'xlink:href') ?? '';
      const drawn =
        part === e && dom.localName(e) === 'a' ? '' : file.startsWith('data:') ? '' : (file.split(/[/#]/).at(-1) ?? '');
      return [...NAMING.map((name) => dom.attribute(part, name) ?? ''), drawn];
    });
    // What changes while the pointer is on it is no name.
    return squeeze(said.join(' ').replace(/\S*(hover|focus|active|pressed)\S*/g, ''));
  }

  /** What a dialog says beside its buttons, where it is short; else its title. */
  function aboutDialog(e: Element): string {
    const dialog = dom.closest(e, DIALOG);
    if (!dialog) return '';
    const heading = dom.find(dialog, HEADING)[0];
    const title = [dom.attribute(dialog, 'aria-label') ?? '', heading ? textOf(heading) : ''].join(' ');
    const all = (dom.text(dialog) ?? '')
      .slice(0, 10 * MAX_CHARS)
      .replace(/\s+/g, ' ')
      .trim();
    const rest = [...dom.find(dialog, PRESSED)].reduce((left, one) => left.replace(textOf(one) || ' ', ' '), all);
    return squeeze(rest.length <= MAX_CHARS ? `${title} ${rest}` : title);
  }

  const aboutForm = (form: Element): string => {
    const heading = dom.find(form, HEADING)[0];
    return squeeze(`${dom.attribute(form, 'aria-label') ?? ''} ${heading ? textOf(heading) : ''}`);
  };

  /** @param name - as it is told anyway. */
  return (e: Element, name: string): Clues | undefined => {
    const clues: { -readonly [K in keyof Clues]: Clues[K] } = {};
    const href = hrefOf(e);
    if (href !== undefined) clues.href = href;
    const owner = formOf(e);
    if (owner) clues.form = owner.form;
    const text = faceOf(e);
    if (text && text !== name) clues.text = text;
    if (!dom.isField(e) || submits(e)) {
      const icon = iconOf(e);
      if (icon) clues.icon = icon;
    }
    const isSending = owner?.form?.isSubmitter || dom.isField(e);
    const about = squeeze(`${aboutDialog(e)} ${owner && isSending ? aboutForm(owner.element) : ''}`);
    if (about) clues.about = about;
    return Object.keys(clues).length ? clues : undefined;
  };
}
