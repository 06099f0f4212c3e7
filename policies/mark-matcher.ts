/**
 * The embedded policy for user interfaces: rules instead of a model. It reads an instruction by a small grammar (GRAMMAR,
 * below), finds what each part speaks of among marks and visible texts by name, role, order and place, and explores
 * (scrolls, opens sections, tabs and pages) when something is not in view. It sees no pixels and knows no page.
 */
import { type Action, definePolicy, type Mark, type Observation, PumiceError, type Target } from 'pumice';
import { z } from 'zod';

type Box = Mark['boxPx'];
/** Something on the page that can be pointed at: a mark, or a piece of text. */
interface Item {
  readonly names: readonly string[];
  readonly role: string;
  readonly box: Box;
  readonly target: Target;
  readonly mark?: Mark;
}
/** The page at one instant, without echoes of the instruction. */
interface Page {
  readonly marks: readonly Item[];
  readonly texts: readonly Item[];
  readonly scroll: { readonly yPx: number; readonly maxYPx: number } | undefined;
}
/** What the parts of one instruction share. */
interface Memory {
  /** What the instruction speaks of: of several equal targets the one nearest to it is meant. */
  context: string | undefined;
  /** What was copied, found or computed last. */
  it: string | undefined;
  /** The last action did not happen. */
  refused: boolean;
  /** What exploring tried already for this part. */
  visited: Set<string>;
  /** The page as it was before the last scroll. */
  seen: string;
  /** Keys of the marks of the first page: what comes later may be a popup. */
  initial: ReadonlySet<string> | undefined;
}
/** One part of an instruction: asked on each observation until it is done. */
type Part = (page: Page, memory: Memory) => Action | 'done' | 'absent';
type Maker = (page: Page, memory: Memory) => string | undefined;

const who = 'policy mark-matcher';
/** Attempts at one refused action before giving up. Chosen. */
const MAX_REFUSALS = 3;

// ---------------------------------------------------------------- words

const fold = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}#@+<>-]+/gu, ' ')
    .trim();
const SYNONYMS = ['x × ✕ close dismiss', 'trash delete remove bin', 'ok okay', 'next > » ›', 'phone telephone'].map(
  (line) => line.split(' '),
);
const SUBMITS = ['submit', 'ok', 'go', 'login', 'log in', 'sign in', 'search', 'send', 'save', 'done'];
const sameStem = (a: string, b: string) =>
  a === b ||
  (Math.min(a.length, b.length) >= 4 && a.slice(0, 5) === b.slice(0, 5) && Math.abs(a.length - b.length) < 4);

/** How well a name answers to the wanted words, 0..1; exact before folded before parts. */
function likeness(wanted: string, name: string, loose: boolean): number {
  if (wanted === '' || name === '') return 0;
  if (wanted === name) return 1;
  const [a, b] = [fold(wanted), fold(name)];
  if (a === '' || b === '') return 0;
  if (a === b) return 0.95;
  if (SYNONYMS.some((group) => group.includes(a) && group.includes(b))) return 0.85;
  const [words, others] = [a.split(' '), b.split(' ')];
  const hits = words.filter((word) => others.some((other) => (loose ? sameStem(word, other) : word === other))).length;
  return hits === words.length ? 0.5 + (0.3 * hits) / others.length : 0;
}

/** Roles that a noun of the instruction may mean. */
const NOUNS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bcheck ?box(es)?\b/i, ['checkbox']],
  [/\bradio( buttons?)?\b/i, ['radio']],
  [/\bbuttons?\b/i, ['button']],
  [/\blinks?\b/i, ['link']],
  [
    /\b(((text|input|search)[ -]?)+(box|field|area|input)(es|s)?|fields?|inputs?|textarea|text)\b/i,
    ['textbox', 'searchbox'],
  ],
  [/\b(drop ?down|list|select)( box)?\b/i, ['combobox', 'listbox']],
  [/\bslider\b/i, ['slider']],
  [/\bspinner\b/i, ['spinbutton']],
  [/\btabs?\b/i, ['tab']],
  [/\bcircle\b/i, ['circle', 'ellipse']],
  [/\b(rectangle|square|box)\b/i, ['rect']],
  [/\b(results?|entry|entries)\b/i, ['link']],
];
const FILLER =
  /\b(the|a|an|on|in|into|to|their|his|her|its|below|above|label(l)?ed|named|called|icon|item|input|following|folder or file)\b/gi;
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** What a noun phrase asks for. `names` is best first and empty when only a role is named. */
interface Phrase {
  readonly names: readonly string[];
  readonly roles: readonly string[];
  /** From 1; -1 is the last. */
  readonly nth: number | undefined;
  readonly quoted: boolean;
}

function phraseOf(text: string): Phrase {
  const quote = /"(.*?)"/.exec(text)?.[1];
  const rest = text.replace(/".*?"/g, ' ').replace(/[.,:]+$/, '');
  const found = /\b(\d+)(st|nd|rd|th)\b/i.exec(rest);
  const word = ORDINALS.findIndex((ordinal) => new RegExp(`\\b${ordinal}\\b`, 'i').test(rest));
  const nth = found ? Number(found[1]) : word >= 0 ? word + 1 : /\blast\b/i.test(rest) ? -1 : undefined;
  const roles = NOUNS.find(([noun]) => noun.test(rest))?.[1] ?? [];
  if (quote !== undefined) return { names: [quote], roles, nth, quoted: true };
  const bare = squeeze(rest.replace(/\b\d+(st|nd|rd|th)\b|\blast\b/gi, ' ').replace(FILLER, ' '));
  const noun = NOUNS.find(([pattern]) => pattern.test(bare))?.[0];
  const named = noun ? squeeze(bare.replace(new RegExp(noun, 'gi'), ' ')) : bare;
  return {
    names: [...new Set([squeeze(rest), bare, named])].filter((name) => name && named),
    roles,
    nth,
    quoted: false,
  };
}
const squeeze = (text: string) => text.replace(/\s+/g, ' ').trim();
const unquoted = (text: string) => /^"(.*)"$/.exec(text.trim())?.[1] ?? text.trim();

