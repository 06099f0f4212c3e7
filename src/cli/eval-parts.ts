/** What the commands of `pumice eval` share: how many at a time, which policy, which names, where the result goes. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parse } from 'node:path';
import { describeError, PumiceError } from '../errors.ts';
import { type Critic, type Policy, parseOptions } from '../ports.ts';
import { bodyFor, policyOptionsIn } from './policy-options.ts';
import { loadPlugin } from './registry.ts';
import { byLikeness } from './words.ts';

const who = 'pumice eval';
export const usage = (message: string, hint: string) => new PumiceError('cli/usage', message, { who, hint });

/** @throws PumiceError `cli/usage`. */
export function countIn(flag: string, text: string | undefined): number {
  const count = text === undefined ? Math.max(1, availableParallelism() - 1) : Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw usage(`${flag}: expected a whole number from 1 on, got '${text}'`, `Write ${flag} 2`);
}

/** Above 0 and up to an hour. @throws PumiceError `cli/usage`. */
export function secondsIn(flag: string, text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw usage(`${flag}: expected seconds, above 0 and up to 3600, got '${text}'`, `Write ${flag} 20`);
}

/** Names without the folders of a user's own file; those of two alike say which is which. */
export function labelsOf(plugins: readonly { readonly name: string }[]): readonly string[] {
  const names = plugins.map(({ name }) => parse(name).name);
  return names.map((name, at) => (names.indexOf(name) !== names.lastIndexOf(name) ? `${name} (${at + 1})` : name));
}

/**
 * Names with commas between them, each once; `all` stands for all.
 *
 * @throws PumiceError `cli/usage` naming the closest.
 */
export function tasksIn<T extends string>(flag: string, text: string, known: readonly T[]): readonly T[] {
  if (text === 'all') return known;
  const tasks = [...new Set(text.split(',').map((task) => task.trim()))];
  const unknown = tasks.find((task) => !(known as readonly string[]).includes(task));
  if (unknown === undefined) return tasks as T[];
  throw usage(
    `no task '${unknown}' (closest: ${byLikeness(unknown, known).slice(0, 5).join(', ')})`,
    `Write ${flag} all for all of them`,
  );
}

export interface NamedPolicy {
  readonly name: string;
  readonly options: unknown;
  /** Cameras of its example. */
  readonly looksThrough: readonly string[];
  readonly create: () => Policy;
}

const PAGE_KINDS = /^ui-/;
const ARM_KINDS = /^(eef|joint)-/;

/** @throws PumiceError when there is no such policy, it is for the other kind of body, its options are wrong, or it cannot be made. */
export async function policyIn(
  name: string,
  optionsJson: string | undefined,
  body: 'page' | 'arm',
): Promise<NamedPolicy> {
  const plugin = await loadPlugin('policy', name);
  const options = parseOptions(
    plugin.options,
    { ...bodyFor(plugin.options, body), ...(policyOptionsIn(optionsJson) as object) },
    `policy ${name}`,
  );
  const isFor = (kinds: RegExp) => plugin.actionKinds.some((kind) => kinds.test(kind));
  const [its, others] = body === 'page' ? [PAGE_KINDS, ARM_KINDS] : [ARM_KINDS, PAGE_KINDS];
  if (!isFor(its) && isFor(others))
    throw usage(
      `policy ${name} acts on ${body === 'page' ? 'arms' : 'pages'}, and these tasks are for ${body}s`,
      'Name another with --policy',
    );
  await plugin.create(options).close?.();
  const looksThrough = plugin.example().frames.map(({ camera }) => camera);
  return { name, options, looksThrough, create: () => plugin.create(options) };
}

/** A critic to be asked, made anew for its turn. */
export interface NamedCritic {
  readonly name: string;
  readonly options: unknown;
  readonly create: () => Critic;
}

/**
 * Reads `NAME` or `NAME {options as JSON}`.
 *
 * @throws PumiceError when there is no such critic or its options are wrong.
 */
export async function criticIn(text: string): Promise<NamedCritic> {
  const [, name = '', json = '{}'] = /^(\S+)(?:\s+([\s\S]+))?$/.exec(text.trim()) ?? [];
  const plugin = await loadPlugin('critic', name);
  const options = parseOptions(plugin.options, jsonIn(json, name), `critic ${name}`);
  return { name, options, create: () => plugin.create(options) };
}

function jsonIn(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw usage(
      `--critic ${name}: expected its options as JSON, got ${JSON.stringify(text)} (${describeError(cause)})`,
      `Write --critic '${name} {"modelUrl": "http://gpu:8000/v1"}'`,
    );
  }
}

/** @throws PumiceError `record/write-failed`. */
export async function saveJson(value: unknown, file: string): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`).catch((cause: unknown) => {
    throw new PumiceError('record/write-failed', `could not write '${file}': ${describeError(cause)}`, {
      who,
      hint: 'Give another place with --json FILE',
      cause,
    });
  });
}
