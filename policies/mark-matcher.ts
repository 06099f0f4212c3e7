/**
 * The embedded policy for user interfaces: rules instead of a model. It reads an instruction by a small grammar, finds what
 * each part speaks of among marks and texts by name, role, order and place, and looks around when that is not in view.
 * It sees no pixels and knows no page.
 */
import { type Action, definePolicy, type Mark, type Observation, PumiceError, type Target, type Thought } from 'pumice';
import { z } from 'zod';

type Box = Mark['boxPx'];
/** A mark with the text that stands beside it, or a piece of text. */
type Thing = { name: string; label: string; role: string; box: Box; mark?: Mark };
/** The page as it is now, and what the parts of one instruction tell each other. */
const newWorld = () => ({
  marks: [] as readonly Thing[],
  texts: [] as readonly Thing[],
  dialog: undefined as NonNullable<Observation['ui']>['dialog'],
  isRefused: false,
  /** What was spoken of last: of several equal things the one nearest to it is meant. */
  about: undefined as string | undefined,
  /** What was copied or read last, and whether that was asked for. */
  it: undefined as string | undefined,
  isAsked: false,
  /** Where something was filled in last. */
  field: undefined as Box | undefined,
  /** What looking around has tried for this part, and the marks of the first page: what comes later may be a popup. */
  tried: new Set<string>(),
  first: undefined as ReadonlySet<string> | undefined,
});
type World = ReturnType<typeof newWorld>;
/** One part of an instruction: yields actions, and looks at the world anew after each. */
type Part = (world: World) => Generator<Action, void>;

const who = 'policy mark-matcher';
const hint = 'Say it in other words, or let a model do it: --policy vlm --model-url URL --model NAME';
const stuck = (message: string) => new PumiceError('policy/stuck', message, { who, hint });

// Words.
const FILLER =
  /^(the|an?|on|in|into|to|and|with|of|th?eir|his|her|its?|that|this|is|below|above|labeled|named|called|icon|item|only|page)$/;
const SYNONYMS =
  'sign=log login=log off=out bin=delete trash=delete remove=delete x=close ×=close ✕=close >=next »=next okay=ok find=search';
const synonymOf = new Map(SYNONYMS.split(' ').map((pair) => pair.split('=') as [string, string]));
const fold = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}#@+<>×✕»-]+/gu, ' ')
    .trim();
function wordsOf(text: string): string[] {
  const all = fold(text).split(' ').filter(Boolean);
  const kept = all.filter((word) => !FILLER.test(word));
  const stem = (word: string) => (word.length > 4 ? word.replace(/(e?d|ing|e?s|e)$/, '') : word);
  return (kept.length > 0 ? kept : all).map((word) => stem(synonymOf.get(word) ?? word));
}
/** How well a name answers to the wanted words, 0..1: exact, folded, same words, all words, or (`isWeak`) some. */
function likeness(wanted: string, name: string, isWeak = false): number {
  if (wanted === name) return wanted ? 1 : 0;
  const [a, b] = [wordsOf(wanted), wordsOf(name)];
  const hits = a.filter((word) => b.includes(word)).length;
  if (hits === 0) return 0;
  if (a.join() === b.join()) return fold(wanted) === fold(name) ? 0.95 : 0.85;
  if (hits === a.length) return 0.5 + (0.3 * hits) / b.length;
  if (!isWeak) return 0;
  return hits === b.length ? 0.3 + (0.1 * hits) / a.length - 0.01 * a.indexOf(b[0]!) : (0.2 * hits) / a.length;
}
const NOUNS: readonly (readonly [RegExp, RegExp])[] = [
  [/\bcheck ?box(es)?\b/i, /^checkbox$/],
  [/\bradio( buttons?)?\b/i, /^radio$/],
  [/\bbuttons?\b/i, /^button$/],
  [/\b(links?|(search )?results?)\b/i, /^link$/],
  [/\b((text|input|search)[ -]?)*(box(es)?|fields?|area|inputs?|text)\b/i, /^(textbox|searchbox)$/],
  [/\b(drop ?down|list|select)( box)?\b/i, /^(combobox|listbox)$/],
  [/\btabs?\b/i, /^tab$/],
  [/\bcircle\b/i, /^(circle|ellipse)$/],
];
/** What a noun phrase asks for; no `names` when only a role is named. */
function phraseOf(text: string) {
  const quote = /"(.*?)"/.exec(text)?.[1];
  const [order = ' ', digits, isLast] =
    /\b(?:(\d+)(?:st|nd|rd|th)|first|(last))\b/i.exec(text.replace(/".*?"/g, ' ')) ?? [];
  const bare = text.replace(/".*?"/g, ' ').replace(order, ' ');
  const noun = NOUNS.find(([pattern]) => pattern.test(bare));
  const named = noun ? bare.replace(noun[0], ' ') : bare;
  const names =
    quote !== undefined
      ? [quote]
      : wordsOf(named).some((word) => !FILLER.test(word))
        ? [bare.trim(), named.trim()]
        : [];
  return { names, role: noun?.[1] ?? /^$/, nth: order === ' ' ? undefined : isLast ? -1 : Number(digits ?? 1), quote };
}
const unquoted = (text: string) => /^"(.*)"$/.exec(text)?.[1] ?? text;

