/**
 * OpenVLA through its own wire: a server as `vla-scripts/deploy.py` (openvla/openvla `c8f03f4`) answers, json-numpy both ways, failures
 * as HTTP 200 with "error". What it answers is what the arm does.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Action } from 'pumice';
import type { SimEnv } from 'pumice/envs/sim';
import { openvla } from 'pumice/policies/openvla';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt, openScene } from '../roles/scene.ts';

interface Asked {
  readonly image: { readonly __numpy__: string; readonly dtype: string; readonly shape: readonly number[] };
  readonly instruction: string;
  readonly unnorm_key?: string;
}

async function deploy(answer: (asked: Asked) => string) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const question = JSON.parse(text) as Asked;
    asked.push(question);
    response.setHeader('content-type', 'application/json').end(answer(question));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, [Symbol.asyncDispose]: close };
}

/** As `json_numpy` writes `numpy.array(action)`. */
const numpy = (numbers: readonly number[]) =>
  JSON.stringify({
    __numpy__: Buffer.from(Float64Array.from(numbers).buffer).toString('base64'),
    dtype: '<f8',
    shape: [numbers.length],
  });
const sevenOf = (action: Action | undefined): number[] =>
  action?.kind === 'eef-delta' ? [...action.dPosM, ...action.dRpyRad, action.gripperOpen] : Array(7).fill(0);

let env: SimEnv;
beforeAll(async () => {
  env = await openScene();
});
afterAll(() => env.close());
const pick = (url: string) => attempt(env, openvla({ url, unnormKey: 'bridge_orig' }), 'pick up the red block', 40);

test("the expert's motions through the wire do the task", async () => {
  await using server = await deploy(() => numpy(sevenOf(env.oracle!.expertAction())));
  expect((await pick(server.url)).outcome).toBe('success');
  const { image, instruction, unnorm_key: key } = server.asked[0]!;
  expect({ instruction, key, dtype: image.dtype, shape: image.shape }).toEqual({
    instruction: 'pick up the red block',
    key: 'bridge_orig',
    dtype: '|u1',
    shape: [224, 224, 3],
  });
  expect(Buffer.from(image.__numpy__, 'base64').length).toBe(224 * 224 * 3);
}, 30_000);

test('other motions are another end', async () => {
  await using server = await deploy(() => numpy([0, 0, 0.001, 0, 0, 0, 1]));
  expect((await pick(server.url)).outcome).toBe('truncated');
}, 30_000);

test.each([
  ['"error" with HTTP 200', '"error"', /answered "error", with HTTP 200/],
  ['six numbers', numpy([0, 0, 0, 0, 0, 0]), /expected 7 finite numbers/],
  ['numbers that are none', numpy([Number.NaN, 0, 0, 0, 0, 0, 1]), /expected 7 finite numbers/],
  [
    'an array cut short',
    numpy([0, 0, 0, 0, 0, 0, 1]).replace('"shape":[7]', '"shape":[70]'),
    /expected 7 finite numbers/,
  ],
  ['a page', '<html>', /expected an action, got '<html>'/],
])(
  '%s moves nothing',
  async (_, answer, reason) => {
    await using server = await deploy(() => answer);
    const { outcome, steps, reason: why } = await pick(server.url);
    expect(outcome).toBe('failure');
    expect(why).toMatch(reason);
    expect(steps.every(({ act }) => act === undefined)).toBe(true);
  },
  20_000,
);
