/**
 * A person's controls from a topic of the robot's graph: `geometry_msgs/TwistStamped`, whose silence is the dead-man let go, or
 * `sensor_msgs/Joy`, with a button as dead-man. Messages are as old as their stamps say, by the robot's clock; one whose age nobody can
 * tell is none. Knows no robot and nothing of what is led.
 */
import { monotonicNowMs, monotonicScheduler, type Pilot, type PilotInput, PumiceError } from 'pumice';
import { Observable, type SchedulerLike } from 'rxjs';
import { z } from 'zod';
import { joySchema, twistStampedSchema } from './incoming.ts';
import type { Link } from './link.ts';

/** So long after the newest twist the dead-man counts as let go, ms. Chosen: three messages at 20 Hz, and below what would latch it. */
const SILENT_MS = 150;
/** Silence of a joystick at which nobody is there, ms. Chosen: ten messages of one that repeats itself, as they do unless told not to. */
const GONE_MS = 1000;
/** Axes nearer to their middle than this are there: sticks wear out. */
const DEAD_ZONE = 0.08;

export const pilotOptions = z.strictObject({
  topic: z.string().min(1),
  type: z.enum(['twist', 'joy']),
  mode: z.enum(['manual', 'assist', 'supervised']).default('manual'),
  /** Of the person, in assist. */
  share: z.number().min(0).max(1).default(0.5),
  joy: z
    .strictObject({
      /** Numbers of buttons, and of the axes along x, y, z and about z; below 0: none. */
      deadMan: z.int().min(0).default(4),
      open: z.int().default(1),
      close: z.int().default(0),
      axes: z.tuple([z.int(), z.int(), z.int(), z.int()]).default([1, 0, 4, 3]),
      speedMPerS: z.number().positive().max(0.25).default(0.15),
      turnRadPerS: z.number().positive().max(1).default(0.6),
    })
    .prefault({}),
});
export type PilotOptions = z.input<typeof pilotOptions>;

export interface RosPilotParts {
  readonly link: Pick<Link, 'subscribe'>;
  /** In which a stick without a frame of its own speaks. */
  readonly frameId: string;
  /** When it was here that the robot's clock showed this; none while that is not known. */
  readonly hereMs: (robotMs: number, nowMs: number) => number | undefined;
  readonly scheduler?: SchedulerLike;
}

type Command = Extract<NonNullable<PilotInput['command']>, { kind: 'eef-twist' }>;
interface Said {
  readonly stampMs: number;
  readonly isHeld: boolean;
  readonly linear: readonly number[];
  readonly angular: readonly number[];
  readonly frameId: string;
}

export function rosPilot(
  asked: PilotOptions,
  { link, frameId, hereMs, scheduler = monotonicScheduler }: RosPilotParts,
): Pilot {
  const { topic, type, mode, share, joy } = pilotOptions.parse(asked);
  if (type === 'twist' && mode === 'supervised')
    throw new PumiceError('config/invalid', 'a twist that is silent watches over no policy, and mode is supervised', {
      who: `topic ${topic}`,
      hint: 'Use a joystick (--pilot-type joy), which says that somebody is there, or another mode',
    });
  const input$ = new Observable<PilotInput>((inputs) => {
    let gripperOpen = 1;
    /** The hand was commanded since the dead-man was pressed. */
    let isOfHand = false;
    let silence: { unsubscribe: () => void } | undefined;
    let absence: { unsubscribe: () => void } | undefined;
    const whole = { mode, share };
    const letGo = () => {
      isOfHand = false;
      inputs.next({ ...whole, stampMs: scheduler.now(), isHeld: false });
    };
    const say = ({ stampMs, isHeld, linear, angular, frameId: of }: Said) => {
      silence?.unsubscribe();
      if (!isHeld) return letGo();
      // A button that falls silent was not let go: it has to be, before it counts again.
      if (type === 'twist') silence = scheduler.schedule(letGo, SILENT_MS);
      const isMoved = [...linear, ...angular].some((value) => value !== 0);
      const command: Command = {
        ...{ kind: 'eef-twist', frameId: of, gripperOpen },
        linearMPerS: [linear[0]!, linear[1]!, linear[2]!],
        angularRadPerS: [angular[0]!, angular[1]!, angular[2]!],
      };
      inputs.next({ ...whole, stampMs, isHeld: true, ...((isMoved || isOfHand) && { command }) });
    };
    /** One whose age nobody can tell commands nothing: it is stamped as old as can be. */
    const madeMs = (stampMs: number) => hereMs(stampMs, monotonicNowMs());
    const onTwist = ({ header, twist }: z.output<typeof twistStampedSchema>) => {
      const stampMs = madeMs(header.stamp);
      if (stampMs === undefined) return;
      const [l, a] = [twist.linear, twist.angular];
      say({ stampMs, isHeld: true, linear: [l.x, l.y, l.z], angular: [a.x, a.y, a.z], frameId: header.frame_id });
    };
    const gone = () =>
      inputs.error(
        new PumiceError('body/not-ready', `no message for ${GONE_MS} ms: nobody watches over the policy`, {
          who: `topic ${topic}`,
          hint: 'Let the joystick repeat what it says (autorepeat_rate of joy)',
        }),
      );
    const onJoy = ({ header, axes, buttons }: z.output<typeof joySchema>) => {
      absence?.unsubscribe();
      if (mode === 'supervised') absence = scheduler.schedule(gone, GONE_MS);
      const isPressed = (button: number) => buttons[button] === 1;
      if (!isPressed(joy.deadMan)) return say({ stampMs: 0, isHeld: false, linear: [], angular: [], frameId });
      const stampMs = madeMs(header.stamp);
      if (stampMs === undefined) return;
      for (const [button, open] of [
        [joy.open, 1],
        [joy.close, 0],
      ] as const)
        if (isPressed(button)) [gripperOpen, isOfHand] = [open, true];
      const [x, y, z, turn] = joy.axes.map((axis) => {
        const value = Math.min(1, Math.max(-1, axes[axis] ?? 0));
        return Math.abs(value) < DEAD_ZONE ? 0 : value;
      }) as [number, number, number, number];
      const speed = joy.speedMPerS;
      const linear = [x * speed, y * speed, z * speed];
      say({ stampMs, isHeld: true, linear, angular: [0, 0, turn * joy.turnRadPerS], frameId });
    };
    const listening =
      type === 'joy'
        ? link.subscribe({ topic, type: 'sensor_msgs/Joy', schema: joySchema }, ({ message }) => onJoy(message))
        : link.subscribe({ topic, type: 'geometry_msgs/TwistStamped', schema: twistStampedSchema }, ({ message }) =>
            onTwist(message),
          );
    // Nobody can have held a dead-man before there was a twist; a button may be stuck.
    if (type === 'twist') letGo();
    return () => {
      silence?.unsubscribe();
      absence?.unsubscribe();
      listening.close();
    };
  });
  return { name: `topic ${topic}`, input$ };
}