// Places.
const middle = ([x0, y0, x1, y1]: Box) => ({ xPx: (x0 + x1) / 2, yPx: (y0 + y1) / 2 });
const areaOf = ([x0, y0, x1, y1]: Box) => (x1 - x0) * (y1 - y0);
const overlap = (a: Box, b: Box, side: 0 | 1) => Math.min(a[side + 2]!, b[side + 2]!) - Math.max(a[side]!, b[side]!);
const apart = (a: Box, b: Box) => Math.max(0, -overlap(a, b, 0)) + Math.max(0, -overlap(a, b, 1));
const sameRow = (a: Box, b: Box) => overlap(a, b, 1) > Math.min(a[3] - a[1], b[3] - b[1]) / 2;
const byPlace = ({ box: a }: Thing, { box: b }: Thing) => (sameRow(a, b) ? a[0] - b[0] : a[1] - b[1]);
/** The item of least finite cost. */
function least<T>(items: readonly T[], cost: (item: T) => number): T | undefined {
  const costs = items.map(cost);
  const best = Math.min(...costs);
  return best < Infinity ? items[costs.indexOf(best)] : undefined;
}
/** The item that is best in a way in which 0 is none. */
const most = <T>(items: readonly T[], worth: (item: T) => number) => least(items, (item) => -worth(item) || Infinity);
const nthOf = <T>(items: readonly T[], nth: number) => items.at(nth > 0 ? nth - 1 : nth);
const targetOf = ({ mark, box }: Thing): Target => (mark ? { markId: mark.id } : middle(box));
const tap = (thing: Thing): Action => ({ kind: 'ui-click', target: targetOf(thing), button: 'left', count: 1 });
const keyOf = ({ role, name, box }: Thing) => `${role}:${name || box.map(Math.round)}`;
const numberOf = (text = '') => (/^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined);

const FIELD = /^(textbox|searchbox|spinbutton|combobox|listbox|slider|checkbox|radio|switch)$/;
/** The text that stands beside a field: before it, above it, or behind a small one. */
function labelOf(role: string, f: Box, texts: readonly Thing[]): string {
  const isSmall = /checkbox|radio|switch/.test(role);
  const gap = ({ box: t, name }: Thing) => {
    const [before, behind, above] = [f[0] - t[2], t[0] - f[2], f[1] - t[3]];
    if (!FIELD.test(role) && !(role === 'link' && name.endsWith(':'))) return Infinity;
    if (sameRow(f, t)) return before > -4 ? before + (isSmall ? 20 : 0) : isSmall && behind > -4 ? behind : Infinity;
    return !isSmall && above > -4 && overlap(f, t, 0) > 0 ? above : Infinity;
  };
  return least(texts, (text) => (gap(text) < 60 ? gap(text) : Infinity))?.name.replace(/\s*[:*]\s*$/, '') ?? '';
}
/** Takes in what is seen; where the page shows the instruction itself, its words are no targets. */
function look(world: World, { marks = [], ui, instruction }: Observation): void {
  const all = (ui?.texts ?? []).map(({ text, boxPx }) => ({ name: text, label: '', role: 'text', box: boxPx }));
  const said = all.filter(({ name }) => fold(instruction).includes(fold(name)));
  const longest = most(said, ({ name }) => name.length);
  const echo = said.filter(({ box }) => longest && apart(box, longest.box) < 12);
  const isEcho = echo.reduce((sum, { name }) => sum + name.length, 0) > instruction.length * 0.6;
  world.texts = all.filter((text) => !isEcho || !echo.includes(text)).sort(byPlace);
  world.marks = marks
    .map((mark) => ({ name: mark.name ?? '', role: mark.role ?? '', box: mark.boxPx, mark }))
    .map((thing) => ({ ...thing, label: labelOf(thing.role, thing.box, world.texts) }))
    .sort(byPlace);
  world.first ??= new Set(world.marks.map(keyOf));
  world.dialog = ui?.dialog;
}

// Finding.
const ACTIVE = /^(button|link|checkbox|radio|menuitem|option|tab|textbox|searchbox|combobox|listbox)$/;
const answers = ({ name, label }: Thing, names: readonly string[], isWeak: boolean) =>
  Math.max(0, ...names.flatMap((wanted) => [name, label].map((own) => (own ? likeness(wanted, own, isWeak) : 0))));
const strongly = (name: string) => (thing: Thing) =>
  likeness(name, thing.name) >= 0.5 ? likeness(name, thing.name) : 0;
