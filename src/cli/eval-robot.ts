/** `pumice eval robot`: a policy on a real robot, with a person who resets the scene and says how each attempt went. */
import { PumiceError } from '../errors.ts';
import { openJournal } from '../eval/journal.ts';
import { type Operator, type RobotScore, robotEpisodes } from '../eval/robot/episodes.ts';
import { tableOf } from '../eval/run-pairs.ts';
import { prepare } from '../prepare.ts';
import { keyboard } from '../stops/index.ts';
import { countIn, criticIn, policyIn, saveJson, secondsIn, usage } from './eval-parts.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { personAt } from './person.ts';
import { clean } from './words.ts';

export interface RobotFlags {
  readonly url: string;
  readonly profile: string;
  readonly instruction: readonly string[];
  readonly attempts: string;
  readonly policy: string;
  readonly policyOptions?: string;
  readonly critic: readonly string[];
  readonly maxSteps?: string;
  readonly stepTimeout: string;
  readonly realTime?: boolean;
  readonly records: string;
  readonly json: string;
}

/** Where the person sits. */
export interface RobotTerminal {
  readonly input: NodeJS.ReadStream;
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
}

const ours = (): RobotTerminal => ({
  input: process.stdin,
  isTerminal: Boolean(process.stdin.isTTY && process.stdout.isTTY),
  write: (text) => void process.stdout.write(text),
});

/** @returns 0 when every attempt was judged, 4 when the person left before, 130 after Ctrl-C. */
export async function evaluateRobot(flags: RobotFlags, terminal: RobotTerminal = ours()): Promise<number> {
  const { url, json, instruction: instructions, records } = flags;
  if (!terminal.isTerminal)
    throw usage('expected a person at a terminal, beside the robot, got none', 'Run it in a terminal, not redirected');
  if (instructions.length === 0)
    throw usage('--instruction: expected what to do', 'Write --instruction "pick up the cup"');
  if (new Set(instructions).size !== instructions.length)
    throw usage('--instruction: the same one is there twice', 'Give more --attempts instead');
  const attempts = countIn('--attempts', flags.attempts);
  const maxSteps = flags.maxSteps === undefined ? undefined : countIn('--max-steps', flags.maxSteps);
  const stepTimeoutMs = secondsIn('--step-timeout', flags.stepTimeout) * 1000;
  const { readProfile, ros } = await robots();
  const profile = readProfile(flags.profile);
  const { home } = profile;
  if (!home)
    throw usage(
      `profile ${flags.profile} names no home`,
      'Add "home": { "pM": [x, y, z], "qXyzw": [x, y, z, w], "gripperOpen": 1 } to it',
    );
  const policy = await policyIn(flags.policy, flags.policyOptions, 'arm');
  const critics = await Promise.all(flags.critic.map(criticIn));
  const isRealTime = flags.realTime === true;
  const command = {
    profile: flags.profile,
    policy: { name: policy.name, options: policy.options },
    critics: critics.map(({ name, options }) => ({ name, options })),
    ...{ instructions, attempts, stepTimeoutMs, isRealTime },
    ...(maxSteps !== undefined && { maxSteps }),
  };
  const partial = `${json}.partial`;
  const journal = openJournal<RobotScore>(partial, command);
  const { recorder } = await recording();

  const say = (text: string) => terminal.write(`${clean(text)}\n`);
  using interrupts = watchInterrupts(say);
  const { signal } = interrupts;
  const parts = [policy.create(), ...critics.map(({ create }) => create())] as const;
  const [made, ...judges] = parts;
  await using _parts = {
    [Symbol.asyncDispose]: async () => void (await Promise.all(parts.map((part) => part.close?.()))),
  };
  try {
    for (const part of parts) await prepare(part, { signal });
    say('Space, q or Escape stops the robot while it moves. The wired e-stop is the one to reach for.');
    const result = await robotEpisodes({
      ...{ instructions, attempts, home, journal, signal, stepTimeoutMs, maxSteps, isRealTime },
      ...{ policy: made, critics: judges },
      open: () => ros({ url, profile }),
      operator: operatorAt(terminal, say),
      recorder: () => recorder({ dir: records }),
    });
    terminal.write(`\n${tableOf(result)}\n`);
    await saveJson({ setup: { ...command, judgedBy: 'a person' }, ...result }, json);
    journal.remove();
    return EXIT.success;
  } catch (error) {
    const exitCode = interrupts.exitCode() ?? (PumiceError.is(error, 'body/halted') ? EXIT.stopped : undefined);
    if (exitCode === undefined) throw error;
    say(`Stopped. The same command goes on from here (kept in ${partial}).`);
    return exitCode;
  }
}

/** Keys stop it while it moves; lines are read between. */
const operatorAt = ({ input }: RobotTerminal, say: (text: string) => void): Operator => ({
  say,
  stops: () => [keyboard(input)],
  line: async (question, signal) => {
    using person = personAt({ input, say });
    const leave = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    // Awaited: the person is read from until then.
    return signal.aborted ? undefined : await Promise.race([person.line(question), leave]);
  },
});

/** Not inlined: TypeScript 5.9 leaves the `.ts` of an import() that stands in a function with a `using` declaration. */
const robots = () => import('../../envs/ros/index.ts');
const recording = () => import('../record/index.ts');
