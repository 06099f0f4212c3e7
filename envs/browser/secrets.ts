/**
 * Secrets: named by the user, read from the environment, filled in only into frames of their own origin, and kept out of all text that leaves.
 * Policies, records and logs see `{{name}}`; values never appear in errors. Knows no page.
 */
import { PumiceError } from '../../src/errors.ts';
import { originOf } from '../../src/gate/origins.ts';

/** Where a secret comes from and the one origin that it may be filled into. */
export interface SecretSource {
  /** Name of the environment variable. */
  readonly env: string;
  readonly origin: string;
}

export interface Secrets {
  /** For `UiLimits.secrets`: names and origins, no values. */
  readonly limits: Readonly<Record<string, { readonly origin: string }>>;
  /**
   * Replaces each `{{name}}` by its value, for typing into a frame of `frameOrigin`.
   * @throws PumiceError `secret/missing` for an unknown name, `secret/origin` when it belongs elsewhere.
   */
  readonly expand: (text: string, frameOrigin: string) => string;
  /** Whether a text has a placeholder, known or not. */
  readonly mentions: (text: string) => boolean;
  /** Replaces every secret value, also as URL-encoded, form-encoded, JSON- or HTML-escaped text and base64, by `{{name}}`. */
  readonly redact: (text: string) => string;
}

const WHO = 'env browser';
const PLACEHOLDER = /\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/g;

/** Values shorter than this are too common to be replaced in running text, characters. Chosen: a PIN of 4 still is. */
const MIN_REDACT_CHARS = 4;

/**
 * Reads `NAME=ENV@ORIGIN`, e.g. `password=SHOP_PASSWORD@https://shop.example`.
 * @throws PumiceError `config/invalid`.
 */
export function parseSecret(text: string): { readonly name: string } & SecretSource {
  const parts = /^([A-Za-z_][\w.-]*)=([A-Za-z_]\w*)@(\S+)$/.exec(text.trim());
  const origin = parts?.[3] === undefined ? undefined : originOf(parts[3]);
  if (parts?.[1] === undefined || parts[2] === undefined || origin === undefined)
    // The text itself is not shown: people who misread the form put the value into it.
    throw new PumiceError('config/invalid', 'a secret must be NAME=ENV@ORIGIN', {
      who: WHO,
      hint: 'Write e.g. password=SHOP_PASSWORD@https://shop.example, where SHOP_PASSWORD is an environment variable',
    });
  return { name: parts[1], env: parts[2], origin };
}

/**
 * Takes the values out of the environment.
 * @throws PumiceError `secret/missing` when a variable is not set, `config/invalid` when an origin is none.
 */
export function readSecrets(
  sources: Readonly<Record<string, SecretSource>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Secrets {
  const known = new Map<string, { readonly value: string; readonly origin: string }>();
  for (const [name, source] of Object.entries(sources)) {
    const value = environment[source.env];
    const origin = originOf(source.origin);
    if (origin === undefined)
      throw new PumiceError('config/invalid', `origin of secret '${name}' is no http(s) origin: '${source.origin}'`, {
        who: WHO,
      });
    if (value === undefined || value === '')
      throw new PumiceError('secret/missing', `secret '${name}': environment variable ${source.env} is not set`, {
        who: WHO,
        hint: `Set ${source.env} and run again`,
      });
    known.set(name, { value, origin });
  }
  const forms = redactions(known);
  return {
    limits: Object.fromEntries([...known].map(([name, { origin }]) => [name, { origin }])),
    mentions: (text) => new RegExp(PLACEHOLDER).test(text),
    expand: (text, frameOrigin) =>
      text.replace(PLACEHOLDER, (_, name: string) => {
        const secret = known.get(name);
        if (!secret)
          throw new PumiceError(
            'secret/missing',
            `no secret '${name}' (known: ${[...known.keys()].join(', ') || 'none'})`,
            {
              who: WHO,
              hint: `Give --secret ${name}=ENV@ORIGIN`,
            },
          );
        if (originOf(frameOrigin) !== secret.origin)
          throw new PumiceError(
            'secret/origin',
            `secret '${name}' belongs to ${secret.origin}, the field to ${frameOrigin}`,
            { who: WHO },
          );
        return secret.value;
      }),
    redact: (text) => forms.reduce((clean, [form, name]) => clean.replaceAll(form, () => `{{${name}}}`), text),
  };
}

/** Every spelling of every value with its name, longest first, so that a value inside another does not break it up. */
function redactions(known: ReadonlyMap<string, { readonly value: string }>): (readonly [string, string])[] {
  const forms = new Map<string, string>();
  for (const [name, { value }] of known) {
    if (value.length < MIN_REDACT_CHARS) continue;
    for (const form of spellings(value)) if (!forms.has(form)) forms.set(form, name);
  }
  return [...forms].sort(([a], [b]) => b.length - a.length);
}

function spellings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const html = value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const urls = [encode(value), encode(value, encodeURI), form];
  const all = [
    value,
    json,
    ascii,
    ascii.toUpperCase().replace(/\\U/g, '\\u'),
    html,
    html.replace(/"/g, '&quot;').replace(/'/g, '&#39;'),
  ];
  all.push(...urls, ...urls.map((url) => url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())));
  all.push(
    Buffer.from(value, 'utf8').toString('base64'),
    Buffer.from(value, 'utf8').toString('base64url'),
    JSON.stringify(json).slice(1, -1),
  );
  return all.filter((one) => one.length >= MIN_REDACT_CHARS);
}

/** A value with half a surrogate pair has no URL-encoded form. */
function encode(value: string, by: (text: string) => string = encodeURIComponent): string {
  try {
    return by(value);
  } catch {
    return value;
  }
}
