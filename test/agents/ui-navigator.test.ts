/** What an agent is asked to answer with. The faults are in `test/slow/ui-navigator-faults.test.ts`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Action, type Policy, PumiceError } from 'pumice';
import { uiNavigator } from 'pumice/agents/ui-navigator';
import { scripted as script } from 'pumice/policies/scripted';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { servePages } from '../browser/server.ts';

const page = '<title>P</title><button>Press</button>';
let site: Awaited<ReturnType<typeof servePages>>;
let files: string;
beforeAll(async () => {
  site = await servePages(new Map([['/', page]]));
  files = mkdtempSync(join(tmpdir(), 'pumice-agent-'));
});
afterAll(async () => {
  await site.close();
  rmSync(files, { recursive: true });
});

const scripted = (actions: readonly Action[]) =>
  script({ actions: actions as Parameters<typeof script>[0]['actions'] });
const done = (answer?: string): Action => ({
  kind: 'done',
  outcome: 'success',
  ...(answer !== undefined && { answer }),
});
const agentWith = (policy: Policy, more = {}) => uiNavigator({ url: `${site.here}/`, policy, ...more });

it('an answer has to be JSON that fits the output schema: the first that does not is denied and told, the next is a failure', async () => {
  const schema = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] };
  const outputSchema = join(files, 'schema.json');
  writeFileSync(outputSchema, JSON.stringify(schema));
  let current = scripted([]);
  const speaker: Policy = {
    ...{ name: 'speaker', actionKinds: current.actionKinds },
    reset: (task) => current.reset(task),
    act: (observation, context) => current.act(observation, context),
  };
  await using agent = await agentWith(speaker, { outputSchema });
  const attempt = async (...answers: (string | undefined)[]) => {
    current = scripted(answers.map(done));
    const run = agent.run({ instruction: 'read the total' });
    const reasons: string[] = [];
    for await (const { verdict } of run) reasons.push(...verdict.reasons);
    return { ...(await run.result), reasons: reasons.join('\n') };
  };
  expect(await attempt('{"total": 3}')).toMatchObject({ outcome: 'success', answer: '{"total": 3}' });
  const mended = await attempt('three', '{"total": 3}');
  expect(mended).toMatchObject({ outcome: 'success', answer: '{"total": 3}' });
  expect(mended.reasons).toMatch(/"three" is not JSON.*"required":\["total"\]/);
  expect(await attempt('{"total": "3"}', undefined)).toMatchObject({
    outcome: 'failure',
    reason: expect.stringMatching(/does not fit --output-schema: there is none/),
  });
});

it('an output schema that cannot be read or checked is refused before the browser starts', async () => {
  const policy = scripted([]);
  for (const outputSchema of [join(files, 'none.json'), { type: 'shape' }, { type: 'object', if: {} }]) {
    const error = await agentWith(policy, { outputSchema }).catch((cause: unknown) => cause);
    expect(PumiceError.is(error, 'config/invalid') && error.message).toMatch(/outputSchema: /);
  }
});
