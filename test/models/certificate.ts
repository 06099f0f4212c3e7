/**
 * A self-signed certificate for tests, made on the spot: no key lies in the repository, and none runs out of date.
 * Form: X.509 (RFC 5280) in DER, the few fields that a TLS client looks at.
 */
import { generateKeyPairSync, sign } from 'node:crypto';

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const bytes = (...values: readonly number[]) => Buffer.from(values);
const time = (date: Date) => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`));
const COMMON_NAME = der(0x06, bytes(0x55, 4, 3));
const SUBJECT_ALTERNATIVE_NAME = der(0x06, bytes(0x55, 29, 17));
const ECDSA_WITH_SHA256 = sequence(der(0x06, bytes(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2)));
const DAY_MS = 86_400_000;

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** For the address 127.0.0.1, or for a name; from yesterday to tomorrow, or until yesterday. */
export function certificate({ name, isExpired = false }: { name?: string; isExpired?: boolean } = {}): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Date.now();
  const who = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name ?? '127.0.0.1')))));
  const alternative = name === undefined ? der(0x87, bytes(127, 0, 0, 1)) : der(0x82, Buffer.from(name));
  const facts = sequence(
    der(0xa0, der(0x02, bytes(2))),
    der(0x02, bytes(1)),
    ECDSA_WITH_SHA256,
    who,
    sequence(time(new Date(now - 9 * DAY_MS)), time(new Date(now + (isExpired ? -1 : 1) * DAY_MS))),
    who,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(sequence(SUBJECT_ALTERNATIVE_NAME, der(0x04, sequence(alternative))))),
  );
  const signature = sign('sha256', facts, privateKey);
  const whole = sequence(facts, ECDSA_WITH_SHA256, der(0x03, bytes(0), signature));
  const base64 = whole.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}
