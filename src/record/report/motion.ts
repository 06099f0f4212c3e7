/**
 * The motion of a tool over an episode as numbers to be drawn: where each step wanted it, was allowed, sent it, and where it was.
 * Pure; reads recorded steps, which may hold anything. Knows nothing of how it is drawn.
 */

import { passes } from '../../gate/passes.ts';
import type { Vec3 } from '../../gate/rotation.ts';
import type { Action, StepRecord } from '../../types.ts';
import { moved, type Pose, rpyNear } from './pose.ts';
import { phaseMs } from './view.ts';

/** What is drawn, one plot each. `minSpan`: less is not worth showing larger. */
export const AXES = [
  { name: 'x', unit: 'mm', minSpan: 10 },
  { name: 'y', unit: 'mm', minSpan: 10 },
  { name: 'z', unit: 'mm', minSpan: 10 },
  { name: 'roll', unit: '°', minSpan: 4 },
  { name: 'pitch', unit: '°', minSpan: 4 },
  { name: 'yaw', unit: '°', minSpan: 4 },
  { name: 'gripper', unit: '% open', minSpan: 100 },
] as const;
export type Axis = (typeof AXES)[number];

/** Four different things, in the order in which they come about. */
export const SERIES = ['proposed', 'limited', 'executed', 'measured'] as const;
export type Series = (typeof SERIES)[number];

/** Values in the order and units of `AXES`; what is not known is `undefined`. */
type Values = readonly (number | undefined)[];

/** One step of the motion. */
export interface MotionStep extends Readonly<Partial<Record<Series, Values>>> {
  readonly record: StepRecord;
  /** When the body measured where it is, s from the first step. */
  readonly measuredS: number;
  /** When the step was over, and its action ought to have been carried out. */
  readonly endS: number;
}

export interface Motion {
  readonly steps: readonly MotionStep[];
  /** The frame of coordinates that all values are in. */
  readonly frameId: string;
  /** What a reader must know to read the plots. */
  readonly notes: readonly string[];
}

type EefAction = Extract<Action, { kind: `eef-${string}` }>;
const isEef = (action: Action | undefined): action is EefAction => action?.kind.startsWith('eef-') ?? false;
const actionsOf = ({ proposed, verdict, act }: StepRecord) => [proposed, verdict.action, act?.executed].filter(isEef);

/** What is larger is not drawn, mm or degrees. Chosen: no tool reaches 10 km. */
const LARGEST = 1e7;

const START: Pose = { pM: [0, 0, 0], qXyzw: [0, 0, 0, 1] };
const MILLIMETRES = 1000;
const DEGREES = 180 / Math.PI;
const PERCENT = 100;
const UNKNOWN: Vec3 = [Number.NaN, Number.NaN, Number.NaN];

/** The motion of an episode; none when nothing in it moves a tool. */
export function motionOf(records: readonly StepRecord[]): Motion | undefined {
  const actions = records.flatMap(actionsOf);
  const measured = records.flatMap((record) => record.observation?.proprio?.tcpPose ?? []);
  const frameId = measured[0]?.frameId ?? actions[0]?.frameId;
  if (actions.length === 0 || frameId === undefined) return undefined;
  const timed = records.filter(({ stampMs }) => Number.isFinite(stampMs));
  const reader = createReader(frameId);
  const steps = timed.map((record) => reader.read(record, timed[0]!.stampMs));
  const isMeasured = steps.some((step) => step.measured?.[0] !== undefined);
  const notes = [
    ...(isMeasured ? [] : ['No pose was measured: positions and angles are counted from where the episode began.']),
    ...reader.notes(),
  ];
  return { steps, frameId, notes };
}

