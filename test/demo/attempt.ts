/** Lets the real agent (browser body, marks, matcher, gate, loop) try an instruction in the demo app. */
import { browser } from 'pumice/envs/browser';
import som from 'pumice/markers/som';
import markMatcher from 'pumice/policies/mark-matcher';
import type { DemoApp } from '../../src/demo/app.ts';
import { paint, stepLines } from '../../src/demo/progress.ts';
import { ACCOUNT } from '../../src/demo/state.ts';
import type { DemoTask } from '../../src/demo/tasks.ts';
import type { Env } from '../../src/ports.ts';
import { run } from '../../src/run.ts';
import type { StepRecord } from '../../src/types.ts';

const PASSWORD_VARIABLE = 'PUMICE_TEST_DEMO_PASSWORD';

export function agentBrowser({ url }: DemoApp): ReturnType<typeof browser> {
  process.env[PASSWORD_VARIABLE] = ACCOUNT.password;
  const secrets = { password: { env: PASSWORD_VARIABLE, origin: new URL(url).origin } };
  // As the demo has it: the shop is its own, and nobody is there to be asked.
  return browser({ url, secrets, irreversible: 'allow' });
}

/** What became of it, as one text: `done`, or every step and what the agent and the app say at the end. */
export async function attempt(app: DemoApp, env: Env, task: DemoTask, instruction: string): Promise<string> {
  app.reset();
  const episode = run({
    env,
    policy: markMatcher.create({}),
    marker: som.create(som.options.parse({})),
    instruction,
    budget: { maxSteps: 40 },
  });
  const steps: StepRecord[] = [];
  for await (const record of episode) steps.push(record);
  const { outcome, reason } = await episode.result;
  const { done, why } = task.check();
  if (outcome === 'success' && done) return 'done';
  const lines = steps.flatMap((record, at) => stepLines(record, steps[at - 1], paint(false)));
  return [instruction, ...lines, `agent: ${outcome}: ${reason}`, `app: ${why}`].join('\n');
}
