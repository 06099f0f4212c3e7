/**
 * The whole way, each end a process of its own: `pumice run manipulator` looks through the bridge, ember decides, the gate checks, the
 * driver leads, and `pumice ros-sim` on the other side of the bridge moves. What it counted and what its physics says is what counts.
 */
import { expect, it, onTestFinished } from 'vitest';
import { COUNT_FIELDS, COUNTS_TOPIC, type SimCounts } from '../../../agents/ros-sim/index.ts';
import { PROFILES } from '../../../envs/ros/profiles/index.ts';
import { prioritise, ROBOT_PRIORITY } from '../../../envs/sim/realtime/priority.ts';
import { folder, start } from '../../cli/pumice.ts';
import { type BridgeDouble, bridgeDouble, until } from '../../ros/double/bridge.ts';

const TASK = 'pick up the red block';

async function bridge(): Promise<BridgeDouble> {
  const double = await bridgeDouble({ clockAheadMs: -60_000 });
  onTestFinished(() => double.kill().catch(() => {}));
  return double;
}

function countsOf(double: BridgeDouble): SimCounts | undefined {
  const said = double.received(COUNTS_TOPIC).at(-1)?.message as { data: number[] } | undefined;
  return said && (Object.fromEntries(COUNT_FIELDS.map((field, at) => [field, said.data[at]!])) as SimCounts);
}

// A robot, its bridge and what drives it have computers of their own; here they share one with whatever else it does.
prioritise(ROBOT_PRIORITY);
const QUICKLY = 'exec nice -n -10 "$@"';

// The one whose way is the longest: joints by a chain; all of them at night, and on the real graph (`npm run test:ros`).
const ROBOTS = process.env.NIGHT ? [...Object.keys(PROFILES), 'joint-array.json'] : ['widowx-like'];
/** The joints of an arm as an array without a stamp, as forward command controllers take them. */
const ARRAY = {
  kind: 'joint-array',
  topic: '/forward_position_controller/commands',
  acceptUnstamped: 'its controller goes to the newest, and a command comes every 20 ms',
} as const;

it.each(ROBOTS)(
  'ember does its task through the bridge with the robot %s, by its physics',
  async (robot) => {
    using home = folder();
    const double = await bridge();
    home.write('joint-array.json', { profile: { ...PROFILES['widowx-like'], command: ARRAY } });
    const sim = start(['ros-sim', TASK, '--url', double.url, '--profile', robot], { cwd: home.path });
    onTestFinished(() => void sim.child.kill('SIGKILL'));
    await until(() => countsOf(double) !== undefined, 'the robot');
    const at = ['--env', 'ros', '--url', double.url, '--robot', robot];
    const run = start(['run', 'manipulator', TASK, ...at, '--max-steps', '80', '--no-record'], {
      ...{ cwd: home.path, shell: QUICKLY },
    });
    onTestFinished(() => void run.child.kill('SIGKILL'));
    const { code, both } = await run.ended;
    const counts = countsOf(double)!;
    expect({ code, ...counts }, both).toMatchObject({ code: 0, isDone: 1, unfit: 0, afterStop: 0, watchdogTrips: 0 });
    expect(counts.executed).toBeGreaterThan(100);
    // What a busy machine holds up is dropped by its stamp, as it should be; most has to come in time.
    expect(counts.old).toBeLessThan(counts.executed / 10);
    sim.child.kill('SIGINT');
    const ended = await sim.ended;
    expect(ended.code).toBe(130);
    expect(ended.out).toContain('done: the goal was held');
  },
  120_000,
);