// ---------------------------------------------------------------- the page

const FIELDS = ['textbox', 'searchbox', 'spinbutton', 'combobox', 'listbox', 'slider', 'checkbox', 'radio'];
const CONTAINERS = ['tablist', 'menu', 'list', 'ul', 'ol', 'svg', 'dialog', 'presentation', 'group', 'table', 'form'];
const middle = ([x0, y0, x1, y1]: Box) => ({ xPx: (x0 + x1) / 2, yPx: (y0 + y1) / 2 });
const areaOf = ([x0, y0, x1, y1]: Box) => (x1 - x0) * (y1 - y0);
const inside = (inner: Box, outer: Box, slack = 2) =>
  inner[0] >= outer[0] - slack &&
  inner[1] >= outer[1] - slack &&
  inner[2] <= outer[2] + slack &&
  inner[3] <= outer[3] + slack;
const sameRow = (a: Box, b: Box) =>
  Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > Math.min(a[3] - a[1], b[3] - b[1]) / 2;
const readingOrder = (a: Item, b: Item) => (sameRow(a.box, b.box) ? a.box[0] - b.box[0] : a.box[1] - b.box[1]);
const distance = (a: Box, b: Box) => {
  const [p, q] = [middle(a), middle(b)];
  return sameRow(a, b) ? Math.abs(p.xPx - q.xPx) / 100 : Math.abs(p.yPx - q.yPx) + (p.yPx < q.yPx - 4 ? 1000 : 0);
};
const keyOf = ({ role, names, box }: Item) => `${role}:${names[0] ?? ''}@${names[0] ? '' : box.map(Math.round)}`;
const numberOf = (text: string | undefined) => (/^\s*-?\d+(\.\d+)?\s*$/.test(text ?? '') ? Number(text) : undefined);

function pageOf({ marks = [], ui, instruction }: Observation): Page {
  const asked = fold(instruction);
  const pieces = (ui?.texts ?? []).filter(({ text }) => text !== '');
  // A page may show the instruction itself: its longer pieces tell where, and all its words there are no targets.
  const echoes = pieces.filter(({ text }) => fold(text).split(' ').length > 2 && asked.includes(fold(text)));
  const echo = echoes.reduce<Box | undefined>(
    (all, { boxPx: b }) =>
      all ? [Math.min(all[0], b[0]), Math.min(all[1], b[1]), Math.max(all[2], b[2]), Math.max(all[3], b[3])] : b,
    undefined,
  );
  const isEcho = (text: string, box: Box) => echo !== undefined && inside(box, echo, 30) && asked.includes(fold(text));
  const texts = pieces
    .filter(({ text, boxPx }) => !isEcho(text, boxPx))
    .map(({ text, boxPx }): Item => ({ names: [text], role: 'text', box: boxPx, target: middle(boxPx) }));
  const items = marks.map((mark): Item & { mark: Mark } => ({
    names: mark.name ? [mark.name] : [],
    role: mark.role ?? '',
    box: mark.boxPx,
    target: { markId: mark.id },
    mark,
  }));
  const labels = labelsOf(items, texts);
  const named = items.map((item) => ({ ...item, names: [...item.names, ...(labels.get(item) ?? [])] }));
  return { marks: named.sort(readingOrder), texts: texts.sort(readingOrder), scroll: ui?.scroll };
}

/** Gives each field the text that stands closest to it, one to one. */
function labelsOf(items: readonly Item[], texts: readonly Item[]): Map<Item, string[]> {
  const free = texts.filter((text) => !items.some(({ role, box }) => role === 'button' && inside(text.box, box)));
  const pairs = items.flatMap((item) =>
    free.map((text) => ({ item, text, gap: gapOf(item, text) })).filter(({ gap }) => gap < 40),
  );
  const labels = new Map<Item, string[]>();
  const taken = new Set<Item>();
  for (const { item, text } of pairs.sort((a, b) => a.gap - b.gap)) {
    if (labels.has(item) || taken.has(text)) continue;
    labels.set(item, [text.names[0]!.replace(/\s*[:*]\s*$/, '')]);
    taken.add(text);
  }
  return labels;
}

function gapOf({ role, box: f }: Item, { names, box: t }: Item): number {
  if (!FIELDS.includes(role) && !(role === 'link' && names[0]?.endsWith(':'))) return Infinity;
  const boxed = role === 'checkbox' || role === 'radio';
  if (sameRow(f, t)) {
    if (t[2] <= f[0] + 4) return (f[0] - t[2]) / 2 + (boxed ? 6 : 0);
    return boxed && t[0] >= f[2] - 4 ? t[0] - f[2] : Infinity;
  }
  if (boxed || Math.min(f[2], t[2]) <= Math.max(f[0], t[0])) return Infinity;
  if (t[3] <= f[1] + 4) return f[1] - t[3];
  return t[1] >= f[3] - 4 ? t[1] - f[3] + 1 : Infinity;
}

// ---------------------------------------------------------------- finding

const ACTIVE = [
  'button',
  'link',
  'checkbox',
  'radio',
  'menuitem',
  'option',
  'textbox',
  'searchbox',
  'combobox',
  'listbox',
];

