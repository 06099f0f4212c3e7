/** `pumice eval` and its commands: flags and help. Loads nothing that it does not run. */
import type { Command } from 'commander';
import { criticOption, makeCommand } from './command.ts';
import { makeMerge, makeSuite, makeSuites } from './eval-suite-command.ts';

const more = (name: string, before: readonly string[]) => [...before, name];

/** @param exit - is told the exit code of the one that ran. */
export function makeEvalCommand(exit: (code: number) => void): Command {
  return makeCommand('eval', {
    summary: 'run a policy over many tasks, or critics over a labelled set, and count how often they are right',
    examples: [
      'eval suite tabletop --policy ember --json ember.json',
      'eval miniwob --tasks click-button,enter-date --seeds 11-15',
      'eval manipulator --env sim --task pick --seeds 1000-1299 --policy ember --json pick.json',
      'eval critic --set critic-set --critic cinder --html critics.html',
    ],
  })
    .addCommand(makeSuite(exit))
    .addCommand(makeSuites(exit))
    .addCommand(makeMerge(exit))
    .addCommand(makeMiniwob(exit))
    .addCommand(makeManipulator(exit))
    .addCommand(makeRobot(exit))
    .addCommand(makeCritic(exit));
}

const makeMiniwob = (exit: (code: number) => void) =>
  makeCommand('miniwob', {
    parent: 'eval',
    summary: 'web tasks that others wrote (MiniWoB++), in a browser',
    examples: [
      'eval miniwob --tasks click-button,enter-date --seeds 11-15',
      'eval miniwob --tasks all --seeds 11-15 --parallel 4 --json result.json',
    ],
    notes: `With --json, what is done is kept in FILE.partial: killed at any moment, the same command goes on, and ends in FILE.`,
  })
    .requiredOption('--tasks <list>', 'names with commas between them, or all')
    .option('--seeds <list>', 'like 11-15 or 1,2,7', '11-15')
    .option('--policy <policy>', 'a name, or a file of your own', 'mark-matcher')
    .option('--policy-options <json>', 'its options, as JSON')
    .option('--parallel <number>', 'episodes at a time; default: one less than there are processors')
    .option('--records <folder>', 'where recordings go; default: a new folder in runs/')
    .option('--json <file>', 'write summary and episodes to a file')
    .action(async (options) => exit(await (await import('./eval-miniwob.ts')).evaluateMiniwob(options)));

const makeManipulator = (exit: (code: number) => void) =>
  makeCommand('manipulator', {
    parent: 'eval',
    summary: 'tasks in words with an arm, by seed: success by three rules, with intervals',
    examples: [
      'eval manipulator --task pick --seeds 1000-1299 --policy ember --json pick.json',
      'eval manipulator --task hover,pick,put --seeds 1000-1099 --policy ember --compare expert',
      'eval manipulator --task pick --policy ember --perturb camera=0.02,light=0.5,jpeg=70,delay=1',
      'eval manipulator --task put --policy ember --perturb switch=5 --workers 4',
      'eval manipulator --task put --policy ember --critic cinder',
    ],
    notes: `Rules of success: "final" met in the last state, "held" met for three looks in a row at some time (the rate, its
interval and the comparison are of this one), "any" met in any state.

--perturb, with commas between:
  camera=M      cameras shifted by up to M metres and turned by as many degrees as centimetres
  light=F       brightness between F and 1.9 less F
  jpeg=Q        pictures as JPEG of this quality
  delay=N       actions come N steps late
  unseen        phrasings that no model was trained on
  absent        asks for a block that is not there: done is to lift none
  switch=N      begins with another instruction; the real one comes after N steps
  grey, words   controls that have to fail: no picture, the instruction of another goal

With --json, what is done is kept in FILE.partial: after Ctrl-C the same command goes on, and ends in the same FILE.`,
  })
    .option('--env <env>', 'the body; there is one: sim', 'sim')
    .requiredOption('--task <list>', 'hover, pick, put, push, stack: one, several with commas, or all')
    .option('--seeds <list>', 'like 1000-1299 or 1,2,7', '1000-1099')
    .option('--policy <policy>', 'a name, or a file of your own', 'ember')
    .option('--policy-options <json>', 'its options, as JSON')
    .addOption(criticOption())
    .option('--compare <policy>', 'a second policy on the same seeds, with the paired test (McNemar, exact)')
    .option('--compare-options <json>', 'options of the second policy, as JSON')
    .option('--perturb <list>', 'make it harder: see below')
    .option('--cameras <list>', 'third, wrist or both; default: what the policy says it looks at, else third')
    .option('--step-timeout <seconds>', 'longest thought; a policy that is later has failed the step', '20')
    .option('--workers <number>', 'processes; default: one less than there are processors')
    .option('--records <folder>', 'record every episode into this folder')
    .option('--json <file>', 'write summary and episodes to a file')
    .action(async (options) => exit(await (await import('./eval-manipulator.ts')).evaluateManipulator(options)));

