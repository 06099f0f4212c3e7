/** `pumice eval suite` and what goes with it, and `pumice compare`: flags and help. Loads nothing that it does not run. */
import type { Command } from 'commander';
import { criticOption, makeCommand } from './command.ts';

const more = (name: string, before: readonly string[]) => [...before, name];
type Exit = (code: number) => void;

export const makeSuite = (exit: Exit): Command =>
  makeCommand('suite', {
    parent: 'eval',
    summary:
      'a suite of tasks and seeds, with guards, shards and a result file that names all that decides its numbers',
    examples: [
      'eval suite tabletop --policy ember --json ember.json',
      'eval suite tabletop --policy ember --tasks pick,put --seeds 1000-1049 --latency 0,100,300,1000 --json late.json',
      'eval suite tabletop --policy ember --shard 1/4 --json ember-1.json',
      'eval suite metaworld --python sim/bin/python --policy openpi --json pi0.json',
    ],
    notes: `First an oracle and a policy that does nothing play the first seeds of each task. Where the oracle fails, or nothing succeeds,
nothing is reported.

What is done is kept in FILE.partial: killed at any moment, the same command goes on and ends in the same FILE. An episode whose process or
model server broke is played again, one that failed never. --latency adds milliseconds between look and act, rounded up to whole control
periods (200 ms), and plays the same seeds again. docs/evaluation.md says more.`,
  })
    .argument('<suite>', 'see pumice eval suites; or a file of your own, .json')
    .option('--policy <policy>', 'a name, or a file of your own; default: ember, and mark-matcher for pages')
    .option('--policy-options <json>', 'its options, as JSON')
    .addOption(criticOption())
    .option('--tasks <list>', 'only these of the suite, with commas', 'all')
    .option('--seeds <list>', "like 1000-1299 or 1,2,7; default: the suite's")
    .option('--latency <list>', 'added milliseconds, with commas')
    .option('--shard <part>', 'i/n: this part of n; pumice eval merge puts them together')
    .option('--step-timeout <seconds>', 'longest thought; a policy that is later has failed the step', '20')
    .option('--python <file>', 'Python that has the simulator, for suites of simulators of others')
    .option('--workers <number>', 'processes; default: one less than there are processors')
    .option('--records <folder>', 'record every episode into this folder')
    .requiredOption('--json <file>', 'where the result goes')
    .action(async (name, options) => exit(await (await import('./eval-suite.ts')).evaluateSuite(name, options)));

export const makeSuites = (exit: Exit): Command =>
  makeCommand('suites', {
    parent: 'eval',
    summary: 'show the suites that can be run',
    examples: ['eval suites'],
  }).action(async () => exit((await import('./eval-suite.ts')).listSuites()));

export const makeMerge = (exit: Exit): Command =>
  makeCommand('merge', {
    parent: 'eval',
    summary: 'put the results of all shards into one file, the same that one machine would have written',
    examples: ['eval merge ember-1.json ember-2.json --json ember.json'],
  })
    .argument('<files...>', 'results of --shard 1/n to n/n')
    .requiredOption('--json <file>', 'where the result goes')
    .action(async (files, options) => exit(await (await import('./eval-suite.ts')).mergeResults(files, options)));

export const makeCompare = (exit: Exit): Command =>
  makeCommand('compare', {
    summary: 'compare two results of pumice eval on equal seeds: intervals, and whether the difference may be chance',
    examples: [
      'compare ember.json other.json',
      'compare ember.json other.json --html compare.html --records runs/ember',
    ],
  })
    .argument('<first>', 'result, .json')
    .argument('<second>', 'result of the same suite')
    .option('--html <file>', 'write a page with plots, setups and failures')
    .option(
      '--records <folder>',
      "folder of recordings of the first, again for the second: pictures of the page's failures",
      more,
      [] as readonly string[],
    )
    .action(async (first, second, options) =>
      exit(await (await import('./compare.ts')).compareFiles([first, second], options)),
    );
