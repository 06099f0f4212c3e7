/** `pumice serve-policy`: a policy for arms, with its gate and its record, behind the wire that robots and benchmarks of others speak. */
import { readFileSync } from 'node:fs';
import { PROFILE } from '../../envs/sim/profile.ts';
import { describeError, PumiceError } from '../errors.ts';
import type { Choice } from '../eval/manipulator/messages.ts';
import { requireFit } from '../fit.ts';
import { hostOpenpi, hostVlaEval, profileOf, type SentMap } from '../models/index.ts';
import type { Critic, Policy } from '../ports.ts';
import { recorder } from '../record/index.ts';
import { defineRobot, type RobotProfile } from '../robot/index.ts';
import { clientBody, type Wire, type WireUnits } from './client-body.ts';
import { type EpisodesOptions, withoutEnd } from './client-episode.ts';
import { judgesInWords } from './critics.ts';
import { criticIn, policyIn, secondsIn } from './eval-parts.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { openpiEpisodes } from './openpi-episodes.ts';
import { readyCritic, readyPolicy } from './ready.ts';
import { vlaEvalEpisodes } from './vla-eval-episodes.ts';

export interface ServePolicyFlags {
  readonly protocol: string;
  readonly policy: string;
  readonly policyOptions?: string;
  readonly critic: readonly string[];
  readonly robot: string;
  readonly metresPerUnit: string;
  readonly radiansPerUnit: string;
  readonly rotation?: string;
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
  if (!isWire(protocol))
    throw wrong(`--protocol: no protocol '${protocol}' (there are: openpi, vla-eval)`, 'Write --protocol openpi');
  if (gripper !== 'open-is-1' && gripper !== 'close-is-1')
    throw wrong(
      `--gripper: expected open-is-1 or close-is-1, got '${gripper}'`,
      'Write what opens it, as LIBERO: close-is-1',
    );
  const rotation = rotationIn(flags.rotation, protocol);
  const units = {
    metresPerUnit: positiveIn('--metres-per-unit', flags.metresPerUnit),
    radiansPerUnit: positiveIn('--radians-per-unit', flags.radiansPerUnit),
    rotation,
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
  const policy = await policyIn(flags.policy, flags.policyOptions, 'arm');
  const critics = await Promise.all(flags.critic.map(criticIn));
  const minds = createMinds({ policy, critics, stepTimeoutMs });
  const first = await minds.take();
  requireFit(clientBody(robot, protocol), withoutEnd(first.policy));
  minds.giveBack(first);

  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  await using _minds = minds;
  const own = async (): Promise<EpisodesOptions> => {
    const mind = await minds.take();
    const done = () => minds.giveBack(mind);
    return { ...mind, robot, units, stepTimeoutMs, done, recorder: () => recorder({ dir: records }) };
  };
  const named = { policy: policy.name, robot: robot.name };
  await using listening = await HOSTS[protocol]({ at: { host, port, key }, named, units, own });
  process.stdout.write(
    `${policy.name} speaks ${protocol}'s wire at ${listening.url}, for ${robot.name}, records in ${records}\n` +
      `${judgesInWords(critics.map(({ name }) => name))}\n`,
  );
  await aborted(interrupts.signal);
  return interrupts.exitCode() ?? EXIT.success;
}

/** The wire of vla-eval is for robots that turn by axis-angle; openpi's says nothing of it. */
function rotationIn(given: string | undefined, protocol: Wire): WireUnits['rotation'] {
  const of = protocol === 'vla-eval' ? 'axis-angle' : 'rpy';
  const rotation = given ?? of;
  if ((rotation === 'rpy' || rotation === 'axis-angle') && (protocol === 'openpi' || rotation === of)) return rotation;
  const expected = protocol === 'openpi' ? 'rpy or axis-angle' : of;
  throw wrong(
    `--rotation: expected ${expected}, got '${rotation}'`,
    `Write --rotation axis-angle, as LIBERO's robots turn`,
  );
}

interface Serving {
  readonly at: { readonly host: string; readonly port: number; readonly key: string | undefined };
  readonly named: { readonly policy: string; readonly robot: string };
  readonly units: WireUnits;
  /** What a client needs of its own. */
  readonly own: () => Promise<EpisodesOptions>;
}

const HOSTS: Readonly<Record<Wire, (serving: Serving) => Promise<AsyncDisposable & { readonly url: string }>>> = {
  openpi: ({ at, named, own }) =>
    hostOpenpi({
      ...at,
      metadata: { server: 'pumice', ...named, action_horizon: 1, action_dim: 7 },
      onClient: async () => openpiEpisodes({ ...(await own()), fields: profileOf('openpi').fields ?? {} }),
    }),
  'vla-eval': ({ at, named, units, own }) =>
    hostVlaEval({
      ...at,
      hello: helloOf(named, units),
      onClient: async (benchmark) => vlaEvalEpisodes(await own(), benchmark),
      onRefused: (words) => process.stderr.write(`${words}\n`),
    }),
};
const isWire = (name: string): name is Wire => Object.hasOwn(HOSTS, name);

/** What vla-eval compares with what a benchmark takes and sends, and keeps in its result file. */
const helloOf = (named: Serving['named'], { gripper }: WireUnits): SentMap => {
  const one = (name: string, dims: number, format: string) => ({ name, dims, format });
  return {
    ...{ harness_version: 'pumice', model_server: 'pumice', capabilities: {}, ...named },
    // Of the benchmark's constructor: where the tool is, and what the hand sees.
    observation_params: { send_state: true, send_wrist_image: true },
    action_spec: {
      position: one('position', 3, 'delta_xyz'),
      rotation: one('rotation', 3, 'axis_angle'),
      gripper: one('gripper', 1, gripper === 'close-is-1' ? 'binary_close_positive' : 'binary_close_negative'),
    },
    observation_spec: {
      language: one('language', 0, 'language'),
      state: one('state', 8, 'eef_pos3_axisangle3_gripper2'),
    },
  };
};

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
