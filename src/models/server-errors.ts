/**
 * Turns what can go wrong on the way to a model server into errors that say what came and what to do. Pure but for reading the
 * proxy variables that it is handed. Never sees the key: texts are cleaned of it before they come here.
 */
import { PumiceError } from '../errors.ts';
import { brief } from './brief.ts';

/** Where a model is asked; all that an error may say of it. */
export interface ModelAddress {
  /** The full address of the call, without credentials. */
  readonly endpoint: string;
  readonly model: string;
  /** Variable of the environment that holds the key, and whether it held one. */
  readonly keyName: string;
  readonly hasKey: boolean;
}
export type Environment = Readonly<Record<string, string | undefined>>;

const who = 'model server';
/** What to do about a connection that did not come about, by the code that the system gave. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'Nothing listens there: start the model server, or correct --model-url'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'There is no such host: correct --model-url'],
  [/^(EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'Check the network and --model-url'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'Its certificate is out of date: renew it, or set the clock of this machine'],
  [/ALTNAME_INVALID/, 'Its certificate is for another name: use that name in --model-url'],
  [/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/, 'Name the authority of its certificate in NODE_EXTRA_CA_CERTS'],
  [/^(EPROTO|ERR_SSL_|HPE_)/, 'Check whether --model-url must begin with http:// or https://'],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/,
    'It hung up: look into its log, and whether --model-url must begin with https://',
  ],
];
const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** Code and message of a failed `fetch`, whose own message says nothing. */
export function causeOf(error: unknown): { readonly code: string; readonly message: string } {
  const cause = (error instanceof Error && error.cause) || error;
  const { code = '', message = '' } = (cause ?? {}) as { code?: unknown; message?: unknown };
  return { code: `${code}`, message: brief(`${message || code || cause}`) };
}

/** No answer began. Node's own `fetch` does not look at proxy variables, so one that is set is named. */
export function unreachable({ endpoint }: ModelAddress, error: unknown, environment: Environment): PumiceError {
  const { code, message } = causeOf(error);
  const advice = ADVICE.find(([pattern]) => pattern.test(code))?.[1] ?? 'Check the model server and --model-url';
  const proxy = environment.NODE_USE_ENV_PROXY === '1' ? undefined : PROXIES.find((name) => environment[name]);
  const proxyAdvice = `. ${proxy} is set but not used for model servers; Node 24 and later use it with NODE_USE_ENV_PROXY=1`;
  return new PumiceError('model/unreachable', `expected an answer of ${endpoint}, could not reach it: ${message}`, {
    who,
    hint: advice + (proxy ? proxyAdvice : ''),
    cause: error,
    retryable: true,
  });
}

/** Statuses after which the same call may succeed. */
const BUSY = [408, 409, 425, 429, 500, 502, 503, 504, 529];

/** The server answered with a status other than success. `said` is what its body says. */
export function refused(address: ModelAddress, status: number, said: string, waitMs?: number): PumiceError {
  const { endpoint, model } = address;
  const text = `${endpoint} answered ${status}${said ? `: ${brief(said)}` : ''}`;
  const advice = adviceOn(status, address, said);
  const hint = advice && waitMs ? `${advice}. It asks to be left alone for ${Math.ceil(waitMs / 1000)} s` : advice;
  return new PumiceError('model/http', `expected an answer of model '${model}', ${text}`, {
    who,
    ...(hint && { hint }),
    retryable: BUSY.includes(status),
  });
}

function adviceOn(
  status: number,
  { endpoint, keyName, hasKey, model }: ModelAddress,
  said: string,
): string | undefined {
  if (status === 401 || status === 403)
    return hasKey
      ? `Check the key in ${keyName}`
      : `No key was sent, since ${keyName} is not set: set it, or name another variable with --api-key-env`;
  const models = `GET ${endpoint.replace('/chat/completions', '/models')} lists them`;
  if (status === 404 && model && said.includes(model))
    return `The server does not have this model (${models}): correct --model`;
  if (status === 404 || status === 405)
    return `Check whether --model-url ends in /v1, and --model names a model that it has (${models})`;
  if (status === 413) return 'The picture is too large for the server: use a smaller window';
  if (status >= 300 && status < 400) return 'Redirects are not followed: give the final address as --model-url';
  if (status === 400 || status === 422) return 'Check --model, that it takes pictures, and maxTokens of the policy';
  // So does `transformers serve` with a model that it has not.
  if (status === 500) return `The server is failing: look into its log, and whether it has this model (${models})`;
  if (BUSY.includes(status)) return 'The server is busy or failing: try again later, or look into its log';
  return undefined;
}

/** The stream ended before the model had. */
export const cutOff = ({ endpoint }: ModelAddress, heard: string, cause?: unknown): PumiceError =>
  new PumiceError(
    'model/cut',
    `expected the whole answer of ${endpoint}, the connection ended after ${heard.length} characters`,
    { who, hint: "Look into the model server's log", cause, retryable: true },
  );

const late = (message: string): PumiceError =>
  new PumiceError('model/timeout', message, {
    who,
    hint: 'Look whether the model server is overloaded or stuck',
    retryable: true,
  });

/** Nothing of an answer for a while. */
export const silent = ({ endpoint }: ModelAddress, limitMs: number): PumiceError =>
  late(`expected ${endpoint} to go on answering, heard nothing for ${limitMs} ms`);

/** All the time there was is over, though the server may be answering still. */
export const overdue = ({ endpoint }: ModelAddress, limitMs: number): PumiceError =>
  late(`expected the whole answer of ${endpoint} within ${limitMs} ms`);
