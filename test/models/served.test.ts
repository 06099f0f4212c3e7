/** Which models a server says that it has. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openaiChat } from '../../src/models/openai-chat.ts';
import { requireServed, servedModels } from '../../src/models/served.ts';
import { deadUrl } from './fake-model-server.ts';

const { signal } = new AbortController();

async function listOf(answer: RequestListener, environment: Record<string, string> = {}) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const modelUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    return await servedModels(openaiChat({ modelUrl, model: 'm' }, environment), signal, environment);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test('the list of a server has its models, and their context where it is told; the key is sent', async () => {
  let [path, key]: (string | undefined)[] = [];
  const served = await listOf(
    ({ url, headers }, response) => {
      [path, key] = [url, headers.authorization];
      response.end(
        JSON.stringify({
          object: 'list',
          data: [
            { id: 'a', max_model_len: 16_384 },
            { id: 'b', owner: 'x' },
          ],
        }),
      );
    },
    { OPENAI_API_KEY: 'secret' },
  );
  expect([path, key]).toEqual(['/v1/models', 'Bearer secret']);
  expect(served).toEqual([{ id: 'a', contextTokens: 16_384 }, { id: 'b' }]);
});

test('a server without such a list, or with another kind of list, tells nothing', async () => {
  expect(await listOf((_, response) => response.writeHead(404).end('{"data":[]}'))).toBeUndefined();
  expect(await listOf((_, response) => response.end('<html>'))).toBeUndefined();
  expect(await listOf((_, response) => response.end('["a"]'))).toBeUndefined();
  expect(await servedModels(openaiChat({ modelUrl: await deadUrl(), model: 'm' }, {}), signal)).toBeUndefined();
});

test('an abort is an abort', async () => {
  const aborted = AbortSignal.abort(new Error('enough'));
  const asked = servedModels(openaiChat({ modelUrl: await deadUrl(), model: 'm' }, {}), aborted);
  await expect(asked).rejects.toThrow('enough');
});

test('a model that the server has not is refused with those that it has', () => {
  expect(requireServed('b', [{ id: 'a' }, { id: 'b', contextTokens: 9 }])).toEqual({ id: 'b', contextTokens: 9 });
  expect(() => requireServed('c', [{ id: 'a' }])).toThrow(/expected model 'c', the server has 'a'/);
  expect(() => requireServed('c', [])).toThrow(/the server has none/);
});
