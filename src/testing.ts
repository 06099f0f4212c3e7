/**
 * Contracts: what every plugin must keep, as clauses that any test runner can run. Knows no plugin by name.
 *
 *   for (const { title, check } of policyContract(plugin, options)) it(title, check);
 */
import assert from 'node:assert/strict';
import { firstValueFrom, from } from 'rxjs';
import { monotonicNowMs, sleep } from './clock.ts';
import { PumiceError } from './errors.ts';
import type { Answer, Context, Critic, Env, Limits, Marker, Policy, PolicyPlugin, Task } from './ports.ts';
import { type Action, type Observation, sensedSchema, thoughtSchema } from './types.ts';

export interface Clause {
  readonly title: string;
  readonly check: () => Promise<void>;
}

/** How long after an abort a port may go on, ms. Chosen: a person does not notice it. */
const ABORT_MS = 100;
/** How long an answer may take, ms. Chosen: a loaded machine's browser. */
const ANSWER_MS = 30_000;

const contextOf = (signal: AbortSignal): Context => ({ signal, nowMs: monotonicNowMs, report: () => {} });

/** The first answer, as `once` takes it; a port that throws at once is one that fails. */
const answerOf = async <T>(ask: (context: Context) => Answer<T>, signal = AbortSignal.timeout(ANSWER_MS)): Promise<T> =>
  firstValueFrom(from(ask(contextOf(signal))));

/** On a busy machine it may be the clock that is late: what goes on whenever it is left goes on all of these times. */
const ATTEMPTS = 3;

/** Whether `ask` is over within ABORT_MS after an abort that comes at once. */
async function leaves(ask: (context: Context) => Answer<unknown>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const abort = new AbortController();
    const over = answerOf(ask, abort.signal).then(
      () => true,
      () => true,
    );
    abort.abort(new Error('the contract aborts'));
    if (await Promise.race([over, sleep(ABORT_MS).then(() => false)])) return;
  }
  assert.fail(`goes on ${ABORT_MS} ms after its signal was aborted`);
}

/** Every policy: its example is accepted, its answer is a thought of kinds that it names, and it can be left. */
export function policyContract(plugin: PolicyPlugin, make: () => Policy): readonly Clause[] {
  const act = (policy: Policy) => (context: Context) => policy.act(plugin.example(), context);
  const begun = () => {
    const policy = make();
    policy.reset({ instruction: plugin.example().instruction });
    return policy;
  };
  return [
    {
      title: 'names itself, sums itself up, and declares its kinds of action',
      check: async () => {
        assert.ok(make().name.length > 0);
        assert.ok(plugin.summary.length > 0 && !plugin.summary.includes('\n'));
        assert.ok(plugin.actionKinds.length > 0);
        for (const kind of make().actionKinds) assert.ok(plugin.actionKinds.includes(kind), `${kind} is not declared`);
      },
    },
    {
      title: 'its example is an observation',
      check: async () => {
        sensedSchema.parse(plugin.example());
      },
    },
    {
      title: 'answers its example with a thought of declared kinds, or fails with an error that says what to do',
      check: async () => {
        const policy = begun();
        try {
          const thought = thoughtSchema.parse(await answerOf(act(policy)));
          for (const { kind } of thought.actions)
            assert.ok(policy.actionKinds.includes(kind), `${kind} is not declared`);
        } catch (error) {
          assert.ok(PumiceError.is(error), `failed with ${error instanceof Error ? error.stack : String(error)}`);
        } finally {
          await policy.close?.();
        }
      },
    },
    {
      title: 'answers the same after a reset',
      check: async () => {
        const policy = begun();
        const answer = () => answerOf(act(policy)).catch((error: unknown) => String(error));
        const first = await answer();
        policy.reset({ instruction: plugin.example().instruction });
        assert.deepEqual(await answer(), first);
        await policy.close?.();
      },
    },
    {
      title: `is over within ${ABORT_MS} ms after its signal is aborted`,
      check: async () => {
        const policy = begun();
        await leaves(act(policy));
        await policy.close?.();
      },
    },
  ];
}

