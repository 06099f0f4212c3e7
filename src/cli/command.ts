/** How every command of pumice is made: errors are thrown, help ends with examples that work. */
import { Command } from 'commander';
import { EXIT_HELP } from './exit.ts';

export interface CommandText {
  readonly summary: string;
  /** Lines as typed, without `pumice`. */
  readonly examples: readonly string[];
  /** Whether the exit codes of runs apply. */
  readonly exits?: boolean;
}

export function makeCommand(name: string, { summary, examples, exits }: CommandText): Command {
  const shown = examples.map((example) => `  $ pumice ${example}`).join('\n');
  return new Command(name)
    .description(summary)
    .exitOverride()
    .showHelpAfterError(`(See ${name.startsWith('pumice') ? name : `pumice ${name}`} --help)`)
    .addHelpText('after', `\nExamples:\n${shown}${exits ? `\n\n${EXIT_HELP}` : ''}`);
}