/** The item that a phrase means, or nothing. */
function pick(page: Page, memory: Memory, text: string, quotedRoles = true): Item | undefined {
  const { names, roles, nth, quoted } = phraseOf(text);
  if (names.length === 0)
    return order(
      page.marks.filter(({ role }) => roles.includes(role)),
      nth ?? 1,
    );
  const rate = (item: Item) => {
    const like = Math.max(
      0,
      ...names.map((name, at) => Math.max(0, ...item.names.map((own) => likeness(name, own, !quoted))) - at * 0.01),
    );
    const isLoose = like < 0.8;
    if (isLoose && (CONTAINERS.includes(item.role) || item.names.join('').length > 80)) return 0;
    return like && like + (roles.includes(item.role) ? 0.2 : 0) + (ACTIVE.includes(item.role) ? 0.02 : 0);
  };
  const scored = page.marks.map((item) => ({ item, score: rate(item) })).filter(({ score }) => score >= 0.5);
  const best = Math.max(...scored.map(({ score }) => score));
  const ties = scored.filter(({ score }) => score > best - 0.005).map(({ item }) => item);
  if (ties.length > 0) return nth ? order(ties, nth) : nearest(page, memory, ties);
  const written = page.texts.filter((item) => names.some((name) => likeness(name, item.names[0]!, false) >= 0.9));
  if (written.length > 0) return nearest(page, memory, written);
  if (quoted && quotedRoles && NOUNS.some(([noun]) => noun.test(names[0]!)))
    return pick(page, memory, names[0]!, false);
  if (!quoted && SUBMITS.includes(fold(names.at(-1)!)))
    return page.marks.find((item) => item.role === 'button' && item.names.some((name) => SUBMITS.includes(fold(name))));
  return undefined;
}
const order = (items: readonly Item[], nth: number) => items.at(nth > 0 ? nth - 1 : nth);

/** Of equals, the one nearest to what the instruction speaks of; else the smallest. */
function nearest(page: Page, memory: Memory, items: readonly Item[]): Item | undefined {
  const context = memory.context && spoken(page, memory.context);
  const cost = (item: Item) => (context ? distance(item.box, context.box) : areaOf(item.box));
  return [...items].sort((a, b) => cost(a) - cost(b))[0];
}

/** Where a name is written, as text or as a mark. */
function spoken(page: Page, name: string): Item | undefined {
  const exact = [...page.texts, ...page.marks].find(({ names }) =>
    names.some((own) => likeness(name, own, false) >= 0.9),
  );
  return exact ?? page.texts.find(({ names }) => likeness(name, names[0]!, false) >= 0.5);
}

/** The field that a phrase means; without words, the first that is empty. */
function fieldOf(page: Page, text: string): Item[] {
  const fields = page.marks.filter(
    ({ role, mark }) => ['textbox', 'searchbox', 'spinbutton', 'combobox'].includes(role) && !mark?.options,
  );
  const { names, nth } = phraseOf(text);
  const scored = fields
    .map((item) => ({
      item,
      score: Math.max(0, ...names.flatMap((name) => item.names.map((own) => likeness(name, own, true)))),
    }))
    .sort((a, b) => b.score - a.score);
  if (scored[0] && scored[0].score >= 0.5) return [scored[0].item];
  const open = fields.filter(({ mark }) => !mark?.state?.readonly);
  if (/\b(both|all|each|every)\b/i.test(text)) return open;
  if (nth) return [order(open, nth)].filter((item) => item !== undefined);
  const typed = open.filter(
    ({ mark }) => mark?.inputType && text.toLowerCase().includes(mark.inputType) && mark.inputType !== 'text',
  );
  return [typed[0] ?? open.find(({ mark }) => !mark?.value) ?? open[0]].filter((item) => item !== undefined);
}

// ---------------------------------------------------------------- parts

const tap = (item: Item): Action => ({ kind: 'ui-click', target: item.target, button: 'left', count: 1 });

/** Acts once; a refused action is tried again. */
function once(propose: (page: Page, memory: Memory) => Action | undefined): Part {
  let acted = false;
  return (page, memory) => {
    if (acted && !memory.refused) return 'done';
    const action = propose(page, memory);
    acted = action !== undefined;
    return action ?? 'absent';
  };
}
const click = (text: string): Part =>
  once((page, memory) => {
    const item = pick(page, memory, text);
    return item && tap(item);
  });
const find =
  (name: string): Part =>
  (page, memory) => {
    memory.context = name;
    return spoken(page, name) ? 'done' : 'absent';
  };
const remember =
  (make: Maker): Part =>
  (page, memory) => {
    memory.it = make(page, memory);
    return memory.it === undefined ? 'absent' : 'done';
  };

/** Types a text into the field that a phrase means (or into all of them), and looks whether it is there. */
function fill(make: Maker, into: string): Part {
  let chosen: string[] | undefined;
  const tries = new Map<string, number>();
  const placeOf = ({ role, box }: Item) => `${role}@${Math.round(box[0])},${Math.round(box[1])}`;
  return (page, memory) => {
    const text = make(page, memory);
    const fields = fieldOf(page, into);
    if (text === undefined || (fields.length === 0 && !chosen)) return 'absent';
    chosen ??= fields.map(placeOf);
    for (const place of chosen) {
      const field = page.marks.find((item) => placeOf(item) === place);
      const tried = tries.get(place) ?? 0;
      if (!field?.mark) return 'absent';
      const value = inputText(text, field.mark.inputType);
      const isHidden = field.mark.value === undefined || field.mark.inputType === 'password' || value.includes('{{');
      if (field.mark.value === value || (tried > 0 && !memory.refused && (isHidden || tried > 1))) continue;
      tries.set(place, tried + 1);
      return { kind: 'ui-type', target: field.target, text: value, clear: Boolean(field.mark.value), submit: false };
    }
    return 'done';
  };
}

/** Dates and times as the native inputs want them: ISO. */
function inputText(text: string, inputType: string | undefined): string {
  const date = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  if (inputType === 'date' && date) return `${date[3]}-${date[1]!.padStart(2, '0')}-${date[2]!.padStart(2, '0')}`;
  const time = /^(\d{1,2}):(\d{2})\s*([ap])?\.?m?\.?$/i.exec(text);
  if (inputType !== 'time' || !time) return text;
  const hour = (Number(time[1]) % 12) + (/p/i.test(time[3] ?? '') || (!time[3] && Number(time[1]) > 11) ? 12 : 0);
  return `${String(time[3] ? hour : Number(time[1])).padStart(2, '0')}:${time[2]}`;
}

