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
  /**
   * Replaces every secret value by `{{name}}`: as it is, URL- or form-encoded, escaped for JSON or HTML, and in base64 by itself.
   * Not found: a value in another case, cut in pieces, or encoded together with other text.
   */
  readonly redact: (text: string) => string;
}

const WHO = 'env browser';
const PLACEHOLDER = /\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/g;

/** Values shorter than this are refused: replacing every "12" would leave no readable text, characters. Chosen: a card's check digits are 3. */
const MIN_CHARS = 3;

/**
 * Reads `NAME=ENV@ORIGIN`, e.g. `password=SHOP_PASSWORD@https://shop.example`.
 * @throws PumiceError `config/invalid`, never with the text itself: people who misread the form put the value into it.
 */
export function parseSecret(text: string): { readonly name: string } & SecretSource {
  const [, name = '', env = '', address = ''] = /^([^=]*)=([^@]*)@(.*)$/s.exec(text.trim()) ?? [];
  const origin = originOf(address);
  const wrong =
    name === '' && env === ''
      ? 'a secret must be NAME=ENV@ORIGIN'
      : !/^[A-Za-z_][\w.-]*$/.test(name)
        ? 'the NAME of a secret must be letters, digits, _ . or -, and begin with a letter'
        : !/^[A-Za-z_]\w*$/.test(env)
          ? 'the ENV of a secret must be the name of an environment variable'
          : origin === undefined
            ? 'the ORIGIN of a secret must be an http or https origin'
            : undefined;
  if (wrong !== undefined || origin === undefined)
    throw new PumiceError('config/invalid', `${wrong}`, {
      who: WHO,
      hint: 'Write e.g. password=SHOP_PASSWORD@https://shop.example, where SHOP_PASSWORD is an environment variable',
    });
  return { name, env, origin };
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
    const fail = (code: 'config/invalid' | 'secret/missing', what: string, hint: string): never => {
      throw new PumiceError(code, `secret '${name}': ${what}`, { who: WHO, hint });
    };
    if (origin === undefined)
      return fail('config/invalid', 'its origin is no http or https origin', 'Write e.g. https://shop.example');
    if (value === undefined || value === '')
      return fail('secret/missing', `environment variable ${source.env} is not set`, `Set ${source.env} and run again`);
    if (value.length < MIN_CHARS)
      return fail(
        'config/invalid',
        `fewer than ${MIN_CHARS} characters cannot be masked`,
        'Type so short a value openly',
      );
    known.set(name, { value, origin });
  }
  const forms = redactions(known);
  const anyForm = new RegExp([...forms.keys()].map(escapeRegExp).join('|') || NEVER, 'g');
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
    redact: (text) => text.replace(anyForm, (form) => `{{${forms.get(form)}}}`),
  };
}

/** Matches nothing. */
const NEVER = '(?!)';

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Every spelling of every value with its name, longest first, so that a value inside another does not break it up. */
function redactions(known: ReadonlyMap<string, { readonly value: string }>): ReadonlyMap<string, string> {
  const forms = new Map<string, string>();
  for (const [name, { value }] of known)
    for (const form of spellings(value)) if (!forms.has(form)) forms.set(form, name);
  return new Map([...forms].sort(([a], [b]) => b.length - a.length));
}

function spellings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const html = value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const urls = [
    encode(value, encodeURIComponent),
    encode(value, encodeURI),
    new URLSearchParams({ v: value }).toString().slice(2),
  ];
  const bytes = Buffer.from(value, 'utf8');
  return [
    value,
    ...[json, ascii, ascii.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`)],
    ...[JSON.stringify(json).slice(1, -1), html, html.replace(/"/g, '&quot;').replace(/'/g, '&#39;')],
    ...[...urls, ...urls.map((url) => url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))],
    ...[bytes.toString('base64'), bytes.toString('base64url')],
  ];
}

/** A value with half a surrogate pair has no URL-encoded form. */
function encode(value: string, by: (text: string) => string): string {
  try {
    return by(value);
  } catch {
    return value;
  }
}
