/**
 * What a run is told, from flags and from `pumice.config.js` or `.json`: one strict schema for both, flags win. Reads files, runs nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { DRY_RUN_STEPS } from '../dry-run.ts';
import { PumiceError } from '../errors.ts';
import { parseOptions } from '../ports.ts';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

const duration = z
  .string()
  .regex(DURATION, 'expected a duration with its unit, like 90s, 5m or 500ms')
  .transform((text) => {
    const [, amount, unit] = DURATION.exec(text)!;
    return Number(amount) * UNITS_MS[unit!]!;
  });

/** What every run can be told, whatever its agent. */
export const runSchema = z.strictObject({
  instruction: z.string().optional().describe('what to do, in words'),
  policy: z.string().min(1).optional().describe('who decides: a name (see pumice list policy), or a file of your own'),
  critics: z.array(z.string().min(1)).optional().meta({
    flag: 'critic',
    value: 'name',
    description:
      "who judges each step beside the rules: a name (see pumice list critic), a file of your own, 'none', or 'required' to refuse to start without one (again for more)",
  }),
  planner: z.string().min(1).optional().meta({
    value: 'family',
    description: 'a model that splits the task and judges each part: cosmos-reason2, qvq, ... (see pumice models)',
  }),
  plannerUrl: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'url', description: 'address of its server, ends in /v1; default: OPENAI_BASE_URL' }),
  plannerModel: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'name', description: 'the planner, as its server calls it; default: the name of its family' }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional()
    .describe('which world, for bodies that make one by number'),
  dryRun: z
    .boolean()
    .default(false)
    .describe(
      `observe, think, check and record, but send nothing to the body (a page is opened all the same); ${DRY_RUN_STEPS} steps unless --max-steps is given`,
    ),
  maxSteps: z.int().min(1).optional().describe('steps after which it is truncated, 100 unless given'),
  maxTokens: z.int().min(1).optional().describe('tokens of a model after which it is truncated'),
  timeout: duration
    .optional()
    .meta({ value: 'duration', description: 'time after which it is truncated, like 90s or 5m' }),
  record: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'file', description: 'recording to make, .mcap; default: a new file in runs/' }),
  selfTest: z.boolean().default(true).describe('try the model out before anything moves'),
  dashboard: z
    .boolean()
    .default(false)
    .describe(
      'serve a page on which it can be seen, paused, stopped, approved and begun again; without an instruction it waits there',
    ),
  dashboardHost: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'address', description: 'where the page is served; default: 127.0.0.1, for this machine alone' }),
  dashboardPort: z.int().min(1).max(65_535).optional().describe('its port; a free one unless given'),
  noRecord: z.boolean().default(false).describe('make no recording'),
});
export type RunSettings = z.output<typeof runSchema>;

/**
 * A config file: all options of the run and of the agent by key, those of the policy under `policyOptions`, those of critics by their
 * names under `criticOptions`, models' `profiles`.
 */
export interface Config {
  readonly who: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly policyOptions: Readonly<Record<string, unknown>>;
  readonly criticOptions: Readonly<Record<string, unknown>>;
  /** Profiles of models of the user's own, by name. Checked where they are used. */
  readonly profiles?: Readonly<Record<string, unknown>>;
}

const NAMES = ['pumice.config.js', 'pumice.config.mjs', 'pumice.config.json'];

/**
 * Reads the config file: the named one, else the one in the working folder, else nothing.
 *
 * @throws PumiceError `config/invalid`.
 */
export async function readConfig(named: string | undefined): Promise<Config> {
  const path = named ?? NAMES.find((name) => existsSync(name));
  if (path === undefined) return { who: 'pumice run', values: {}, policyOptions: {}, criticOptions: {} };
  if (!existsSync(path)) throw invalid(path, 'there is no such file');
  const content = await load(path);
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw invalid(path, `expected an object with options, got ${Array.isArray(content) ? 'a list' : typeof content}`);
  const { policyOptions = {}, criticOptions = {}, profiles = {}, ...values } = content as Record<string, unknown>;
  return {
    who: path,
    values,
    policyOptions: recordIn(policyOptions, path, 'policyOptions: expected an object with the options of the policy'),
    criticOptions: recordIn(
      criticOptions,
      path,
      'criticOptions: expected an object, the options of each critic by its name',
    ),
    profiles: recordIn(profiles, path, 'profiles: expected an object, each profile of a model under its name'),
  };
}

function recordIn(value: unknown, path: string, expected: string): Readonly<Record<string, unknown>> {
  const own = z.record(z.string(), z.unknown()).safeParse(value);
  if (!own.success) throw invalid(path, expected);
  return own.data;
}

/** Options of a policy, with the profile that is named in them written out, if the config file has one of that name. */
export function withProfile(
  options: Readonly<Record<string, unknown>>,
  { profiles = {} }: Config,
): Readonly<Record<string, unknown>> {
  const { profile: name } = options;
  if (typeof name !== 'string' || !Object.hasOwn(profiles, name)) return options;
  const own = profiles[name];
  // What is no object is left for the policy's own schema to refuse.
  return { ...options, profile: typeof own === 'object' && own !== null ? { family: name, ...own } : own };
}

async function load(path: string): Promise<unknown> {
  try {
    if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8'));
    return ((await import(pathToFileURL(resolve(path)).href)) as { default?: unknown }).default;
  } catch (cause) {
    throw invalid(path, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

const invalid = (path: string, what: string, cause?: unknown) =>
  new PumiceError('config/invalid', what, {
    who: path,
    hint: 'Export one object, like { url, instruction, maxSteps }',
    cause,
  });

/** Options of the run and of its agent, told apart and checked. */
export interface Settings<S extends z.ZodType> {
  readonly run: RunSettings;
  readonly agent: z.output<S>;
}

/**
 * Puts flags over the config file and reads both by their schemas.
 *
 * @throws PumiceError `config/invalid` naming the key, and the file if it stands there.
 */
export function readSettings<S extends z.ZodType>(
  config: Config,
  flags: { readonly run: Readonly<Record<string, unknown>>; readonly agent: Readonly<Record<string, unknown>> },
  agentSchema: S,
): Settings<S> {
  const runKeys = Object.keys(runSchema.shape);
  const ofRun = Object.fromEntries(Object.entries(config.values).filter(([key]) => runKeys.includes(key)));
  const ofAgent = Object.fromEntries(Object.entries(config.values).filter(([key]) => !runKeys.includes(key)));
  return {
    run: parseOptions(runSchema, { ...ofRun, ...flags.run }, config.who),
    agent: parseOptions(agentSchema, { ...ofAgent, ...flags.agent }, config.who),
  };
}