/** Chooses all items of a list: options of a native list, boxes, or things with that name. */
function select(list: string, from = ''): Part {
  const done = new Set<string>();
  let last = '';
  return (page, memory) => {
    if (memory.refused) done.delete(last);
    const holders = page.marks.filter(({ mark }) => mark?.options);
    const known = [...holders.flatMap(({ mark }) => mark?.options ?? []), ...page.marks.flatMap(({ names }) => names)];
    const wanted = itemsOf(list, (name) => known.some((own) => likeness(name, own, false) >= 0.9));
    for (const { mark, target } of holders) {
      const values = wanted.flatMap(
        (name) => mark?.options?.find((option) => likeness(name, option, false) >= 0.9) ?? [],
      );
      if (values.length < wanted.length || values.length === 0) continue;
      if (done.has(list) || mark?.value === values.join(', ')) return 'done';
      last = list;
      done.add(last);
      return { kind: 'ui-select', target, values };
    }
    for (const name of wanted.filter((name) => !done.has(name))) {
      const item = pick(page, memory, `"${name}"`);
      const opener = from
        ? (pick(page, memory, from) ?? page.marks.find(({ names }) => names.join().includes(name)))
        : item;
      const isExact = item?.names.some((own) => likeness(name, own, false) >= 0.8);
      if (!isExact && opener && !done.has(`open ${name}`)) {
        last = `open ${name}`;
        done.add(last);
        return tap(opener);
      }
      if (!item) return 'absent';
      last = name;
      done.add(last);
      if (item.mark?.state?.checked === undefined) return tap(item);
      if (!item.mark.state.checked) return { kind: 'ui-check', target: item.target, checked: true };
    }
    return 'done';
  };
}
const itemsOf = (list: string, isKnown: (name: string) => boolean): string[] => {
  if (/^(nothing|none)$/i.test(list)) return [];
  if (isKnown(list)) return [list];
  const parts = list.split(/\s*,\s*(?:and\s+)?/).filter(Boolean);
  return parts.flatMap((part) => (isKnown(part) ? [part] : part.split(/\s+and\s+/))).map(unquoted);
};

/** Walks a menu along a path: hovers over each level, clicks the last. */
const walk = (path: readonly string[]): Part[] =>
  path.map((name, at) =>
    once((page, memory) => {
      const item = pick(page, memory, `"${name}"`);
      return item && (at < path.length - 1 ? { kind: 'ui-hover', target: item.target } : tap(item));
    }),
  );

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
/** Sets a date: by typing where the field takes text, else by leafing through the calendar that it opens. */
function setDate(text: string): Part {
  const type = fill(() => text, 'date');
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text)?.map(Number) ?? [];
  let isChosen = false;
  return (page, memory) => {
    const field = fieldOf(page, 'date')[0];
    const months = page.texts.filter(({ names }) => MONTHS.includes(names[0]!.slice(0, 3).toLowerCase()));
    const shown = months.flatMap((item) => {
      const row = page.texts.filter(({ box }) => sameRow(box, item.box)).map(({ names }) => names[0]);
      const yearShown = /\b(?:19|20)\d\d\b/.exec(row.join(' '))?.[0];
      return yearShown
        ? [{ item, at: Number(yearShown) * 12 + MONTHS.indexOf(item.names[0]!.slice(0, 3).toLowerCase()) }]
        : [];
    })[0];
    if (isChosen && !shown) return 'done';
    if (month === undefined || (!shown && field && !field.mark?.state?.readonly)) return type(page, memory);
    if (!shown) return field ? tap(field) : 'absent';
    const away = year! * 12 + month - 1 - shown.at;
    const below = (name: string) =>
      [...page.marks, ...page.texts].find(({ names, box }) => names[0] === name && box[1] > shown.item.box[1]);
    const item = away === 0 ? below(String(day)) : pick(page, memory, away > 0 ? '"next"' : '"prev"');
    isChosen ||= away === 0 && item !== undefined;
    return item ? tap(item) : 'absent';
  };
}

/** Sets sliders by looking at the number that they show: end of the track, then a straight line, then arrow keys. */
function slide(wanted: readonly number[]): Part {
  const past = wanted.map((): { at: number; value: number }[] => []);
  return (page) => {
    const tracks = page.marks.flatMap((track) => {
      const [w, h] = [track.box[2] - track.box[0], track.box[3] - track.box[1]];
      const handle = page.marks.find(({ box }) => areaOf(box) < areaOf(track.box) / 2 && inside(box, track.box, 8));
      return Math.max(w, h) > 3 * Math.min(w, h) && handle && handle !== track
        ? [{ track, handle, isFlat: w > h }]
        : [];
    });
    const natives = page.marks.filter(({ role, mark }) => role === 'slider' && mark?.inputType === 'range');
    for (const [index, goal] of wanted.entries()) {
      const native = natives[index];
      if (native && numberOf(native.mark?.value) !== goal)
        return { kind: 'ui-type', target: native.target, text: String(goal), clear: true, submit: false };
      const found = tracks[index];
      if (native) continue;
      if (!found) return 'absent';
      const { track, handle, isFlat } = found;
      const numbers = page.texts.filter(({ names }) => numberOf(names[0]) !== undefined);
      const label = numbers.sort((a, b) => apart(a.box, track.box) - apart(b.box, track.box))[0];
      const value = numberOf(handle.mark?.value ?? label?.names[0]);
      if (value === undefined) return 'absent';
      if (value === goal) continue;
      const at = isFlat ? middle(handle.box).xPx : middle(handle.box).yPx;
      const before = past[index]!.findLast((point) => point.value !== value && point.at !== at);
      past[index]!.push({ at, value });
      const key = goal > value ? 'ArrowUp' : 'ArrowDown';
      if (before && (Math.abs(goal - value) < 4 || past[index]!.length > 6)) return { kind: 'ui-key', keys: key };
      const [low, high] = isFlat ? [track.box[0], track.box[2]] : [track.box[1], track.box[3]];
      const far = at - low > high - at ? low + 1 : high - 1;
      const aim = before ? at + ((goal - value) * (at - before.at)) / (value - before.value) : far;
      const place = Math.min(high - 1, Math.max(low + 1, aim));
      const { xPx, yPx } = middle(track.box);
      return { kind: 'ui-click', target: isFlat ? { xPx: place, yPx } : { xPx, yPx: place }, button: 'left', count: 1 };
    }
    return 'done';
  };
}
const apart = (a: Box, b: Box) => Math.max(0, a[0] - b[2], b[0] - a[2]) + Math.max(0, a[1] - b[3], b[1] - a[3]);

