/**
 * A client of Magma's own server. It answers with seven numbers whatever the model said, so the text has to be seven action tokens before
 * any number counts; `delta_values` are scaled by fixed ranges that are those of no data set, and are never used.
 * Wire: microsoft/Magma e373780, server/main.py.
 */
import { PumiceError } from '../errors.ts';
import { jsonOf, type WireOptions, wireAddress, wireCall } from './http-call.ts';
import { magmaPredictBody } from './own-wire.ts';

const WHO = 'magma server';

export interface MagmaRest {
  /**
   * @param image - an encoded picture, PNG or JPEG.
   * @returns what the model said: words, or an action as text (`readActionText` reads it, and refuses words).
   * @throws PumiceError `model/*`; the signal's reason when it is aborted.
   */
  readonly predict: (image: Uint8Array, prompt: string, signal: AbortSignal) => Promise<string>;
}

export function magmaRest(options: WireOptions): MagmaRest {
  const address = wireAddress(options.url, '/predict', 'magma', WHO);
  return {
    predict: async (image, prompt, signal) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(magmaPredictBody(prompt, { data: image, format: 'png' }));
      const said = jsonOf(await wireCall(address, { body, headers }, signal, options), address, WHO);
      const text =
        typeof said === 'object' && said !== null && 'text_response' in said ? said.text_response : undefined;
      if (typeof text === 'string') return text;
      throw new PumiceError('model/http', `expected "text_response" of ${address.endpoint}, got none`, {
        who: WHO,
        hint: 'Check that the server of the Magma repository listens there',
      });
    },
  };
}
