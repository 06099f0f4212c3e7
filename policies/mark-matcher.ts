/**
 * The embedded policy for user interfaces: rules instead of a model. It reads an instruction by a small grammar, finds what
 * each part speaks of among marks and texts by name, role, order and place, and looks around when that is not in view.
 * It sees no pixels and knows no page.
 */
import { type Action, definePolicy, describeError, PumiceError, type Thought } from 'pumice';
import { z } from 'zod';
import {
  ACTIVE,
  all,
  answers,
  apart,
  areaOf,
  type Box,
  buttons,
  CLOSE,
  entry,
  fieldOf,
  inRow,
  isText,
  keyOf,
  likeness,
  look,
  middle,
  most,
  NO,
  newWorld,
  nthOf,
  overlap,
  phraseOf,
  pick,
  sameRow,
  scroll,
  submitter,
  type Thing,
  tap,
  targetOf,
  unquoted,
  type World,
  wordsOf,
  written,
  YES,
} from './mark-matcher/page.ts';

/** One part of an instruction: yields actions, and looks at the world anew after each. */
type Part = (world: World) => Generator<Action, void>;
type Propose = (world: World, isWeak: boolean) => Thing | Action | undefined;

const who = 'policy mark-matcher';
const hint = 'Say it in other words, or let a model do it: --policy vlm --model-url URL --model NAME';
const stuck = (message: string) => new PumiceError('policy/stuck', message, { who, hint });

// Looking around.
const isFresh = ({ tried }: World, key: string) => !tried.has(key) && tried.add(key) !== undefined;
const sight = (world: World) => JSON.stringify(all(world).map(({ name, box }) => [name, box.map(Math.round)]));
/** Shows all of this page: waits, closes popups, scrolls down and up again. */
function reveal(world: World): Action | undefined {
  if (isFresh(world, 'wait')) return { kind: 'ui-wait', durationMs: 400 };
  const isPopup = (thing: Thing) => CLOSE.test(thing.name) && !world.first?.has(keyOf(thing));
  const popup = world.marks.find((thing) => isPopup(thing) && isFresh(world, keyOf(thing)));
  if (popup) return tap(popup);
  if (world.tried.has('bottom') || all(world).length === 0) return undefined;
  if (isFresh(world, sight(world))) return scroll(world, 300);
  world.tried.add('bottom');
  return scroll(world, -9999);
}
const MORE_INSIDE = /^(\+|▸|►|(show )?more|menu)$|expandable/i;
const isClosed = ({ mark, role }: Thing) => mark?.state?.expanded === false && !/combobox|tab/.test(role);
/** Goes where more may be: what was spoken of, closed sections, a search, tabs, the next page. */
function wander(world: World): Action | undefined {
  const fresh = (why: string, isOne: (thing: Thing) => boolean) =>
    world.marks.find((thing) => isOne(thing) && isFresh(world, why + keyOf(thing)));
  const spoken = world.about && isFresh(world, 'about') ? written(world, world.about) : undefined;
  const opener = spoken ?? fresh('', isClosed) ?? fresh('', ({ name }) => MORE_INSIDE.test(name));
  if (opener) return tap(opener);
  const search = world.about ? fresh('search', ({ role }) => role === 'searchbox') : undefined;
  if (search) return entry(search, world.about!, true);
  const tab = fresh('', ({ role, mark }) => role === 'tab' && !mark?.state?.selected);
  const isNew = tab !== undefined || isFresh(world, `next ${sight(world)}`);
  const next = tab ?? world.marks.find(({ name }) => isNew && /^(next( page)?|[>»])$/i.test(name));
  if (next) world.tried.delete('bottom');
  return next && tap(next);
}

// Parts.
/** Proposes until something was proposed and done; looks around meanwhile. */
function* perform(world: World, what: string, propose: Propose): Generator<Action, void> {
  world.tried = new Set();
  for (let isDone = false; !isDone; ) {
    const sure = propose(world, false);
    const shown = sure ? undefined : reveal(world);
    const found = sure ?? (shown ? undefined : propose(world, true));
    const next = found ?? shown ?? wander(world);
    if (!next) throw stuck(`found nothing on the page for ${JSON.stringify(what)}`);
    yield 'kind' in next ? next : tap(next);
    if (world.isRefused) world.tried = new Set();
    else isDone = found !== undefined;
  }
}
const act =
  (what: string, propose: Propose): Part =>
  (world) =>
    perform(world, what, propose);