/** Sets a number field: types, and where that does not work uses its small buttons or the arrow keys. */
function spin(goal: number, into: string): Part {
  let tries = 0;
  return (page) => {
    const field = page.marks.find(({ role }) => role === 'spinbutton') ?? fieldOf(page, into)[0];
    if (!field) return 'absent';
    const value = numberOf(field.mark?.value);
    if (value === goal) return 'done';
    if (tries++ === 0) return { kind: 'ui-type', target: field.target, text: String(goal), clear: true, submit: false };
    const isUp = goal > (value ?? 0);
    const arrows = page.marks.filter(
      ({ role, box }) => role === 'button' && areaOf(box) < 400 && apart(box, field.box) < 20,
    );
    const arrow = arrows.length > 1 ? arrows.sort((a, b) => a.box[1] - b.box[1]).at(isUp ? 0 : -1) : undefined;
    return arrow ? tap(arrow) : { kind: 'ui-key', keys: isUp ? 'ArrowUp' : 'ArrowDown' };
  };
}

const STEP_PX: Readonly<Record<string, readonly [number, number]>> = {
  left: [-30, 0],
  right: [30, 0],
  up: [0, -30],
  down: [0, 30],
};
/** The thing to drag: by size among things that are neither buttons nor fields, else by name or kind. */
function piece(page: Page, memory: Memory, text: string): Item | undefined {
  const pieces = page.marks.filter(({ role }) => !ACTIVE.includes(role) && !CONTAINERS.includes(role));
  const size = /\b(small|large|big)/i.exec(text)?.[1]?.toLowerCase();
  if (size) return pieces.sort((a, b) => areaOf(a.box) - areaOf(b.box)).at(size === 'small' ? 0 : -1);
  return pick(page, memory, text) ?? (/\b(item|shape|object|thing)\b/i.test(text) ? pieces[0] : undefined);
}
const drag = (from: string, to: string): Part =>
  once((page, memory) => {
    const item = piece(page, memory, from);
    if (!item) return undefined;
    const start = middle(item.box);
    const step = STEP_PX[to.toLowerCase()];
    const end = step ? { xPx: start.xPx + step[0], yPx: start.yPx + step[1] } : placeOf(page, memory, item, to);
    return end && { kind: 'ui-drag', from: start, to: end };
  });

/** A place among the siblings of an item (`3rd position`, `bottom right`), else the middle of the thing named. */
function placeOf(page: Page, memory: Memory, item: Item, text: string) {
  const [width, height] = [item.box[2] - item.box[0], item.box[3] - item.box[1]];
  const kin = page.texts.filter(({ box }) => Math.abs(box[3] - box[1] - height) < 3);
  const xs = /\b(left|right)\b/i.exec(text)?.[1];
  const ys = /\b(top|bottom)\b/i.exec(text)?.[1];
  const { nth } = phraseOf(text);
  if (!xs && !ys && !nth && !/^(the )?(cent|middle)/i.test(text)) {
    const goal = piece(page, memory, text);
    return goal && middle(goal.box);
  }
  const column = kin.filter(({ box }) => Math.abs(box[0] - item.box[0]) < 3).sort(readingOrder);
  const isList = kin.length === column.length;
  const share = (a: number, b: number, word: string | undefined) =>
    word === undefined ? (a + b) / 2 : /left|top/i.test(word) ? a : b;
  const bound = (side: number) => kin.map(({ box }) => box[side]!);
  const x = share(Math.min(...bound(0)), Math.max(...bound(0)), xs);
  const y = share(Math.min(...bound(1)), Math.max(...bound(1)), ys);
  const far = (other: Item) => Math.hypot(other.box[0] - x, other.box[1] - y);
  const goal = nth ? order(isList ? column : kin, nth) : [...kin].sort((a, b) => far(a) - far(b))[0];
  if (!goal) return undefined;
  const push = isList ? Math.sign(goal.box[1] - item.box[1]) * height * 0.6 : 0;
  return {
    xPx: middle(item.box).xPx + goal.box[0] - item.box[0] + Math.min(0, width),
    yPx: middle(goal.box).yPx + push,
  };
}

/** Drags the lines of a list until their numbers are in order. */
const sort =
  (isFalling: boolean): Part =>
  (page) => {
    const rows = page.texts.filter(({ names }) => numberOf(names[0]) !== undefined).sort(readingOrder);
    const value = (item: Item) => numberOf(item.names[0])! * (isFalling ? -1 : 1);
    const goal = [...rows].sort((a, b) => value(a) - value(b));
    const at = rows.findIndex((item, index) => item !== goal[index]);
    if (at < 0) return 'done';
    const to = middle(rows[at]!.box);
    return {
      kind: 'ui-drag',
      from: middle(goal[at]!.box),
      to: { ...to, yPx: to.yPx - (rows[at]!.box[3] - rows[at]!.box[1]) * 0.6 },
    };
  };

