/**
 * What a jog found out: what was commanded, what a person saw, what the robot said of it, and what of a profile follows from that. Pure.
 * Where the person and the robot disagree nothing follows: a body that does not know where it is cannot be corrected by a sign.
 */
import type { RosProfile, SignedAxes, SignedAxis } from './profile.ts';

type Vec3 = readonly [number, number, number];
export type JogKind = 'linear' | 'angular';

/** One motion of the tool along or about an axis of the base, there and back. */
export interface AxisTrial {
  readonly kind: JogKind;
  readonly commanded: SignedAxis;
  /** What the person saw; none: nothing, or none of these ways. */
  readonly seen: SignedAxis | undefined;
  /** What the robot said of it, m or rad by the axes of the base, and of the way back. */
  readonly measured: Vec3;
  readonly measuredBack: Vec3;
}

/** The hand was told to be open, or closed. */
export interface HandTrial {
  readonly commanded: Hand;
  /** None: neither, or they cannot tell. */
  readonly seen: Hand | undefined;
  /** 0 closed .. 1 open, as the robot says by the profile that it was jogged with. */
  readonly measuredOpen: number;
}
export type Hand = 'open' | 'closed';

export interface Conclusion {
  /** What was asked, seen and measured: one line for each motion. */
  readonly found: readonly string[];
  /** What is changed by it, and what is confirmed. */
  readonly decides: readonly string[];
  /** Why no profile can be made of it; empty when one is. */
  readonly problems: readonly string[];
  readonly profile: RosProfile;
}

/** In the words of somebody who stands behind the robot's base and looks the way that it looks. */
export const WAYS: Readonly<Record<JogKind, Readonly<Record<SignedAxis, string>>>> = {
  linear: {
    '+x': 'away from the base',
    '-x': 'towards the base',
    '+y': 'to the left',
    '-y': 'to the right',
    '+z': 'up',
    '-z': 'down',
  },
  angular: {
    '+x': 'clockwise, seen from behind the base',
    '-x': 'counter-clockwise, seen from behind the base',
    '+y': 'with its upper end tipping away from the base',
    '-y': 'with its upper end tipping towards the base',
    '+z': 'counter-clockwise, seen from above',
    '-z': 'clockwise, seen from above',
  },
};

/** How far it goes, m, and turns, rad. */
export const REACH = { linear: 0.02, angular: (5 * Math.PI) / 180 } as const;
/** Share of what was commanded below which a motion is none. Chosen. */
const LEAST_SHARE = 0.25;
/** How much of a way may lead aside: half of the way itself. Chosen. */
const MOST_ASIDE = 0.5;

const opposite = (axis: SignedAxis) => `${axis[0] === '+' ? '-' : '+'}${axis[1]}` as SignedAxis;

/** The axis along which something went, if it is one. */
export function wayOf(kind: JogKind, by: Vec3): SignedAxis | undefined {
  const sizes = by.map(Math.abs);
  const most = Math.max(...sizes);
  const at = sizes.indexOf(most);
  const aside = Math.hypot(...by.filter((_, axis) => axis !== at));
  if (!(most >= LEAST_SHARE * REACH[kind]) || aside > MOST_ASIDE * most) return undefined;
  return `${by[at]! > 0 ? '+' : '-'}${'xyz'[at]}` as SignedAxis;
}

const UNITS = { linear: { of: 1000, name: 'mm' }, angular: { of: 180 / Math.PI, name: 'degrees' } } as const;
const inWords = (kind: JogKind, by: Vec3) =>
  `(${by.map((value) => (value * UNITS[kind].of).toFixed(1)).join(', ')}) ${UNITS[kind].name}`;

/** @param profile - the one that was jogged with. */
export function conclude(profile: RosProfile, trials: readonly AxisTrial[], hands: readonly HandTrial[]): Conclusion {
  const problems = trials.flatMap(problemsOf);
  const linear = axesFrom(profile, 'linear', trials, problems);
  const angular = axesFrom(profile, 'angular', trials, problems);
  const hand = handFrom(profile, hands, problems);
  const { command } = profile;
  const before = axesOf(profile);
  const isChanged = (kind: JogKind, axes: SignedAxes) => axes.join() !== before[kind].join();
  const differs = isChanged('linear', linear) || isChanged('angular', angular);
  if (differs && command.kind !== 'twist')
    problems.push(
      `what is commanded goes another way than seen, and a '${command.kind}' cannot be corrected by a sign: correct the frame or the chain`,
    );
  const decides = [
    ...decidedAxes('linear', before.linear, linear, trials),
    ...decidedAxes('angular', before.angular, angular, trials),
    ...hand.decides,
  ];
  const changed = { ...profile, ...hand.changes };
  return {
    found: [...trials.map(foundOf), ...hands.map(handFound)],
    decides,
    problems,
    profile:
      differs && command.kind === 'twist'
        ? { ...changed, command: { ...command, axes: { linear, angular } } }
        : changed,
  };
}

