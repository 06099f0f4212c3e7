/** The first program of the design, as a user would write it: it must compile. (`tsc` reads this file; nothing runs it.) */
import { run } from 'pumice';
import { browser } from 'pumice/envs/browser';
import { vlm } from 'pumice/policies/vlm';

export async function firstProgram(): Promise<void> {
  await using env = await browser({
    url: 'https://shop.example/login',
    secrets: { password: { env: 'SHOP_PASSWORD', origin: 'https://shop.example' } },
  });
  const episode = run({
    env,
    policy: vlm({ url: 'http://gpu:8000/v1', model: 'microsoft/Magma-8B' }),
    instruction: 'Log in as ann with {{password}}, download the October invoice',
    record: 'invoice.mcap',
  });
  for await (const step of episode) console.log(step.index, step.verdict.kind, step.proposed.kind);
  const { outcome, reason, answer, artifacts } = await episode.result;
  console.log(outcome satisfies 'success' | 'failure' | 'truncated' | 'stopped' | 'fault', reason, answer, artifacts);
}

export function whatDoesNotCompile(): void {
  const rest = { policy: vlm({ model: 'x' }), instruction: 'go' };
  // @ts-expect-error an env is needed
  run(rest);
  // @ts-expect-error there is no such strategy
  run({ ...rest, env: {} as never, think: 'quickly' });
}