const scrollTo = (what: string, isUp: boolean): Part => {
  let left = 4;
  return (page, memory) => {
    if (left-- === 0) return 'done';
    const areas = page.marks.filter(({ role }) => role === 'textbox').sort((a, b) => areaOf(b.box) - areaOf(a.box));
    const target = (/text/i.test(what) && areas[0]?.target) || pick(page, memory, what)?.target || heart(page);
    return { kind: 'ui-scroll', target, dxPx: 0, dyPx: isUp ? -1000 : 1000 };
  };
};
/** The middle of all that is on the page. */
const heart = ({ marks, texts }: Page) => {
  const boxes = [...marks, ...texts].map(({ box }) => box);
  const edge = (side: number, of: (...values: number[]) => number) => of(...boxes.map((box) => box[side]!));
  return middle([edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)]);
};

/** The text beside a label (right of it, else below it), as in a table of two columns. */
const beside = (page: Page, label: string): string | undefined => {
  const cells = page.texts.filter(({ names }) => likeness(label, names[0]!.replace(/:$/, ''), false) >= 0.9);
  const right = (cell: Item) => page.texts.find(({ box }) => sameRow(box, cell.box) && box[0] >= cell.box[2]);
  return cells.map((cell) => right(cell)?.names[0]).find((value) => value !== undefined);
};
/** Fills every empty field with what a table on the page says for its label. */
const fillFromTable: Part = (page) => {
  const field = page.marks.find(
    ({ role, mark, names }) => role === 'textbox' && !mark?.value && beside(page, names.at(-1) ?? ''),
  );
  const text = field && beside(page, field.names.at(-1)!.replace(/:$/, ''));
  return field && text ? { kind: 'ui-type', target: field.target, text, clear: false, submit: false } : 'done';
};

/** Paragraphs: written text that is no part of a control, or what long fields hold. */
const prose = (page: Page): Item[] =>
  page.texts.filter(({ box }) => !page.marks.some((mark) => ACTIVE.includes(mark.role) && inside(box, mark.box)));
const longText = (page: Page, nth: number | undefined): string | undefined => {
  const held = page.marks.filter(({ mark, role }) => role === 'textbox' && mark?.value && mark.inputType === undefined);
  const all = held.length > 0 ? held.map(({ mark }) => mark!.value!) : prose(page).map(({ names }) => names[0]!);
  return nth ? all.at(nth > 0 ? nth - 1 : nth) : all.sort((a, b) => b.length - a.length)[0];
};
const wordOf = (page: Page, nth: number): string | undefined =>
  longText(page, undefined)
    ?.trim()
    .split(/\s+/)
    .at(nth > 0 ? nth - 1 : nth)
    ?.replace(/[.,;:!?]+$/, '');

// ---------------------------------------------------------------- grammar

