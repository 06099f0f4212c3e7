/**
 * What the mark-matcher knows of words, places and a page: how well a name answers to a phrase, which thing a phrase means, and
 * what stands beside what. Knows no instruction.
 */
import type { Action, Mark, Observation, Target } from 'pumice';

export type Box = Mark['boxPx'];
/** A mark with its name and the text that stands beside it, or a piece of text. */
export type Thing = { name: string; label: string; role: string; box: Box; mark?: Mark };
/** The page as it is now, and what the parts of one instruction tell each other. */
export const newWorld = () => ({
  marks: [] as readonly Thing[],
  texts: [] as readonly Thing[],
  dialog: undefined as NonNullable<Observation['ui']>['dialog'],
  isRefused: false,
  /** What was spoken of, copied and asked for last, and where something was filled in. */
  about: '',
  it: '',
  answer: '',
  field: undefined as Box | undefined,
  /** What looking around has tried for this part, and what was there at first: what comes later may be a popup. */
  tried: new Set<string>(),
  first: undefined as ReadonlySet<string> | undefined,
});
export type World = ReturnType<typeof newWorld>;

// Words.
const FILLER =
  /^(the|an?|as|on|in|into|to|and|with|of|th?eir|his|her|its?|that|this|is|below|above|labeled|icon|item|only)$/;
const SYNONYMS =
  'sign=log login=log off=out bin=delete trash=delete remove=delete x=close ×=close >=next »=next find=search';
const synonymOf = new Map(SYNONYMS.split(' ').map((pair) => pair.split('=') as [string, string]));
const fold = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}#@+<>×»]+/gu) ?? [];
export function wordsOf(text: string): string[] {
  const kept = fold(text).filter((word) => !FILLER.test(word));
  const stem = (word: string) => (word.length > 4 ? word.replace(/(e?d|ing|e?s|e)$/, '') : word);
  return (kept.length > 0 ? kept : fold(text)).map((word) => stem(synonymOf.get(word) ?? word));
}
/** How well a name answers to the wanted words, 0..1: exact, folded, same words, all words, or (`isWeak`) some. */
export function likeness(wanted: string, name: string, isWeak = false): number {
  if (wanted === name) return wanted ? 1 : 0;
  const [a, b] = [wordsOf(wanted), wordsOf(name)];
  const hits = a.filter((word) => b.includes(word)).length;
  if (hits === 0) return 0;
  if (a.join() === b.join()) return fold(wanted).join() === fold(name).join() ? 0.95 : 0.85;
  if (hits === a.length && b.length <= 2 * a.length + 1) return 0.5 + (0.3 * hits) / b.length;
  if (!isWeak) return 0;
  return hits === b.length ? 0.3 + (0.1 * hits) / a.length - 0.01 * a.indexOf(b[0]!) : (0.2 * hits) / a.length;
}
const NOUNS: readonly (readonly [noun: RegExp, role: RegExp])[] = [
  [/\bcheck ?box(es)?\b/i, /^checkbox$/],
  [/\bradio( buttons?)?\b/i, /^radio$/],
  [/\bbuttons?\b/i, /^button$/],
  [/\b(links?|(search )?results?)\b/i, /^link$/],
  [/\b((text|input|search)[ -]?)*(box(es)?|fields?|area|inputs?|text)\b/i, /^(textbox|searchbox)$/],
  [/\b(drop ?down|list|select)( box)?\b/i, /^(combobox|listbox)$/],
  [/\btabs?\b/i, /^tab$/],
  [/\bcircle\b/i, /^circle$/],
  [/$/, /(?!)/],
];
/** What a noun phrase asks for; no `names` when only a role is named. */
export function phraseOf(text: string) {
  const quote = /"(.*?)"/.exec(text)?.[1];
  const rest = text.replace(/".*?"/g, ' ');
  const order = /\b(?:(\d+)(?:st|nd|rd|th)|first|(last))\b/i.exec(rest);
  const bare = rest.replace(order?.[0] ?? '', '').trim();
  const [noun, role] = NOUNS.find(([pattern]) => pattern.test(bare))!;
  const named = bare.replace(noun, '').trim();
  const names = quote !== undefined ? [quote] : fold(named).every((word) => FILLER.test(word)) ? [] : [bare, named];
  return { names, role, nth: order ? (order[2] ? -1 : Number(order[1] ?? 1)) : undefined, quote };
}
export const unquoted = (text: string) => /^"(.*)"$/.exec(text)?.[1] ?? text;

// Places.
export const middle = ([x0, y0, x1, y1]: Box) => ({ xPx: (x0 + x1) / 2, yPx: (y0 + y1) / 2 });
export const areaOf = ([x0, y0, x1, y1]: Box) => (x1 - x0) * (y1 - y0);
export const overlap = (a: Box, b: Box, side: 0 | 1) =>
  Math.min(a[side + 2]!, b[side + 2]!) - Math.max(a[side]!, b[side]!);
