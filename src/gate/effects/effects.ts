/**
 * What an action on a page does to the world: it reads, writes, or does what cannot be taken back. Pure.
 * Goes by role, by name in many languages, by icon, by form and by address, all of which the page itself says: so it only ever makes
 * stricter. What a page keeps to itself is met at the network, where a request that does more than its action was taken for is held back;
 * the same deed is then in `observation.ui.held`, and counts as irreversible (ARCHITECTURE D-037).
 */
import type { Action, ActionOf, Mark, Observation } from '../../types.ts';
import { describeTarget, markOf } from '../targets.ts';
import { DEEDS } from './deed-words.ts';
import { deedIn, deedOfIcon, disguisedWordIn, type FoundDeed, isDismissal, isMessageField, wordsIn } from './deeds.ts';
import { deedOfAddress, type Effect } from './requests.ts';

export type { Effect, EffectClass } from './requests.ts';

/** The name of a link that leads to an address is a deed only when it is as short as a button's: others are titles. */
const MAX_LINK_WORDS = 3;
/** What is filled in, chosen from or opened: a click on it alone sends nothing. */
const OPENED = new Set([
  'textbox',
  'searchbox',
  'combobox',
  'spinbutton',
  'listbox',
  'tab',
  'treeitem',
  'columnheader',
  'img',
  'video',
  'audio',
]);
/** What is set, and counts when a form is sent: its name says what is chosen, not what is done. */
const SET = new Set([
  'checkbox',
  'radio',
  'option',
  'slider',
  'label',
  'gridcell',
  'canvas',
  'menuitemcheckbox',
  'menuitemradio',
]);
/** Keys that move about and change nothing. */
const MOVING_KEYS =
  /^(?:(?:shift|control|alt|meta|controlormeta)\+)*(?:tab|escape|home|end|page(?:up|down)|arrow\w+|f\d+|shift|control|alt|meta)$/i;
const SENDING_KEYS = /^(?:control|meta|controlormeta)\+(?:shift\+)?enter$/i;
const PRESSING_KEYS = /^(?:enter|numpadenter|space| )$/i;
const DELETING_KEYS = /^(?:(?:shift|control|alt|meta|controlormeta)\+)*(?:delete|backspace)$/i;

const read = (why: string): Effect => ({ class: 'read', why });
const write = (why: string): Effect => ({ class: 'write', why });
const irreversible = (why: string): Effect => ({ class: 'irreversible', why });
const RANK = { read: 0, write: 1, irreversible: 2 } as const;
/** The later one, unless the earlier one is worse. */
const worse = (a: Effect, b: Effect): Effect => (RANK[b.class] < RANK[a.class] ? a : b);
const byDeed = (what: string, { deed, said }: FoundDeed): Effect =>
  irreversible(`${what} says '${said}': it ${DEEDS[deed]}`);

/** What an action does. Motions write; words to the loop read. */
export function effectOf(action: Action, observation: Observation): Effect {
  const deed = deedOf(action, observation);
  const held = observation.ui?.held?.find((one) => one.deed === deed);
  if (held) return irreversible(`it sent ${held.method} ${held.url}, which was held back`);
  switch (action.kind) {
    case 'hold':
    case 'hand-over':
    case 'done':
    case 'ui-wait':
    case 'ui-hover':
    case 'ui-scroll':
    case 'ui-back':
    case 'ui-tab':
      return read('nothing is pressed or filled in');
    case 'ui-navigate':
      return ofAddress(action.url);
    case 'ui-dialog':
      return ofDialog(action, observation);
    case 'ui-click':
      return action.button === 'right'
        ? read('a menu is opened')
        : ofPressing(markOf(action.target, observation), observation);
    case 'ui-check':
      return worse(write('it is ticked'), ofPressing(markOf(action.target, observation), observation));
    case 'ui-type':
      return action.submit
        ? ofSending(action.target ? markOf(action.target, observation) : focusedOf(observation))
        : write('text is filled in');
    case 'ui-key':
      return ofKeys(action.keys, observation);
    case 'ui-drag':
      return [action.from, action.to]
        .map((end) => ofPressing(markOf(end, observation), observation))
        .reduce(worse, write('it is moved'));
    case 'ui-select':
      return write('something is chosen');
    case 'ui-upload':
      return write('a file is handed over');
    default:
      return write('a body is moved');
  }
}

