/** `pumice serve-policy`: a policy for arms, with its gate and its record, behind the wire that robots and benchmarks of others speak. */
import { readFileSync } from 'node:fs';
import { PROFILE } from '../../envs/sim/profile.ts';
import { describeError, PumiceError } from '../errors.ts';
import type { Choice } from '../eval/manipulator/messages.ts';
import { requireFit } from '../fit.ts';
import { hostOpenpi, profileOf } from '../models/index.ts';
import type { Critic, Policy } from '../ports.ts';
import { recorder } from '../record/index.ts';
import { defineRobot, type RobotProfile } from '../robot/index.ts';
import { judgesInWords } from './critics.ts';
import { criticIn, policyIn, secondsIn } from './eval-parts.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { openpiBody } from './openpi-body.ts';
import { openpiEpisodes, withoutEnd } from './openpi-episodes.ts';
import { readyCritic, readyPolicy } from './ready.ts';

export interface ServePolicyFlags {
  readonly protocol: string;
  readonly policy: string;
  readonly policyOptions?: string;
  readonly critic: readonly string[];
  readonly robot: string;
  readonly metresPerUnit: string;
  readonly radiansPerUnit: string;
  readonly gripper: string;
  readonly host: string;
  readonly port: string;
  readonly apiKeyEnv?: string;
  readonly records: string;
  readonly stepTimeout: string;
}

const WHO = 'pumice serve-policy';
const wrong = (message: string, hint: string) => new PumiceError('cli/usage', message, { who: WHO, hint });

/** Serves until it is interrupted. @returns the exit code. */
export async function servePolicy(flags: ServePolicyFlags): Promise<number> {
  const { protocol, gripper, host, records } = flags;
  if (protocol !== 'openpi')
    throw wrong(`--protocol: no protocol '${protocol}' (there is: openpi)`, 'Write --protocol openpi');
  if (gripper !== 'open-is-1' && gripper !== 'close-is-1')
    throw wrong(
      `--gripper: expected open-is-1 or close-is-1, got '${gripper}'`,
      'Write what opens it, as LIBERO: close-is-1',
    );
  const units = {
    metresPerUnit: positiveIn('--metres-per-unit', flags.metresPerUnit),
    radiansPerUnit: positiveIn('--radians-per-unit', flags.radiansPerUnit),
    gripper,
  } as const;
  const stepTimeoutMs = secondsIn('--step-timeout', flags.stepTimeout) * 1000;
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw wrong(`--port: expected 0 to 65535, got '${flags.port}'`, 'Write --port 8000');
  const key = keyIn(flags.apiKeyEnv);
  if (key === undefined && !LOOPBACK.test(host))
    throw wrong(
      `--host ${host}: whoever reaches it could ask, and no key is asked for`,
      'Give --api-key-env VARIABLE too, or leave --host out',
    );
  const robot = robotIn(flags.robot);
  const fields = profileOf('openpi').fields ?? {};
  const policy = await policyIn(flags.policy, flags.policyOptions, 'arm');
  const critics = await Promise.all(flags.critic.map(criticIn));
  const minds = createMinds({ policy, critics, stepTimeoutMs });
  const first = await minds.take();
  requireFit(openpiBody(robot), withoutEnd(first.policy));
  minds.giveBack(first);

  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  await using _minds = minds;
  await using listening = await hostOpenpi({
    ...{ host, port, key },
    metadata: { server: 'pumice', policy: policy.name, robot: robot.name, action_horizon: 1, action_dim: 7 },
    onClient: async () => {
      const mind = await minds.take();
      const done = () => minds.giveBack(mind);
      return openpiEpisodes({
        ...mind,
        robot,
        fields,
        units,
        stepTimeoutMs,
        done,
        recorder: () => recorder({ dir: records }),
      });
    },
  });
  process.stdout.write(
    `${policy.name} speaks openpi's wire at ${listening.url}, for ${robot.name}, records in ${records}\n` +
      `${judgesInWords(critics.map(({ name }) => name))}\n`,
  );
  await aborted(interrupts.signal);
  return interrupts.exitCode() ?? EXIT.success;
}

interface Mind {
  readonly policy: Policy;
  readonly critics: readonly Critic[];
}

/** A policy and critics for each client at a time; those of one that left serve the next, since weights are slow to load. */
function createMinds(choice: {
  readonly policy: Choice;
  readonly critics: readonly Choice[];
  readonly stepTimeoutMs: number;
}) {
  const all: Mind[] = [];
  const idle: Mind[] = [];
  return {
    take: async (): Promise<Mind> => {
      const known = idle.pop();
      if (known) return known;
      const policy = await readyPolicy(choice.policy, choice.stepTimeoutMs);
      const made = { policy, critics: await Promise.all(choice.critics.map(readyCritic)) };
      all.push(made);
      return made;
    },
    giveBack: (mind: Mind) => void idle.push(mind),
    [Symbol.asyncDispose]: async () => {
      for (const { policy, critics } of all) for (const one of [policy, ...critics]) await one.close?.();
    },
  };
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** Not inlined: a handler in a function with a `using` declaration keeps it alive. */
const aborted = (signal: AbortSignal) =>
  new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));

function positiveIn(flag: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw wrong(
    `${flag}: expected a number above 0, got '${text}'`,
    `Write ${flag} 1 where the client takes metres and radians`,
  );
}

function keyIn(variable: string | undefined): string | undefined {
  if (variable === undefined) return undefined;
  const key = process.env[variable];
  if (key) return key;
  throw wrong(`--api-key-env: expected a key in the variable ${variable}, it is not set`, 'Set it');
}

/** The robot of the client: its profile in a file, or the simulated arm's. */
function robotIn(nameOrFile: string): RobotProfile {
  if (nameOrFile === 'sim') return PROFILE;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(nameOrFile, 'utf8'));
  } catch (cause) {
    throw wrong(
      `--robot: '${nameOrFile}' cannot be read as JSON: ${describeError(cause)}`,
      'Write sim, or the file of a robot profile (docs/evaluation.md has one)',
    );
  }
  return defineRobot(content as RobotProfile);
}