type Rule = readonly [name: string, pattern: RegExp, build: (groups: string[]) => Part | Part[]];
const GRAMMAR: readonly Rule[] = [
  [
    'wait N seconds',
    /^wait (?:for )?(\d+(?:\.\d+)?) ?s/i,
    ([n]) => once(() => ({ kind: 'ui-wait', durationMs: Number(n) * 1000 })),
  ],
  [
    'scroll X to the top|bottom',
    /^scroll (?:down |up )?(.*?)\b(?:to )?the (top|bottom|end|start)\b(.*)$/i,
    ([a, side, b]) => scrollTo(`${a} ${b}`, /top|start/i.test(side!)),
  ],
  [
    'N-th|last word in X',
    /^(?:find|get|read) .*?\b(last|\d+)\w* word\b/i,
    ([n]) => remember((page) => wordOf(page, n === 'last' ? -1 : Number(n))),
  ],
  ['copy the text of X', /^copy (.+)$/i, ([what]) => remember((page) => longText(page, phraseOf(what!).nth))],
  ['type V into all fields by their labels', /^(?:enter|type|fill) .*\beach label\b/i, () => fillFromTable],
  [
    'type the value of LABEL into X',
    /^(?:enter|type|write) the value of (.+?) (?:in|into|to) (.+)$/i,
    ([label, into]) => fill((page) => beside(page, label!), into!),
  ],
  [
    'type A and B by label',
    /^(?:enter|type|fill in|log ?in with|sign in with)\b.*?(?:\w+ ".*?".*){2}/i,
    ([all]) => [...all!.matchAll(/(\w+) "(.*?)"/g)].map(([, label, text]) => fill(() => text, label!)),
  ],
  [
    'type D as the date|time',
    /^(?:enter|type|choose|select|set|pick) (.+?) as (?:the |a )?(date|time)$/i,
    ([text, kind]) => (kind === 'date' ? setDate(text!) : fill(() => text, 'time')),
  ],
  [
    'type V into X',
    /^(?:enter|type|write|put|paste) (.+?)(?: in all (upper|lower) case letters)? (?:in|into|to) (.+)$/i,
    ([text, letters, into]) => fill(typed(text!, letters), into!),
  ],
  ['fill X with V', /^(?:fill|fill in|set) (.+?) (?:with|to|as) (.+)$/i, ([into, text]) => fill(typed(text!), into!)],
  [
    'type V',
    /^(?:enter|type|write|paste)(?: the)? ?(.*?)(".*?"|\{\{\w+\}\}|it|that)$/i,
    ([into, text]) => fill(typed(text!), into!),
  ],
  [
    'select N with the slider|spinner',
    /^(?:select|set|choose) (-?\d+) (?:with|on|using) (.+)$/i,
    ([n, with_]) => (/spin/i.test(with_!) ? spin(Number(n), with_!) : slide([Number(n)])),
  ],
  ['set the sliders to [A,B]', /^set .*?\[([-\d, ]+)\]$/i, ([list]) => slide(list!.split(',').map(Number))],
  [
    'select A>B>C',
    /^(?:select|choose|open|click) ([^">]+(?:>[^">]+)+)$/i,
    ([path]) => walk(path!.split('>').map((name) => name.trim())),
  ],
  [
    'highlight the text',
    /^(?:highlight|select) (?:the |all )*text\b(.*)$/i,
    ([which]) =>
      once((page) => {
        const text = order(prose(page), phraseOf(which!).nth ?? 1);
        return text && { ...tap(text), count: 3 };
      }),
  ],
  [
    'select A, B from X',
    /^(?:select|choose|pick|check|tick) (.+?)(?: (?:from|in) (.+))?$/i,
    ([list, from]) => (phraseOf(list!).nth || /^(the|a|all) /i.test(list!) ? click(list!) : select(list!, from)),
  ],
  [
    'drag X to Y',
    /^(?:drag|move) (.+?) (?:so that it is |to be )?(?:completely |fully )?(?:in(?:to|side)?|on(?:to)?|to|within) (?:the )?(.+)$/i,
    ([from, to]) => drag(from!, to!),
  ],
  ['drag X left|right|up|down', /^(?:drag|move) (.+) (left|right|up|down)$/i, ([from, to]) => drag(from!, to!)],
  [
    'sort numbers',
    /^(?:sort|order) .*\b(increasing|ascending|decreasing|descending) order\b/i,
    ([way]) => sort(/^de/i.test(way!)),
  ],
  [
    'expand X',
    /^expand (.+)$/i,
    ([what]) => (/s\b/.test(what!.split(' ').find((word) => /^sections?$/.test(word)) ?? '') ? [] : expand(what!)),
  ],
  [
    'focus X',
    /^focus (?:on |in(?:to)? )?(.+)$/i,
    ([what]) =>
      once((page) => {
        const field = fieldOf(page, what!)[0];
        return field && tap(field);
      }),
  ],
  ['switch tabs, navigate through X', /^(?:switch between|navigate through|look through|go through) /i, () => []],
  ['find X', /^(?:find|look for|locate)\b ?(.*)$/i, ([what]) => (what ? find(subject(what)) : [])],
  ['for X, ...', /^(?:for|in|on) (?:the )?(?:user )?(.+)$/i, ([what]) => find(unquoted(what!))],
  ['submit, log in', /^(submit|log ?in|sign in|search)$/i, ([word]) => click(word!)],
  ['click X', /^(?:click|press|hit|push|tap|open|go to|close|choose) (?:on )?(.+)$/i, ([what]) => click(what!)],
];
const expand = (what: string): Part =>
  once((page, memory) => {
    const closed = page.marks.filter(({ mark }) => mark?.state?.expanded === false);
    const item =
      closed[0] ?? page.marks.find(({ names }) => names.some((name) => /^(\+|expand|more|menu)$/i.test(name)));
    const found = item ?? pick(page, memory, what);
    return found && tap(found);
  });
const typed =
  (text: string, letters?: string): Maker =>
  (_page, memory) => {
    const plain = /^(it|that|this|(?:your|the) (?:answer|result))$/i.test(text)
      ? memory.it
      : (/"(.*)"/.exec(text)?.[1] ?? text);
    return letters ? (/upper/i.test(letters) ? plain?.toUpperCase() : plain?.toLowerCase()) : plain;
  };
const subject = (what: string) =>
  /"(.+?)"/.exec(what)?.[1] ??
  /\b(?:by|from|named|called|of) (\S+)/i.exec(what)?.[1] ??
  /^(.+?)(?:'s\b| in | on )/.exec(what)?.[1] ??
  what;

const VERBS =
  'click|press|hit|push|tap|choose|select|pick|check|tick|enter|type|fill|write|set|put|paste|copy|find|open|go|scroll|drag|move|close|expand|switch|submit|log|sign|wait|focus|highlight|sort|search';
const BREAK = new RegExp(
  `(?:\\s*[.;!]\\s+|\\s*,?\\s*\\b(?:and then|then|and)\\s+|\\s*,\\s*)(?:to )?(?=(?:${VERBS})\\b)|\\s+(?=(?:hit|press) \\S+$)`,
  'i',
);

/** Reads an instruction into parts, in order. */
function read(instruction: string): { readonly text: string; readonly part: Part }[] {
  const quotes: string[] = [];
  const hidden = instruction
    .replace(/[“”]/g, '"')
    .replace(/"([^"]*)"/g, (_, text: string) => `"${quotes.push(text) - 1}"`);
  const shown = (text: string) => text.replace(/"(\d+)"/g, (_, at: string) => `"${quotes[Number(at)]}"`);
  const clauses = hidden.split(BREAK).map((clause) =>
    shown(
      clause
        .trim()
        .replace(/[.!]+$/, '')
        .replace(/^please /i, '')
        .replace(/^use .*? to (?=\w)/i, '')
        .replace(/^.* by (?=(?:click|press)ing)/i, '')
        .replace(/^(click|press)ing\b/i, '$1')
        .replace(/ (?:when (?:done|finished)|to (?:\w+) it(?: as \w+)?)$/i, ''),
    ),
  );
  const parts = clauses.filter(Boolean).flatMap((clause) => {
    for (const [, pattern, build] of GRAMMAR) {
      const match = pattern.exec(clause);
      if (!match) continue;
      const groups = match.length > 1 ? match.slice(1) : [match[0]];
      return [build(groups)].flat().map((part) => ({ text: clause, part }));
    }
    throw unparsed(clause);
  });
  if (parts.length === 0) throw unparsed(instruction);
  return parts;
}
const unparsed = (clause: string) =>
  new PumiceError(
    'policy/unparsed',
    `expected words of its grammar (${GRAMMAR.map(([name]) => name).join('; ')}), joined by 'then', 'and', commas or full stops; got ${JSON.stringify(clause)}`,
    { who, hint: 'Say it in these words, or let a model read it: --policy vlm --model-url URL --model NAME' },
  );