export const apart = (a: Box, b: Box) => Math.max(0, -overlap(a, b, 0)) + Math.max(0, -overlap(a, b, 1));
export const sameRow = (a: Box, b: Box) => overlap(a, b, 1) > Math.min(a[3] - a[1], b[3] - b[1]) / 2;
const byPlace = ({ box: a }: Thing, { box: b }: Thing) => (sameRow(a, b) ? a[0] - b[0] : a[1] - b[1]);
/** The item that is worth most; one that is worth 0 or less than nothing is none. */
export function most<T>(items: readonly T[], worth: (item: T) => number): T | undefined {
  const worths = items.map(worth);
  const best = Math.max(...worths);
  return best > 0 ? items[worths.indexOf(best)] : undefined;
}
export const nthOf = <T>(items: readonly T[], nth = 1) => items.at(nth > 0 ? nth - 1 : nth);
export const targetOf = ({ mark, box }: Thing): Target => (mark ? { markId: mark.id } : middle(box));
export const tap = (thing: Thing): Action => ({ kind: 'ui-click', target: targetOf(thing), button: 'left', count: 1 });
export const keyOf = ({ role, name, box }: Thing) => `${role}:${name || box.map(Math.round)}`;

/** The text that stands beside a field: before it, above it, or behind a small one. */
function labelOf(role: string, f: Box, texts: readonly Thing[]): string {
  const isSmall = /checkbox|radio|switch/.test(role);
  const near = ({ box: t, name }: Thing) => {
    if (!/box|radio|switch|spin|slider/.test(role) && (role === 'button' || !name.endsWith(':'))) return 0;
    if (!sameRow(f, t)) return !isSmall && t[3] < f[1] + 4 && overlap(f, t, 0) > 0 ? 60 - (f[1] - t[3]) : 0;
    const [before, behind] = [f[0] - t[2], t[0] - f[2]];
    return before > -4 ? 60 - before - (isSmall ? 20 : 0) : isSmall && behind > -4 ? 60 - behind : 0;
  };
  return most(texts, near)?.name.replace(/\s*[:*]\s*$/, '') ?? '';
}
/** Takes in what is seen; where the page shows the instruction itself, its words are no targets. */
export function look(world: World, { marks = [], ui, instruction }: Observation): void {
  const all = (ui?.texts ?? []).map(({ text, boxPx }) => ({ name: text, label: '', role: 'text', box: boxPx }));
  const said = all.filter(({ name }) => fold(instruction).join(' ').includes(fold(name).join(' ')));
  const longest = most(said, ({ name }) => name.length);
  const echo = said.filter(({ box }) => longest && apart(box, longest.box) < 12);
  const isEcho = echo.reduce((sum, { name }) => sum + name.length, 0) > instruction.length * 0.6;
  world.texts = all.filter((text) => !isEcho || !echo.includes(text)).sort(byPlace);
  world.marks = marks
    .map((mark) => ({ mark, name: mark.name ?? '', role: mark.role ?? '', box: mark.boxPx }))
    .map((thing) => ({ ...thing, label: labelOf(thing.role, thing.box, world.texts) }))
    .sort(byPlace);
  world.first ??= new Set(world.marks.map(keyOf));
  world.dialog = ui?.dialog;
}

// Finding.
export const ACTIVE = /^(button|link|checkbox|radio|menuitem|option|tab|textbox|searchbox|combobox|listbox)$/;
export const answers = ({ name, label }: Thing, names: readonly string[], isWeak = false) =>
  Math.max(0, ...names.flatMap((wanted) => [name, label].map((own) => (own && likeness(wanted, own, isWeak)) || 0)));