/** Where a name is written, as text or as a mark. */
const written = ({ texts, marks }: World, name: string) => most([...texts, ...marks], strongly(name));
/** The thing that a phrase means. Names answer in part only when `isWeak`: when all of the page was looked at. */
function pick(world: World, phrase: string, isWeak = false, only = /^/): Thing | undefined {
  const { names, role, nth, quote } = phraseOf(phrase);
  if (names.length === 0)
    return nthOf(
      world.marks.filter((thing) => role.test(thing.role)),
      nth ?? 1,
    );
  const score = (thing: Thing) => {
    const alike = only.test(thing.role) ? answers(thing, names, isWeak && quote === undefined) : 0;
    if (alike === 0 || (alike < 0.8 && thing.name.length > 80)) return 0;
    return alike + (role.test(thing.role) ? 0.2 : 0) + (ACTIVE.test(thing.role) ? 0.02 : 0);
  };
  const candidates = [...world.marks, ...world.texts.filter((text) => answers(text, names, false) >= 0.9)];
  const best = Math.max(...candidates.map(score));
  if (best < (isWeak ? 0.1 : 0.5))
    return quote !== undefined && NOUNS.some(([noun]) => noun.test(quote)) ? pick(world, quote) : undefined;
  const ties = candidates.filter((thing) => score(thing) > best - 0.005);
  const about = world.about !== undefined && ties.length > 1 ? written(world, world.about)?.box : undefined;
  const far = (box: Box, from: Box) => apart(box, from) + (sameRow(box, from) ? 0 : box[1] < from[1] ? 1000 : 100);
  return nth ? nthOf(ties, nth) : least(ties, ({ box }) => (about ? far(box, about) : areaOf(box)));
}
/** What can be opened in the row where a name is written. */
function inRow(world: World, about: string, wanted: string): Thing | undefined {
  const at = written(world, about);
  const row = world.marks.filter(({ box, role }) => at && sameRow(box, at.box) && /^(link|button)$/.test(role));
  return (
    most(row, strongly(wanted)) ?? most(row, strongly(about)) ?? row.find(({ role }) => role === 'link') ?? row[0] ?? at
  );
}
const YES = /^(yes|ok|confirm|sure|accept|agree|continue|proceed|submit)\b/i;
const NO = /^(no|not|cancel|back|close|never|keep|dismiss|later|skip|[x×✕]$)\b/i;
const SUBMIT = /^(submit|ok|go|log ?in|sign in|search|find|send|save|continue|next|apply)\b/i;
const buttons = ({ marks }: World) => marks.filter(({ role }) => role === 'button');
/** The button that sends a form: by its words, else by what such buttons say, else what follows the field filled last. */
const submitter = (world: World, words: string) =>
  most(buttons(world), strongly(words)) ??
  buttons(world).find(({ name }) => SUBMIT.test(name)) ??
  buttons(world).find(({ box }) => world.field && (box[1] >= world.field[3] - 4 || sameRow(box, world.field)));

// Looking around.
/** Turns the wheel over a thing, or over the middle of all that there is. */
function scroll({ marks, texts }: World, dyPx: number, at?: Thing): Action {
  const sides = [0, 1, 2, 3].map((side) => [...marks, ...texts].map(({ box }) => box[side]!));
  const all: Box = [Math.min(...sides[0]!), Math.min(...sides[1]!), Math.max(...sides[2]!), Math.max(...sides[3]!)];
  return { kind: 'ui-scroll', target: at ? targetOf(at) : middle(all), dxPx: 0, dyPx };
}
const isFresh = ({ tried }: World, key: string) => !tried.has(key) && tried.add(key) !== undefined;
const sight = ({ marks, texts }: World) =>
  [...marks, ...texts].map(({ name, box }) => name + box.map(Math.round)).join();
/** Shows all of this page: waits, closes popups, scrolls down and up again. */
function reveal(world: World): Action | undefined {
  if (isFresh(world, 'wait')) return { kind: 'ui-wait', durationMs: 400 };
  const isPopup = (thing: Thing) => NO.test(thing.name) && !world.first?.has(keyOf(thing)) && thing.name.length < 12;
  const popup = world.marks.find((thing) => isPopup(thing) && isFresh(world, keyOf(thing)));
  if (popup) return tap(popup);
  if (world.tried.has('bottom') || world.marks.length + world.texts.length === 0) return undefined;
  if (isFresh(world, sight(world))) return scroll(world, 300);
  world.tried.add('bottom');
  return scroll(world, -9999);
}
/** Goes where more may be: what was spoken of, closed sections, a search, menus, tabs, the next page. */
function wander(world: World): Action | undefined {
  const { marks, tried, about } = world;
  const fresh = (why: string, isOne: (thing: Thing) => boolean | undefined) =>
    marks.find((thing) => isOne(thing) && isFresh(world, why + keyOf(thing)));
  const spoken = about !== undefined && isFresh(world, 'about') ? written(world, about) : undefined;
  const closed = ({ mark, role }: Thing) => mark?.state?.expanded === false && !/combobox|tab/.test(role);
  const more = ({ name }: Thing) => /^(\+|▸|►|expand|(show )?more|menu)$|expandable/i.test(name);
  const opener = spoken ?? fresh('open', closed) ?? fresh('more', more);
  if (opener) return tap(opener);
  const search = about !== undefined && marks.find(({ role }) => role === 'searchbox');
  if (search && isFresh(world, 'search')) return entry(search, about, true);
  const menu = fresh('menu', ({ role }) => role === 'menuitem');
  if (menu) return { kind: 'ui-hover', target: targetOf(menu) };
  const tab = fresh('tab', ({ role, mark }) => role === 'tab' && !mark?.state?.selected);
  const next =
    tab ?? marks.find(({ name }) => /^(next( page)?|[>»])$/i.test(name) && isFresh(world, `page ${sight(world)}`));
  if (next) tried.delete('bottom');
  return next && tap(next);
}