// ---------------------------------------------------------------- exploring

/** Brings something new into view: waits, closes popups, opens what it speaks of, scrolls, unfolds, changes tab or page. */
function explore(page: Page, memory: Memory): Action | undefined {
  const { visited } = memory;
  const fresh = (why: string, items: readonly Item[]) => {
    const item = items.find((item) => !visited.has(why + keyOf(item)));
    if (item) visited.add(why + keyOf(item));
    return item;
  };
  const named = (pattern: RegExp) => page.marks.filter(({ names }) => names.some((name) => pattern.test(name)));
  const now = [...page.marks, ...page.texts].map((item) => `${keyOf(item)}${item.box.map(Math.round)}`).join();
  if (!visited.has('wait')) {
    visited.add('wait');
    return { kind: 'ui-wait', durationMs: 400 };
  }
  const popup = fresh(
    'popup',
    named(/^(cancel|close|dismiss|no|no,? thanks|not now|later|skip|[x×✕])$/i).filter(
      (item) => !memory.initial?.has(keyOf(item)),
    ),
  );
  if (popup) return tap(popup);
  const context = memory.context && !visited.has('context') ? spoken(page, memory.context) : undefined;
  visited.add('context');
  if (context) return tap(context);
  if (!visited.has('bottom') && now !== memory.seen) {
    memory.seen = now;
    return { kind: 'ui-scroll', target: heart(page), dxPx: 0, dyPx: 300 };
  }
  visited.add('bottom');
  const folded = page.marks.filter(
    ({ mark, role }) => mark?.state?.expanded === false && role !== 'combobox' && role !== 'tab',
  );
  const knobs = page.marks.filter(
    ({ names, box }) =>
      names.length === 0 &&
      areaOf(box) < 500 &&
      page.marks.some((row) => /item/.test(row.role) && inside(box, row.box)),
  );
  const opener = fresh('open', [...folded, ...knobs, ...named(/^(\+|▸|►|expand|(show )?more|menu)$|expandable/i)]);
  if (opener) return tap(opener);
  const menu = fresh(
    'menu',
    page.marks.filter(({ role }) => role === 'menuitem'),
  );
  if (menu) return { kind: 'ui-hover', target: menu.target };
  const tab = fresh(
    'tab',
    page.marks.filter(({ role, mark }) => role === 'tab' && !mark?.state?.selected),
  );
  if (tab) return tap(tab);
  const next = named(/^(next( page)?|more results|[>»›])$/i).find(() => !visited.has(now));
  visited.add(now);
  return next && tap(next);
}

// ---------------------------------------------------------------- the policy

const stuck = (message: string) =>
  new PumiceError('policy/stuck', message, {
    who,
    hint: 'Name the target as the page does, or try --policy vlm --model-url URL --model NAME',
  });

export default definePolicy({
  summary: 'clicks, types and selects by names on the page; no model',
  options: z.strictObject({}),
  actionKinds: [
    'ui-click',
    'ui-type',
    'ui-select',
    'ui-check',
    'ui-scroll',
    'ui-key',
    'ui-drag',
    'ui-hover',
    'ui-dialog',
    'ui-wait',
    'done',
  ],
  needsText: true,
  example: () => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'click "Save"',
    history: [],
    frames: [],
    marks: [{ id: 1, boxPx: [10, 10, 60, 30], pointPx: [35, 20], role: 'button', name: 'Save', source: 'dom' }],
  }),
  create: () => {
    let instruction: string | undefined;
    let parts: ReturnType<typeof read> = [];
    let at = 0;
    let refusals = 0;
    let memory: Memory;
    const begin = (text: string) => {
      parts = read(text);
      instruction = text;
      at = 0;
      refusals = 0;
      memory = { context: undefined, it: undefined, refused: false, visited: new Set(), seen: '', initial: undefined };
    };
    return {
      name: 'mark-matcher',
      actionKinds: ['ui-click', 'done'],
      reset: () => {
        instruction = undefined;
      },
      act: async (observation, { signal }) => {
        signal.throwIfAborted();
        if (observation.instruction !== instruction) begin(observation.instruction);
        const last = observation.history.at(-1);
        memory.refused =
          last !== undefined && (last.refusal !== undefined || ['ask', 'deny', 'halt'].includes(last.verdict.kind));
        refusals = memory.refused ? refusals + 1 : 0;
        if (refusals > MAX_REFUSALS)
          throw stuck(
            `${JSON.stringify(parts[at]?.text)} was refused: ${last?.refusal ?? last?.verdict.reasons.join('; ')}`,
          );
        const dialog = observation.ui?.dialog;
        if (dialog)
          return {
            actions: [{ kind: 'ui-dialog', accept: dialog.kind === 'alert' }],
            thought: `a dialog says ${dialog.message}`,
          };
        const page = pageOf(observation);
        memory.initial ??= new Set(page.marks.map(keyOf));
        for (let current = parts[at]; current; current = parts[++at]) {
          const thought = `${at + 1} of ${parts.length}: ${current.text}`;
          const answer = current.part(page, memory);
          if (answer === 'absent') {
            const action = explore(page, memory);
            if (action) return { actions: [action], thought: `${thought} (looking for it)` };
            throw stuck(`found nothing on the page for ${JSON.stringify(current.text)}`);
          }
          if (answer !== 'done') return { actions: [answer], thought };
          memory.visited.clear();
          memory.seen = '';
          memory.refused = false;
        }
        return {
          actions: [{ kind: 'done', outcome: 'success', ...(memory.it !== undefined && { answer: memory.it }) }],
          thought: 'all parts are done',
        };
      },
    };
  },
});
