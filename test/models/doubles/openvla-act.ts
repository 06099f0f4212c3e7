/**
 * Double of OpenVLA's server. Source: openvla/openvla `c8f03f4`, `vla-scripts/deploy.py`: any failure is status 200 and "error",
 * a missing or wrong unnorm_key among several statistics too; an array is PyPI json-numpy's object.
 */
import { type Double, serve } from './server.ts';

export const openVlaDouble = (action: readonly number[], keys: readonly string[]): Promise<Double> =>
  serve((request, body) => {
    if (request.url !== '/act') return { status: 404, body: '{"detail":"Not Found"}' };
    try {
      const { image, instruction, unnorm_key: key } = JSON.parse(`${body}`);
      const [height, width, channels] = image.shape;
      const isPicture =
        image.dtype === '|u1' && Buffer.from(image.__numpy__, 'base64').length === height * width * channels;
      if (!isPicture || !instruction.toLowerCase() || !(key ? keys.includes(key) : keys.length === 1))
        throw new Error();
      const data = Buffer.from(new Float64Array(action).buffer).toString('base64');
      return { status: 200, body: JSON.stringify({ __numpy__: data, dtype: '<f8', shape: [action.length] }) };
    } catch {
      return { status: 200, body: '"error"' };
    }
  });
