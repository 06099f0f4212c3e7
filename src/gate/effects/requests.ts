/**
 * What a request does, by its method, its address and the outermost part of its body: reads, writes, or does what cannot be taken back.
 * Pure. A server may do anything at any address; what is known here is how such addresses are written.
 */

import { parseAddress } from '../../address.ts';
import { deedIn, type FoundDeed, wordsIn } from './deeds.ts';

export type EffectClass = 'read' | 'write' | 'irreversible';

/** A class, and why: for a person, who is asked by it. */
export interface Effect {
  readonly class: EffectClass;
  readonly why: string;
}

export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: string;
}

/** Methods that ask and change nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);
/** A part of a path that is longer speaks about a deed rather than doing it: `how-to-delete-a-file`. */
const MAX_DEED_WORDS = 3;
/** Names of fields that say what is to be done. */
const COMMANDS = new Set([
  'action',
  'act',
  'op',
  'operation',
  'operationname',
  'cmd',
  'command',
  'do',
  'mode',
  'task',
  'method',
  '_method',
]);
const STATIC_FILE = /\.(?:js|mjs|css|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|mp4|webm|mp3|pdf|wasm)$/i;
/** Last words of addresses that are written to in order to read, or to tell how a page is used. */
const READING =
  /^(?:search|query|find|list|lookup|suggest|suggestions|autocomplete|typeahead|filter|count|preview|validate|check|log|logs|collect|track|telemetry|analytics|event|events|metrics|beacon|rum|heartbeat|ping)$/;
/** What is made where these are posted to cannot be unmade. */
const BINDING =
  /^(?:order|payment|pay|charge|checkout|purchase|transfer|transaction|payout|withdrawal|donation|booking|reservation|subscription|message|e?mail|invitation|invite|post|tweet|publication)s?$/i;
/** A question in GraphQL; a change begins with `mutation`. */
const GRAPHQL_QUERY = /^\s*(?:#[^\n]*\n\s*)*(?:query\b|\{|fragment\b)/;

/** The deed that an address names as a step of its own: `/account/delete`, `/logout`, `?action=remove`. */
export function deedOfAddress(address: string): FoundDeed | undefined {
  const url = parseAddress(address);
  if (!url) return undefined;
  const { pathname, searchParams } = url;
  if (STATIC_FILE.test(pathname)) return undefined;
  const steps = pathname
    .split('/')
    .map(decoded)
    .map((step) => step.replace(/\.\w{2,5}$/, ''));
  const commands = [...searchParams].flatMap(([name, value]) =>
    isCommand(name) ? [value] : value === '' || /^(?:1|true|yes)$/i.test(value) ? [name] : [],
  );
  return [...steps, ...commands].map(deedOfStep).find((deed) => deed !== undefined);
}

function deedOfStep(step: string): FoundDeed | undefined {
  const words = step.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return wordsIn(words).length <= MAX_DEED_WORDS ? deedIn(words, false) : undefined;
}

const isCommand = (name: string): boolean => COMMANDS.has(name.toLowerCase());

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a request does. */
export function effectOfRequest({ method, url, body }: SentRequest): Effect {
  const verb = method.toUpperCase();
  const deed = deedOfAddress(url) ?? (SAFE.has(verb) ? undefined : deedOfBody(body));
  if (deed) return { class: 'irreversible', why: `${verb} ${shown(url)} says '${deed.said}'` };
  if (SAFE.has(verb)) return { class: 'read', why: `${verb} changes nothing` };
  if (verb === 'DELETE') return { class: 'irreversible', why: `DELETE ${shown(url)} deletes` };
  if (verb === 'POST' && (READING.test(lastStepOf(url).toLowerCase()) || isQuestion(body)))
    return { class: 'read', why: `POST ${shown(url)} asks` };
  const last = lastStepOf(url);
  if (verb === 'POST' && BINDING.test(last))
    return { class: 'irreversible', why: `POST ${shown(url)} makes one of '${last}'` };
  return { class: 'write', why: `${verb} ${shown(url)} writes` };
}

/** Last word of an address: numbers and versions behind it say which, not what. */
const lastStepOf = (url: string): string =>
  (parseAddress(url)?.pathname ?? '').split('/').findLast((step) => /^\D/.test(step)) ?? '';

/** The named values of a body, where it is JSON or a form; of a list those of each entry. */
function fieldsOf(body = ''): readonly (readonly [string, string])[] {
  try {
    const read: unknown = JSON.parse(body);
    const parts: unknown[] = Array.isArray(read) ? read : [read];
    return parts.flatMap((part) => Object.entries(part ?? {}).map(([name, value]) => [name, String(value)] as const));
  } catch {
    return /^[\w.%+~[\]-]+=/.test(body) ? [...new URLSearchParams(body)] : [];
  }
}

function deedOfBody(body: string | undefined): FoundDeed | undefined {
  const fields = fieldsOf(body);
  const commands = fields.filter(([name]) => isCommand(name)).map(([, value]) => value);
  const changes = fields.flatMap(([name, value]) =>
    name === 'query' ? (/^\s*mutation\s+(\w+)/.exec(value)?.[1] ?? []) : [],
  );
  return [...commands, ...changes].map(deedOfStep).find((deed) => deed !== undefined);
}

/** GraphQL that asks alone; every part of a batch has to. */
function isQuestion(body: string | undefined): boolean {
  const queries = fieldsOf(body).filter(([name]) => name === 'query');
  return (
    queries.length > 0 &&
    queries.every(([, text]) => GRAPHQL_QUERY.test(text) && !/\b(?:mutation|subscription)\b/.test(text))
  );
}

/** An address without what is asked of it: short, and free of data. */
const shown = (url: string): string => url.replace(/[?#].*/s, '').slice(0, 200);
