/**
 * Reads an observation of vla-eval's wire, in the forms of two of its benchmarks. Which one it is stands in no message: the name of the camera
 * tells, and what does not look like its numbers is refused, since others send eight numbers too. Knows no body.
 * Forms: PyPI `vla-eval` 0.8.0, benchmarks/libero/benchmark.py, benchmarks/simpler/benchmark.py.
 */
import { monotonicNowMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import { isMap, isNumpy, kindOf, type Received, type ReceivedMap, readPicture } from '../models/index.ts';
import type { RobotProfile } from '../robot/index.ts';
import type { Frame, Proprio } from '../types.ts';
import type { Asked } from './client-body.ts';
import { liberoProprio } from './openpi-asked.ts';

interface Form {
  readonly benchmark: string;
  readonly camera: string;
  /** What its eight numbers are, in words. */
  readonly state: string;
  /** Nothing for numbers that are something else. */
  readonly proprio: (state: readonly number[], robot: RobotProfile, stampMs: number) => Proprio | undefined;
}

/** How far a finger may be beyond its stops, m, and the length of a unit quaternion from 1. Chosen: what simulators let through. */
const SLACK = 0.01;

const FORMS: readonly Form[] = [
  {
    benchmark: 'LIBERO',
    camera: 'agentview',
    state: 'x y z, axis-angle, two fingers of which the second counts below 0',
    proprio: (state, robot, stampMs) => {
      const stroke = robot.gripper.maxOpeningM / 2 + SLACK;
      const [first, second] = state.slice(6) as [number, number];
      const areFingers = first >= -SLACK && first <= stroke && second <= SLACK && second >= -stroke;
      return areFingers ? liberoProprio(state, robot, stampMs) : undefined;
    },
  },
  {
    benchmark: 'SimplerEnv',
    camera: 'primary',
    state: 'x y z, quaternion w x y z, how far the hand is open from 0 to 1',
    proprio: (state, { frameId }, stampMs) => {
      const [x, y, z, w, i, j, k, open] = state as [number, number, number, number, number, number, number, number];
      if (Math.abs(Math.hypot(w, i, j, k) - 1) > SLACK || open < -SLACK || open > 1 + SLACK) return undefined;
      const norm = Math.hypot(w, i, j, k);
      return {
        ...{ stampMs, jointNames: [], qRad: [], qdRadPerS: [], gripperOpen: Math.min(1, Math.max(0, open)) },
        tcpPose: { frameId, pM: [x, y, z], qXyzw: [i / norm, j / norm, k / norm, w / norm] },
      };
    },
  },
];

const WRIST = 'wrist';

const unfit = (what: string, hint: string) => new PumiceError('body/not-ready', what, { who: 'vla-eval client', hint });

/** @throws PumiceError `body/not-ready` for a field that is missing or is something else. */
export async function readVlaEvalAsked(sent: ReceivedMap, robot: RobotProfile): Promise<Asked> {
  const stampMs = monotonicNowMs();
  const { task_description: words, task_name: name, images, states } = sent;
  // It sends what the WidowX does, and counts its hand the other way round.
  if (typeof name === 'string' && name.startsWith('google_robot'))
    throw unfit(
      `expected a task of LIBERO or of SimplerEnv's WidowX, got '${name.slice(0, 80)}'`,
      'Run widowx_* tasks',
    );
  if (typeof words !== 'string' || words.trim() === '')
    throw unfit(`expected what to do as "task_description", got ${kindOf(words)}`, 'Send a text');
  const cameras = isMap(images) ? images : {};
  const [form, ...others] = FORMS.filter(({ camera }) => cameras[camera] !== undefined);
  if (!form || others.length > 0)
    throw unfit(
      `expected one of ${FORMS.map(({ camera, benchmark }) => `images.${camera} (${benchmark})`).join(' and ')}, got ${kindOf(images)}`,
      'Run one of these benchmarks, or one that sends what they do',
    );
  const frames = [await frameOf(cameras[form.camera], form.camera, 'third', stampMs)];
  if (cameras[WRIST] !== undefined) frames.push(await frameOf(cameras[WRIST], WRIST, 'wrist', stampMs));
  const isState = isNumpy(states) && states.shape.length === 1 && states.values.length === 8;
  const numbers = isState && states.values.every(Number.isFinite) ? states.values : undefined;
  const proprio = numbers && form.proprio(numbers, robot, stampMs);
  if (!proprio)
    throw unfit(
      `expected 8 finite numbers as "states" (${form.state}), got ${numbers ? `8 others: ${numbers.join(', ')}` : kindOf(states)}`,
      "Leave send_state as the server's hello asks for it: without where the tool is no motion can be judged",
    );
  return { instruction: words, stampMs, frames, proprio };
}

async function frameOf(sent: Received, name: string, camera: string, stampMs: number): Promise<Frame> {
  const pixels = await readPicture(sent);
  if (pixels) return { camera, encoding: 'rgb8', stampMs, ...pixels };
  throw unfit(
    `expected a picture [height, width, 3] in RGB as images.${name}, got ${isMap(sent) ? 'one that cannot be read, or of another size than it says' : kindOf(sent)}`,
    'Send uint8, rows first, raw or as PNG or JPEG',
  );
}
