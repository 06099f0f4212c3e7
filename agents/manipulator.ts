/**
 * The agent for arms: the simulated arm, a robot behind a bridge or in a simulator, and any policy for end-effector motion, wired together.
 * Knows no policy and no critic by name but those that are used when none is named.
 */
import {
  type Action,
  type Agent,
  type AgentParts,
  defineAgent,
  type Env,
  type Policy,
  PumiceError,
  parseOptions,
  run,
  type StopSource,
} from 'pumice';
import { PROFILES, readProfile, ros } from 'pumice/envs/ros';
import { type SimEnv, sim } from 'pumice/envs/sim';
import { BACKENDS, type SimplerEnv, simpler } from 'pumice/envs/simpler';
import { network, stopsOf } from 'pumice/stops';
import { z } from 'zod';

const SIM_ALONE = z.strictObject({
  fit: z
    .boolean()
    .default(true)
    .describe('lay out the colours that the instruction names; otherwise the seed alone says what is there'),
  wrist: z.boolean().default(true).describe('look through the camera on the hand too'),
  oracle: z
    .boolean()
    .default(false)
    .describe('open the channel of the expert, which sees the true state; the policy expert needs it'),
  realTime: z
    .boolean()
    .default(false)
    .describe(
      'time passes whether or not anybody acts: the policy thinks ahead while its last plan plays, so its plans have to be long (ember: --execute 4)',
    ),
  speed: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('share of its speed at which the arm is moved, on the same way; only with real time'),
  stopPort: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('UDP port of this machine at which any datagram stops the arm; only with real time'),
  deadManMs: z
    .int()
    .min(100)
    .optional()
    .describe('the longest silence between datagrams "alive" at the stop port: after it the arm stops'),
});
const options = SIM_ALONE.extend({
  env: z
    .enum(['sim', 'ros', 'simpler'])
    .default('sim')
    .describe('the simulated arm, a robot behind a bridge, or one in a simulator in Python'),
  url: z
    .string()
    .optional()
    .describe(
      'ros: address of the bridge, such as ws://robot:9090; simpler: of a server that runs, in place of a backend',
    ),
  robot: z
    .string()
    .min(1)
    .optional()
    .describe(`ros: profile of the robot (${Object.keys(PROFILES).join(', ')}), or its file`),
  backend: z
    .string()
    .min(1)
    .optional()
    .meta({
      value: 'name',
      description: `simpler: simulator to start (${BACKENDS.join(', ')}, a .json declaration, or a .py file)`,
    }),
  python: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'file', description: 'simpler: Python that has it; default: python3' }),
  simTask: z.string().min(1).optional().meta({ value: 'name', description: 'simpler: task, such as drawer-open-v3' }),
});
const WHO = 'agent manipulator';

/** A policy that acts by the true state of the world, such as the expert. */
interface TakesOracle {
  readonly useOracle: (oracle: {
    readonly expertAction: () => Action | undefined;
    readonly score: () => { readonly first: boolean };
  }) => void;
}
const takesOracle = (policy: object): policy is TakesOracle => 'useOracle' in policy;

const plugin = defineAgent({
  summary: 'does a task with an arm, simulated or behind a ROS bridge, in words: pick, put, hover, push, stack',
  options,
  defaultPolicy: 'ember',
  defaultCritics: ['cinder'],
  body: 'arm',
  create: async ({ env: kind, url, robot, backend, python, simTask, ...ofSim }, { policy }) => {
    if (kind === 'simpler') {
      requireUsual({ ...ofSim, oracle: false }, 'in a simulator in Python');
      if (robot !== undefined) throw notHere('robot', 'in a simulator in Python');
      const { oracle } = ofSim;
      return agentInSimulator(await simpler({ url, backend, python, task: simTask, oracle }), policy);
    }
    const ofSimpler = Object.entries({ backend, python, simTask }).find(([, value]) => value !== undefined);
    if (ofSimpler) throw notHere(ofSimpler[0], kind === 'ros' ? 'behind a bridge' : "pumice's own simulated one");
    if (kind === 'ros') return agentOn(await openRobot(url, robot, ofSim), policy);
    if (url !== undefined || robot !== undefined)
      throw new PumiceError('config/invalid', 'an address or a robot is given, and the arm is the simulated one', {
        who: WHO,
        hint: 'Give --env ros too',
      });
    const { fit, wrist, oracle, realTime, speed, stopPort, deadManMs } = ofSim;
    if (speed < 1 && !realTime)
      throw new PumiceError(
        'config/invalid',
        `speed is ${speed}, and an arm in lockstep has none: each step is a look`,
        {
          who: WHO,
          hint: 'Give --real-time too, or leave speed out',
        },
      );
    if (stopPort !== undefined && !realTime)
      throw new PumiceError('config/invalid', 'a stop port is for an arm that moves by itself, and this one does not', {
        who: WHO,
        hint: 'Give --real-time too, or leave the stop port out',
      });
    if (deadManMs !== undefined && stopPort === undefined)
      throw new PumiceError('config/invalid', 'a dead-man is renewed at the stop port, and none is given', {
        who: WHO,
        hint: 'Give --stop-port too',
      });
    const cameras = wrist ? (['third', 'wrist'] as const) : (['third'] as const);
    const env = await sim({ fit, oracle, cameras: [...cameras], realtime: realTime, speedScale: speed });
    if (env.oracle && takesOracle(policy)) policy.useOracle(env.oracle);
    const stopsFor = ({ instruments }: SimEnv, given: readonly StopSource[] = []) => [
      ...given,
      stopsOf(() => instruments!.driver()),
      ...(stopPort === undefined
        ? []
        : [
            network({
              port: stopPort,
              stopWord: instruments!.stopWord,
              ...(deadManMs !== undefined && { renewWithinMs: deadManMs }),
            }),
          ]),
    ];
    const close = async () => {
      await env.close();
      await policy.close?.();
    };
    const agent: Agent = {
      run: (task) => run({ ...task, env, policy, ...(realTime && inRealTime(env, speed, stopsFor(env, task.stops))) }),
      keysStop: realTime,
      ...shownOf(env),
      close,
      [Symbol.asyncDispose]: close,
    };
    return agent;
  },
});
export default plugin;