export const all = ({ texts, marks }: World) => [...texts, ...marks];
/** Where a name is written, as text or as a mark. */
export const written = (world: World, name: string) => most(all(world), (thing) => likeness(name, thing.name));
/** The thing that a phrase means. Names answer in part only when `isWeak`: when all of the page was looked at. */
export function pick(world: World, phrase: string, isWeak = false): Thing | undefined {
  const { names, role, nth, quote } = phraseOf(phrase);
  const ofRole = world.marks.filter((thing) => role.test(thing.role));
  if (names.length === 0) return nthOf(ofRole, nth);
  const score = (thing: Thing) => {
    const like = answers(thing, names, isWeak && quote === undefined);
    return like && like + (ofRole.includes(thing) ? 0.2 : 0) + (ACTIVE.test(thing.role) ? 0.02 : 0);
  };
  const candidates = [...world.marks, ...world.texts.filter((text) => answers(text, names) >= 0.9)];
  const best = Math.max(...candidates.map(score));
  if (best < (isWeak ? 0.08 : 0.5))
    return quote && /^(text|button|radio|checkbox)$/.test(quote) ? pick(world, quote) : undefined;
  const ties = candidates.filter((thing) => score(thing) > best - 0.005);
  const about = world.about && ties.length > 1 ? written(world, world.about)?.box : undefined;
  const far = (box: Box, from: Box) => apart(box, from) + (sameRow(box, from) ? 0 : box[1] < from[1] ? 1000 : 100);
  return nth ? nthOf(ties, nth) : most(ties, ({ box }) => 1 / (1 + (about ? far(box, about) : areaOf(box))));
}
/** What can be opened in the row where a name is written. */
export function inRow(world: World, about: string, wanted: string): Thing | undefined {
  const at = written(world, about);
  const row = world.marks.filter(({ box, role }) => at && sameRow(box, at.box) && /^(link|button)$/.test(role));
  const named = most(row, ({ name }) => likeness(wanted, name) || likeness(about, name));
  return named ?? row.find(({ role }) => role === 'link') ?? row[0] ?? at;
}
export const YES = /^(yes|ok|confirm|sure|accept|agree|continue|proceed|submit)\b/i;
export const NO = /^(no|not|cancel|back|close|never|keep|dismiss|later|skip|[x×✕]$)\b/i;
const SUBMIT = /^(submit|ok|go|log ?in|sign in|search|find|send|save|continue|next|apply)\b/i;
export const CLOSE = /^(cancel|close|dismiss|no|no,? thanks|not now|later|skip|[x×✕])$/i;
export const buttons = ({ marks }: World) => marks.filter(({ role }) => role === 'button');
/** The button that sends a form: by its words, by what such buttons say, or what follows the field filled last. */
export const submitter = (world: World, words: string) =>
  most(buttons(world), ({ name }) => likeness(words, name)) ??
  buttons(world).find(({ name }) => SUBMIT.test(name)) ??
  buttons(world).find(({ box }) => world.field && (box[1] >= world.field[3] - 4 || sameRow(box, world.field)));

// Using.
/** Turns the wheel over a thing, or over the middle of all that there is. */
export function scroll(world: World, dyPx: number, at?: Thing): Action {
  const side = (at: number, of: typeof Math.min) => of(...all(world).map(({ box }) => box[at]!));
  const whole: Box = [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
  return { kind: 'ui-scroll', target: at ? targetOf(at) : middle(whole), dxPx: 0, dyPx };
}
const monthOf = (name: string) =>
  'janfebmaraprmayjunjulaugsepoctnovdec'.indexOf(name.slice(0, 3).toLowerCase()) / 3 + 1;
/** `[year, month, day]` of `2031-05-09`, `5/9/2031`, `9 May 2031` or `May 9, 2031`. */
function dateOf(text: string): readonly number[] | undefined {
  const parts = text.match(/\d+|[a-z]{3,}/gi) ?? [];
  const [a, b, c] = parts.map((part) => Number(part) || Math.max(0, monthOf(part)));
  if (parts.length !== 3 || !a || !b || !c) return undefined;
  return a > 31 ? [a, b, c] : Number(parts[1]) ? [c, a, b] : [c, b, a];
}
/** Puts a value into a field in the way of its kind: native dates and times want ISO. */
export function entry(field: Thing, value: string, submit = false): Action | undefined {
  const { options, value: old, inputType = '' } = field.mark ?? {};
  const option = most(options ?? [], (name) => likeness(value, name));
  if (options)
    return option === undefined ? undefined : { kind: 'ui-select', target: targetOf(field), values: [option] };
  const two = (part: number) => String(part).padStart(2, '0');
  const [, hour, minute, half = ''] = /^(\d\d?):(\d\d) ?([ap]?)\.?m?\.?$/i.exec(value) ?? [];
  const time = hour && `${two((half ? Number(hour) % 12 : Number(hour)) + (/p/i.test(half) ? 12 : 0))}:${minute}`;
  const text = { date: dateOf(value)?.map(two).join('-'), time }[inputType] ?? value;
  return { kind: 'ui-type', target: targetOf(field), text, clear: Boolean(old), submit };
}
export const isText = ({ role }: Thing) => /^(textbox|searchbox|spinbutton|combobox)$/.test(role);
/** The field that a phrase means (`a/b`: either); without words, the first empty one. */
export function fieldOf(world: World, phrase: string, isWeak: boolean): Thing | undefined {
  const { names, nth } = phraseOf(phrase);
  const fields = world.marks.filter((thing) => isText(thing) || thing.mark?.options);
  const likes = names.flatMap((name) => name.split('/'));
  const named = most(fields, (thing) => answers(thing, likes, true) - 0.25);
  const open = fields.filter(({ mark }) => !mark?.options);
  const typed = open.find(({ mark }) => mark?.inputType && phrase.toLowerCase().includes(mark.inputType));
  if (named ?? typed ?? (names.length > 0 && !isWeak)) return named ?? typed;
  return nth ? nthOf(open, nth) : (open.find(({ mark }) => !mark?.value) ?? open[0]);
}
