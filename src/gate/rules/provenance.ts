/**
 * Where words come from that decide where things go: an address or a credential that is filled in, and the data in an address that is
 * opened, have to be the user's own or the page's own link, not made from what a page says. Pure, and without memory: a text of which
 * it cannot be told where it is from is asked about, since it may be from any page seen before.
 */

import { parseAddress } from '../../address.ts';
import type { Limits, UiLimits } from '../../ports.ts';
import type { Action, Mark, Observation } from '../../types.ts';
import { wordsIn } from '../effects/deeds.ts';
import { isWithin } from '../origins.ts';
import { ALLOW, type Rule, type RuleOpinion } from '../rule.ts';
import { markOf } from '../targets.ts';
import { secretNamesIn } from './secrets.ts';

const ask = (reason: string): RuleOpinion => ({ kind: 'ask', reason });

/** Names of fields that say where something goes, or who somebody is. */
const ADDRESS_OR_CREDENTIAL = new Set(
  wordsIn(`to cc bcc recipient recipients payee beneficiary email mail iban bic swift wallet account konto url uri link website webhook endpoint
  callback redirect domain host server street address zip postcode city phone mobile password passcode passwort kennwort pin otp code
  token key secret username login user empfanger adresse strasse telefon benutzername destinataire adresse compte motdepasse passe
  destinatario direccion indirizzo cuenta contrasena senha conta usuario utente получатель адрес пароль телефон почта 收件人 地址 密码 账号
  宛先 住所 パスワード 받는사람 주소 비밀번호`),
);
const TAKING = /^(?:email|password|url|tel)$/;
/** Keys that fill in what is in the clipboard: a page may have put it there. */
const PASTING =
  /^(?:\w+\+)*(?:(?:ctrl|control|cmd|command|meta|win|super|controlormeta)\+(?:\w+\+)*v|shift\+(?:\w+\+)*ins(?:ert)?)$/i;

/** What is filled in where something goes, or as a credential, stands in the instruction, or is a declared secret. */
export const copiedText: Rule = {
  name: 'copied-text',
  judge: (action, { observation, limits: { ui } }) => {
    if (!isAsked(ui)) return ALLOW;
    const focused = observation.marks?.find((mark) => mark.state?.focused);
    if (action.kind === 'ui-key') return ofKeys(action.keys, focused);
    if (action.kind !== 'ui-type') return ALLOW;
    const field = action.target ? markOf(action.target, observation) : focused;
    if (field === undefined || !isDeciding(field)) return ALLOW;
    const text = secretNamesIn(action.text).reduce(
      (left, name) => left.replaceAll(new RegExp(`\\{\\{\\s*${escaped(name)}\\s*\\}\\}`, 'g'), ' '),
      action.text,
    );
    if (isOf(text, observation.instruction)) return ALLOW;
    const from = isOf(text, shownOn(observation))
      ? 'it stands on the page, not in the instruction'
      : 'it is not in the instruction';
    return ask(`'${text.trim().slice(0, 80)}' goes into '${field.name ?? field.inputType}': ${from}`);
  },
};

/** Whether what is filled in here says where something goes, or who somebody is. */
const isDeciding = ({ inputType = '', name = '' }: Mark): boolean =>
  TAKING.test(inputType) || wordsIn(name).some((word) => ADDRESS_OR_CREDENTIAL.has(word));

/** A field that nobody sees may be any. */
function ofKeys(keys: string, field: Mark | undefined): RuleOpinion {
  if (!PASTING.test(keys.replaceAll(' ', '')) || (field !== undefined && !isDeciding(field))) return ALLOW;
  const where = field === undefined ? 'a field that is not seen' : `'${field.name ?? field.inputType}'`;
  return ask(`what is in the clipboard goes into ${where}: nobody can tell where it is from`);
}

/** Whether anybody wants to know: not where nothing can be lost. */
const isAsked = (ui: Limits['ui']): ui is UiLimits => typeof ui === 'object' && ui.irreversible !== 'allow';

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const squeezed = (text: string): string => wordsIn(text).join('');
/** Whether a text, or each of its words, stands in another. */
function isOf(text: string, whole: string): boolean {
  const known = new Set(wordsIn(whole));
  return wordsIn(text).every((word) => known.has(word)) || squeezed(whole).includes(squeezed(text));
}

/** All words that a page shows. */
const shownOn = ({ marks = [], ui }: Observation): string =>
  [
    ...marks.flatMap(({ name, value, options = [], clues }) => [name, value, ...options, clues?.text]),
    ...(ui?.texts ?? []).map(({ text }) => text),
    ...[ui?.title, ui?.dialog?.message],
  ].join(' ');

/** Words of an instruction that are nobody's business: addresses of people, long numbers, what stands behind `password` and the like. */
const PRIVATE =
  /\S+@\S+|\d[\d\s().-]{4,}\d|(?:password|passwort|kennwort|contraseña|senha|mot de passe|пароль|密码|パスワード|pin|code|token|secret)\b[\s:=]*(?:is|ist|lautet|es|est)?[\s:=]*\S+/giu;
/** Pieces of an address that carry nothing: numbers of pages, codes of languages, yes and no. */
const PLAIN = /^(?:\d{1,4}|\p{L}{1,3}|true|false|none|all)$/u;
/** Of a path: a plain word is a guess where something lies; a longer one may carry data. */
const PLAIN_STEP = /^[a-z][a-z-]{0,23}$/i;
const MAX_STEPS = 4;

