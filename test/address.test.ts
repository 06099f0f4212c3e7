/** Addresses are read right however many were read before. */
import { expect, it } from 'vitest';
import { parseAddress } from '../src/address.ts';

it('an address is read by the URL standard; what is none is undefined', () => {
  expect(parseAddress('HTTPS://SHOP.example:443/a b')?.href).toBe('https://shop.example/a%20b');
  for (const none of ['', 'shop.example', '/login', 'https://', 'http://a b/'])
    expect(parseAddress(none)).toBeUndefined();
});

it('also the ten thousandth with letters beyond ASCII', () => {
  const hosts = Array.from({ length: 10_000 }, () => parseAddress('https://bücher.example/')?.hostname);
  expect(new Set(hosts)).toEqual(new Set(['xn--bcher-kva.example']));
});
