import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSecret, readSecrets } from '../../envs/browser/secrets.ts';
import { describeError } from '../../src/errors.ts';

const origin = 'https://shop.example';
const VALUE = 'Tr0ub4dor & "3"/ü';
const one = (value: string) => readSecrets({ password: { env: 'P', origin } }, { P: value });
const failure = (work: () => unknown) => {
  try {
    return `no error, but ${JSON.stringify(work())}`;
  } catch (error) {
    return describeError(error);
  }
};

describe('--secret NAME=ENV@ORIGIN', () => {
  it('is read, and the origin written as the URL standard does', () => {
    expect(parseSecret(' password=SHOP_PASSWORD@HTTPS://Shop.Example:443/login ')).toEqual({
      name: 'password',
      env: 'SHOP_PASSWORD',
      origin,
    });
  });

  it.each([
    ['password', 'NAME=ENV@ORIGIN'],
    ['password=SHOP', 'NAME=ENV@ORIGIN'],
    ['=SHOP@https://shop.example', 'the NAME'],
    ['pass word=SHOP@https://shop.example', 'the NAME'],
    ['{{x}}=SHOP@https://shop.example', 'the NAME'],
    ['password=hunter-2@https://shop.example', 'the ENV'],
    ['password=@https://shop.example', 'the ENV'],
    ['password=SHOP@shop.example', 'the ORIGIN'],
    ['password=SHOP@file:///etc', 'the ORIGIN'],
    ['password=SHOP@', 'the ORIGIN'],
  ])('is refused with what is wrong about it, and without its text: %s', (text, expected) => {
    const message = failure(() => parseSecret(text));
    expect(message).toContain(expected);
    expect(message).not.toContain('hunter');
  });

  it('a variable that is not set is named', () => {
    for (const environment of [{}, { P: '' }])
      expect(failure(() => readSecrets({ password: { env: 'P', origin } }, environment))).toMatch(
        /'password'.*P is not/,
      );
  });

  it('a value too short to be masked is refused, and so is what is no origin; neither is shown', () => {
    expect(failure(() => one('#7'))).toMatch(/fewer than 3 characters/);
    expect(failure(() => one('#7'))).not.toContain('#7');
    const wrong = failure(() => readSecrets({ password: { env: 'P', origin: 'hunter2' } }, { P: VALUE }));
    expect(wrong).toMatch(/no http or https origin/);
    expect(wrong).not.toContain('hunter2');
  });
});

describe('filling in', () => {
  it('a name is replaced by its value in a frame of its own origin', () => {
    const secrets = one(VALUE);
    expect(secrets.expand('a {{password}} b {{ password }}', `${origin}/login`)).toBe(`a ${VALUE} b ${VALUE}`);
    expect(secrets.expand('no name, {single}', 'https://evil.example')).toBe('no name, {single}');
  });

  it.each(['http://shop.example', 'https://shop.example:8443', 'https://a.shop.example', 'about:blank', 'null', ''])(
    'never in a frame of another origin, nor is the value in the error: %s',
    (frame) => {
      const message = failure(() => one(VALUE).expand('{{password}}', frame));
      expect(message).toMatch(/belongs to https:\/\/shop\.example/);
      expect(message).not.toContain(VALUE);
    },
  );

  it('an unknown name is an error that lists those there are', () => {
    expect(failure(() => one(VALUE).expand('{{pin}}', origin))).toMatch(/no secret 'pin' \(known: password\)/);
  });

  it('what is handed out beside functions has no value in it', () => {
    expect(JSON.stringify(one(VALUE))).not.toContain('Tr0ub');
    expect(one(VALUE).limits).toEqual({ password: { origin } });
  });
});

describe('masking', () => {
  const html = VALUE.replace('&', '&amp;').replaceAll('"', '&quot;');
  it.each<[string, string]>([
    ['plain', VALUE],
    ['JSON', JSON.stringify({ VALUE })],
    ['JSON in JSON', JSON.stringify(JSON.stringify({ VALUE }))],
    ['JSON in ASCII', JSON.stringify(VALUE).replace('ü', '\\u00fc')],
    ['JSON in ASCII, capital digits', JSON.stringify(VALUE).replace('ü', '\\u00FC')],
    ['HTML', `<p>${VALUE.replace('&', '&amp;')}</p>`],
    ['an HTML attribute', `<input value="${html}">`],
    ['a part of an address', `https://shop.example/?p=${encodeURIComponent(VALUE)}#x`],
    ['the same in small digits', encodeURIComponent(VALUE).replace(/%../g, (code) => code.toLowerCase())],
    ['a posted form', new URLSearchParams({ p: VALUE }).toString()],
    ['base64', Buffer.from(VALUE).toString('base64')],
    ['base64 for addresses', Buffer.from(VALUE).toString('base64url')],
  ])('finds the value as %s', (_, text) => {
    const clean = one(VALUE).redact(text);
    expect(clean).toContain('{{password}}');
    expect(clean).not.toMatch(/Tr0ub4dor|VHIwd/);
  });

  it('a value inside another is not what the longer one is broken up by', () => {
    const secrets = readSecrets(
      { pin: { env: 'A', origin }, password: { env: 'B', origin } },
      { A: '1234', B: 'x1234y' },
    );
    expect(secrets.redact('x1234y 1234')).toBe('{{password}} {{pin}}');
  });

  const secret = fc.string({ minLength: 3, maxLength: 20, unit: 'binary' });
  const around = fc.string({ maxLength: 30, unit: 'binary' });
  const texts = fc.record({ value: secret, parts: fc.array(around, { minLength: 2, maxLength: 5 }) });
  /** Between the names that were put in, so that a value that happens to be like a name does not count. */
  const leaks = (clean: string, value: string) => clean.split('{{password}}').some((part) => part.includes(value));

  it('no text that was masked contains the value', () => {
    fc.assert(
      fc.property(texts, ({ value, parts }) => {
        for (const text of [parts.join(value), JSON.stringify(parts.join(value))])
          expect(leaks(one(value).redact(text), value)).toBe(false);
      }),
    );
  });

  it('twin: without masking the property fails, and a text without the value is left as it is', () => {
    fc.assert(fc.property(texts, ({ value, parts }) => leaks(parts.join(value), value)));
    fc.assert(
      fc.property(fc.stringMatching(/^[a-m ]*$/), fc.stringMatching(/^[n-z]{12,20}$/), (text, value) => {
        expect(one(value).redact(text)).toBe(text);
      }),
    );
    expect(readSecrets({}).redact('nothing is secret')).toBe('nothing is secret');
  });
});
