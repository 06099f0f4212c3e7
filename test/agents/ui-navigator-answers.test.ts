import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Action, type Policy, PumiceError, type Thought } from 'pumice';
import { uiNavigator } from 'pumice/agents/ui-navigator';
import { scripted as script } from 'pumice/policies/scripted';
import { vlm } from 'pumice/policies/vlm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { servePages } from '../browser/server.ts';
import { fakeModelServer } from '../models/fake-model-server.ts';

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
const press: Action = { kind: 'ui-click', target: { markId: 0 }, button: 'left', count: 1 };
const done = (answer?: string): Action => ({
  kind: 'done',
  outcome: 'success',
  ...(answer !== undefined && { answer }),
});
const agentWith = (policy: Policy, more = {}) => uiNavigator({ url: `${site.here}/`, policy, ...more });

it('goes on after a first step that is denied', async () => {
  await using agent = await agentWith(scripted([{ kind: 'ui-navigate', url: 'https://elsewhere.example/' }, press]));
  const run = agent.run({ instruction: 'press' });
  const verdicts: string[] = [];
  for await (const { verdict } of run) verdicts.push(verdict.kind);
  expect(verdicts).toEqual(['deny', 'allow', 'allow']);
  expect(await run.result).toMatchObject({ outcome: 'success' });
});

it('a model server that dies in the middle of a run ends it as a failure, without any further motion', async () => {
  const says = JSON.stringify({
    choices: [{ message: { content: '{"thought": "a", "kind": "ui-click", "target": 0}' }, finish_reason: 'stop' }],
  });
  await using server = await fakeModelServer(
    (response) => response.setHeader('content-type', 'application/json').end(says),
    (response) => response.destroy(),
  );
  await using agent = await agentWith(vlm({ url: server.url, model: 'any' }));
  const run = agent.run({ instruction: 'press' });
  const done: (string | undefined)[] = [];
  for await (const { act } of run) done.push(act?.status);
  expect(done).toEqual(['done', undefined, undefined, undefined, undefined, undefined]);
  expect(await run.result).toMatchObject({ outcome: 'failure', reason: expect.stringContaining('in a row') });
});

it('a stop while it thinks aborts the thought, and one while it acts cuts the action', async () => {
  let thinking = () => {};
  let isAborted = false;
  const endless: Policy = {
    ...{ name: 'endless', actionKinds: ['ui-click'] as const, reset: () => {} },
    act: (_, { signal }) =>
      new Promise<Thought>((_resolve, reject) => {
        thinking();
        signal.addEventListener('abort', () => {
          isAborted = true;
          reject(signal.reason);
        });
      }),
  };
  await using thinker = await agentWith(endless);
  const begun = new Promise<void>((resolve) => {
    thinking = resolve;
  });
  const first = thinker.run({ instruction: 'think' });
  await begun;
  first.stop('enough');
  expect(await first.result).toMatchObject({ outcome: 'stopped', reason: 'enough' });
  expect(isAborted).toBe(true);

  await using waiter = await agentWith(scripted([{ kind: 'ui-wait', durationMs: 9000 }]));
  const second = waiter.run({ instruction: 'wait' });
  second.events$.subscribe(({ kind }) => {
    if (kind === 'action-proposed') setImmediate(() => second.stop('enough'));
  });
  const acts: (string | undefined)[] = [];
  for await (const { act } of second) acts.push(act?.status);
  expect(acts).toEqual(['stopped']);
  expect(await second.result).toMatchObject({ outcome: 'stopped' });
});

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
