/**
 * A client of OpenVLA's own server (openvla/openvla `c8f03f4`, `vla-scripts/deploy.py`): POST /act with a picture and an instruction in
 * json-numpy, seven numbers back, un-normalised by the server. Every failure there answers HTTP 200 with the text "error", so 200 means
 * nothing here; and where it says no more, its own log does.
 */
import { PumiceError } from '../errors.ts';
import { messageIn } from './chat-answer.ts';
import { type Fetch, type Patience, patienceOf, watchDeadline, watchSilence, wholeText } from './exchange.ts';
import { numbersOf, numpyBytes } from './json-numpy.ts';
import { type ModelAddress, refused, unreachable } from './server-errors.ts';

export interface OpenvlaOptions extends Patience {
  /** Address of the server, `http://gpu:8000`. */
  readonly url: string;
  /** Which training set's ranges the server un-normalises by; it has to be named where there is more than one. */
  readonly unnormKey?: string | undefined;
  readonly fetch?: Fetch;
}
export interface OpenvlaQuestion {
  /** `H x W x 3`, row-major RGB. */
  readonly picture: { readonly data: Uint8Array; readonly widthPx: number; readonly heightPx: number };
  readonly instruction: string;
  readonly signal: AbortSignal;
}

const who = 'model server openvla';
const ACTION_NUMBERS = 7;

/** @throws PumiceError `config/invalid` for an address that is none. */
export function openvlaAct({ url, unnormKey, fetch: exchange = fetch, ...patience }: OpenvlaOptions) {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new PumiceError('config/invalid', `expected an http(s) address, got '${url}'`, {
      who,
      hint: 'Give --url http://HOST:8000',
    });
  const endpoint = `${url.replace(/\/+(act\/*)?$/, '')}/act`;
  const address: ModelAddress = { endpoint, model: 'openvla', keyName: 'none', hasKey: false };
  const limits = patienceOf(patience);
  return {
    /** @returns seven numbers: x y z (m), roll pitch yaw (rad), gripper. @throws PumiceError `model/*`, `decode/*`. */
    act: async ({ picture, instruction, signal }: OpenvlaQuestion): Promise<number[]> => {
      const { data, widthPx, heightPx } = picture;
      const image = numpyBytes(data, [heightPx, widthPx, 3]);
      const body = JSON.stringify({ image, instruction, ...(unnormKey !== undefined && { unnorm_key: unnormKey }) });
      const deadline = watchDeadline(address, limits.deadlineMs, signal);
      const silence = watchSilence(address, limits, deadline.signal);
      try {
        const response = await exchange(endpoint, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          redirect: 'manual',
          signal: silence.signal,
        }).catch((error: unknown) => {
          silence.signal.throwIfAborted();
          throw unreachable(address, error, process.env);
        });
        const text = await wholeText(response, silence.heard).catch((error: unknown) => {
          silence.signal.throwIfAborted();
          throw error;
        });
        if (!response.ok) throw refused(address, response.status, messageIn(text));
        return actionIn(text);
      } finally {
        silence.stop();
        deadline.stop();
      }
    },
  };
}

function actionIn(text: string): number[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
    // It may answer a text that holds the JSON.
    if (typeof json === 'string' && json !== 'error') json = JSON.parse(json);
  } catch {
    throw new PumiceError('decode/not-json', `expected an action, got '${text.slice(0, 100)}'`, { who });
  }
  if (json === 'error')
    throw new PumiceError('model/http', 'answered "error", with HTTP 200 as it does', {
      who,
      hint: 'Look into its log; often --unnorm-key is missing or is none of the model',
    });
  const numbers = numbersOf(json);
  if (numbers?.length !== ACTION_NUMBERS || !numbers.every(Number.isFinite))
    throw new PumiceError('decode/schema', `expected ${ACTION_NUMBERS} finite numbers, got '${text.slice(0, 100)}'`, {
      who,
      hint: 'Check that the address is of an OpenVLA server (/act)',
    });
  return numbers;
}
