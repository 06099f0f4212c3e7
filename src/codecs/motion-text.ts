/**
 * Motions of a tool in words: a task, where the tool is and was told to be, and what is proposed that it does next. One form, written
 * for people and large models alike, and read back to the digit by whoever stands in for such a model. Pure; knows no model.
 *
 *   Task: "pick up the red block"
 *   The tool is at x 0.4000 y 0.0000 z 0.2000 m, roll 180.0 pitch 0.0 yaw 0.0 deg, gripper 100 % open, in frame "base".
 *   It was told to be at x 0.4000 y 0.0000 z 0.2000 m, roll 180.0 pitch 0.0 yaw 0.0 deg.
 *   Proposed next, 200 ms each:
 *   1. dx 0.0 dy 0.0 dz -30.0 mm, droll 0.0 dpitch 0.0 dyaw 0.0 deg, gripper 100 % open
 */
import { PumiceError } from '../errors.ts';
import { type Reading, read, unread } from './reading.ts';

type Three = readonly [number, number, number];

export interface ToolStance {
  readonly pM: Three;
  /** Roll, pitch, yaw, extrinsic x-y-z. */
  readonly rpyRad: Three;
}

export interface ToolMotion {
  readonly dPosM: Three;
  readonly dRpyRad: Three;
  readonly gripperOpen: number;
}

export interface MotionText {
  readonly instruction: string;
  readonly frameId: string;
  readonly measured: ToolStance;
  readonly commanded: ToolStance;
  readonly gripperOpen: number;
  readonly stepMs: number;
  /** At least one. */
  readonly motions: readonly ToolMotion[];
}

const DEG_PER_RAD = 180 / Math.PI;
const MM_PER_M = 1000;

/** @throws PumiceError `decode/out-of-range` for what is no number, and for no motion: neither can be judged. */
export function writeMotions({
  instruction,
  frameId,
  measured,
  commanded,
  gripperOpen,
  stepMs,
  motions,
}: MotionText): string {
  if (motions.length === 0) throw problem('expected at least one motion');
  return [
    `Task: ${quoted(instruction)}`,
    `The tool is at ${stance(measured)}, ${hand(gripperOpen)}, in frame ${quoted(frameId)}.`,
    `It was told to be at ${stance(commanded)}.`,
    `Proposed next, ${fixed(stepMs, 0)} ms each:`,
    ...motions.map(
      ({ dPosM, dRpyRad, gripperOpen: open }, at) =>
        `${at + 1}. ${three('d', AXES, dPosM, MM_PER_M, 1)} mm, ${three('d', ANGLES, dRpyRad, DEG_PER_RAD, 1)} deg, ${hand(open)}`,
    ),
  ].join('\n');
}

/** On one line, whatever is in it: two more characters end a line than JSON escapes. */
const quoted = (text: string) =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (end) => (end === '\u2028' ? '\\u2028' : '\\u2029'));

const AXES = ['x', 'y', 'z'] as const;
const ANGLES = ['roll', 'pitch', 'yaw'] as const;

const stance = ({ pM, rpyRad }: ToolStance) =>
  `${three('', AXES, pM, 1, 4)} m, ${three('', ANGLES, rpyRad, DEG_PER_RAD, 1)} deg`;
const hand = (open: number) => `gripper ${fixed(100 * open, 0)} % open`;
const three = (before: string, names: readonly string[], values: Three, scale: number, digits: number) =>
  values.map((value, at) => `${before}${names[at]} ${fixed(value * scale, digits)}`).join(' ');

function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) throw problem(`expected numbers, got ${value}`);
  // No "-0.0": it reads as a motion that was rounded away.
  return (Number(value.toFixed(digits)) + 0).toFixed(digits);
}

const problem = (message: string) =>
  new PumiceError('decode/out-of-range', message, { who: 'codec motion-text', hint: 'Propose motions of finite size' });

const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`;
const triple = (before: string, names: readonly string[]) =>
  names.map((name) => `${before}${name} ${NUMBER}`).join(' ');
const STANCE = `${triple('', AXES)} m, ${triple('', ANGLES)} deg`;
const HAND = `gripper ${NUMBER} % open`;
const TASK = /^Task: (".*")$/;
const MEASURED = new RegExp(`^The tool is at ${STANCE}, ${HAND}, in frame (".*")\\.$`);
const COMMANDED = new RegExp(`^It was told to be at ${STANCE}\\.$`);
const PROPOSED = new RegExp(`^Proposed next, ${NUMBER} ms each:$`);
const MOTION = new RegExp(`^(\\d+)\\. ${triple('d', AXES)} mm, ${triple('d', ANGLES)} deg, ${HAND}$`);

/** Reads it out of a longer text. Each of its lines has to be there once: of two it cannot tell which one is meant. */
export function readMotions(text: string): Reading<MotionText> {
  const missing = (what: string) =>
    unread(
      new PumiceError('decode/schema', `expected ${what}`, {
        who: 'codec motion-text',
        hint: 'Write the motions with writeMotions',
      }),
    );
  const lines = text.split('\n');
  const found = [TASK, MEASURED, COMMANDED, PROPOSED].map((form) =>
    lines.flatMap((line) => {
      const match = form.exec(line);
      return match ? [match] : [];
    }),
  );
  for (const [at, matches] of found.entries())
    if (matches.length !== 1) return missing(`one line of the form '${FORMS[at]}', got ${matches.length}`);
  const [task, measured, commanded, proposed] = found.map(([match]) => match!) as [
    RegExpExecArray,
    RegExpExecArray,
    RegExpExecArray,
    RegExpExecArray,
  ];
  const instruction = wordIn(task[1]!);
  const frameId = wordIn(measured[8]!);
  if (instruction === undefined || frameId === undefined) return missing('a task and a frame in quotes');
  const motions: ToolMotion[] = [];
  for (const line of lines.slice(lines.indexOf(proposed[0]) + 1)) {
    const match = MOTION.exec(line);
    if (!match) break;
    const [nth, dx, dy, dz, roll, pitch, yaw, open] = match.slice(1).map(Number) as unknown as Eight;
    if (nth !== motions.length + 1) return missing(`motion ${motions.length + 1}, got ${nth}`);
    motions.push({
      dPosM: scaled([dx, dy, dz], 1 / MM_PER_M),
      dRpyRad: scaled([roll, pitch, yaw], 1 / DEG_PER_RAD),
      gripperOpen: open / 100,
    });
  }
  if (motions.length === 0) return missing("motions after 'Proposed next'");
  return read({
    instruction,
    frameId,
    measured: stanceIn(measured),
    commanded: stanceIn(commanded),
    gripperOpen: Number(measured[7]) / 100,
    stepMs: Number(proposed[1]),
    motions,
  });
}

type Eight = readonly [number, number, number, number, number, number, number, number];
const FORMS = ['Task: "..."', 'The tool is at ...', 'It was told to be at ...', 'Proposed next, ... ms each:'];

const scaled = ([a, b, c]: Three, scale: number): Three => [a * scale, b * scale, c * scale];

function stanceIn(match: RegExpExecArray): ToolStance {
  const [x, y, z, roll, pitch, yaw] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  return { pM: [x, y, z], rpyRad: scaled([roll, pitch, yaw], 1 / DEG_PER_RAD) };
}

/** A text in quotes, as JSON has it. The pattern before lets nothing else through than one line in quotes. */
function wordIn(text: string): string | undefined {
  try {
    const word: unknown = JSON.parse(text);
    return typeof word === 'string' ? word : undefined;
  } catch {
    return undefined;
  }
}
