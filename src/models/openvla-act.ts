/**
 * A client of OpenVLA's own server: one picture and one sentence in, one action out, un-normalised there. It answers every failure with
 * status 200 and the text "error", so that a status says nothing. Wire: openvla/openvla c8f03f4, vla-scripts/deploy.py.
 */
import { PumiceError } from '../errors.ts';
import type { RawImage } from '../vision/index.ts';
import { type WireOptions, wireAddress, wireCall } from './http-call.ts';
import { arrayIn } from './json-numpy.ts';
import { openvlaActBody } from './own-wire.ts';

const WHO = 'openvla server';
/** x y z roll pitch yaw gripper. */
const NUMBERS = 7;

export interface OpenvlaQuestion {
  /** `[heightPx * widthPx * 3]` rgb. */
  readonly rgb: RawImage['data'];
  readonly widthPx: number;
  readonly heightPx: number;
  readonly instruction: string;
  /** Whose statistics un-normalise the answer; a server of several data sets needs it. */
  readonly unnormKey?: string | undefined;
}

export interface OpenvlaServer {
  /**
   * @returns `[7]`: translation in m, rpy in rad, opening; frame and sense of the gripper are those of the data set.
   * @throws PumiceError `model/*`; the signal's reason when it is aborted.
   */
  readonly act: (question: OpenvlaQuestion, signal: AbortSignal) => Promise<readonly number[]>;
}

export function openvlaServer(options: WireOptions): OpenvlaServer {
  const address = wireAddress(options.url, '/act', 'openvla', WHO);
  const strange = (message: string, hint: string) => new PumiceError('model/http', message, { who: WHO, hint });
  return {
    act: async ({ rgb, widthPx, heightPx, instruction, unnormKey }, signal) => {
      // The server would answer no more than "error".
      if (rgb.length !== widthPx * heightPx * 3)
        throw new PumiceError('vision/invalid', `expected ${widthPx}x${heightPx}x3 bytes, got ${rgb.length}`, {
          who: WHO,
          hint: 'Send RGB pixels without padding',
        });
      const body = JSON.stringify(openvlaActBody(instruction, { data: rgb, widthPx, heightPx }, unnormKey));
      const headers = { 'content-type': 'application/json' };
      const text = await wireCall(address, { body, headers }, signal, options);
      const said = heardIn(text);
      if (said === 'error')
        throw strange(
          `expected an action, ${address.endpoint} answered "error", with HTTP 200`,
          'Its log says why; often it is the name of the statistics: correct --unnorm-key',
        );
      if (said === undefined)
        throw strange(
          `expected an action, got '${text.slice(0, 80)}'`,
          'Check that an OpenVLA server (deploy.py) listens there',
        );
      const array = arrayIn(said);
      if (array?.values.length !== NUMBERS || !array.values.every(Number.isFinite))
        throw strange(
          `expected ${NUMBERS} finite numbers, got ${text.slice(0, 80)}`,
          'Check that an OpenVLA server (deploy.py) of one action a look listens there',
        );
      return array.values;
    },
  };
}

/** JSON, or a text that holds JSON, as it answers to questions of the form `encoded`; nothing for what is neither. */
function heardIn(text: string): unknown {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'string' && said !== 'error' ? JSON.parse(said) : said;
  } catch {
    return undefined;
  }
}
