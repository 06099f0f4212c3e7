/** One question over HTTP and its whole answer, for servers with a wire of their own: time and size are bounded, errors say what to do. */

import { parseAddress } from '../address.ts';
import { PumiceError } from '../errors.ts';
import { type Fetch, type Patience, patienceOf, watchDeadline, watchSilence, wholeText } from './exchange.ts';
import { cutOff, type Environment, type ModelAddress, refused, unreachable } from './server-errors.ts';
import { fetchOf } from './traffic.ts';

export interface WireOptions extends Patience {
  /** Address of the server, with or without its path. */
  readonly url: string;
  /** In place of the platform's: `recordTraffic`, `replayTraffic`. */
  readonly fetch?: Fetch | undefined;
}

/** @throws PumiceError `config/invalid` for what is no http(s) address. */
export function wireAddress(url: string, path: string, model: string, who: string): ModelAddress {
  const parsed = parseAddress(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '')
    throw new PumiceError(
      'config/invalid',
      `expected an http(s) address of the server without a password, got ${parsed ? 'another one' : `'${url}'`}`,
      {
        who,
        hint: 'Give --model-url http://HOST:PORT',
      },
    );
  const base = parsed.pathname.replace(/\/+$/, '');
  const endpoint = `${parsed.origin}${base.endsWith(path) ? base : `${base}${path}`}`;
  return { endpoint, model, keyName: '', hasKey: false };
}

/**
 * The text of the answer.
 *
 * @throws PumiceError `model/unreachable`, `model/timeout`, `model/http`, `model/cut`; the signal's reason when it is aborted.
 */
export async function wireCall(
  address: ModelAddress,
  init: { readonly body: string | FormData; readonly headers?: Readonly<Record<string, string>> },
  signal: AbortSignal,
  options: WireOptions,
  environment: Environment = process.env,
): Promise<string> {
  const limits = patienceOf(options);
  const deadline = watchDeadline(address, limits.deadlineMs, signal);
  const guard = watchSilence(address, limits, deadline.signal);
  const exchange = options.fetch ?? fetchOf(environment);
  let heard = '';
  try {
    let response: Response;
    try {
      response = await exchange(address.endpoint, {
        method: 'POST',
        ...init,
        redirect: 'manual',
        signal: guard.signal,
      });
    } catch (error) {
      guard.signal.throwIfAborted();
      throw unreachable(address, error, environment);
    }
    try {
      heard = await wholeText(response, guard.heard);
    } catch (error) {
      guard.signal.throwIfAborted();
      throw PumiceError.is(error) ? error : cutOff(address, heard, error);
    }
    if (!response.ok) throw refused(address, response.status, heard);
    return heard;
  } finally {
    guard.stop();
    deadline.stop();
  }
}

/** @throws PumiceError `model/http` for what is no JSON. */
export function jsonOf(text: string, { endpoint }: ModelAddress, who: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PumiceError('model/http', `expected JSON of ${endpoint}, got '${text.slice(0, 80)}'`, {
      who,
      hint: 'Check that --model-url is the address of that kind of server',
      cause,
    });
  }
}
