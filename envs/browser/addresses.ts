/**
 * What sort of place an address or host name is: public, or one of the kinds that a page from the internet has no business with.
 * Pure; knows no policy and resolves nothing.
 */
import ipaddr from 'ipaddr.js';
import { parseAddress } from '../../src/address.ts';

export type AddressKind = 'public' | 'loopback' | 'private' | 'link-local' | 'metadata' | 'reserved';

/** Cloud metadata services: AWS, GCP, Azure and most others; AWS over IPv6; Alibaba; Oracle. */
const METADATA = ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192'];

const KIND_BY_RANGE: Readonly<Record<string, AddressKind>> = {
  unicast: 'public',
  loopback: 'loopback',
  // Linux and macOS connect to the own machine.
  unspecified: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
  linkLocal: 'link-local',
};

/** The kind of an IP address as text; IPv4 inside IPv6 (mapped, NAT64, 6to4) counts as that IPv4. What is no address is `reserved`. */
export function addressKind(text: string): AddressKind {
  if (!ipaddr.isValid(text)) return 'reserved';
  const address = ipaddr.process(text);
  if (METADATA.some((one) => ipaddr.parse(one).toNormalizedString() === address.toNormalizedString()))
    return 'metadata';
  const range = address.range();
  const bytes = address.toByteArray();
  if (range === 'rfc6052') return addressKind(bytes.slice(12, 16).join('.'));
  if (range === '6to4') return addressKind(bytes.slice(2, 6).join('.'));
  // `::a.b.c.d`, long deprecated, but some systems still route it to a.b.c.d.
  if (
    bytes.length === 16 &&
    range !== 'loopback' &&
    range !== 'unspecified' &&
    bytes.slice(0, 12).every((b) => b === 0)
  )
    return addressKind(bytes.slice(12, 16).join('.'));
  return KIND_BY_RANGE[range] ?? 'reserved';
}

/** A host as one spelling: as the URL standard writes it (decimal, octal and hex IPv4 resolved, IDN in ASCII), no brackets, no trailing dot. */
export function plainHost(host: string): string {
  const name = parseAddress(`http://${host}/`)?.hostname ?? host.toLowerCase();
  return name.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
}

/** Whether a plain host is an IP address. */
export const isAddress = (host: string): boolean => ipaddr.isValid(host);

/** `localhost` and all below it: loopback by definition (RFC 6761), whatever a resolver says. */
export const isLocalhost = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost');
