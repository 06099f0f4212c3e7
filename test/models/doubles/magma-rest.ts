/**
 * Double of Magma's server. Source: microsoft/Magma `e373780`, `server/main.py`: numbers of the last ids but one whatever was said,
 * `detail` on failure, 500 for a picture that is none. The model is the test's: ids, and their text.
 */
import { magmaServerNumbers } from '../../../src/codecs/magma-server.ts';
import { type Double, serve } from './server.ts';

const failed = (status: number, detail: unknown) => ({ status, body: JSON.stringify({ detail }) });

export const magmaDouble = (
  says: { readonly ids: readonly number[]; readonly text: string } | 'loading' | 'silence',
): Promise<Double> =>
  serve((request, body) => {
    if (says === 'silence') return 'silence';
    if (request.url !== '/predict') return failed(404, 'Not Found');
    if (says === 'loading') return failed(503, 'Model not loaded yet');
    const { image, prompt } = JSON.parse(`${body}`);
    if (typeof image !== 'string' || typeof prompt !== 'string') return failed(422, [{ type: 'missing' }]);
    const bytes = Buffer.from(image, 'base64');
    if (bytes.readUInt16BE(0) !== 0xffd8) return failed(500, 'Error processing request: cannot identify image file');
    const { normalized, deltas } = magmaServerNumbers(says.ids);
    const answer = { text_response: says.text, normalized_actions: normalized, delta_values: deltas };
    return { status: 200, body: JSON.stringify(answer) };
  });