// Parts.
/** Proposes until something was proposed and done; looks around meanwhile. */
function* perform(
  world: World,
  what: string,
  propose: (isWeak: boolean) => Action | undefined,
): Generator<Action, void> {
  world.tried = new Set();
  for (let isDone = false; !isDone; ) {
    let action = propose(false);
    const shown = action ? undefined : reveal(world);
    if (!action && !shown) action = propose(true);
    const next = action ?? shown ?? wander(world);
    if (!next) throw stuck(`found nothing on the page for ${JSON.stringify(what)}`);
    yield next;
    isDone = action !== undefined && !world.isRefused;
  }
}
const act = (what: string, propose: (world: World, isWeak: boolean) => Thing | Action | undefined): Part =>
  function* (world) {
    yield* perform(world, what, (isWeak) => {
      const found = propose(world, isWeak);
      return found && ('kind' in found ? found : tap(found));
    });
  };
/** `the order of X`, `its order`: what lies in the row of X; else by name. */
const click = (phrase: string): Part =>
  act(phrase, (world, isWeak) => {
    const [, what = '', about] = /^([^"]*?) (?:of|for|from|by|next to|beside) (.+)$/i.exec(phrase) ?? [];
    const whole = pick(world, phrase);
    if (about && !whole) world.about = unquoted(about);
    const isIt = /\b(it|its|that|their)\b/i.test(phrase) && wordsOf(phrase).length < 2;
    if (world.about !== undefined && (isIt || (about && !whole))) return inRow(world, world.about, what || phrase);
    return whole ?? pick(world, phrase, isWeak);
  });
/** Something that the grammar has no verb for, but a control of the page may. */
const byWords = (clause: string): Part =>
  act(clause, (world, isWeak) => {
    const found =
      pick(world, clause, isWeak, /button|link|tab|menuitem|option/) ??
      (isWeak && world.field ? submitter(world, clause) : undefined);
    if (!found && isWeak) throw unparsed(clause);
    return found;
  });
const submit = (words: string): Part =>
  act(words, (world, isWeak) => pick(world, words) ?? (isWeak ? submitter(world, words) : undefined));
const confirm = (): Part =>
  act('confirm', (world, isWeak) => {
    const sure = buttons(world).find(({ name }) => YES.test(name));
    return sure ?? (isWeak ? buttons(world).findLast(({ name }) => !NO.test(name)) : undefined);
  });
/** Looks around until something is true of the page, and no longer than there is where to look. */
function* seek(world: World, isFound: () => boolean): Generator<Action, boolean> {
  while (!isFound()) {
    const next = reveal(world) ?? wander(world);
    if (!next) return false;
    yield next;
  }
  return true;
}
const find = (what: string): Part =>
  function* (world) {
    const about =
      /"(.+?)"/.exec(what)?.[1] ?? what.replace(/^.*\b(?:by|from|named|called|of) |'s\b.*| (?:in|on) .*/gi, '');
    world.about = about;
    world.tried = new Set(['about']);
    yield* seek(world, () => written(world, about) !== undefined);
  };

// Filling in.
const monthOf = (name: string) =>
  'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ').indexOf(name.slice(0, 3).toLowerCase()) + 1;
/** `[year, month, day]` of `2031-05-09`, `5/9/2031`, `9 May 2031` or `May 9, 2031`. */
function dateOf(text: string): readonly [number, number, number] | undefined {
  const parts = text.match(/\d+|[a-z]{3,}/gi) ?? [];
  const [a, b, c] = parts.map((part) => Number(part) || monthOf(part));
  if (parts.length !== 3 || !a || !b || !c) return undefined;
  return a > 31 ? [a, b, c] : monthOf(parts[1]!) > 0 ? [c, b, a] : [c, a, b];
}
/** Puts a value into a field in the way of its kind: native dates and times want ISO. */
function entry(field: Thing, value: string, submit = false): Action | undefined {
  const { options, value: old, inputType } = field.mark ?? {};
  const best = most(options ?? [], (option) => likeness(value, option));
  if (options) return best === undefined ? undefined : { kind: 'ui-select', target: targetOf(field), values: [best] };
  const two = (part: number) => String(part).padStart(2, '0');
  const [, hour, minute, half = ''] = /^(\d\d?):(\d\d) ?([ap]?)\.?m?\.?$/i.exec(value) ?? [];
  const time = hour && `${two(half ? (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0) : Number(hour))}:${minute}`;
  const text =
    (inputType === 'date' ? dateOf(value)?.map(two).join('-') : inputType === 'time' ? time : value) ?? value;
  return { kind: 'ui-type', target: targetOf(field), text, clear: Boolean(old), submit };
}
const isText = ({ role }: Thing) => /^(textbox|searchbox|spinbutton|combobox)$/.test(role);
/** The field that a phrase means (`a/b`: either); without words, the first empty one. */
function fieldOf(world: World, phrase: string, isWeak: boolean): Thing | undefined {
  const fields = world.marks.filter((thing) => isText(thing) || thing.mark?.options);
  const { names, nth } = phraseOf(phrase);
  const worth = (thing: Thing) =>
    answers(
      thing,
      names.flatMap((name) => name.split('/')),
      true,
    );
  const named = most(fields, (thing) => (worth(thing) >= 0.3 ? worth(thing) : 0));
  const open = fields.filter(({ mark }) => !mark?.options && (!mark?.state?.readonly || names.length > 0));
  const typed = open.find(({ mark }) => mark?.inputType && phrase.toLowerCase().includes(mark.inputType));
  if (named ?? typed) return named ?? typed;
  if (names.length > 0 && !isWeak) return undefined;
  return nth ? nthOf(open, nth) : (open.find(({ mark }) => !mark?.value) ?? open[0]);
}
/** Fills in and looks whether it stayed: a popup or a script may have eaten it. */
const put = (phrase: string, text: string, isSent = false, letters = ''): Part =>
  function* (world) {
    const isAll = /\b(both|all|each|every)\b/i.test(phrase);
    let box: Box | undefined;
    const same = () => world.marks.find((thing) => isText(thing) && box && apart(thing.box, box) < 4);
    for (let tries = 0; tries < 4; tries++) {
      yield* perform(world, phrase, (isWeak) => {
        const value = meaning(world, text);
        const field = (isAll ? undefined : same()) ?? fieldOf(world, phrase, isWeak);
        box = world.field = field?.box ?? box;
        const cased = /upper/i.test(letters)
          ? value?.toUpperCase()
          : /lower/i.test(letters)
            ? value?.toLowerCase()
            : value;
        return field && cased !== undefined ? entry(field, cased, isSent) : undefined;
      });
      const isLeft = isAll
        ? world.marks.some((thing) => isText(thing) && !thing.mark?.value)
        : same()?.mark?.value === '';
      if (isSent || !isLeft) return;
    }
  };
/** Chooses all items of a list: options of a native list, boxes, or things with that name. */
const select = (list: string, from = '', checked?: boolean): Part =>
  function* (world) {
    const choice = (name: string) => (thing: Thing) =>
      thing.mark?.options?.find((option) => likeness(unquoted(name), option) >= 0.8);
    const isKnown = (name: string) =>
      world.marks.some((thing) => choice(name)(thing) ?? likeness(unquoted(name), thing.name) >= 0.8);
    const cut = (text: string, by: RegExp) => (isKnown(text) ? [text] : text.split(by));
    let left = cut(list, /\s*,\s*(?:and\s+)?/).flatMap((part) => cut(part, /\s+and\s+/));
    if (/^(nothing|none)$/i.test(list)) left = [];
    while (left.length > 0) {
      let rest = left.slice(1);
      yield* perform(world, left[0]!, (isWeak) => {
        const holders = world.marks.filter((thing) => left.every((name) => choice(name)(thing)));
        const holder = least(holders, (thing) => -answers(thing, [from], true));
        rest = holder ? [] : left.slice(1);
        if (holder)
          return { kind: 'ui-select', target: targetOf(holder), values: left.map((name) => choice(name)(holder)!) };
        const item = pick(world, left[0]!, isWeak, checked === undefined ? /^/ : /checkbox|radio|switch/);
        const isBox = item?.mark?.state?.checked !== undefined;
        return item && (isBox ? { kind: 'ui-check', target: targetOf(item), checked: checked ?? true } : tap(item));
      });
      left = rest;
    }
  };
/** Sets a date: by typing where the field takes text, else by leafing through the calendar that it opens. */
const setDate = (text: string, phrase: string): Part =>
  function* (world) {
    const [year, month, day] = dateOf(text) ?? [0, 0, 0];
    for (let isChosen = false; !isChosen; )
      yield* perform(world, text, (isWeak) => {
        const head = world.texts.find(({ name }) => monthOf(name) > 0);
        const shown =
          head && world.texts.find(({ name, box }) => /\b(19|20)\d\d\b/.test(name) && sameRow(box, head.box));
        const field = fieldOf(world, phrase, isWeak);
        isChosen = !shown && !field?.mark?.state?.readonly;
        if (!shown) return field && (isChosen ? entry(field, text) : tap(field));
        const away = (year - Number(/\d{4}/.exec(shown.name)?.[0])) * 12 + month - monthOf(head.name);
        isChosen = away === 0;
        const cell = [...world.marks, ...world.texts].find(
          ({ name, box }) => name === String(day) && box[1] > shown.box[1],
        );
        return tap((isChosen ? cell : pick(world, away > 0 ? 'next' : 'prev')) ?? shown);
      });
  };
/** Moves a slider or spinner until the number that it shows is the wanted one: by typing, small buttons, or keys. */
const reach = (goal: number): Part =>
  function* (world) {
    world.tried = new Set();
    for (let last: number | undefined, leap = 0, steps = 0; steps < 50; steps++) {
      const nameless = world.marks.filter(({ role, mark }) => role === '' || mark?.inputType === 'range');
      const knob =
        world.marks.find(({ role }) => /slider|spinbutton/.test(role)) ?? least(nameless, ({ box }) => areaOf(box));
      if (!knob) throw stuck('found nothing that can be set to a number');
      const numbers = world.texts.filter(({ name }) => numberOf(name) !== undefined);
      const value = numberOf(knob.mark?.value ?? least(numbers, ({ box }) => apart(box, knob.box))?.name) ?? 0;
      if (value === goal) return;
      if (last !== undefined) leap = Math.max(leap, Math.abs(value - last));
      const isUp = goal > value;
      const arrows = buttons(world).filter(({ box }) => areaOf(box) < 400 && apart(box, knob.box) < 20);
      const key = `${leap === 0 || Math.abs(goal - value) >= Math.max(2, leap) ? 'Page' : 'Arrow'}${isUp ? 'Up' : 'Down'}`;
      if (knob.mark?.inputType && isFresh(world, 'type')) yield entry(knob, String(goal))!;
      else if (arrows.length > 1) yield tap(arrows.sort((a, b) => a.box[1] - b.box[1]).at(isUp ? 0 : -1)!);
      else yield isFresh(world, 'focus') ? tap(knob) : { kind: 'ui-key', keys: key };
      if (world.tried.has('focus')) last = value;
    }
  };
/** A thing to drag or to drag to: by size or kind among what is no control, else by name. */
function piece(world: World, phrase: string): Thing | undefined {
  const loose = world.marks.filter(({ role }) => !ACTIVE.test(role)).sort((a, b) => areaOf(a.box) - areaOf(b.box));
  if (/\b(small|large|big)/i.test(phrase)) return loose.at(/small/i.test(phrase) ? 0 : -1);
  return pick(world, phrase) ?? (/\b(item|shape|object|box)\b/i.test(phrase) ? loose[0] : undefined);
}
const drag = (from: string, to: string): Part =>
  act(from, (world) => {
    const item = piece(world, from);
    if (!item) return undefined;
    const { xPx, yPx } = middle(item.box);
    const step = { left: [-40, 0], right: [40, 0], up: [0, -40], down: [0, 40] }[to.toLowerCase()];
    const { nth } = phraseOf(to);
    const kin = world.texts.filter(({ box }) => Math.abs(box[3] - box[1] - (item.box[3] - item.box[1])) < 9);
    const goal = nth ? nthOf(kin, nth) : step ? item : piece(world, to);
    if (!goal) return undefined;
    const end = middle(goal.box);
    const past = nth ? Math.sign(end.yPx - yPx) * (goal.box[3] - goal.box[1]) * 0.6 : (step?.[1] ?? 0);
    return {
      kind: 'ui-drag',
      from: { xPx, yPx },
      to: { xPx: nth ? xPx : end.xPx + (step?.[0] ?? 0), yPx: end.yPx + past },
    };
  });

// Reading.
/** What belongs to a label: where its column crosses the row of another name, else what stands beside or below it. */
function beside({ marks, texts }: World, label: string, row?: string): string | undefined {
  const isLabel = ({ name }: Thing) => likeness(label, name) >= 0.8;
  const at = texts.find(isLabel)?.box;
  const side = row === undefined ? undefined : most([...texts, ...marks], strongly(row))?.box;
  const held = marks.find((thing) => thing.mark?.value && (isLabel(thing) || likeness(label, thing.label) >= 0.8));
  if (!at) return held?.mark?.value;
  const cross = side && texts.find(({ box }) => sameRow(box, side) && overlap(box, at, 0) > 0 && !sameRow(box, at));
  const right = texts.find(({ box }) => sameRow(box, at) && box[0] >= at[2] - 2);
  return (
    (cross ?? right ?? texts.find(({ box }) => box[1] >= at[3] - 2 && overlap(box, at, 0) > 0))?.name ??
    held?.mark?.value
  );
}
/** A passage: what a text area holds, else the longest written text. */
function passage({ marks, texts }: World, nth: number | undefined): string | undefined {
  const held = marks.flatMap(({ mark, role }) =>
    role === 'textbox' && mark?.value && !mark.inputType ? [mark.value] : [],
  );
  const all = held.length > 0 ? held : texts.map(({ name }) => name);
  return nth ? nthOf(all, nth) : most(all, (text) => text.length);
}
/** `it`, a quote, the value of a label, the n-th word of a passage, else the words themselves. */
function meaning(world: World, text: string): string | undefined {
  const quote = /"(.*)"/.exec(text)?.[1];
  if (quote !== undefined) return quote;
  if (/^(it|that|this|(your|the) (answer|result))$/i.test(text)) return world.it;
  const [, label, row] = /^the value of (.+?)(?: of (.+))?$/i.exec(text) ?? [];
  if (label !== undefined) return beside(world, unquoted(label), row && unquoted(row));
  const { nth } = phraseOf(text);
  if (!/ word$/.test(text) || !nth) return text;
  return nthOf(passage(world, undefined)?.trim().split(/\s+/) ?? [], nth)?.replace(/[.,;:!?]+$/, '');
}
const remember = (what: string, isAsked: boolean, read = (world: World) => meaning(world, what)): Part =>
  function* (world) {
    world.tried = new Set();
    if (!(yield* seek(world, () => read(world) !== undefined)))
      throw stuck(`found nothing on the page for ${JSON.stringify(what)}`);
    world.it = read(world);
    world.isAsked ||= isAsked;
  };

// Grammar.
/** In a form, a|b are alternatives, [x] may be left out, `...` is anything, and capitals stand for what is asked. */
const GRAMMAR: readonly (readonly [form: string, make: (...parts: string[]) => Part | Part[]])[] = [
  ['wait|pause [for] N s|sec|seconds|second', (n) => act(n, () => ({ kind: 'ui-wait', durationMs: Number(n) * 1000 }))],
  [
    'log|sign in [as|with|using] [the] [user|username] U [and|with|using] [the] [password] P',
    (user, password) => [put('user/email/login', user), put('password', password), submit('log in')],
  ],
  ['search for V', (what) => [put('search/query/filter/find box', what, true), find(what)]],
  ['find|get|read [the] N word ...', (nth) => remember(`${nth} word`, false)],
  ['find|locate|for|look [for] [the] [user] X', find],
  ['copy X', (what) => remember(what, false, (world) => passage(world, phraseOf(what).nth))],
  ['what is|are|was [the] X', (what) => remember(`the value of ${what}`, true)],
  ['read|report|tell [me] [the] X', (what) => remember(`the value of ${what}`, true)],
  ['reply to X with ... V', (_, text) => [click('"reply"'), put('message', text), click('"send"')]],
  ['forward|send X to Y', (what, to) => [click('"forward"'), put('to', to), click('"send"')]],
  ['scroll X to the S [of] ...', (what, side) => scrollTo(what, side)],
  [
    'enter|type|choose|select|set|pick|put|use V as [the] F',
    (text, field) => (dateOf(text) ? setDate(text, field) : put(field, text)),
  ],
  ['select|set|choose N with|on|using [the] slider|spinner', (n) => reach(Number(n))],
  ['set|change|fill [in] [the] F to|with V', (field, text) => put(field, text)],
  [
    'enter|type|write|put V in all K case letters in|into [the] F',
    (text, letters, field) => put(field, text, false, letters),
  ],
  ['enter|type|write|put|paste|fill|set V in|into|to F', (text, field) => put(field, text)],
  ['enter|type|write|set [the] F "V"', (field, text) => put(field, text)],
  ['enter|type|write|paste [the] V', (text) => put('', text)],
  ['pick|choose|set|select [the] date|day V', (text) => setDate(text, 'date')],
  [
    'highlight X',
    (which) =>
      act(which, ({ texts }) => {
        const t = nthOf(
          texts.filter(({ name }) => name.length > 20),
          phraseOf(which).nth ?? 1,
        );
        return t && ({ ...tap(t), count: 3 } as Action);
      }),
  ],
  ['check|tick X', (what) => select(what, '', true)],
  ['uncheck|untick X', (what) => select(what, '', false)],
  ['make sure [that] X is checked|ticked|on', (what) => select(what, '', true)],
  ['select|choose|pick L from|in F', (list, from) => select(list, from)],
  ['select|choose|pick L', (list) => select(list)],
  ['drag|move X (left|right|up|down)', drag],
  ['drag|move X in|into|inside|on|onto|to|within Y', drag],
  ['confirm|accept|approve|agree ...', confirm],
  ['say yes|ok', confirm],
  ['submit ...', () => submit('submit')],
  ['log|sign (in|out|off)', (way) => submit(`log ${way}`)],
  ['show|display|filter [by] [me] [only|just] [the] X', click],
  ['switch|navigate|look|go|expand ... tabs|sections|tree|pages ...', () => []],
  [
    'expand X',
    (what) =>
      act(
        what,
        (world, isWeak) => world.marks.find(({ mark }) => mark?.state?.expanded === false) ?? pick(world, what, isWeak),
      ),
  ],
  ['focus [on|in|into] X', (what) => act(what, (world, isWeak) => fieldOf(world, what, isWeak))],
  ['click|press|hit|push|tap|open|close|visit|choose|go|use [on|to] X', click],
];
const patternOf = (form: string) =>
  form.split(' ').map((word) => {
    if (word === '...') return '(?:.+ )?';
    if (/^"?[A-Z]"?$/.test(word)) return word.length > 1 ? '("\\d+"|\\{\\{\\w+\\}\\}) ' : '(.+?) ';
    return word.startsWith('[') ? `(?:(?:${word.slice(1, -1)}) )?` : `${word.startsWith('(') ? word : `(?:${word})`} `;
  });
const RULES = GRAMMAR.map(([form, make]) => ({ make, pattern: new RegExp(`^${patternOf(form).join('')}$`, 'i') }));
const scrollTo = (what: string, side: string): Part =>
  function* (world) {
    for (let times = 0; times < 3; times++) {
      const area = /text/i.test(what) ? most(world.marks.filter(isText), ({ box }) => areaOf(box)) : pick(world, what);
      yield scroll(world, /top|start/i.test(side) ? -1000 : 1000, area);
    }
  };
const VERBS =
  'click|press|hit|push|tap|choose|select|pick|un?check|tick|enter|type|fill|write|set|put|paste|copy|find|look|open|go|scroll|drag|move|close|expand|switch|submit|log|sign|wait|focus|highlight|search|show|filter|confirm|accept|say|mark|make|book|reply|forward|delete|read|what';
const BREAK = new RegExp(
  `(?:\\s*[.;!]\\s+|\\s*,?\\s*\\b(?:and then|then|and)\\s+|\\s*,\\s*)(?:(?:to|finally|then) )*(?=(?:${VERBS})\\b)|\\s+(?=hit \\S+$)|\\.\\s+`,
  'i',
);
const MORE = /(?:,| and|, and) (?=(?:the )?(?:\w+ )?(?:"\d+"|\{\{\w+\}\})(?: |$|,))/;
const unparsed = (clause: string) =>
  new PumiceError(
    'policy/unparsed',
    `expected its grammar (${GRAMMAR.map(([form]) => form).join('; ')}), joined by 'then', 'and', commas or full stops; got ${JSON.stringify(clause)}`,
    { who, hint },
  );

/** Reads an instruction into parts, in order. */
function read(instruction: string): { readonly text: string; readonly part: Part }[] {
  const quotes: string[] = [];
  const shown = (text: string) =>
    text
      .trim()
      .replace(/,$/, '')
      .replace(/"(\d+)"/g, (_, at: string) => `"${quotes[Number(at)]}"`);
  const hidden = instruction
    .replace(/[“”]/g, '"')
    .replace(/"([^"]*)"/g, (_, text: string) => `"${quotes.push(text) - 1}"`);
  const clauses = hidden.split(BREAK).flatMap((piece) => {
    const text = piece
      .trim()
      .replace(/[.!?]+$/, '')
      .replace(/^(?:please|finally|then|now|next) /i, '')
      .replace(/^use .*? to (?=\w)/i, '')
      .replace(/^.* by (?=(?:click|press)ing)/i, '')
      .replace(/^(click|press)ing\b/i, '$1')
      .replace(/ (?:when (?:done|finished)|to \w+ it(?: as \w+)?)$/i, '');
    if (text === '') return [];
    return /^(enter|type|write|fill|set|put)\b/i.test(text)
      ? text
          .replace(/^fill in the form with /i, 'set ')
          .split(MORE)
          .map((part, at) => (at > 0 ? `set ${part}` : part))
      : [text];
  });
  return clauses.flatMap((clause) => {
    for (const { pattern, make } of RULES) {
      const match = pattern.exec(`${clause} `);
      if (match) return [make(...match.slice(1).map(shown))].flat().map((part) => ({ text: shown(clause), part }));
    }
    if (!/^\w+( [\w"]+){0,4}$/.test(clause)) throw unparsed(shown(clause));
    return [{ text: shown(clause), part: byWords(shown(clause)) }];
  });
}
/** Does part after part, then is done. */
function* carryOut(instruction: string, world: World): Generator<Thought, never> {
  const parts = read(instruction);
  const asks = () => world.dialog && !/alert|unload/.test(world.dialog.kind);
  for (const [at, { text, part }] of parts.entries()) {
    const thought = `${at + 1} of ${parts.length}: ${text}`;
    if (asks()) {
      const isNo = /\b(no|not|cancel|dismiss|decline)\b/i.test(text);
      if (!isNo && !/\b(yes|ok|confirm|accept|agree|approve|sure|continue)\b/i.test(text))
        throw stuck(
          `a dialog asks ${JSON.stringify(world.dialog?.message)}; the instruction must say 'confirm' or 'cancel'`,
        );
      yield { actions: [{ kind: 'ui-dialog', accept: !isNo }], thought };
      continue;
    }
    for (const action of part(world)) {
      yield { actions: [action], thought };
      while (world.dialog && !asks()) yield { actions: [{ kind: 'ui-dialog', accept: true }], thought };
    }
  }
  if (asks())
    throw stuck(
      `a dialog asks ${JSON.stringify(world.dialog?.message)}; the instruction must say 'confirm' or 'cancel'`,
    );
  const answer = world.isAsked && world.it !== undefined ? { answer: world.it } : {};
  for (;;) yield { actions: [{ kind: 'done', outcome: 'success', ...answer }], thought: 'all parts are done' };
}

/** Attempts at one refused action before giving up. Chosen. */
const MAX_REFUSALS = 3;
const ACTIONS = 'ui-click ui-type ui-select ui-check ui-scroll ui-key ui-drag ui-hover ui-dialog ui-wait done'.split(
  ' ',
) as Action['kind'][];
export default definePolicy({
  summary: 'clicks, types and selects by names on the page; no model',
  options: z.strictObject({}),
  actionKinds: ACTIONS,
  needsText: true,
  example: () => ({
    ...{ seq: 0, epoch: 0, stampMs: 0, instruction: 'click "Save"', history: [], frames: [] },
    marks: [{ id: 1, boxPx: [10, 10, 60, 30], pointPx: [35, 20], role: 'button', name: 'Save', source: 'dom' }],
  }),
  create: () => {
    let asked: string | undefined;
    let world = newWorld();
    let running: Generator<Thought, never>;
    let failure: unknown;
    let refusals = 0;
    return {
      name: 'mark-matcher',
      actionKinds: ACTIONS,
      reset: () => {
        asked = undefined;
      },
      act: async (observation, { signal }) => {
        signal.throwIfAborted();
        if (observation.instruction !== asked) {
          [asked, failure, refusals, world] = [observation.instruction, undefined, 0, newWorld()];
          running = carryOut(asked, world);
        }
        if (failure) throw failure;
        const last = observation.history.at(-1);
        world.isRefused = last !== undefined && (last.refusal !== undefined || /ask|deny|halt/.test(last.verdict.kind));
        refusals = world.isRefused ? refusals + 1 : 0;
        look(world, observation);
        try {
          if (refusals > MAX_REFUSALS)
            throw stuck(`it was refused: ${last?.refusal ?? last?.verdict.reasons.join('; ')}`);
          return running.next().value;
        } catch (error) {
          failure = error;
          throw error;
        }
      },
    };
  },
});
