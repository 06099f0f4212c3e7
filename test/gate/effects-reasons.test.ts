/** What a person reads when asked: why an action was taken for what it was, for each way there is. And every entry of the gate's lists. */
import { describe, expect, it } from 'vitest';
import {
  deedIn,
  deedOfIcon,
  disguisedWordIn,
  isDismissal,
  isMessageField,
  wordsIn,
} from '../../src/gate/effects/deeds.ts';
import { deedOf, effectOf } from '../../src/gate/effects/effects.ts';
import { deedOfAddress, effectOfRequest } from '../../src/gate/effects/requests.ts';
import type { Action, Mark } from '../../src/types.ts';
import { click, mark, move, observation, SHOP, type, ui } from './given.ts';

const of = (over: Partial<Mark>, action: Action = click(), uiOver = {}) => {
  const effect = effectOf(action, observation({ marks: [mark(over)], ui: ui(uiOver) }));
  return `${effect.class}: ${effect.why}`;
};
const button = (name: string, over: Partial<Mark> = {}) => of({ role: 'button', name, ...over });
const form = { method: 'post', url: `${SHOP}/go`, isSubmitter: true };
const focused = (over: Partial<Mark> = {}): Partial<Mark> => ({ role: 'textbox', state: { focused: true }, ...over });
const key = (keys: string, over: Partial<Mark> = focused()) => of(over, { kind: 'ui-key', keys });

describe('why an action is what it is', () => {
  it.each<[string, string]>([
    ['read: nothing is pressed or filled in', of({}, { kind: 'ui-back' })],
    ['read: a page is opened', of({}, { kind: 'ui-navigate', url: `${SHOP}/cart` })],
    [
      "irreversible: its address says 'logout': it ends a session",
      of({}, { kind: 'ui-navigate', url: `${SHOP}/logout` }),
    ],
    ['read: a menu is opened', of({}, { ...click(), button: 'right' })],
    ['write: it is ticked', of({ role: 'checkbox' }, { kind: 'ui-check', target: { markId: 7 }, checked: true })],
    ['write: a checkbox is set', of({ role: 'checkbox' }, { kind: 'ui-check', target: { markId: 1 }, checked: true })],
    ['write: text is filled in', of({}, type('x', { markId: 1 }))],
    ['write: what was filled in is sent', of({}, { ...type('x', { markId: 1 }), submit: true })],
    ['write: it is moved', of({}, { kind: 'ui-drag', from: { markId: 7 }, to: { markId: 8 } })],
    ['write: something is chosen', of({}, { kind: 'ui-select', target: { markId: 1 }, values: [] })],
    ['write: a file is handed over', of({}, { kind: 'ui-upload', target: { markId: 1 }, paths: [] })],
    ['write: a body is moved', of({}, move())],
    ['read: a dialog is dismissed', of({}, { kind: 'ui-dialog', accept: false })],
    [
      'read: a notice is closed',
      of({}, { kind: 'ui-dialog', accept: true }, { dialog: { kind: 'alert', message: '' } }),
    ],
    ['write: a dialog is answered with yes', of({}, { kind: 'ui-dialog', accept: true })],
    [
      "irreversible: the dialog says 'delete': it deletes something",
      of({}, { kind: 'ui-dialog', accept: true }, { dialog: { kind: 'confirm', message: 'Delete it?' } }),
    ],
    ['read: the key moves about', key('Tab')],
    ['irreversible: Control+Enter sends what was written in many programs', key('Control+Enter')],
    ['write: the key deletes characters', key('Delete')],
    ['irreversible: Delete outside of a field deletes what is chosen', key('Delete', { role: 'row' })],
    ['irreversible: Delete outside of a field deletes what is chosen', key('Delete', focused({ role: 'row' }))],
    ['write: a key is pressed', key('a')],
    ['write: a character is typed', key('Space')],
    ['write: what was filled in is sent', key('Enter')],
    ['write: a key is pressed', key('Enter', {})],
    ["irreversible: it says 'delete': it deletes something", key('Enter', focused({ role: 'button', name: 'Delete' }))],
    [
      "irreversible: the form says 'delete': it deletes something",
      key('Enter', focused({ clues: { form: { ...form, submitter: 'Delete' } } })),
    ],
    [
      'irreversible: the form takes a card: it buys or pays',
      key('Enter', focused({ clues: { form: { ...form, takes: ['card'] } } })),
    ],
    ["irreversible: 'Message' is a message: it sends something to others", key('Enter', focused({ name: 'Message' }))],
    ['read: nothing says what it does', of({}, click({ markId: 7 }))],
    ['read: nothing says what it does', button('')],
    ["irreversible: 'Cоntinue' mixes letters of two scripts to be read wrongly", button('Cоntinue')],
    ["irreversible: it says 'delete': it deletes something", button('Delete')],
    ["irreversible: its icon says 'trash': it deletes something", button('', { clues: { icon: 'fa-trash' } })],
    [
      "irreversible: its address says 'delete': it deletes something",
      button('Go', { clues: { form: { ...form, url: `${SHOP}/delete` } } }),
    ],
    ['read: a link is followed', button('Go', { clues: { href: `${SHOP}/cart` } })],
    ['read: it dismisses', button('Cancel')],
    [
      "irreversible: what it belongs to says 'delete': it deletes something",
      button('Yes', { clues: { about: 'Delete it?' } }),
    ],
    [
      'irreversible: its form takes a card: it buys or pays',
      button('Go', { clues: { form: { ...form, takes: ['card'] } } }),
    ],
    ['read: a form that asks is sent', button('Go', { clues: { form: { ...form, method: 'get' } } })],
    ['write: a form is sent', button('Go', { clues: { form } })],
    ['read: something is unfolded', button('Go', { state: { expanded: false } })],
    ['write: it is pressed', button('Go')],
  ])('%s', (expected, found) => expect(found).toBe(expected));
});

