/** Whether the calibration notices a profile that is wrong, on a real simulator: each field of it otherwise, one after another, and what no field says. */
import type { SimControl } from 'pumice/codecs';
import { calibrate, type SimplerOptions } from 'pumice/envs/simpler';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simplerOn } from '../../../envs/simpler/body.ts';
import { calibrateBy } from '../../../envs/simpler/calibrate.ts';
import { options } from '../../../envs/simpler/options.ts';
import { openSession, type Session } from '../../../envs/simpler/session.ts';
import { rpyOfRotationVector, type Vec3 } from '../../../src/gate/rotation.ts';

type Gripper = SimControl['gripper'];
type Numbers = (numbers: readonly number[]) => readonly number[];
const asItIs: Numbers = (numbers) => numbers;
const SLOW_MS = 600_000;

type Wrong = [string, Partial<SimControl>, RegExp];
const halfClosed = ({ open, closed, ...rest }: Gripper): Wrong => [
  'how far its gripper closes',
  { gripper: { ...rest, open, closed: (open + closed) / 2 } },
  /fail gripper closed/,
];
/** What is wrong with a gripper that is told in another form, by its own. */
const GRIPPERS: Readonly<Record<Gripper['form'], (gripper: Gripper) => readonly Wrong[]>> = {
  share: (gripper) => [
    halfClosed(gripper),
    [
      'a gripper that is told changes',
      { gripper: { ...gripper, form: 'change', latchSteps: 2 } },
      /refused: .*gripper/,
    ],
    ['a gripper that is told a way', { gripper: { ...gripper, form: 'way' } }, /fail gripper/],
  ],
  way: (gripper) => [
    halfClosed(gripper),
    [
      'a gripper that is told changes',
      { gripper: { ...gripper, form: 'change', latchSteps: 2 } },
      /refused: .*gripper/,
    ],
    ['a gripper that is told a share', { gripper: { ...gripper, form: 'share' } }, /fail gripper half/],
  ],
  // Fully open and closed it looks like the others, so it is refused by the name of its control mode.
  change: (gripper) => [
    ['a gripper that is told a share', { gripper: { ...gripper, form: 'share' } }, /refused: .*gripper/],
  ],
};

/** @param right - the robot's profile as it is shipped. */
export function noticesWrongProfiles(right: SimControl, asked: SimplerOptions): void {
  const it = test.skipIf(asked.python === undefined);
  const read = options.parse({ ...asked, cameras: [], stepTimeoutS: 120 });
  let session: Session | undefined;
  beforeAll(async () => {
    if (asked.python !== undefined) session = await openSession(read);
  }, 120_000);
  afterAll(() => session?.close());

  /** What is not as it should be; the first such thing is enough. */
  const finding = async (change: Partial<SimControl>, sent: Numbers = asItIs): Promise<string> => {
    try {
      const through = { ...session!, step: (numbers: readonly number[]) => session!.step(sent(numbers)) };
      const control = { ...right, ...change };
      const env = simplerOn(through, read, () => control);
      for await (const one of calibrate(env, calibrateBy(control)))
        if (one.how !== 'ok') return `${one.how} ${one.what}: ${one.says}`;
    } catch (error) {
      return `refused: ${error}`;
    }
    return 'nothing';
  };

  it(
    'finds nothing wrong with the profile that is shipped',
    async () => expect(await finding({})).toBe('nothing'),
    SLOW_MS,
  );

  const { unitM, unitRad, delta, gripper } = right;
  const { open, closed } = gripper;
  const turns = right.rotation !== 'none';
  const isMeasured = delta.reference === 'measured';
  it.each<[string, Partial<SimControl>, RegExp]>([
    ['its control mode', { controlMode: 'pd_joint_pos' }, /refused: .*control mode/],
    ['its rate', { rateHz: right.rateHz + 1 }, /refused: .*actions a second/],
    ['the order of its axes', { order: ['y', 'x', 'z'] }, /fail \+x/],
    ['the size of its unit', { unitM: 2 * unitM }, /fail \+x/],
    turns
      ? ['whether it turns', { rotation: 'none' }, /refused: .*4 numbers/]
      : ['whether it turns', { rotation: 'axis-angle' }, /refused: .*7 numbers/],
    ['along which axes it moves', { delta: { ...delta, axes: 'tool' } }, /fail [+-][xyz]/],
    // What goes a part of each way is short of a way that it was to add up.
    isMeasured
      ? ['what a delta is added to', { delta: { ...delta, reference: 'commanded' } }, /fail \+x/]
      : ['what a delta is added to', { delta: { ...delta, reference: 'measured' } }, /fail reference/],
    [
      'which way its gripper goes',
      { gripper: { ...gripper, open: closed, closed: open } },
      /fail gripper (open|closed)/,
    ],
    ...(turns ? [['the size of its turns', { unitRad: 2 * unitRad }, /fail roll/] as Wrong] : []),
    ...GRIPPERS[gripper.form](gripper),
  ])(
    'notices a profile that is wrong in %s',
    async (_, change, said) => expect(await finding(change)).toMatch(said),
    SLOW_MS,
  );

  const ofTurns: [string, Numbers, RegExp][] = [
    [
      'roll and pitch changed',
      ([x, y, z, roll, ...rest]) => [x!, y!, z!, rest[0]!, roll!, ...rest.slice(1)],
      /fail roll/,
    ],
    [
      'turns as roll pitch yaw',
      (numbers) => {
        const turn = numbers.slice(3, 6).map((one) => one * unitRad) as unknown as Vec3;
        return [...numbers.slice(0, 3), ...rpyOfRotationVector(turn).map((one) => one / unitRad), ...numbers.slice(6)];
      },
      /fail roll \+ yaw/,
    ],
  ];
  it.each<[string, Numbers, RegExp]>([
    ['z upside down', (numbers) => numbers.map((one, at) => (at === 2 ? -one : one)), /fail \+z/],
    ...(turns ? ofTurns : []),
  ])('notices a body that takes %s', async (_, sent, said) => expect(await finding({}, sent)).toMatch(said), SLOW_MS);
}
