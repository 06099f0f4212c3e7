import { describe, expect, it } from 'vitest';
import { addressKind, plainHost } from '../../envs/browser/addresses.ts';
import { originsOf } from '../../envs/browser/origins.ts';

describe('the start URL opens its site', () => {
  it.each([
    ['https://www.shop.example/login?x#y', ['https://*.shop.example']],
    ['https://shop.co.uk/', ['https://*.shop.co.uk']],
    ['http://shop.example:8080/', ['http://*.shop.example', 'https://*.shop.example']],
    ['https://ann.github.io/page', ['https://*.ann.github.io']],
    ['https://github.io/', ['https://github.io']],
    ['https://bücher.example/', ['https://*.xn--bcher-kva.example']],
    ['http://localhost:3000/', ['http://localhost:3000']],
    ['http://127.1:3000/', ['http://127.0.0.1:3000']],
    ['http://[::1]/', ['http://[::1]']],
    ['http://intranet/', ['http://intranet']],
  ])('%s', (url, expected) => {
    expect(originsOf(url)).toEqual(expected);
  });

  it.each(['shop.example', 'file:///etc/passwd', 'data:text/html,x', 'about:blank', ''])(
    'and must be one: %s',
    (url) => {
      expect(() => originsOf(url)).toThrow(/no http or https address/);
    },
  );
});

describe('--allow-origin', () => {
  it.each([
    ['https://pay.example', 'https://pay.example'],
    ['https://PAY.example:443/', 'https://pay.example'],
    ['https://*.pay.example', 'https://*.pay.example'],
    ['http://10.0.0.7:81', 'http://10.0.0.7:81'],
  ])('adds %s', (pattern, expected) => {
    expect(originsOf('https://shop.example/', [pattern])).toEqual(['https://*.shop.example', expected]);
  });

  it.each([
    ['pay.example', /lacks its scheme \(meant https:\/\/pay\.example\?\)/],
    ['https://pay.example/login', /is no origin/],
    ['https://user@pay.example', /is no origin/],
    ['https://*', /is no origin/],
    ['https://*.com', /whole public suffix/],
    ['https://*.github.io', /whole public suffix/],
    ['http://*.localhost', /wildcard before an address or localhost/],
    ['https://*.10.0.0.7', /wildcard before an address or localhost/],
    ['file:///', /is no origin/],
  ])('refuses %s and says why', (pattern, why) => {
    expect(() => originsOf('https://shop.example/', [pattern])).toThrow(why);
  });
});

describe('kinds of address', () => {
  it.each([
    ['93.184.216.34', 'public'],
    ['2606:2800:220:1::1', 'public'],
    ['127.8.9.10', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['2002:7f00:1::', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12::1', 'private'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['::ffff:169.254.169.254', 'metadata'],
    ['64:ff9b::a9fe:a9fe', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['not an address', 'reserved'],
  ])('%s is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });

  it('a host has one spelling', () => {
    expect(['SHOP.example.', '[::1]', '0x7f.1', '2130706433', 'bücher.example'].map(plainHost)).toEqual([
      'shop.example',
      '::1',
      '127.0.0.1',
      '127.0.0.1',
      'xn--bcher-kva.example',
    ]);
  });
});