/** Reads steps one after the other: deltas start where the tool was, and angles go on from the ones before. */
function createReader(frameId: string) {
  let pose: Pose = START;
  let angles: Vec3 | undefined;
  const odd = { frame: 0, number: 0, twist: 0 };

  const stand = (at: Pose): void => {
    const rpy = rpyNear(at.qXyzw, angles);
    if (![...at.pM, ...rpy].every(Number.isFinite)) return;
    pose = at;
    angles = rpy;
  };
  const readAction = (action: Action | undefined): { readonly goal?: Pose; readonly values?: Values } => {
    if (!isEef(action)) return {};
    try {
      const goal = action.frameId === frameId ? goalOf(action, pose) : undefined;
      const values = valuesOf(goal, angles, action.gripperOpen);
      if (action.frameId !== frameId) odd.frame++;
      else if (action.kind === 'eef-twist') odd.twist++;
      else if (values.includes(undefined)) odd.number++;
      return { values, ...(goal && !values.includes(undefined) && { goal }) };
    } catch {
      // A recorded action may lack what its kind needs.
      odd.number++;
      return {};
    }
  };
  const read = (record: StepRecord, startMs: number): MotionStep => {
    const proprio = record.observation?.proprio;
    const tcp = proprio?.tcpPose?.frameId === frameId ? proprio.tcpPose : undefined;
    if (tcp) stand(tcp);
    const measured = proprio && valuesOf(tcp, angles, proprio.gripperOpen);
    const proposed = readAction(record.proposed).values;
    const limited = passes(record.verdict) ? readAction(record.verdict.action).values : undefined;
    const { goal, values: executed } = readAction(record.act?.executed);
    // Without a measurement the next step starts where this one led.
    if (goal) stand(goal);
    const seconds = (afterMs: number) => (record.stampMs - startMs + afterMs) / 1000;
    // A body may have a clock of its own: what it measured, it measured while it was looked at.
    const lookMs = phaseMs(record, 'observe');
    const measuredMs = clamp((proprio?.stampMs ?? record.stampMs) - record.stampMs, 0, lookMs);
    return {
      record,
      measuredS: seconds(measuredMs),
      endS: seconds(phaseMs(record, 'total')),
      ...(proposed && { proposed }),
      ...(limited && { limited }),
      ...(executed && { executed }),
      ...(measured && { measured }),
    };
  };
  const notes = () => [
    ...(odd.twist > 0 ? ['Speeds (twists) lead to no place that could be drawn; only their gripper is.'] : []),
    ...(odd.frame > 0 ? [`What is not in the frame ${frameId} is not drawn (${odd.frame} actions).`] : []),
    ...(odd.number > 0 ? [`What is no number, or far out of reach, is not drawn (${odd.number} actions).`] : []),
  ];
  return { read, notes };
}

/** Where an action leads from `pose`; a speed leads nowhere in particular. */
function goalOf(action: EefAction, pose: Pose): Pose | undefined {
  if (action.kind === 'eef-delta') return moved(pose, action.dPosM, action.dRpyRad);
  return action.kind === 'eef-pose' ? action : undefined;
}

function valuesOf(at: Pose | undefined, angles: Vec3 | undefined, gripperOpen: number): Values {
  const place = at ? at.pM.map((metres) => metres * MILLIMETRES) : UNKNOWN;
  const turn = at ? rpyNear(at.qXyzw, angles).map((angle) => angle * DEGREES) : UNKNOWN;
  return [...place, ...turn, gripperOpen * PERCENT].map((value) => (Math.abs(value) < LARGEST ? value : undefined));
}

/** The values of one series on one axis, in time; `undefined` where the line breaks. */
export function lineOf(
  { steps }: Motion,
  series: Series,
  axis: number,
): readonly (readonly [number, number] | undefined)[] {
  return steps.flatMap((step, at) => {
    const value = step[series]?.[axis];
    const point =
      value === undefined ? undefined : ([series === 'measured' ? step.measuredS : step.endS, value] as const);
    // Steps in between are not on the page.
    const isApart = at > 0 && step.record.index !== steps[at - 1]!.record.index + 1;
    return isApart ? [undefined, point] : [point];
  });
}

/** Lowest and highest value to be drawn. A proposal far outside of what really happened does not flatten all else: it is cut off. */
export function rangeOf(motion: Motion, axis: number): readonly [low: number, high: number] {
  const { minSpan, unit } = AXES[axis]!;
  if (unit === '% open') return [0, 100];
  const valuesOf = (series: Series) => motion.steps.flatMap((step) => step[series]?.[axis] ?? []);
  const proposed = valuesOf('proposed');
  const happened = (['limited', 'executed', 'measured'] as const).flatMap(valuesOf);
  const [low, high] = extent(happened.length > 0 ? happened : proposed);
  const room = Math.max(high - low, minSpan);
  const [lowest, highest] = extent([low, high, ...proposed.map((value) => clamp(value, low - room, high + room))]);
  const missing = Math.max(0, minSpan - (highest - lowest)) / 2;
  return [lowest - missing, highest + missing];
}

const extent = (values: readonly number[]): readonly [number, number] =>
  values.reduce<readonly [number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    values.length > 0 ? [values[0]!, values[0]!] : [0, 0],
  );
export const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