describe('what is clicked', () => {
  it.each([
    ...['textbox', 'searchbox', 'combobox', 'spinbutton', 'listbox', 'tab', 'treeitem', 'columnheader'],
    ...['img', 'video', 'audio'],
  ])('is opened where it is a %s, unless it leads somewhere', (role) => {
    expect(of({ role, name: 'Delete' })).toBe(`read: a ${role} is opened`);
    expect(of({ role, name: 'Delete', clues: { href: `${SHOP}/a` } })).toContain("irreversible: it says 'delete'");
  });

  it.each([
    ...['checkbox', 'radio', 'option', 'slider', 'label', 'gridcell', 'canvas', 'menuitemcheckbox', 'menuitemradio'],
  ])('is set where it is a %s', (role) => expect(of({ role, name: 'Delete' })).toBe(`write: a ${role} is set`));

  it('is a link up to three words, and a title beyond', () => {
    const link = (name: string) => of({ role: 'link', name, clues: { href: `${SHOP}/a` } });
    expect(link('Delete the file')).toContain('irreversible');
    expect(link('Delete the old file')).toBe('read: a link is followed');
    expect(of({ role: 'link', name: 'Go', clues: { href: `${SHOP}/a`, icon: 'fa-trash' } })).toBe(
      'read: a link is followed',
    );
  });

  it('leads away by a page of its own, or by a part with a name', () => {
    const link = (href: string, url = `${SHOP}/login`) =>
      of({ role: 'link', name: 'Go', clues: { href } }, click(), { url });
    expect(link(`${SHOP}/login#part`)).toBe('read: a link is followed');
    expect(link(`${SHOP}/login#p`)).toBe('write: it is pressed');
    expect(link(`${SHOP}/other#`)).toBe('read: a link is followed');
    expect(link(`${SHOP}/login#`, `${SHOP}/login#old`)).toBe('write: it is pressed');
    expect(link(`HTTP://shop.example/x`)).toBe('read: a link is followed');
    expect(link('xhttps://shop.example/x')).toBe('write: it is pressed');
  });

  it('dismisses only where all that stands there does', () => {
    expect(button('Cancel', { clues: { text: 'Close' } })).toBe('read: it dismisses');
    expect(button('Cancel', { clues: { text: 'More' } })).toBe('write: it is pressed');
    expect(button('', { clues: { text: 'Cancel' } })).toBe('read: it dismisses');
    expect(button('', { clues: { text: 'More' } })).toBe('write: it is pressed');
  });

  it('sends a form only where it is the one that does', () => {
    const other = { ...form, isSubmitter: false };
    expect(button('Go', { clues: { form: { ...other, method: 'get', takes: ['card'] } } })).toBe(
      'write: it is pressed',
    );
    expect(button('Go', { clues: { form: { ...other, url: `${SHOP}/delete` } } })).toBe('write: it is pressed');
  });
});

