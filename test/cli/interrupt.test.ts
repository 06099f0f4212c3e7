/** Ctrl-C in the moments before a run listens to it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'pumice';
import { fakePage } from 'pumice/envs/fake';
import { expect, it, vi } from 'vitest';
import { execute } from '../../src/cli/run.ts';
import { monotonicScheduler } from '../../src/clock.ts';
import { fakePolicy, repeating } from '../loop-story.ts';

it('a Ctrl-C while the log and the recorder are being opened stops the run', async () => {
  const env = fakePage({ scheduler: monotonicScheduler });
  const policy = repeating(env, { kind: 'ui-click', target: { markId: 2 }, button: 'left', count: 1 }, 3);
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const agent = {
    create: async () => {
      // Comes when the command has looked at it already, and before the run is there.
      queueMicrotask(() => queueMicrotask(() => setImmediate(() => process.emit('SIGINT', 'SIGINT'))));
      return {
        run: (task: { instruction: string }) => run({ ...task, env, policy }),
        close: env.close,
        [Symbol.asyncDispose]: env.close,
      };
    },
  };
  const plan = {
    name: 'fake',
    agent,
    agentOptions: {},
    policyName: 'fake',
    policy: { create: () => fakePolicy(env, () => []) },
    policyOptions: {},
    critics: [],
    criticOptions: {},
    run: { instruction: 'go', noRecord: false, record: join(mkdtempSync(join(tmpdir(), 'pumice-cli-')), 'a.mcap') },
    isJson: true,
    logLevel: 'silent',
  };
  const shown = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const code = await execute(plan as unknown as Parameters<typeof execute>[0]);
  const lines = shown.mock.calls.map(([text]) => String(text)).join('');
  said.mockRestore();
  shown.mockRestore();
  expect(code).toBe(130);
  expect(lines).toContain('"stopped"');
  expect(env.halts).toEqual(['1 Ctrl-C']);
  expect(env.begun).toEqual([]);
});