function problemsOf({ kind, commanded, seen, measured, measuredBack }: AxisTrial): readonly string[] {
  const name = `${kind} ${commanded} (${WAYS[kind][commanded]})`;
  if (seen === undefined) return [`${name}: no such way was seen; look whether the robot takes these commands at all`];
  const said = wayOf(kind, measured);
  if (said === undefined)
    return [`${name}: the robot says that it went ${inWords(kind, measured)}, which is no way along one axis`];
  if (said !== seen)
    return [
      `${name}: you saw '${WAYS[kind][seen]}', and the robot says '${WAYS[kind][said]}': correct tcp and robot.frameId before anything else`,
    ];
  const back = wayOf(kind, measuredBack);
  return back === opposite(said)
    ? []
    : [`${name}: the way back was ${inWords(kind, measuredBack)}, expected the opposite of ${inWords(kind, measured)}`];
}

const IDENTITY: SignedAxes = ['+x', '+y', '+z'];
const axesOf = ({ command }: RosProfile) =>
  (command.kind === 'twist' && command.axes) || { linear: IDENTITY, angular: IDENTITY };

/** For each of x, y, z what has to be commanded, by what came of what was commanded. Of an axis that was not tried nothing changes. */
function axesFrom(profile: RosProfile, kind: JogKind, trials: readonly AxisTrial[], problems: string[]): SignedAxes {
  const before = axesOf(profile)[kind];
  const tried = trials.filter((trial) => trial.kind === kind);
  const found: (SignedAxis | undefined)[] = IDENTITY.map((axis, at) => {
    const led = tried.find(({ seen }) => seen?.[1] === axis[1]);
    if (!led) return tried.some(({ commanded }) => commanded[1] === axis[1]) ? undefined : before[at]!;
    const told = before['xyz'.indexOf(led.commanded[1]!)]!;
    return led.seen![0] === led.commanded[0] ? told : opposite(told);
  });
  const isWhole = found.every((axis) => axis !== undefined) && new Set(found.map((axis) => axis[1])).size === 3;
  if (isWhole) return found as unknown as SignedAxes;
  // What was not seen at all is named already.
  if (tried.every(({ seen }) => seen !== undefined))
    problems.push(`${kind}: two commands led along the same axis, or only some of a turned frame were tried`);
  return before;
}

function decidedAxes(
  kind: JogKind,
  before: SignedAxes,
  after: SignedAxes,
  trials: readonly AxisTrial[],
): readonly string[] {
  if (!trials.some((trial) => trial.kind === kind)) return [];
  return after.map((axis, at) => {
    const name = `command.axes.${kind}: to go '${WAYS[kind][IDENTITY[at]!]}' (+${'xyz'[at]}) command ${axis}`;
    return axis === before[at] ? `${name}, as before` : `${name}; it was ${before[at]}`;
  });
}

const foundOf = ({ kind, commanded, seen, measured, measuredBack }: AxisTrial): string =>
  `${kind} ${commanded} (${WAYS[kind][commanded]}): seen ${seen === undefined ? 'none of the ways' : `'${WAYS[kind][seen]}'`}, measured ${inWords(kind, measured)}, back ${inWords(kind, measuredBack)}`;

const handFound = ({ commanded, seen, measuredOpen }: HandTrial): string =>
  `hand ${commanded}: seen ${seen ?? 'neither open nor closed'}, measured ${measuredOpen.toFixed(2)} (0 closed, 1 open)`;

function handFrom(
  { gripper, joints }: RosProfile,
  hands: readonly HandTrial[],
  problems: string[],
): { readonly changes: Partial<RosProfile>; readonly decides: readonly string[] } {
  if (hands.length === 0 || gripper.kind === 'none') return { changes: {}, decides: [] };
  const agree = hands.filter(({ commanded, seen }) => commanded === seen).length;
  const differ = hands.filter(({ commanded, seen }) => seen !== undefined && commanded !== seen).length;
  if (agree !== hands.length && differ !== hands.length) {
    problems.push(`hand: ${hands.map(handFound).join('; ')}: that is neither as told nor the other way round`);
    return { changes: {}, decides: [] };
  }
  const isInverted = differ > 0;
  const tells = hands.filter(({ seen, measuredOpen }) => (seen === 'open') === measuredOpen > 0.5).length;
  const isRead = joints.gripperJoint !== undefined;
  if (isRead && tells !== 0 && tells !== hands.length)
    problems.push(`hand: ${hands.map(handFound).join('; ')}: its joint does not tell open from closed`);
  const isToldWrong = isRead && tells === 0;
  const { closed, open } = gripper;
  const { gripperClosed, gripperOpen } = joints;
  return {
    changes: {
      ...(isInverted && { gripper: { ...gripper, closed: open, open: closed } }),
      ...(isToldWrong && { joints: { ...joints, gripperClosed: gripperOpen, gripperOpen: gripperClosed } }),
    },
    decides: [
      isInverted
        ? `gripper: closed ${open} and open ${closed}; it was the other way round`
        : `gripper: closed ${closed} and open ${open}, as before`,
      ...(isRead
        ? [
            isToldWrong
              ? `joints: gripperClosed ${gripperOpen} and gripperOpen ${gripperClosed}; it was the other way round`
              : `joints: gripperClosed ${gripperClosed} and gripperOpen ${gripperOpen}, as before`,
          ]
        : []),
    ],
  };
}