describe('keys', () => {
  it.each([
    ...['Tab', 'Escape', 'Home', 'End', 'PageUp', 'PageDown', 'ArrowLeft', 'F1', 'F12', 'Shift', 'Control', 'Alt'],
    ...['Meta', 'Shift+Tab', 'Control+Shift+End', 'ControlOrMeta+Home', 'Alt+ArrowLeft', 'Meta+ArrowUp'],
  ])('that move about read: %s', (keys) => expect(key(keys)).toBe('read: the key moves about'));

  it.each(['Control+Enter', 'Meta+Enter', 'ControlOrMeta+Enter', 'Control+Shift+Enter', 'meta+enter'])(
    'that send what is written cannot be taken back: %s',
    (keys) => expect(key(keys)).toContain('irreversible'),
  );

  it.each(['Delete', 'Backspace', 'Shift+Delete', 'Control+Alt+Backspace', 'Meta+Delete', 'ControlOrMeta+Delete'])(
    'that delete do so to characters in a field alone: %s',
    (keys) => {
      for (const role of ['textbox', 'searchbox', 'combobox', 'spinbutton'])
        expect(key(keys, focused({ role }))).toBe('write: the key deletes characters');
      for (const role of ['xtextbox', 'textboxes', 'button', undefined])
        expect(key(keys, focused({ role }))).toContain('irreversible');
    },
  );

  it.each(['Enter', 'NumpadEnter', 'Space', ' ', 'enter'])('that press do what has the focus: %s', (keys) =>
    expect(key(keys, focused({ role: 'button', name: 'Delete' }))).toContain("it says 'delete'"),
  );

  it.each(['NumpadEnter', 'enter'])('that send a field: %s', (keys) =>
    expect(key(keys, focused({ name: 'Message' }))).toContain('irreversible'),
  );

  it.each([
    ...[
      'xTab',
      'Tabs',
      'Hyper+Tab',
      'F',
      'Fx',
      'Arrow',
      'xControl+Enter',
      'Control+Enters',
      'Alt+Enter',
      'Shift+Enter',
    ],
    ...['xDelete', 'Deleted', 'Hyper+Delete', 'xEnter', 'Enters', 'Shift+Space'],
  ])('that are others are pressed, no more: %s', (keys) => {
    expect(key(keys)).toBe('write: a key is pressed');
    expect(key(keys, focused({ role: 'button', name: 'Delete' }))).toBe('write: a key is pressed');
  });
});

describe('a deed is told from others', () => {
  const at = (url: string | undefined, action: Action = click()) =>
    deedOf(action, observation({ marks: [mark({ role: 'button', name: 'Go' })], ...(url && { ui: ui({ url }) }) }));

  it('by its kind, its key or address, its target and its page', () => {
    expect(JSON.parse(at(`${SHOP}/a?b#c`))).toEqual(['ui-click', '', expect.stringContaining('Go'), `${SHOP}/a`]);
    expect(JSON.parse(at(`${SHOP}/a\n#b?c`, { kind: 'ui-key', keys: 'x' })).slice(0, 2)).toEqual(['ui-key', 'x']);
    expect(JSON.parse(at(`${SHOP}/a`, { kind: 'ui-navigate', url: 'y' }))[1]).toBe('y');
    const nowhere = observation({ marks: [] });
    delete (nowhere as { ui?: unknown }).ui;
    expect(JSON.parse(deedOf({ kind: 'ui-key', keys: 'x' }, nowhere))).toEqual(['ui-key', 'x', '', '']);
  });
});