/** A deed on any observation of the same page: what is done to what, not by which number or with which text. */
export function deedOf(action: Action, observation: Observation): string {
  const place = (observation.ui?.url ?? '').replace(/[?#].*/s, '');
  const how = action.kind === 'ui-key' ? action.keys : action.kind === 'ui-navigate' ? action.url : '';
  return JSON.stringify([action.kind, how, describeTarget(action, observation) ?? '', place]);
}

const focusedOf = ({ marks }: Observation): Mark | undefined => marks?.find((mark) => mark.state?.focused === true);

function ofAddress(address: string): Effect {
  const deed = deedOfAddress(address);
  return deed ? byDeed('its address', deed) : read('a page is opened');
}

function ofDialog({ accept }: ActionOf<'ui-dialog'>, { ui }: Observation): Effect {
  if (!accept) return read('a dialog is dismissed');
  const { kind, message } = ui?.dialog ?? { kind: 'unknown', message: '' };
  if (kind === 'alert') return read('a notice is closed');
  const deed = deedIn(message);
  return deed ? byDeed('the dialog', deed) : write('a dialog is answered with yes');
}

function ofKeys(keys: string, observation: Observation): Effect {
  if (MOVING_KEYS.test(keys)) return read('the key moves about');
  if (SENDING_KEYS.test(keys)) return irreversible(`${keys} sends what was written in many programs`);
  const focused = focusedOf(observation);
  const isText = focused !== undefined && /^(?:textbox|searchbox|combobox|spinbutton)$/.test(focused.role ?? '');
  if (DELETING_KEYS.test(keys))
    return isText
      ? write('the key deletes characters')
      : irreversible(`${keys} outside of a field deletes what is chosen`);
  if (!PRESSING_KEYS.test(keys)) return write('a key is pressed');
  if (isText) return /enter/i.test(keys) ? ofSending(focused) : write('a character is typed');
  return worse(write('a key is pressed'), ofPressing(focused, observation));
}

/** Enter in a field. */
function ofSending(field: Mark | undefined): Effect {
  const { form } = field?.clues ?? {};
  const deed = deedIn(form?.submitter ?? '') ?? deedOfAddress(form?.url ?? '') ?? deedIn(field?.clues?.about ?? '');
  if (deed) return byDeed('the form', deed);
  if (form?.takes?.includes('card')) return irreversible('the form takes a card: it buys or pays');
  if (isMessageField(field?.name ?? ''))
    return irreversible(`'${field?.name}' is a message: it sends something to others`);
  return write('what was filled in is sent');
}

/** A click, or what comes to the same. */
function ofPressing(mark: Mark | undefined, { ui }: Observation): Effect {
  if (!mark) return read('nothing says what it does');
  const { role = '', name = '', clues = {} } = mark;
  const { href, form, text = '', icon = '', about = '' } = clues;
  const faces = [name, text];
  const disguised = faces.map(disguisedWordIn).find((word) => word !== undefined);
  if (disguised !== undefined) return irreversible(`'${disguised}' mixes letters of two scripts to be read wrongly`);
  if (SET.has(role)) return write(`a ${role} is set`);
  if (OPENED.has(role) && href === undefined) return read(`a ${role} is opened`);
  const isLeading = href !== undefined && leadsAway(href, ui?.url ?? '');
  const said = faces
    .filter((face) => !isLeading || wordsIn(face).length <= MAX_LINK_WORDS)
    .map((face) => deedIn(face))
    .find((deed) => deed !== undefined);
  if (said) return byDeed('it', said);
  const drawn = isLeading ? undefined : deedOfIcon(icon);
  if (drawn) return byDeed('its icon', drawn);
  const address =
    (isLeading ? deedOfAddress(href) : undefined) ?? (form?.isSubmitter ? deedOfAddress(form.url) : undefined);
  if (address) return byDeed('its address', address);
  if (isLeading) return read('a link is followed');
  if (faces.every((face) => face === '' || isDismissal(face)) && faces.some(isDismissal)) return read('it dismisses');
  const asked = deedIn(about);
  if (asked) return byDeed('what it belongs to', asked);
  if (form?.isSubmitter && form.takes?.includes('card')) return irreversible('its form takes a card: it buys or pays');
  if (form?.isSubmitter) return form.method === 'get' ? read('a form that asks is sent') : write('a form is sent');
  if (mark.state?.expanded !== undefined) return read('something is unfolded');
  return faces.some((face) => face !== '') ? write('it is pressed') : read('nothing says what it does');
}

/** Whether a link leads to a page, rather than being a button that is drawn as a link. */
function leadsAway(href: string, from: string): boolean {
  if (!/^https?:/i.test(href)) return false;
  const [page, part] = href.split('#');
  return part === undefined || part.length > 1 || page !== from.split('#')[0];
}
