/**
 * A client of CogVLM2-Video's own server: a clip and a question in, a text out. No streaming, no history, no sampling but a temperature.
 * Wire: THUDM/CogVLM2 6700ae7, video_demo/api_demo.py (POST /video_qa, multipart).
 */
import { PumiceError } from '../errors.ts';
import { jsonOf, type WireOptions, wireAddress, wireCall } from './http-call.ts';

const WHO = 'cogvlm2-video server';

export interface VideoQa {
  /**
   * @param mp4 - the clip; the model looks once a second and knows the numbers of its frames, so send 24 s at 1 fps at most.
   * @throws PumiceError `model/*`, `decode/empty`; the signal's reason when it is aborted.
   */
  readonly ask: (mp4: Uint8Array, question: string, signal: AbortSignal, temperature?: number) => Promise<string>;
}

export function videoQa(options: WireOptions): VideoQa {
  const address = wireAddress(options.url, '/video_qa', 'cogvlm2-video', WHO);
  return {
    ask: async (mp4, question, signal, temperature) => {
      // An empty question is one for a caption there.
      if (question.trim() === '')
        throw new PumiceError('config/invalid', 'expected a question, got none', { who: WHO, hint: 'Ask something' });
      const form = new FormData();
      form.set('video', new Blob([Uint8Array.from(mp4)], { type: 'video/mp4' }), 'clip.mp4');
      form.set('question', question);
      if (temperature !== undefined) form.set('temperature', String(temperature));
      const said = jsonOf(await wireCall(address, { body: form }, signal, options), address, WHO);
      const answer = typeof said === 'object' && said !== null && 'answer' in said ? said.answer : undefined;
      if (typeof answer !== 'string')
        throw new PumiceError('model/http', `expected "answer" of ${address.endpoint}, got none`, {
          who: WHO,
          hint: 'Check that video_demo/api_demo.py listens there',
        });
      if (answer.trim() === '')
        throw new PumiceError('decode/empty', 'the answer is empty', { who: WHO, hint: 'Ask otherwise' });
      return answer;
    },
  };
}
