/** Policies of chat models try their model out before a run begins: in the command and in `prepare`. */
import { firstValueFrom, from } from 'rxjs';
import { expect, test } from 'vitest';
import { cosmosReason } from '../../policies/cosmos-reason.ts';
import { magma } from '../../policies/magma.ts';
import { qvq } from '../../policies/qvq.ts';
import type { Context, Policy } from '../../src/ports.ts';
import { pumice } from '../cli/pumice.ts';
import { deadUrl, fakeModelServer, says } from '../models/fake-model-server.ts';

async function prepare(policy: Policy) {
  const told: string[] = [];
  const report: Context['report'] = (event) => {
    if (event.kind === 'progress') told.push(event.text);
  };
  await firstValueFrom(from(policy.prepare!({ signal: new AbortController().signal, nowMs: () => 0, report })), {
    defaultValue: undefined,
  });
  return told;
}

test.each([
  ['magma', (url: string) => magma({ url, model: 'm' })],
  ['magma with an arm', (url: string) => magma({ url, model: 'm', body: 'arm', stats: 'bridge_orig' })],
  ['cosmos-reason', (url: string) => cosmosReason({ url, model: 'm' })],
  ['qvq', (url: string) => qvq({ url, model: 'm' })],
])('%s refuses to start on a server that is dead, or a model that talks nonsense', async (_, make) => {
  await expect(prepare(make(deadUrl))).rejects.toMatchObject({
    code: 'model/unfit',
    message: expect.stringContaining('(server)'),
  });
  await using server = await fakeModelServer(says('the the the the the the the the the the the the'));
  await expect(prepare(make(server.url))).rejects.toMatchObject({
    code: 'model/unfit',
    message: expect.stringContaining('(garbled)'),
  });
});

test('a run whose model is not what its profile says does not begin, unless the self-test is left out', async () => {
  await using server = await fakeModelServer(says('Hello!'));
  const args = ['run', 'ui-navigator', 'click it', '--url', 'http://127.0.0.1:9/', '--policy', 'qvq', '--no-record'];
  const model = ['--model', 'some-model', '--model-url', server.url];
  const { code, error } = await pumice([...args, ...model]);
  expect([code, error]).toEqual([expect.any(Number), expect.stringMatching(/self-test failed \(constant\)/)]);
  expect(code).not.toBe(0);
  const asked = server.asked.length;
  const { error: other } = await pumice([...args, ...model, '--no-self-test']);
  expect(other).not.toMatch(/self-test/);
  expect(server.asked.length).toBe(asked);
});
