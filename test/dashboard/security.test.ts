/** Who may come in, in pure functions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bearerOf, isOwnHost, isOwnOrigin, newToken, rightOf, tokenInProtocols } from '../../src/dashboard/security.ts';

const place = { host: '127.0.0.1', port: 4800 };

describe('the name that a request asks for', () => {
  it.each(['127.0.0.1:4800', 'localhost:4800', 'LOCALHOST:4800', '[::1]:4800', '192.168.1.20:4800'])(
    'is this server’s own: %s',
    (name) => {
      expect(isOwnHost(name, place)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    'evil.example:4800',
    '127.0.0.1.evil.example:4800',
    'localhost.evil.example:4800',
    '127.0.0.1',
    '127.0.0.1:4801',
    '127.0.0.1:80',
    // What a reader of addresses would quietly make into 127.0.0.1.
    '2130706433:4800',
    '0x7f.1:4800',
    '127.1:4800',
    'user@127.0.0.1:4800',
    '127.0.0.1:4800/x',
    '127.0.0.1:4800#x',
    '127.0.0.1:4800?x',
    ' 127.0.0.1:4800',
  ])('is not: %s', (name) => {
    expect(isOwnHost(name, place)).toBe(false);
  });

  it('may be the one that it was told to listen at, and no other', () => {
    expect(isOwnHost('robot.lan:4800', { host: 'robot.lan', port: 4800 })).toBe(true);
    expect(isOwnHost('other.lan:4800', { host: 'robot.lan', port: 4800 })).toBe(false);
    expect(isOwnHost('robot.lan', { host: 'robot.lan', port: 80 })).toBe(true);
  });

  it('is never one with letters in it but localhost', () => {
    const name = fc.domain().filter((domain) => domain !== 'localhost');
    fc.assert(fc.property(name, (domain) => !isOwnHost(`${domain}:4800`, place)));
    // Addresses pass, so that the property above says something.
    fc.assert(fc.property(fc.ipV4(), (address) => isOwnHost(`${address}:4800`, place)));
  });
});

describe('the origin of a request', () => {
  it('is this server’s own page, or somebody else’s', () => {
    expect(isOwnOrigin('http://127.0.0.1:4800', '127.0.0.1:4800')).toBe(true);
    for (const origin of [
      undefined,
      'null',
      'https://127.0.0.1:4800',
      'http://127.0.0.1:4801',
      'http://localhost:4800',
      'http://127.0.0.1:4800.evil.example',
    ])
      expect(isOwnOrigin(origin, '127.0.0.1:4800'), origin).toBe(false);
    expect(isOwnOrigin('http://undefined', undefined)).toBe(false);
  });
});

describe('a token', () => {
  const tokens = { control: newToken(), view: newToken() };

  it('is good for what it was made for, and nothing near it is', () => {
    expect(rightOf(tokens.control, tokens)).toBe('control');
    expect(rightOf(tokens.view, tokens)).toBe('view');
    const near = [undefined, '', `${tokens.control}x`, tokens.control.slice(1), tokens.control.toLowerCase()];
    for (const text of near) expect(rightOf(text, tokens), text).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => rightOf(text, tokens) === undefined));
  });

  it('is another one each time, of 256 bits', () => {
    const many = Array.from({ length: 100 }, newToken);
    expect(new Set(many).size).toBe(100);
    for (const one of many) expect(Buffer.from(one, 'base64url')).toHaveLength(32);
  });

  it('is read from its header and from the protocols of a socket, and from nowhere near', () => {
    expect(bearerOf(`Bearer ${tokens.view}`)).toBe(tokens.view);
    for (const header of [undefined, tokens.view, `bearer ${tokens.view}`, `Bearer ${tokens.view} x`, 'Bearer '])
      expect(bearerOf(header)).toBeUndefined();
    expect(tokenInProtocols(`pumice, pumice.token.${tokens.view}`)).toBe(tokens.view);
    expect(tokenInProtocols('pumice')).toBeUndefined();
    expect(tokenInProtocols(undefined)).toBeUndefined();
  });
});
