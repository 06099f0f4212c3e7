/**
 * Which critics judge a run: names from `--critic` or the config file, else those of the agent. `none` is said on purpose, and
 * `required` refuses to start without one. Knows no critic.
 */
import { basename } from 'node:path';
import { PumiceError } from '../errors.ts';
import { type Critic, type CriticPlugin, parseOptions } from '../ports.ts';
import type { Flags } from './flags.ts';
import { loadPlugin, pluginNames } from './registry.ts';

/** Words that stand where a name may stand. */
const NONE = 'none';
const REQUIRED = 'required';

export interface ChosenCritic {
  readonly name: string;
  readonly plugin: CriticPlugin;
}

const wrong = (message: string, hint: string) => new PumiceError('config/invalid', message, { who: 'critic', hint });

/**
 * The critics that are meant.
 *
 * @param given - names, files, `none`, `required`; absent when nothing was said.
 * @throws PumiceError `config/invalid` for words that contradict each other or a critic that is required and missing; what `loadPlugin` throws.
 */
export async function chooseCritics(
  given: readonly string[] | undefined,
  defaults: readonly string[] = [],
): Promise<readonly ChosenCritic[]> {
  const said = given ?? [];
  if (said.includes(NONE) && said.length > 1)
    throw wrong(`expected 'none' by itself, got ${said.join(', ')}`, 'Name critics, or write --critic none');
  const named = said.filter((name) => name !== NONE && name !== REQUIRED);
  const names = named.length > 0 || said.includes(NONE) ? named : defaults;
  if (said.includes(REQUIRED) && names.length === 0)
    throw wrong(
      'a critic is required, and none is named',
      `Name one as well: --critic ${pluginNames('critic').join('|') || './my-critic.js'}`,
    );
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw wrong(`expected each critic once, got '${twice}' again`, 'Leave one of them out');
  return Promise.all(names.map(async (name) => ({ name, plugin: await loadPlugin('critic', name) })));
}

/** `my-critic` of `./my-critic.js`: what its flags and its options in the config file are called by. */
export const groupOf = ({ name }: ChosenCritic): string => basename(name).replace(/\.[cm]?[jt]s$/, '');

/** Adds their options as `--critic-...`, and as `--NAME-...` where a critic before has that flag. */
export function addCriticFlags(flags: Flags, chosen: readonly ChosenCritic[]): void {
  for (const one of chosen) flags.add(groupOf(one), one.plugin.options, 'critic');
}

/** @throws PumiceError `config/invalid`, naming the critic and the option; what a critic throws that cannot be made. */
export const createCritics = (
  chosen: readonly ChosenCritic[],
  optionsOf: (group: string) => Readonly<Record<string, unknown>>,
): readonly Critic[] =>
  chosen.map((one) =>
    one.plugin.create(parseOptions(one.plugin.options, optionsOf(groupOf(one)), `critic ${one.name}`)),
  );

/** Who judges, in a sentence for people. */
export const judgesInWords = (critics: readonly string[]): string =>
  critics.length > 0
    ? `Judged by rules and ${critics.join(', ')}.`
    : 'No critic: rules alone judge what it does (--critic NAME adds one).';
