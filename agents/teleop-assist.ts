/**
 * The agent for a person who leads an arm, simulated or behind a bridge, with a policy beside them: alone, together, or watching over it.
 * Everything goes through the same gate as a policy's. Knows no policy by name but the one that is used when none is named, and nothing
 * of how a person's controls get here: a `Pilot` is handed in with each run.
 */
import {
  type Agent,
  type AgentParts,
  defineAgent,
  type Env,
  type Marker,
  type Pilot,
  type Policy,
  PumiceError,
  parseOptions,
  type RealTime,
  run,
} from 'pumice';
import { PROFILES, type RosEnv, readProfile, ros } from 'pumice/envs/ros';
import { sim } from 'pumice/envs/sim';
import { stopsOf } from 'pumice/stops';
import { z } from 'zod';

const WHO = 'agent teleop-assist';
/** Ticks a second of the simulated arm without a sample. Chosen: two to each action of ember, and a target of 25 mm at reduced speed. */
const RATE_HZ = 10;
/** Height of the middle of blocks, m. */
const SIM_THINGS_AT_M = 0.02;

const options = z.strictObject({
  env: z.enum(['sim', 'ros']).default('sim').describe('the simulated arm, or a robot behind a bridge'),
  url: z.string().optional().describe('ros: address of the bridge, such as ws://robot:9090'),
  robot: z
    .string()
    .min(1)
    .optional()
    .describe(`ros: profile of the robot (${Object.keys(PROFILES).join(', ')}), or its file`),
  pilotTopic: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'topic', description: "ros: a person's controls come from it, and not from a page" }),
  pilotType: z.enum(['twist', 'joy']).default('joy').describe('ros: geometry_msgs/TwistStamped or sensor_msgs/Joy'),
  deadManButton: z.int().min(0).default(4).describe('ros: number of the button of a Joy that has to be held'),
  pilotMode: z
    .enum(['manual', 'assist', 'supervised'])
    .default('manual')
    .describe('ros: how a person leads from a topic: alone, with the policy, or only when they take over'),
  fit: z
    .boolean()
    .default(true)
    .describe('sim: lay out the colours that the instruction names; otherwise the seed alone says what is there'),
  wrist: z.boolean().default(true).describe('sim: look through the camera on the hand too'),
  marks: z
    .boolean()
    .default(true)
    .describe('sim: number the things on the table, as the simulator itself tells them apart, to be led above them'),
  speedMPerS: z
    .number()
    .gt(0)
    .max(0.25)
    .optional()
    .describe('the fastest that a person leads the tool, m/s; default: 0.25'),
});

const plugin = defineAgent({
  summary: 'a person leads an arm, with a policy that helps or drives under their eyes',
  options,
  defaultPolicy: 'ember',
  needsPilot: ({ pilotTopic }) => pilotTopic === undefined,
  body: 'arm',
  create: async (
    { env: kind, url, robot, pilotTopic, pilotType, deadManButton, pilotMode, fit, wrist, marks, speedMPerS },
    { policy },
  ) => {
    const lead = speedMPerS === undefined ? {} : { leadMPerS: speedMPerS };
    if (kind === 'ros') {
      const env = await openRobot(url, robot);
      const joy = { deadMan: deadManButton };
      const pilot =
        pilotTopic === undefined ? undefined : env.pilot({ topic: pilotTopic, type: pilotType, mode: pilotMode, joy });
      return agentOn(env, policy, { realTime: lead, ...(pilot && { pilot }) });
    }
    if (pilotTopic !== undefined)
      throw new PumiceError('config/invalid', 'a topic is given to lead by, and the arm is the simulated one', {
        who: WHO,
        hint: 'Give --env ros too, or lead it from the page of --dashboard',
      });
    if (url !== undefined || robot !== undefined)
      throw new PumiceError('config/invalid', 'an address or a robot is given, and the arm is the simulated one', {
        who: WHO,
        hint: 'Give --env ros too',
      });
    const cameras = wrist ? (['third', 'wrist'] as const) : (['third'] as const);
    const env = await sim({ fit, cameras: [...cameras], realtime: true, rateHz: RATE_HZ, oracle: marks });
    const { oracle } = env;
    const marker: Marker | undefined = oracle && {
      name: 'segmentation',
      mark: async (seen) => ({ ...seen, marks: [...oracle.marks('third')] }),
    };
    return agentOn(env, policy, {
      ...(marker && { marker }),
      realTime: { ...lead, thingsAtM: SIM_THINGS_AT_M },
      driver: () => env.instruments!.driver(),
    });
  },
});
export default plugin;

/** @throws PumiceError `config/invalid` for what is missing. */
async function openRobot(url: string | undefined, robot: string | undefined): Promise<RosEnv> {
  if (url === undefined || robot === undefined)
    throw new PumiceError('config/invalid', 'a robot behind a bridge needs the address of the bridge and a profile', {
      who: WHO,
      hint: `Give --url ws://HOST:9090 --robot ${Object.keys(PROFILES).join('|')}`,
    });
  return ros({ url, profile: readProfile(robot) });
}

interface LeadParts {
  readonly realTime: Partial<RealTime>;
  readonly marker?: Marker;
  /** Who leads it, whoever else would. */
  readonly pilot?: Pilot;
  readonly driver?: Parameters<typeof stopsOf>[0];
}

function agentOn(env: Env, policy: Policy, { realTime, marker, driver, pilot: own }: LeadParts): Agent {
  const { motion } = env.limits;
  const pace = { rateHz: typeof motion === 'object' ? 1000 / motion.stepMs : 0 };
  const close = async () => {
    await env.close();
    await policy.close?.();
  };
  return {
    run: (task) => {
      const pilot = own ?? task.pilot;
      if (!pilot)
        throw new PumiceError('config/misfit', 'nobody is there to lead: no controls were given', {
          who: WHO,
          hint: 'Lead it from the page of --dashboard, or with --env ros by --pilot-topic; in programs hand in pilot',
        });
      const stops = driver ? [...(task.stops ?? []), stopsOf(driver)] : task.stops;
      return run({
        ...{ ...task, pilot, env, policy, pace, realTime: { ...realTime, ...task.realTime } },
        ...(stops && { stops }),
        ...(marker && { marker }),
      });
    },
    keysStop: true,
    ...(env.stopWord && { stopWord: env.stopWord }),
    ...(env.driverState && { driverState: env.driverState }),
    ...(env.frames && { frames: env.frames }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The agent as a value, for programs: `await teleopAssist({ policy: ember() })`. */
export const teleopAssist = ({ policy, ...given }: z.input<typeof options> & AgentParts): Promise<Agent> =>
  plugin.create(parseOptions(options, given, WHO), { policy });