describe('words', () => {
  it.each<[string, readonly string[]]>([
    ['Straße', ['strasse']],
    ['SIPARIŞı', ['siparisi']],
    ['Crème-brûlée', ['creme', 'brulee']],
    ['s p a c e d', ['spaced']],
    ['s_p.a-c*e·d out', ['spaced', 'out']],
    ['a b', ['a', 'b']],
    ['a b c', ['abc']],
    ['x1 b c d', ['x1', 'bcd']],
    ['a b c1', ['a', 'b', 'c1']],
    ['de\u00adlete', ['delete']],
    ['４２ ', ['42']],
    ['', []],
  ])('of %j are %j', (text, words) => expect(wordsIn(text)).toEqual(words));

  it('of two scripts in one are disguised, of one each are not', () => {
    expect(disguisedWordIn('pay αnd go')).toBe('αnd');
    expect(disguisedWordIn('first, Sеnd')).toBe('Sеnd');
    expect(disguisedWordIn('Ａе')).toBe('Aе');
    for (const text of ['send отправить', 'αβγ', 'отправить', 'send', '', 'a1е'])
      expect(disguisedWordIn(text)).toBeUndefined();
  });

  it('say which deed, and by which words', () => {
    expect(deedIn('please DELETE it')).toEqual({ deed: 'delete', said: 'delete' });
    expect(deedIn('アカウントを削除')).toEqual({ deed: 'delete', said: '削除' });
    expect(deedIn('x 🗑️')).toEqual({ deed: 'delete', said: expect.stringContaining('🗑') });
    expect(deedIn('x')).toBeUndefined();
    expect(deedOfIcon('IconPaperPlane')).toEqual({ deed: 'send', said: 'paper plane' });
    expect(deedOfIcon('nothing')).toBeUndefined();
    expect([isDismissal('Cancel'), isDismissal(' cancel '), isDismissal('Cancel order')]).toEqual([true, true, false]);
    expect([isMessageField('Message'), isMessageField('Messages'), isMessageField('')]).toEqual([true, false, false]);
  });
});

