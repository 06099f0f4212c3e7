/**
 * The agent for user interfaces: the browser body, the set-of-mark marker and any policy for pages, wired together.
 * Knows no policy by name but the one that is used when none is named.
 */
import { readFileSync } from 'node:fs';
import {
  type Agent,
  type AgentParts,
  defineAgent,
  type Policy,
  PumiceError,
  parseOptions,
  run,
  type Thought,
} from 'pumice';
import { type BrowserOptions, browser, parseSecret } from 'pumice/envs/browser';
import som from 'pumice/markers/som';
import { from, map } from 'rxjs';
import { z } from 'zod';

const who = 'agent ui-navigator';
const secretSource = z.strictObject({ env: z.string().min(1), origin: z.string().min(1) });

const options = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'expected a whole http(s) address, like https://shop.example' })
    .optional()
    .describe('page where the task begins; with --cdp it may be left out'),
  allowOrigins: z.array(z.string()).default([]).meta({
    flag: 'allow-origin',
    description: 'further origin that may be opened and acted in, like https://*.shop.example (again for more)',
  }),
  strictNetwork: z.boolean().default(false).describe('load nothing from other origins, not even pictures'),
  noSandbox: z.boolean().default(false).describe('open pages of others although Chromium has no sandbox here'),
  headed: z.boolean().default(false).describe('show the browser window'),
  browser: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'path', description: 'a Chromium, Chrome or Edge; one is looked for otherwise' }),
  profile: z.string().min(1).optional().meta({ value: 'folder', description: 'browser profile that is kept' }),
  storageState: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'file', description: 'cookies and local storage, as Playwright saves them' }),
  cdp: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'url', description: 'debugger of a running browser to use, like http://127.0.0.1:9222' }),
  secrets: z
    .union([
      z.record(z.string(), secretSource),
      z.array(z.string()).transform((texts) => Object.fromEntries(texts.map(namedSecret))),
    ])
    .default({})
    .meta({
      flag: 'secret',
      value: 'NAME=ENV@ORIGIN',
      description: 'text that policies see as {{NAME}}, from variable ENV, filled in at ORIGIN only (again for more)',
    }),
  uploads: z.array(z.string().min(1)).default([]).meta({
    flag: 'upload',
    value: 'path',
    description: 'file or folder that may be handed to pages; none otherwise (again for more)',
  }),
  downloads: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'folder', description: 'where downloads are kept; thrown away otherwise' }),
  outputSchema: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())])
    .optional()
    .meta({ value: 'file', description: 'JSON Schema; the answer has to be JSON that fits it' }),
});

const plugin = defineAgent({
  summary: 'does a task on web pages, in a real browser',
  options,
  defaultPolicy: 'mark-matcher',
  body: 'page',
  create: async ({ outputSchema, downloads, browser: executablePath, ...rest }, { policy, needsText }) => {
    const answers = outputSchema === undefined ? policy : answering(policy, answerSchema(outputSchema));
    if (rest.url === undefined && rest.cdp === undefined)
      throw new PumiceError('config/invalid', 'url: expected the address of the page where the task begins, got none', {
        who,
        hint: 'Give --url https://... (or url in the config file)',
      });
    // An option that is not given has to be absent.
    const given = Object.entries({ ...rest, executablePath, downloadsDir: downloads }).filter(
      ([, value]) => value !== undefined,
    );
    const env = await browser({ ...Object.fromEntries(given), text: needsText ?? true } as BrowserOptions);
    const marker = policy.seesBare ? undefined : som.create(som.options.parse({}));
    const close = async () => {
      await env.close();
      await policy.close?.();
    };
    const agent: Agent = {
      run: (task) => run({ ...task, env, ...(marker && { marker }), policy: answers }),
      ...(env.mask && { mask: env.mask }),
      close,
      [Symbol.asyncDispose]: close,
    };
    return agent;
  },
});
export default plugin;

/** The agent as a value, for programs: `await uiNavigator({ url, policy: vlm({ ... }) })`. */
export const uiNavigator = ({ policy, needsText, ...given }: z.input<typeof options> & AgentParts): Promise<Agent> =>
  plugin.create(parseOptions(options, given, who), { policy, ...(needsText !== undefined && { needsText }) });

function namedSecret(text: string): [string, z.output<typeof secretSource>] {
  const { name, ...source } = parseSecret(text);
  return [name, source];
}

// ---------------------------------------------------------------- answers of a given form

interface AnswerSchema {
  readonly text: string;
  /** Why an answer does not fit; undefined when it does. */
  readonly problemOf: (answer: string | undefined) => string | undefined;
}

/** @throws PumiceError `config/invalid` when there is no such file, or it holds no JSON Schema that can be checked. */
function answerSchema(given: string | Readonly<Record<string, unknown>>): AnswerSchema {
  const invalid = (what: string, cause: unknown) =>
    new PumiceError(
      'config/invalid',
      `outputSchema: ${what} (${cause instanceof Error ? cause.message : String(cause)})`,
      {
        who,
        hint: 'Give a file with one JSON Schema, like {"type": "object", "properties": {"total": {"type": "number"}}}',
        cause,
      },
    );
  const attempt = <T>(what: string, work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw invalid(what, cause);
    }
  };
  const source =
    typeof given === 'string' ? attempt(`'${given}' cannot be read`, () => readFileSync(given, 'utf8')) : given;
  const json: unknown =
    typeof source === 'string' ? attempt(`'${given}' is not JSON`, () => JSON.parse(source)) : source;
  const schema = attempt('expected a JSON Schema', () =>
    z.fromJSONSchema(json as Parameters<typeof z.fromJSONSchema>[0]),
  );
  return {
    text: JSON.stringify(json),
    problemOf: (answer) => {
      if (answer === undefined) return 'there is none';
      let value: unknown;
      try {
        value = JSON.parse(answer);
      } catch {
        return `${JSON.stringify(answer.slice(0, 200))} is not JSON`;
      }
      const parsed = schema.safeParse(value);
      if (parsed.success) return undefined;
      return parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`).join('; ');
    },
  };
}

/** Answers that do not fit before giving up. Chosen: a model that is told what is wrong mends it at once or never. */
const MAX_UNFIT = 2;

/**
 * A policy whose success needs an answer that fits. The first that does not is denied, so that the policy reads why and what is wanted;
 * the next is a failure.
 */
function answering(policy: Policy, { text, problemOf }: AnswerSchema): Policy {
  let unfit = 0;
  const judge = (thought: Thought): Thought => {
    const end = thought.actions.find((action) => action.kind === 'done');
    if (end?.kind !== 'done' || end.outcome !== 'success') return thought;
    const problem = problemOf(end.answer);
    if (problem === undefined) return thought;
    unfit += 1;
    const says = `the answer does not fit --output-schema: ${problem}`;
    if (unfit < MAX_UNFIT)
      throw new PumiceError('decode/schema', `${says}. Expected JSON for ${text}`, { who: `policy ${policy.name}` });
    return { ...thought, actions: [{ kind: 'done', outcome: 'failure', answer: says }] };
  };
  return {
    name: policy.name,
    actionKinds: policy.actionKinds,
    reset: (task) => {
      unfit = 0;
      policy.reset(task);
    },
    act: (observation, context) => from(policy.act(observation, context)).pipe(map(judge)),
  };
}