/** `the order of X`, `its order`: what lies in the row of X; else by name. */
const click = (phrase: string): Part =>
  act(phrase, (world, isWeak) => {
    const [, what = phrase, about] = /^([^"]*?) (?:of|for|from|by|next to|beside) (.+)$/i.exec(phrase) ?? [];
    const whole = pick(world, phrase);
    world.field = undefined;
    if (about && !whole) world.about = unquoted(about);
    const isIt = /\b(it|its|that|their)\b/i.test(phrase) && wordsOf(phrase).length < 2;
    const isInRow = world.about && (isIt || (about && !whole));
    return isInRow ? inRow(world, world.about, what) : (whole ?? pick(world, phrase, isWeak));
  });
/** Something that the grammar has no verb for, but a control of the page may: after filling in, first a button. */
const byWords = (clause: string): Part =>
  act(clause, (world, isWeak) => {
    const sure = pick(world, clause);
    if (sure || !isWeak) return sure;
    const button = most(buttons(world), ({ name }) => likeness(clause, name, true));
    const found = (world.field && (button ?? submitter(world, clause))) ?? pick(world, clause, true);
    if (!found) throw unparsed(clause);
    return found;
  });
const submit = (words: string): Part =>
  act(words, (world, isWeak) => pick(world, words) ?? (isWeak ? submitter(world, words) : undefined));
const confirm = act('confirm', (world, isWeak) => {
  const sure = buttons(world).find(({ name }) => YES.test(name));
  return sure ?? (isWeak ? buttons(world).findLast(({ name }) => !NO.test(name)) : undefined);
});
const pause: Action = { kind: 'ui-wait', durationMs: 0 };
/** Looks around until a name is in view; of equal things the next parts mean what is near it. */
const find = (what: string): Part =>
  act(what, (world) => {
    const bare = what.replace(/^.*\b(?:by|from|named|called|of) |'s\b.*| (?:in|on) .*/gi, '');
    world.about = /"(.+?)"/.exec(what)?.[1] ?? bare;
    return written(world, world.about) && pause;
  });
/** Keeps what is read from the page, as `it` or as the answer. */
const keep = (key: 'it' | 'answer', what: string, read: (world: World) => string | undefined): Part =>
  act(what, (world) => {
    world[key] = read(world) ?? '';
    return world[key] === '' ? undefined : pause;
  });

// Filling in.
/** Fills in and looks whether it stayed: a popup or a script may have eaten it. */
const put = (phrase: string, text: string, isSent = false): Part =>
  function* (world) {
    const isAll = /\b(both|all|each)\b/i.test(phrase);
    let box: Box | undefined;
    const same = () => world.marks.find((thing) => isText(thing) && box && apart(thing.box, box) < 4);
    for (let tries = 0, isLeft = true; isLeft && tries < 4; tries++) {
      yield* perform(world, phrase, (_, isWeak) => {
        const value = meaning(world, text);
        const field = (isAll ? undefined : same()) ?? fieldOf(world, phrase, isWeak);
        box = world.field = field?.box ?? box;
        if (isSent) world.about = value ?? '';
        return field && value !== undefined ? entry(field, value, isSent) : undefined;
      });
      isLeft =
        !isSent && (isAll ? world.marks.some((thing) => isText(thing) && !thing.mark?.value) : !same()?.mark?.value);
    }
  };
/** Chooses all items of a list: options of a native list, boxes, or things with that name. */
const select = (list: string, from = '', checked = true): Part =>
  function* (world) {
    const option = (name: string, { mark }: Thing) =>
      mark?.options?.find((own) => likeness(unquoted(name), own) >= 0.8);
    const isKnown = (name: string) =>
      world.marks.some((thing) => option(name, thing) ?? answers(thing, [unquoted(name)]) >= 0.8);
    const cut = (text: string, by: RegExp) => (isKnown(text) ? [text] : text.split(by));
    let left = cut(list, /\s*,\s*(?:and\s+)?/).flatMap((part) => cut(part, /\s+and\s+/));
    if (/^(nothing|none)$/i.test(list)) left = [];
    while (left.length > 0) {
      let rest: string[] = [];
      yield* perform(world, list, (_, isWeak) => {
        const holders = world.marks.filter((thing) => left.every((name) => option(name, thing)));
        const holder = most(holders, (thing) => 1 + answers(thing, [from], true));
        if (holder)
          return { kind: 'ui-select', target: targetOf(holder), values: left.map((name) => option(name, holder)!) };
        const item = pick(world, left[0]!, isWeak);
        rest = item ? left.slice(1) : left;
        if (!item) return world.marks.find(({ name }) => name.includes(left[0]!) && isFresh(world, 'opener'));
        return item.mark?.state?.checked === undefined ? item : { kind: 'ui-check', target: targetOf(item), checked };
      });
      left = rest;
    }
  };
/** Moves a slider by its keys until the number that it shows is the wanted one. */
const reach = (goal: number): Part =>
  function* (world) {
    for (let leap = 0, last = Number.NaN, steps = 0; steps < 50; steps++) {
      const knob = most(world.marks, ({ role, box }) => (role === 'slider' ? 9 : role === '' ? 1 / areaOf(box) : 0));
      if (!knob) throw stuck('found nothing that can be set to a number');
      const numbers = world.texts.filter(({ name }) => /^-?\d+$/.test(name));
      const value = Number(knob.mark?.value ?? most(numbers, ({ box }) => 1 / (1 + apart(box, knob.box)))?.name ?? 0);
      if (value === goal) return;
      if (steps > 1) leap = Math.max(leap, Math.abs(value - last), 1);
      const key = leap === 0 || Math.abs(goal - value) >= Math.max(2, leap) ? 'Page' : 'Arrow';
      yield steps === 0 || world.isRefused ? tap(knob) : { kind: 'ui-key', keys: key + (goal > value ? 'Up' : 'Down') };
      last = value;
    }
  };
const drag = (from: string, to: string): Part =>
  act(from, (world) => {
    const loose = world.marks.find(({ role }) => !ACTIVE.test(role));
    const piece = (phrase: string) => pick(world, phrase) ?? (/\b(item|shape|box)\b/i.test(phrase) ? loose : undefined);
    const [dx, dy] = { left: [-40, 0], right: [40, 0], up: [0, -40], down: [0, 40] }[to.toLowerCase()] ?? [];
    const [item, goal] = [piece(from), piece(dx === undefined ? to : from)];
    if (!item || !goal) return undefined;
    const { xPx, yPx } = middle(goal.box);
    return { kind: 'ui-drag', from: middle(item.box), to: { xPx: xPx + (dx ?? 0), yPx: yPx + (dy ?? 0) } };
  });

// Reading.
/** What belongs to a label: what its field holds, or what is written beside or below it. */
function beside({ marks, texts }: World, label: string): string | undefined {
  const at = texts.find(({ name }) => likeness(label, name) >= 0.8)?.box;
  const held = marks.find((thing) => thing.mark?.value && answers(thing, [label]) >= 0.8)?.mark?.value;
  const right = at && texts.find(({ box }) => sameRow(box, at) && box[0] >= at[2] - 2);
  return (right ?? texts.find(({ box }) => at && box[1] >= at[3] - 2 && overlap(box, at, 0) > 0))?.name ?? held;
}
/** A passage: what a text area holds, else the longest written text. */
function passage({ marks, texts }: World, nth?: number): string | undefined {
  const isLong = ({ mark, role }: Thing) => role === 'textbox' && Boolean(mark?.value) && !mark?.inputType;
  const passages = marks.some(isLong)
    ? marks.filter(isLong).map(({ mark }) => mark!.value!)
    : texts.map(({ name }) => name);
  return nth ? nthOf(passages, nth) : most(passages, (text) => text.length);
}
/** `it`, a quote, the value of a label, the n-th word of a passage, else the words themselves. */
function meaning(world: World, text: string): string | undefined {
  const [, quote, letters = ''] = /"(.*)"(?: in all (upper|lower))?/i.exec(text) ?? [];
  if (quote !== undefined) return /u/i.test(letters) ? quote.toUpperCase() : letters ? quote.toLowerCase() : quote;
  if (/^(it|that|this|(your|the) (answer|result))$/i.test(text)) return world.it || undefined;
  const label = /^the value of (.+)$/i.exec(text)?.[1];
  if (label) return beside(world, unquoted(label));
  const { nth } = phraseOf(text);
  if (!nth || !/ word$/.test(text)) return text;
  return nthOf((passage(world) ?? '').split(/\s+/).filter(Boolean), nth)?.replace(/[.,;:!?]+$/, '');
}

// Grammar.
const read = (what: string) => keep('answer', what, (world) => meaning(world, `the value of ${what}`));
const textArea = ({ marks }: World) => most(marks.filter(isText), ({ box }) => areaOf(box));
const scrollTo = (side: string) =>
  [1, 2, 3].map(() => act(side, (world) => scroll(world, /top|start/.test(side) ? -1000 : 1000, textArea(world))));
const logIn = (user: string, word: string) => [put('user/email/login', user), put('password', word), submit('log in')];
const send = (way: string, field: string, text: string) => [click(`"${way}"`), put(field, text), click('"send"')];
/** In a form, a|b are alternatives, [x] may be left out, `...` is anything, and capitals stand for what is asked. */
const GRAMMAR: readonly (readonly [form: string, make: (...parts: string[]) => Part | Part[]])[] = [
  ['wait|pause [for] N s|sec|seconds|second', (n) => act(n, () => ({ kind: 'ui-wait', durationMs: Number(n) * 1000 }))],
  ['log|sign in [as|with|using] [the] [user|username] U [and|with|using] [the] [password] P', logIn],
  ['search for V', (what) => put('search/query/filter/find box', what, true)],
  ['find|get|read [the] N word ...', (nth) => keep('it', nth, (world) => meaning(world, `${nth} word`))],
  ['find|locate|for|look [for] [the] [user] X', find],
  ['copy X', (what) => keep('it', what, (world) => passage(world, phraseOf(what).nth))],
  ['what is|are|was [the] X', read],
  ['read|report|tell [me] [the] X', read],
  ['reply to X with ... V', (_, text) => send('reply', 'message', text)],
  ['forward|send X to Y', (_, to) => send('forward', 'to', to)],
  ['scroll ... to the S [of] ...', scrollTo],
  ['enter|type|choose|select|set|pick|put|use V as [the] F', (text, field) => put(field, text)],
  ['select|set|choose N with|on|using [the] slider', (n) => reach(Number(n))],
  ['fill in [the] form with F "V"', (field, text) => put(field, text)],
  ['set|change|fill [in] [the] F to|with V', (field, text) => put(field, text)],
  ['enter|type|write V in all K letters in|into [the] F', (text, way, field) => put(field, `${text} in all ${way}`)],
  ['enter|type|write|put|paste|fill|set V in|into|to F', (text, field) => put(field, text)],
  ['enter|type|write|set [the] F "V"', (field, text) => put(field, text)],
  ['enter|type|write|paste [the] V', (text) => put('', text)],
  ['pick|choose|set|select [the] date|day V', (text) => put('date', text)],
  ['check|tick X', (what) => select(what)],
  ['uncheck|untick X', (what) => select(what, '', false)],
  ['make sure [that] X is checked|ticked|on', (what) => select(what)],
  ['select|choose|pick L from|in F', (list, from) => select(list, from)],
  ['select|choose|pick L', (list) => select(list)],
  ['drag|move X (left|right|up|down)', drag],
  ['drag|move X in|into|inside|on|onto|to|within Y', drag],
  ['confirm|accept|approve|agree|yes ...', () => confirm],
  ['submit ...', () => submit('submit')],
  ['log|sign (in|out|off)', (way) => submit(`log ${way}`)],
  ['show|display|filter [by] [me] [only|just] [the] X', click],
  ['switch|navigate|look|go|expand ... tabs|sections|tree|pages|menu ...', () => []],
  ['expand X', (what) => act(what, (world) => world.marks.find(isClosed))],
  ['focus [on|in|into] X', (what) => act(what, (world, isWeak) => fieldOf(world, what, isWeak))],
  ['click|clicking|press|hit|push|tap|open|close|visit|choose|go|use [on|to] X', click],
];
const patternOf = (form: string) =>
  form.split(' ').map((word) => {
    if (/^"?[A-Z]"?$|^\.+$/.test(word))
      return { '...': '(?:.+ )?', '"V"': '("\\d+"|\\{\\{\\w+\\}\\}) ' }[word] ?? '(.+?) ';
    return word.startsWith('[') ? `(?:(?:${word.slice(1, -1)}) )?` : `${word.startsWith('(') ? word : `(?:${word})`} `;
  });
const RULES = GRAMMAR.map(([form, make]) => ({ make, pattern: new RegExp(`^${patternOf(form).join('')}$`, 'i') }));
const VERBS = `${GRAMMAR.map(([form]) => form.split(' ')[0]).join('|')}|mark|book|delete|save|cancel|say`;
const JOINT = '(?:\\s*[.;!]\\s+|\\s*,?\\s*\\b(?:and then|then|and)\\s+|\\s*,\\s*)(?:(?:to|finally|then) )*';
const BREAK = new RegExp(`${JOINT}(?=(?:${VERBS})\\b)|\\s+(?=hit \\S+$)|\\.\\s+`, 'i');
const NOISE =
  /^(?:please|finally|then|now|next|say) |^use .*? to (?=\w)|^find$|^.* by (?=clicking)|[.!?]+$| (?:when (?:done|finished)|to \w+ it(?: as \w+)?)[.]?$/gi;
const MORE = /(?:,| and|, and) (?=(?:the )?(?:\w+ )?(?:"\d+"|\{\{\w+\}\})(?: |$|,))/;
const unparsed = (clause: string) => {
  const grammar = `expected its grammar (${GRAMMAR.map(([form]) => form).join('; ')}), joined by 'then', 'and', commas`;
  return new PumiceError('policy/unparsed', `${grammar} or full stops; got ${JSON.stringify(clause)}`, { who, hint });
};
/** Reads an instruction into parts, in order. */
function partsOf(instruction: string): { readonly text: string; readonly part: Part }[] {
  const quotes: string[] = [];
  const hidden = instruction.replace(/["“](.*?)["”]/g, (_, text: string) => `"${quotes.push(text) - 1}"`);
  const original = (_: string, at: string) => `"${quotes[Number(at)]}"`;
  const shown = (text: string) => text.replace(/^\s+|,?\s*$/g, '').replace(/"(\d+)"/g, original);
  const clauses = hidden.split(BREAK).flatMap((piece) => {
    const text = piece.trim().replace(NOISE, '');
    if (!/^(enter|type|write|fill|set|put)\b/i.test(text)) return text || [];
    return text.split(MORE).map((part, at) => (at ? `set ${part}` : part));
  });
  return clauses.flatMap((clause) => {
    const { make, match } =
      RULES.map((rule) => ({ ...rule, match: rule.pattern.exec(`${clause} `) })).find(({ match }) => match) ?? {};
    if (!make && !/^\w+( [\w"]+){0,4}$/.test(clause)) throw unparsed(shown(clause));
    const parts = make && match ? make(...match.slice(1).map(shown)) : byWords(shown(clause));
    return [parts].flat().map((part) => ({ text: shown(clause), part }));
  });
}
/** Does part after part, then is done; a dialog that asks is answered by the part that comes next. */
function* carryOut(instruction: string, world: World): Generator<Thought, never> {
  const parts = partsOf(instruction);
  for (const [at, { text, part }] of [...parts, { text: '', part: (): Iterable<Action> => [] }].entries()) {
    const thought = `${at + 1} of ${parts.length}: ${text}`;
    const asks = () => world.dialog && !/alert|unload/.test(world.dialog.kind);
    const isNo = /\b(no|not|cancel|dismiss|decline)\b/i.test(text);
    if (asks() && !isNo && !/\b(yes|ok|confirm|accept|agree|approve|sure|continue)\b/i.test(text))
      throw stuck(`the dialog ${JSON.stringify(world.dialog?.message)} needs 'confirm' or 'cancel' in the instruction`);
    for (const action of asks() ? [{ kind: 'ui-dialog', accept: !isNo } as const] : part(world)) {
      yield { actions: [action], thought };
      while (world.dialog && !asks()) yield { actions: [{ kind: 'ui-dialog', accept: true }], thought };
    }
  }
  const answer = world.answer && { answer: world.answer };
  for (;;) yield { actions: [{ kind: 'done', outcome: 'success', ...answer }], thought: 'all parts are done' };
}

/** Attempts at one refused action before giving up. Chosen. */
const MAX_REFUSALS = 3;
const KINDS = 'click type select check scroll key drag hover dialog wait'.split(' ').map((kind) => `ui-${kind}`);
const actionKinds = [...KINDS, 'done'] as Action['kind'][];
export default definePolicy({
  summary: 'clicks, types and selects by names on the page; no model',
  options: z.strictObject({}),
  actionKinds,
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
      actionKinds,
      reset: () => {
        asked = undefined;
      },
      act: async (observation, { signal }) => {
        signal.throwIfAborted();
        if (observation.instruction !== asked) {
          [asked, failure, refusals, world] = [observation.instruction, undefined, 0, newWorld()];
          running = carryOut(asked, world);
        }
        const last = observation.history.at(-1);
        world.isRefused = last !== undefined && (last.refusal !== undefined || /ask|deny|halt/.test(last.verdict.kind));
        refusals = world.isRefused ? refusals + 1 : 0;
        look(world, observation);
        try {
          if (failure) throw failure;
          if (refusals > MAX_REFUSALS) throw stuck(`refused: ${last?.refusal ?? last?.verdict.reasons.join('; ')}`);
          return running.next().value;
        } catch (error) {
          failure = error;
          if (!PumiceError.is(error)) throw error;
          // To say why is all that is left, and trying again would say the same.
          const answer = describeError(error);
          return {
            actions: [{ kind: 'done', outcome: 'failure', answer }],
            thought: error.code.replace('policy/', ''),
          };
        }
      },
    };
  },
});