/** @throws PumiceError `config/invalid` for what is missing, or what a robot behind a bridge does not take. */
async function openRobot(url: string | undefined, robot: string | undefined, ofSim: object): Promise<Env> {
  if (url === undefined || robot === undefined)
    throw new PumiceError('config/invalid', 'a robot behind a bridge needs the address of the bridge and a profile', {
      who: WHO,
      hint: `Give --url ws://HOST:9090 --robot ${Object.keys(PROFILES).join('|')}`,
    });
  requireUsual(ofSim, 'behind a bridge');
  return ros({ url, profile: readProfile(robot) });
}

const notHere = (option: string, where: string) =>
  new PumiceError('config/invalid', `${option} is for another arm, and this one is ${where}`, {
    who: WHO,
    hint: 'Leave it out, or choose the arm with --env',
  });

/** Options of the simulated arm are as they are by default. */
function requireUsual(ofSim: object, where: string): void {
  const usual: Readonly<Record<string, unknown>> = SIM_ALONE.parse({});
  const changed = Object.entries(ofSim).find(([key, value]) => value !== usual[key]);
  if (changed)
    throw new PumiceError('config/invalid', `${changed[0]} is for the simulated arm, and this one is ${where}`, {
      who: WHO,
      hint: 'Leave it out',
    });
}

/** Judged by its task; what the task asks for may change on the way, and then the run is told. */
function agentInSimulator(env: SimplerEnv, policy: Policy): Agent {
  if (env.oracle && takesOracle(policy)) policy.useOracle(env.oracle);
  const close = async () => {
    await env.close();
    await policy.close?.();
  };
  const agent: Agent = {
    run: (task) => {
      const episode = run({
        oracle: env.judge,
        ...task,
        env,
        policy,
        budget: { maxSteps: env.maxSteps, ...task.budget },
      });
      let asked: string | undefined;
      episode.events$.subscribe({
        next: ({ kind }) => {
          if (kind !== 'step-end') return;
          const now = env.instruction();
          if (asked !== undefined && now !== asked) episode.setInstruction(now);
          asked = now;
        },
        error: () => {},
      });
      return episode;
    },
    keysStop: false,
    close,
    [Symbol.asyncDispose]: close,
  };
  return agent;
}

/** It moves by itself, so keys stop it; a plan of one action is a step of its own, which is over when the robot stands. */
function agentOn(env: Env, policy: Policy): Agent {
  const close = async () => {
    await env.close();
    await policy.close?.();
  };
  return {
    run: (task) => run({ ...task, env, policy }),
    keysStop: true,
    ...shownOf(env),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What a dashboard gets of a body. */
const shownOf = ({ stopWord, driverState, frames }: Env) => ({
  ...(stopWord && { stopWord }),
  ...(driverState && { driverState }),
  ...(frames && { frames }),
});

/** At the rate that the body takes actions at, slowed down in time. */
const inRealTime = ({ limits: { motion } }: Env, speed: number, stops: readonly StopSource[]) => ({
  stops,
  pace: { rateHz: typeof motion === 'object' ? 1000 / motion.stepMs : 0 },
  realTime: { speedScale: speed },
});

/** The agent as a value, for programs: `await manipulator({ policy: ember() })`. */
export const manipulator = ({ policy, ...given }: z.input<typeof options> & AgentParts): Promise<Agent> =>
  plugin.create(parseOptions(options, given, WHO), { policy });
