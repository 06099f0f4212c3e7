/** `pumice ros-sim`: the simulated arm as a robot on a ROS graph, so that the way through a bridge can be tried with no robot. */
import { PumiceError } from '../errors.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { clean } from './words.ts';

export interface RosSimFlags {
  readonly url?: string;
  readonly profile?: string;
  readonly seed: string;
}

type RosSim = typeof import('../../agents/ros-sim/index.ts').rosSim;

/** Lives until it is interrupted. @returns the exit code. */
export async function rosSimFrom(instruction: string, { url, profile: name = '', seed }: RosSimFlags): Promise<number> {
  const { PROFILES, readProfile } = await import('../../envs/ros/index.ts');
  const number = Number(seed);
  const wrong = (message: string, hint: string) =>
    new PumiceError('cli/usage', message, { who: 'pumice ros-sim', hint });
  if (!url || name === '')
    throw wrong(
      `expected --url and --profile, got --url '${url ?? ''}' --profile '${name}'`,
      `Give --url ws://HOST:9090 --profile ${Object.keys(PROFILES).join('|')}`,
    );
  if (!Number.isInteger(number) || number < 0)
    throw wrong(`--seed: expected 0 or more, got '${seed}'`, 'Write --seed 3');
  const { rosSim } = await import('../../agents/ros-sim/index.ts');
  return attend(rosSim, name, { url, profile: readProfile(name), instruction, seed: number });
}

/** Apart: TypeScript 5.9 leaves the `.ts` of an import() that stands in a function with a `using` declaration. */
async function attend(rosSim: RosSim, name: string, options: Parameters<RosSim>[0]): Promise<number> {
  const { url, instruction } = options;
  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const say = (text: string) => process.stdout.write(`${clean(text)}\n`);
  const counts = await rosSim(options, interrupts.signal, (news) => {
    if (news.kind === 'begun') {
      say(`The simulated arm as ${name}, at ${url}. Ctrl-C ends it. Its task: ${instruction}`);
      say(`Drive it: pumice run manipulator "${instruction}" --env ros --url ${url} --robot ${name}`);
    } else if (news.kind === 'link') say(`link ${news.state}${news.cause === undefined ? '' : `: ${news.cause}`}`);
    else if (news.kind === 'done') say('done: the goal was held');
    else if (news.kind === 'watchdog') say('watchdog: told nothing while it moved, it stopped by itself');
    else say(`e-stop ${news.isPressed ? 'pressed' : 'released'}`);
  });
  const { executed, old, unfit, afterStop, watchdogTrips } = counts;
  say(
    `Commands: ${executed} executed; dropped ${old} too old, ${unfit} unfit, ${afterStop} while stopped. Watchdog: ${watchdogTrips}.`,
  );
  return interrupts.exitCode() ?? EXIT.success;
}
