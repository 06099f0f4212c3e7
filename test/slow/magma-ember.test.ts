/** A true model behind Magma's wire: the arm driven by `--policy magma` against ember's tokens does as well as ember itself. */

import type { SimEnv } from 'pumice/envs/sim';
import { ember } from 'pumice/policies/ember';
import { magma } from 'pumice/policies/magma';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSpeaker } from '../../policies/ember/speak.ts';
import { serveMagma } from '../../src/cli/serve-magma.ts';
import { openArm, playEpisode } from '../../src/eval/manipulator/episode.ts';
import { wilson } from '../../src/eval/statistics.ts';
import type { Policy } from '../../src/ports.ts';

const SEEDS = Array.from({ length: 12 }, (_, at) => 1000 + at);
const settings = { perturb: {}, cameras: ['third' as const], stepTimeoutMs: 20_000 };

let env: SimEnv;
const speaker = createSpeaker();
beforeAll(async () => {
  env = await openArm(settings);
});
afterAll(async () => {
  await env.close();
  await speaker.close();
});

async function held(policy: Policy): Promise<number> {
  let count = 0;
  for (const seed of SEEDS) count += (await playEpisode({ env, policy }, 'pick', seed, settings)).score.held ? 1 : 0;
  return count;
}

it('ember through the tokens of Magma is within the interval of ember itself', async () => {
  await using served = await serveMagma({ ...speaker, name: 'ember' });
  const options = { url: `${served.url}/v1`, model: 'ember', body: 'arm', stats: 'ember', temperature: 0.7 } as const;
  const through = await held(magma(options));
  const own = await held(ember());
  console.log(`ember ${own}, through Magma's wire ${through} of ${SEEDS.length}`);
  expect(own).toBeGreaterThanOrEqual(SEEDS.length - 1);
  const { low } = wilson(own, SEEDS.length);
  expect(through / SEEDS.length).toBeGreaterThanOrEqual(low);
}, 120_000);

it('in text alone it does so too, and a sentence that it does not know moves nothing', async () => {
  await using served = await serveMagma({ ...speaker, name: 'ember' }, { ids: false });
  const policy = magma({ url: `${served.url}/v1`, model: 'ember', body: 'arm', stats: 'ember', temperature: 0.7 });
  SEEDS.splice(4);
  expect(await held(policy)).toBeGreaterThanOrEqual(3);
}, 60_000);
