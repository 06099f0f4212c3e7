/** Which models a server says that it has. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openaiChat } from '../../src/models/openai-chat.ts';
import { notServed, servedModels } from '../../src/models/served.ts';
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
  expect(await servedModels(openaiChat({ modelUrl: deadUrl, model: 'm' }, {}), signal)).toBeUndefined();
});

test('an abort is an abort', async () => {
  const aborted = AbortSignal.abort(new Error('enough'));
  const asked = servedModels(openaiChat({ modelUrl: deadUrl, model: 'm' }, {}), aborted);
  await expect(asked).rejects.toThrow('enough');
});

test('a model that the server does not list is named with those that it does', () => {
  expect(notServed('c', [{ id: 'a' }])).toBe("the server does not list model 'c', but 'a'");
  expect(notServed('c', [])).toMatch(/but none$/);
  expect(
    notServed(
      'c',
      Array.from({ length: 10 }, (_, at) => ({ id: `${at}` })),
    ),
  ).toMatch(/'7' and 2 more$/);
});