/** An address that a model made has no data in it but the user's, and that only where it is not private. */
export const madeAddress: Rule = {
  name: 'made-address',
  judge: (action, { observation, limits: { ui } }) => {
    if (action.kind !== 'ui-navigate' || !isAsked(ui)) return ALLOW;
    const url = parseAddress(action.url);
    if (!url) return ALLOW;
    const { instruction } = observation;
    const known = knownAddresses(observation).filter((address) => isWithin(ui.origins, address));
    const bare = (address: string) => address.replace(/#.*/s, '');
    if (instruction.includes(action.url) || known.some((address) => bare(address) === bare(url.href))) return ALLOW;
    const inner = [...url.searchParams.values(), ...stepsOf(url)].find((value) => leadsElsewhere(value, ui.origins));
    if (inner !== undefined) return ask(`'${inner.slice(0, 80)}' in the address leads outside of the declared origins`);
    const secret = instruction.match(PRIVATE) ?? [];
    const data = dataOf(url, ui.origins);
    const hidden = data.find((piece) =>
      secret.some(
        (word) =>
          squeezed(piece).length > 2 &&
          (squeezed(word).includes(squeezed(piece)) || squeezed(piece).includes(squeezed(word))),
      ),
    );
    if (hidden !== undefined) return ask(`'${hidden.slice(0, 80)}' in the address is private to the instruction`);
    const own = [instruction, ...known.map(decoded)].join(' ');
    const made = data.find((piece) => !isOf(piece, own));
    return made === undefined
      ? ALLOW
      : ask(`'${made.slice(0, 80)}' in the address comes neither from the instruction nor from a link of the page`);
  },
};

/**
 * A page's own link that has another's address in it is asked about too: behind it may be a proxy, by which a stranger speaks from a
 * declared origin, or a forwarder. What the user wrote themselves is theirs.
 */
export const forwarding: Rule = {
  name: 'forwarding',
  judge: (action, { observation, limits: { ui } }) => {
    if (!isAsked(ui)) return ALLOW;
    const address = leadsTo(action, observation);
    const url = address === undefined ? undefined : parseAddress(address);
    if (address === undefined || !url || observation.instruction.includes(address)) return ALLOW;
    const inner = [...url.searchParams.values(), decoded(url.pathname), decoded(url.hash)]
      .flatMap((value) => value.match(WHOLE_ADDRESS) ?? [])
      .find((value) => leadsElsewhere(value, ui.origins));
    return inner === undefined
      ? ALLOW
      : ask(`'${inner.slice(0, 80)}' in the address leads outside of the declared origins`);
  },
};

/** From a scheme on; what follows two slashes in a query has one left out. */
const WHOLE_ADDRESS = /(?:https?:|^)\/\/\S+/giu;
const PRESSING = /^(?:\w+\+)*(?:enter|numpadenter)$/i;

function leadsTo(action: Action, observation: Observation): string | undefined {
  switch (action.kind) {
    case 'ui-navigate':
      return action.url;
    case 'ui-click':
      return markOf(action.target, observation)?.clues?.href;
    case 'ui-key':
      return PRESSING.test(action.keys.trim())
        ? observation.marks?.find((mark) => mark.state?.focused)?.clues?.href
        : undefined;
    default:
      return undefined;
  }
}

/** Where the page itself leads, and where one is. */
const knownAddresses = ({ marks = [], ui }: Observation): readonly string[] =>
  [
    ...marks.flatMap(({ clues }) => [clues?.href, clues?.form?.url]),
    ui?.url,
    ...(ui?.tabs ?? []).map(({ url }) => url),
  ].flatMap((url) => url ?? []);

const stepsOf = ({ pathname }: URL): readonly string[] =>
  pathname
    .split('/')
    .filter((step) => step !== '')
    .map(decoded);

/** Pieces of an address that may carry data: what is asked, the part behind `#`, names below a declared host, steps that are no plain words. */
function dataOf(url: URL, origins: readonly string[]): readonly string[] {
  const steps = stepsOf(url);
  const carrying = steps.length > MAX_STEPS ? steps : steps.filter((step) => !PLAIN_STEP.test(step));
  const isExact = origins.some((pattern) => !pattern.includes('*') && isWithin([pattern], url.href));
  const below = isExact ? [] : [url.hostname.split('.')[0]!];
  const asked = [...url.searchParams].flatMap(([name, value]) => (PLAIN_STEP.test(name) ? [value] : [name, value]));
  return [...carrying, ...below, ...asked, decoded(url.hash)].filter((piece) => !isPlain(wordsIn(piece)));
}

/** A number in pieces is a long number. */
const isPlain = (words: readonly string[]): boolean => words.length <= 2 && words.every((word) => PLAIN.test(word));

/** Whether a piece of an address is itself an address, and one of others: a proxy or a forwarder would go there. */
function leadsElsewhere(value: string, origins: readonly string[]): boolean {
  const address = /^(?:https?:)?\/\/\S+$/i.test(value)
    ? value.replace(/^(?:https?:)?\/\//i, 'https://')
    : /^(?:[\w-]+\.)+\p{L}{2,}(?:[/:?].*)?$/u.test(value)
      ? `https://${value}`
      : undefined;
  if (address === undefined) return false;
  return ![address, address.replace(/^https/, 'http')].some((one) => isWithin(origins, one));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