const makeRobot = (exit: (code: number) => void) =>
  makeCommand('robot', {
    parent: 'eval',
    summary: 'a policy on a real robot behind a bridge: a person resets the scene and says how each attempt went',
    examples: [
      'eval robot --url ws://robot:9090 --profile my-arm.json --instruction "pick up the cup" --attempts 20 --policy ember --json cup.json',
    ],
    notes: `Before each attempt the robot goes home (the profile says where), slowly and through the gate, and is halted while the scene
is reset. The person's word is the success that counts; it stands in the recording beside what the run itself knows. An attempt that ends
in a fault, such as a link that was lost, does not count and is begun again.

What was judged is kept in FILE.partial: after Ctrl-C, or q, the same command goes on with the next attempt, and ends in the same FILE.`,
  })
    .requiredOption('--url <url>', 'address of the bridge, such as ws://robot:9090')
    .requiredOption('--profile <name>', 'profile of the robot, or its file')
    .option('--instruction <text>', 'what to do; again for more', more, [] as readonly string[])
    .option('--attempts <number>', 'of each instruction', '10')
    .option('--policy <policy>', 'a name, or a file of your own', 'ember')
    .option('--policy-options <json>', 'its options, as JSON')
    .addOption(criticOption())
    .option('--max-steps <number>', 'steps after which an attempt is truncated')
    .option('--step-timeout <seconds>', 'longest thought; a policy that is later has failed the step', '20')
    .option('--real-time', 'the policy thinks ahead while its last plan plays, so its plans have to be long')
    .option('--records <folder>', 'where recordings go', 'runs')
    .requiredOption('--json <file>', 'write summary and attempts to a file')
    .action(async (options) => exit(await (await import('./eval-robot.ts')).evaluateRobot(options)));

const makeCritic = (exit: (code: number) => void) =>
  makeCommand('critic', {
    parent: 'eval',
    summary: 'critics on a labelled set: what they let through, with intervals; or make such a set',
    examples: [
      'eval critic --make critic-set --from sim --count 300 --seed 1',
      'eval critic --make page-set --from pages --count 200',
      'eval critic --set critic-set --critic rules --critic cinder --html critics.html',
      `eval critic --set critic-set --critic 'cosmos-reason {"modelUrl": "http://gpu:8000/v1"}' --json cosmos.json`,
    ],
    notes: `Measure a critic before it is trusted. The rate that matters is how many hazards it allows, per class and with its interval.
A case without an answer (an error, too late, not readable) is no in a run, and stands apart here. docs/critics.md has the form of a set.

With --json, what was answered is kept in FILE.partial: after Ctrl-C the same command goes on, and ends in the same FILE.`,
  })
    .option('--set <folder>', 'the labelled set')
    .option(
      '--critic <critic>',
      'who is asked; again for more. A name, a file of your own, or rules; options follow the name as JSON. Default for arms: cinder',
      more,
      [] as readonly string[],
    )
    .option('--timeout <seconds>', 'longest wait for one answer', '60')
    .option('--parallel <number>', 'cases asked at a time; more than one makes answers of one server later', '1')
    .option('--json <file>', 'write summary and answers to a file')
    .option('--html <file>', 'write a page with the tables and the mistakes to a file')
    .option('--make <folder>', 'make a set in this folder instead')
    .option('--from <source>', 'what it is made of: sim (the simulated arm) or pages (a browser)')
    .option('--count <number>', 'hazards of the set, in equal parts of every class; as many cases are safe', '200')
    .option('--seed <number>', 'another seed makes another set, the same one the same', '1')
    .action(async (options) => exit(await (await import('./eval-critic.ts')).evaluateCritic(options)));
