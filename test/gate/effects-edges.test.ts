/** Effects of acts and requests where something is missing, or just misses its form. */
import { describe, expect, it } from 'vitest';
import { deedIn, disguisedWordIn, isDismissal } from '../../src/gate/effects/deeds.ts';
import { deedOf, effectOf } from '../../src/gate/effects/effects.ts';
import { deedOfAddress, effectOfRequest } from '../../src/gate/effects/requests.ts';
import type { Mark, Observation } from '../../src/types.ts';
import { click, mark, observation, SHOP, type, ui } from './given.ts';

const without = (...parts: ('marks' | 'ui')[]): Observation => {
  const seen: Record<string, unknown> = { ...observation() };
  for (const part of parts) delete seen[part];
  return seen as unknown as Observation;
};
const ENTER = { kind: 'ui-key', keys: 'Enter' } as const;

describe('an act', () => {
  it('has an effect on an observation without page or marks', () => {
    const bare = without('ui', 'marks');
    expect(effectOf({ kind: 'hold' }, bare).class).toBe('read');
    expect(effectOf(ENTER, bare)).toEqual({ class: 'write', why: 'a key is pressed' });
    expect(effectOf({ kind: 'ui-dialog', accept: true }, bare).why).toBe('a dialog is answered with yes');
    expect(effectOf({ ...type('x'), submit: true }, bare).why).toBe('what was filled in is sent');
    const { ui: _, ...pageless } = observation({ marks: [mark({ role: 'link', clues: { href: `${SHOP}/a` } })] });
    expect(effectOf(click(), pageless as Observation).why).toBe('a link is followed');
    expect(deedOf({ kind: 'ui-back' }, pageless as Observation)).toBe('["ui-back","","",""]');
  });

  it('is written down with what it is done to and where, and nothing else', () =>
    expect(deedOf({ kind: 'ui-back' }, observation({ ui: ui({ url: `${SHOP}/a?b#c` }) }))).toBe(
      `["ui-back","","","${SHOP}/a"]`,
    ));

  it('goes to what has the focus, and to nothing else', () => {
    const deleting = mark({ role: 'button', name: 'Delete account' });
    expect(effectOf(ENTER, observation({ marks: [deleting] })).class).toBe('write');
    expect(effectOf(ENTER, observation({ marks: [{ ...deleting, state: { focused: true } }] })).class).toBe(
      'irreversible',
    );
  });

  it('is what stands on a thing as much as its name', () => {
    const faced = (over: Partial<Mark>) =>
      effectOf(click(), observation({ marks: [mark({ role: 'button', ...over })] }));
    expect(faced({ name: 'Go on', clues: { text: 'dеlete' } }).why).toContain('mixes letters of two scripts');
  });
});

describe('words', () => {
  it('are read through signs and spaces between their letters', () => {
    expect(deedIn('d  e  l  e  t  e')?.deed).toBe('delete');
    expect(deedIn('d.. e.. l.. e.. t.. e')?.deed).toBe('delete');
    expect(isDismissal(' × ')).toBe(true);
    expect(disguisedWordIn('12 – 34')).toBeUndefined();
    expect(disguisedWordIn('to dеlete it')).toBe('dеlete');
  });

  it('a harmless phrase parts what stands around it', () => {
    expect(deedIn('de remove filter lete')).toBeUndefined();
    expect(deedIn('remove filter now')).toBeUndefined();
  });
});

describe('a request', () => {
  const sent = (path: string, body?: string) =>
    effectOfRequest({ method: 'POST', url: `${SHOP}${path}`, ...(body !== undefined && { body }) }).class;

  it.each(
    `order payment charge checkout purchase transfer transaction payout withdrawal donation booking reservation subscription message mail
    email invitation invite post tweet publication`.split(/\s+/),
  )('that makes one %s or many binds', (one) => {
    expect(sent(`/api/${one}`)).toBe('irreversible');
    expect(sent(`/api/${one}s/12ab`)).toBe('irreversible');
  });

  it('asks when its query does, whatever else is in it', () => {
    expect(sent('/graphql', JSON.stringify({ query: '{ me }', operationName: 'Me' }))).toBe('read');
    expect(sent('/graphql', JSON.stringify({ query: '# about me\n  query Me { me }' }))).toBe('read');
    expect(sent('/graphql', JSON.stringify({ note: '{ me }' }))).toBe('write');
    expect(sent('/graphql')).toBe('write');
  });

  it('of free text has no fields', () => {
    expect(sent('/note', 'free text, action=x&action=delete')).toBe('write');
    expect(sent('/note', 'action=delete')).toBe('irreversible');
  });

  it('has an ending at the end of a step alone', () => {
    expect(deedOfAddress(`${SHOP}/list.pay-now`)?.deed).toBe('pay');
    expect(deedOfAddress(`${SHOP}/logout.php`)?.deed).toBe('log-out');
  });
});
