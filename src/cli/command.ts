/** How every command of pumice is made: errors are thrown, help ends with examples that work. */
import { Command, Option } from 'commander';
import { EXIT_HELP } from './exit.ts';

export interface CommandText {
  readonly summary: string;
  /** Lines as typed, without `pumice`. */
  readonly examples: readonly string[];
  /** The command that it is part of. */
  readonly parent?: string;
  /** Said after the examples. */
  readonly notes?: string;
  /** Whether the exit codes of runs apply. */
  readonly exits?: boolean;
}

export function makeCommand(name: string, { summary, examples, parent, notes, exits }: CommandText): Command {
  const shown = examples.map((example) => `  $ pumice ${example}`).join('\n');
  const path = [...(name.startsWith('pumice') ? [] : ['pumice']), ...(parent === undefined ? [] : [parent]), name];
  const after = [`Examples:\n${shown}`, notes, exits ? EXIT_HELP : undefined].filter((part) => part !== undefined);
  return new Command(name)
    .description(summary)
    .exitOverride()
    .showHelpAfterError(`(See ${path.join(' ')} --help)`)
    .addHelpText('after', `\n${after.join('\n\n')}`);
}

/** Names of critics, in the order in which they are given; where none is given rules alone judge. */
export const criticOption = (): Option =>
  new Option(
    '--critic <critic>',
    'judges beside the rules, which judge alone without it; again for more. Options follow the name as JSON',
  )
    .argParser((name: string, before: readonly string[]) => [...before, name])
    .default([] as readonly string[]);
