/** The whole path of Cosmos Reason with a judge behind its wire that really looks: `pumice serve-model cinder`, around a tiny model. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'pumice';
import { cosmosReason } from 'pumice/critics/cosmos-reason';
import { scripted } from 'pumice/policies/scripted';
import { afterAll, describe, expect, it } from 'vitest';
import { createJudge } from '../../policies/critics/cinder/speak.ts';
import { serveCosmos } from '../../src/cli/serve-cosmos.ts';
import { patientSim } from '../sim/patient.ts';
import { motion } from './cosmos-cases.ts';
import { MOTIONS, writeTinyCinder } from './tiny-cinder.ts';

const folder = mkdtempSync(join(tmpdir(), 'pumice-cosmos-'));
const judge = createJudge(writeTinyCinder(folder, { any: MOTIONS }));
await judge.prepare(new AbortController().signal);
const served = [await serveCosmos(judge), await serveCosmos(judge, { parsesReasoning: true })];
afterAll(async () => {
  await Promise.all(served.map(({ close }) => close()));
  await judge.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['as text', 0],
  ['with a parser of thoughts', 1],
])('a server that answers %s', (_, nth) => {
  it.each([
    ['fast', 30],
    ['reasoned', 0],
  ])(
    '%s: it looks at the motions that a run proposes, holds the arm at its no, and moves it at its yes',
    async (tier, reasonEveryS) => {
      const critic = cosmosReason({ url: `${served[nth]!.url}/v1`, model: 'cinder', reasonEveryS });
      await critic.prepare!({ signal: new AbortController().signal, nowMs: () => 0, report: () => {} });
      const env = await patientSim({ cameras: ['third'] });
      const actions = [motion([0, 0, 0.01]), motion([0, 0, -0.03]), motion([0, 0, 0.01])];
      const steps = [];
      const episode = run({
        ...{ env, policy: scripted({ actions: actions as never }), critics: [critic] },
        ...{ instruction: 'pick up the red block', seed: 3 },
      });
      for await (const { verdict, act } of episode) {
        const [opinion] = verdict.opinions ?? [];
        steps.push([verdict.kind, opinion?.evidence, opinion?.tier, act?.executed?.kind]);
      }
      await env.close();
      expect(steps.slice(0, 3)).toEqual([
        ['allow', 'safe', tier, 'eef-delta'],
        // What is no at first sight is not thought about.
        ['deny', 'collision', 'fast', undefined],
        ['allow', 'safe', tier, 'eef-delta'],
      ]);
    },
  );
});