describe('requests', () => {
  const why = (method: string, path: string, body?: string) => {
    const effect = effectOfRequest({ method, url: `${SHOP}${path}`, ...(body !== undefined && { body }) });
    return `${effect.class}: ${effect.why}`;
  };

  it.each<[string, string]>([
    [`irreversible: POST ${SHOP}/logout says 'logout'`, why('post', '/logout?a=1')],
    ['read: GET changes nothing', why('get', '/a')],
    [`irreversible: DELETE ${SHOP}/a deletes`, why('DELETE', '/a#b')],
    [`read: POST ${SHOP}/search asks`, why('POST', '/search')],
    [`irreversible: POST ${SHOP}/orders makes one of 'orders'`, why('POST', '/orders')],
    [`write: PUT ${SHOP}/orders writes`, why('PUT', '/orders')],
    [`write: POST ${SHOP}/${'x'.repeat(200 - SHOP.length - 1)} writes`, why('POST', `/${'x'.repeat(300)}`)],
  ])('%s', (expected, found) => expect(found).toBe(expected));

  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'])('by %s change nothing', (method) =>
    expect(why(method, '/a', 'action=delete')).toBe(`read: ${method} changes nothing`),
  );

  it.each([
    ...['action', 'act', 'op', 'operation', 'operationName', 'cmd', 'command', 'do', 'mode', 'task', 'method'],
    ...['_method'],
  ])('say in %s what is to be done', (name) => {
    expect(why('POST', '/a', `${name}=delete`)).toContain("says 'delete'");
    expect(why('POST', '/a', JSON.stringify({ [name]: 'delete' }))).toContain("says 'delete'");
    expect(why('GET', `/a?${name}=delete`)).toContain("says 'delete'");
  });

  it.each([
    ...['js', 'mjs', 'css', 'map', 'png', 'jpg', 'jpeg', 'gif', 'svg', 'webp', 'avif', 'ico', 'woff', 'woff2', 'ttf'],
    ...['mp4', 'webm', 'mp3', 'pdf', 'wasm', 'PNG'],
  ])('for a file of kind %s do nothing', (ending) => {
    expect(deedOfAddress(`${SHOP}/delete.${ending}`)).toBeUndefined();
    expect(deedOfAddress(`${SHOP}/delete.${ending}/delete`)).toBeDefined();
  });

  it.each(['1', 'true', 'yes', 'YES', ''])('do what a name in the address says that is set to %j', (value) => {
    expect(deedOfAddress(`${SHOP}/a?delete=${value}`)).toEqual({ deed: 'delete', said: 'delete' });
  });

  it.each(['0', '11', 'true1', 'xyes', 'no'])('do nothing by a name in the address that is set to %j', (value) =>
    expect(deedOfAddress(`${SHOP}/a?delete=${value}`)).toBeUndefined(),
  );

  it('do what a step of up to three words says, without its ending', () => {
    expect(deedOfAddress(`${SHOP}/delete-my-account`)).toBeDefined();
    expect(deedOfAddress(`${SHOP}/please-delete-my-account`)).toBeUndefined();
    expect(deedOfAddress(`${SHOP}/deleteMyAccount.aspx`)).toBeDefined();
    expect(deedOfAddress(`${SHOP}/delete.a`)).toBeDefined();
  });

  it.each([
    ...['search', 'query', 'find', 'list', 'lookup', 'suggest', 'suggestions', 'autocomplete', 'typeahead', 'filter'],
    ...['count', 'preview', 'validate', 'check', 'log', 'logs', 'collect', 'track', 'telemetry', 'analytics', 'event'],
    ...['events', 'metrics', 'beacon', 'rum', 'heartbeat', 'ping'],
  ])('that are posted to %s ask, and to other words do not', (word) => {
    expect(why('POST', `/${word}`)).toContain('read');
    expect(why('POST', `/${word}/7`)).toContain('read');
    expect(why('POST', `/x${word}`)).not.toContain('read');
    expect(why('POST', `/${word}x`)).not.toContain('read');
  });

  it.each([
    ...[
      'order',
      'orders',
      'charge',
      'charges',
      'payment',
      'payments',
      'booking',
      'bookings',
      'reservations',
      'message',
    ],
    ...['messages', 'mail', 'mails', 'email', 'emails', 'invites', 'invitations', 'posts', 'tweets', 'publications'],
  ])('that are posted to %s make one', (word) => {
    expect(why('POST', `/${word}`)).toContain(`irreversible: POST ${SHOP}/${word} makes one of '${word}'`);
    expect(why('POST', `/x${word}`)).toContain('write');
    expect(why('POST', `/${word}x`)).toContain('write');
  });

  it('have a body that is read only as far as it is a form or JSON', () => {
    expect(why('POST', '/a', '{"action":"delete"')).toContain('write');
    expect(why('POST', '/a', ' action=delete')).toContain('write');
    expect(why('POST', '/a', 'a.b[c]~d-e+f%20g=1&action=delete')).toContain('irreversible');
    expect(why('POST', '/a', '[null,{"action":"delete"}]')).toContain('irreversible');
    expect(why('POST', '/a', '{"query":"  mutation  DeleteNote {a}"}')).toContain("says 'delete'");
    expect(why('POST', '/a', '{"query":"x mutation DeleteNote {a}"}')).toContain('write');
    expect(why('POST', '/a', '{"other":"mutation DeleteNote {a}"}')).toContain('write');
    expect(why('POST', '/a', '{"query":"mutation {a}"}')).toContain('write');
  });

  it.each([
    ['read', ' query A {a}'],
    ['read', 'query{a}'],
    ['read', '\n# one\n# two\n{a}'],
    ['read', 'fragment A on B {c}'],
    ['write', 'queryA {a}'],
    ['write', 'x {a}'],
    ['write', '#{a}'],
    ['write', 'fragments {a}'],
    ['write', '{a} subscription B {c}'],
    ['read', '{mutations subscriptions}'],
  ])('in GraphQL %s by %j', (expected, query) =>
    expect(why('POST', '/a', JSON.stringify({ query }))).toContain(expected),
  );
});