/** Every env: it declares limits, gives observations, holds, and stops at once. `harmless` is an action that it can do. */
export function envContract(make: () => Promise<Env>, task: Task, harmless: Action): readonly Clause[] {
  const withEnv = (work: (env: Env) => Promise<void>) => async () => {
    const env = await make();
    try {
      await answerOf((context) => env.reset(task, context));
      await work(env);
    } finally {
      await env.close();
    }
  };
  return [
    {
      title: 'declares its kinds of action and its limits',
      check: withEnv(async ({ actionKinds, limits }) => {
        assert.ok(actionKinds.length > 0);
        assert.ok(limits.maxObservationAgeMs > 0 && limits.maxPlanAgeMs > 0);
        if (actionKinds.some((kind) => kind.startsWith('ui-'))) assert.ok(limits.ui);
        if (actionKinds.some((kind) => kind.startsWith('eef-'))) assert.ok(limits.motion);
      }),
    },
    {
      title: 'gives an observation with a fresh stamp, again and again',
      check: withEnv(async (env) => {
        let before = Number.NEGATIVE_INFINITY;
        for (let i = 0; i < 2; i++) {
          const sensed = sensedSchema.parse(await answerOf((context) => env.observe(context)));
          assert.ok(sensed.stampMs > before && sensed.stampMs <= monotonicNowMs());
          before = sensed.stampMs;
        }
      }),
    },
    {
      title: 'says where its tool is and where it was told to be, if it moves one',
      check: withEnv(async (env) => {
        const { proprio } = sensedSchema.parse(await answerOf((context) => env.observe(context)));
        if (!env.actionKinds.some((kind) => kind.startsWith('eef-'))) return;
        assert.ok(proprio?.tcpPose, 'proprio.tcpPose is missing: no motion is let through without it');
        assert.ok(proprio.commandedTcpPose, 'proprio.commandedTcpPose is missing: no motion is let through without it');
      }),
    },
    {
      title: 'does what it can, and says what it did',
      check: withEnv(async (env) => {
        await answerOf((context) => env.observe(context));
        const result = await answerOf((context) => env.act(harmless, context));
        assert.equal(result.status, 'done', result.reason);
        assert.equal(result.executed?.kind, harmless.kind);
      }),
    },
    {
      title: 'holds, whether or not hold is among its kinds',
      check: withEnv(async (env) => {
        assert.equal((await answerOf((context) => env.act({ kind: 'hold' }, context))).status, 'done');
      }),
    },
    {
      title: 'halts at any time, as often as it is told, and then does nothing more until it is reset',
      check: withEnv(async (env) => {
        await answerOf((context) => env.observe(context));
        const acting = answerOf((context) => env.act(harmless, context)).catch(() => undefined);
        assert.equal(env.halt(1, 'contract'), undefined);
        env.halt(1, 'contract');
        env.halt(2, 'contract');
        await acting;
        const after = await answerOf((context) => env.act(harmless, context)).catch(() => undefined);
        assert.notEqual(after?.status, 'done');
        await answerOf((context) => env.reset(task, context));
        await answerOf((context) => env.observe(context));
        assert.equal((await answerOf((context) => env.act(harmless, context))).status, 'done');
      }),
    },
    {
      title: 'closes, and closes again',
      check: async () => {
        const env = await make();
        await env.close();
        await env.close();
      },
    },
  ];
}

/** Every marker: leaves what it was given alone, and can be left. */
export function markerContract(make: () => Marker, example: Observation): readonly Clause[] {
  return [
    {
      title: 'gives an observation, and leaves the bytes that it was given as they are',
      check: async () => {
        const before = example.frames.map(({ data }) => Buffer.from(data));
        sensedSchema.parse(await answerOf((context) => make().mark(example, context)));
        example.frames.forEach(({ data }, i) => {
          assert.ok(before[i]!.equals(data), 'wrote into a frame that is not its own');
        });
      },
    },
    {
      title: `is over within ${ABORT_MS} ms after its signal is aborted`,
      check: () => leaves((context) => make().mark(example, context)),
    },
  ];
}

/** Every critic: answers with an opinion, never with an action, and can be left. */
export function criticContract(
  make: () => Critic,
  example: Observation,
  proposed: Action,
  limits: Limits = { maxObservationAgeMs: 1000, maxPlanAgeMs: 1000 },
): readonly Clause[] {
  const judge = (context: Context) => make().judge(example, proposed, { ...context, limits, following: [] });
  return [
    {
      title: 'answers with an opinion and its reasons, or fails with an error that says what to do',
      check: async () => {
        try {
          const opinion = await answerOf(judge);
          assert.ok(['allow', 'ask', 'deny', 'halt'].includes(opinion.kind));
          assert.ok(opinion.kind === 'allow' || opinion.reasons.length > 0, 'refuses without a reason');
        } catch (error) {
          assert.ok(PumiceError.is(error), `failed with ${String(error)}`);
        }
      },
    },
    {
      title: `is over within ${ABORT_MS} ms after its signal is aborted`,
      check: () => leaves(judge),
    },
  ];
}
