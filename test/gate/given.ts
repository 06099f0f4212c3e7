/** What the tests of the gate start from: one ordinary page, one ordinary arm, and numbers that are apt to break things. */
import fc from 'fast-check';
import type { Pose } from '../../src/gate/motion.ts';
import type { GateContext, Rule, RuleOpinion } from '../../src/gate/rule.ts';
import type { Limits, MotionLimits, UiLimits } from '../../src/ports.ts';
import type { Action, ActionOf, Frame, Mark, Observation, Proprio, StepFeedback, UiState } from '../../src/types.ts';

export const SHOP = 'https://shop.example';
export const PAY = 'https://pay.example';

export const frame = (over: Partial<Frame> = {}): Frame => ({
  data: new Uint8Array(0),
  encoding: 'png',
  widthPx: 1600,
  heightPx: 1200,
  cssWidthPx: 800,
  cssHeightPx: 600,
  dpr: 2,
  stampMs: 990,
  camera: 'page',
  ...over,
});

export const mark = (over: Partial<Mark> = {}): Mark => ({
  id: 1,
  boxPx: [10, 10, 110, 40],
  pointPx: [60, 25],
  source: 'dom',
  origin: SHOP,
  ...over,
});

export const ui = (over: Partial<UiState> = {}): UiState => ({
  url: `${SHOP}/login`,
  title: 'Log in',
  tabs: [
    { index: 0, url: `${SHOP}/login`, title: 'Log in', active: true },
    { index: 1, url: 'https://evil.example/', title: 'Win', active: false },
  ],
  scroll: { xPx: 0, yPx: 0, maxXPx: 0, maxYPx: 900 },
  notices: [],
  ...over,
});

/** Where the tool of the ordinary arm is: 5 cm or more from everything. */
export const HERE: Pose = { frameId: 'base', pM: [0.4, 0, 0.2], qXyzw: [0, 0, 0, 1] };

export const proprio = (over: Partial<Proprio> = {}): Proprio => ({
  stampMs: 990,
  jointNames: [],
  qRad: [],
  qdRadPerS: [],
  tcpPose: HERE,
  commandedTcpPose: HERE,
  gripperOpen: 1,
  ...over,
});

/** A tool that is at a place, and was told to be there. */
export const at = (pM: Pose['pM']): Proprio => proprio({ tcpPose: { ...HERE, pM }, commandedTcpPose: { ...HERE, pM } });

/** A step that went as it was proposed, begun at `from`. */
export const did = (executed: Action, from: Pose = HERE): StepFeedback => ({
  index: 2,
  proposed: executed,
  verdict: { kind: 'allow', reasons: [] },
  executed,
  tcpPose: from,
});

/** A step in which nothing was done. */
export const denied: StepFeedback = {
  index: 2,
  proposed: { kind: 'hold' },
  verdict: { kind: 'deny', reasons: ['no'] },
};

export const observation = (over: Partial<Observation> = {}): Observation => ({
  seq: 3,
  stampMs: 990,
  epoch: 0,
  instruction: 'log in',
  history: [],
  frames: [frame()],
  marks: [mark(), mark({ id: 2, boxPx: [200, 200, 400, 300], pointPx: [300, 250], origin: PAY })],
  ui: ui(),
  proprio: proprio(),
  ...over,
});

export const uiLimits = (over: Partial<UiLimits> = {}): UiLimits => ({
  origins: [SHOP, PAY],
  secrets: { password: { origin: SHOP }, card: { origin: PAY } },
  maxTextChars: 40,
  maxScrollPx: 1000,
  maxWaitMs: 5000,
  ...over,
});

export const motionLimits = (over: Partial<MotionLimits> = {}): MotionLimits => ({
  frameId: 'base',
  stepMs: 200,
  maxStepM: 0.05,
  maxStepRad: 0.2,
  maxSpeedMPerS: 0.3,
  maxTurnRadPerS: 1.2,
  maxAccelerationMPerS2: 2,
  maxTurnAccelerationRadPerS2: 8,
  decelerationMPerS2: 2,
  workspace: { minM: [-1, -1, -1], maxM: [1, 1, 1] },
  keepOut: [],
  maxGripperPerS: 5,
  maxFollowingErrorM: 0.02,
  ...over,
});

export const limits = (over: Partial<Limits> = {}): Limits => ({
  ui: uiLimits(),
  motion: motionLimits(),
  maxObservationAgeMs: 200,
  maxPlanAgeMs: 1000,
  ...over,
});

export const context = (over: Partial<GateContext> = {}): GateContext => ({
  observation: observation(),
  nowMs: 1000,
  plannedStampMs: 900,
  limits: limits(),
  isRunning: true,
  modifiedInARow: 0,
  ...over,
});

export const move = (over: Partial<ActionOf<'eef-delta'>> = {}): ActionOf<'eef-delta'> => ({
  kind: 'eef-delta',
  frameId: 'base',
  dPosM: [0.01, 0, 0],
  dRpyRad: [0, 0, 0.05],
  gripperOpen: 1,
  ...over,
});

export const moveTo = (over: Partial<ActionOf<'eef-pose'>> = {}): ActionOf<'eef-pose'> => ({
  kind: 'eef-pose',
  frameId: 'base',
  pM: [0.41, 0, 0.2],
  qXyzw: [0, 0, 0, 1],
  gripperOpen: 1,
  ...over,
});

export const click = (target: ActionOf<'ui-click'>['target'] = { markId: 1 }): ActionOf<'ui-click'> => ({
  kind: 'ui-click',
  target,
  button: 'left',
  count: 1,
});

export const type = (text: string, target?: ActionOf<'ui-type'>['target']): ActionOf<'ui-type'> => ({
  kind: 'ui-type',
  text,
  clear: false,
  submit: false,
  ...(target && { target }),
});

/** One action of every kind that is in order by `context()`; the motions that have no limits yet are not among them. */
export const inOrder: readonly Action[] = [
  move(),
  moveTo(),
  click(),
  click({ xPx: 60, yPx: 25 }),
  type('ann', { markId: 1 }),
  type('{{password}}', { markId: 1 }),
  type('and {{card}}', { markId: 2 }),
  { kind: 'ui-select', target: { markId: 1 }, values: ['red'] },
  { kind: 'ui-check', target: { markId: 1 }, checked: true },
  { kind: 'ui-scroll', dxPx: 0, dyPx: -1000 },
  { kind: 'ui-key', keys: 'Enter' },
  { kind: 'ui-drag', from: { markId: 1 }, to: { xPx: 799, yPx: 599 } },
  { kind: 'ui-hover', target: { markId: 2 } },
  { kind: 'ui-navigate', url: `${SHOP}/cart?item=1` },
  { kind: 'ui-back' },
  { kind: 'ui-tab', op: 'switch', index: 0 },
  { kind: 'ui-tab', op: 'close' },
  { kind: 'ui-upload', target: { markId: 1 }, paths: ['a.png'] },
  { kind: 'ui-dialog', accept: true, text: 'yes' },
  { kind: 'ui-wait', durationMs: 5000 },
  { kind: 'hand-over', reason: 'a captcha' },
  { kind: 'done', outcome: 'success', answer: '42' },
];

/** Motions without rules of their own yet. */
export const unruled: readonly Action[] = [
  { kind: 'eef-twist', frameId: 'base', linearMPerS: [0, 0, 0], angularRadPerS: [0, 0, 0], gripperOpen: 1 },
  { kind: 'joint-position', jointNames: ['a'], qRad: [0] },
  { kind: 'joint-velocity', jointNames: ['a'], qdRadPerS: [0] },
];

export const opinion = (rule: Rule, action: Action, over: Partial<GateContext> = {}): RuleOpinion =>
  rule.judge(action, context(over));
export const kindOf = (rule: Rule, action: Action, over: Partial<GateContext> = {}) => opinion(rule, action, over).kind;
export const reasonOf = (rule: Rule, action: Action, over: Partial<GateContext> = {}): string => {
  const said = opinion(rule, action, over);
  return said.kind === 'allow' ? '' : said.reason;
};

/** Numbers that break things. */
const nastyNumber = fc.oneof(
  fc.constantFrom(
    NaN,
    Infinity,
    -Infinity,
    0,
    -0,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
    1e-300,
    Math.PI,
  ),
  fc.double(),
);

/** Numbers dense around `limit`: a few units in the last place to either side, and the multiples that decide. */
const near = (limit: number) =>
  fc
    .record({
      factor: fc.constantFrom(0, 0.25, 0.5, 1, 1.5, 2, 3),
      ulps: fc.integer({ min: -4, max: 4 }),
      sign: fc.constantFrom(-1, 1),
    })
    .map(({ factor, ulps, sign }) => sign * limit * factor * (1 + ulps * Number.EPSILON));

const vec = (number: fc.Arbitrary<number>) => fc.tuple(number, number, number);

/** Motions well within the limits of `motionLimits()`. */
export const ordinaryMove: fc.Arbitrary<ActionOf<'eef-delta'>> = fc
  .record({
    dPosM: vec(fc.double({ min: -0.02, max: 0.02, noNaN: true })),
    dRpyRad: vec(fc.double({ min: -0.08, max: 0.08, noNaN: true })),
    gripperOpen: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map((over) => move(over));

/** Motions up to a little more than twice the limits: where allow, modify and deny meet. */
export const borderMove: fc.Arbitrary<ActionOf<'eef-delta'>> = fc
  .record({
    dPosM: vec(fc.oneof(near(0.05), fc.double({ min: -0.06, max: 0.06, noNaN: true }))),
    dRpyRad: vec(fc.oneof(near(0.2), fc.double({ min: -0.25, max: 0.25, noNaN: true }))),
  })
  .map((over) => move(over));

/** Any numbers at all, in the shape of a motion. */
export const nastyMove: fc.Arbitrary<ActionOf<'eef-delta'>> = fc
  .record({
    frameId: fc.constantFrom('base', 'base', 'base', 'tool'),
    dPosM: vec(fc.oneof(near(0.05), nastyNumber)),
    dRpyRad: vec(fc.oneof(near(0.2), near(Math.PI), nastyNumber)),
    gripperOpen: fc.oneof(fc.constant(1), nastyNumber),
  })
  .map((over) => move(over));

/** What is done to a page, with numbers dense near its limits and edges. */
const anyUi: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant('ui-scroll' as const),
    dxPx: fc.oneof(near(1000), nastyNumber),
    dyPx: fc.oneof(near(1000), nastyNumber),
  }),
  fc.record({ kind: fc.constant('ui-wait' as const), durationMs: fc.oneof(near(5000), nastyNumber) }),
  fc
    .record({ xPx: fc.oneof(near(800), nastyNumber), yPx: fc.oneof(near(600), nastyNumber) })
    .map((point) => click(point)),
  fc.integer({ min: -1, max: 4 }).map((markId) => click({ markId })),
  fc.string({ maxLength: 60 }).map((text) => type(text, { markId: 1 })),
);

export const anyAction: fc.Arbitrary<Action> = fc.oneof(
  ordinaryMove,
  borderMove,
  nastyMove,
  anyUi,
  fc.constantFrom(...inOrder, ...unruled),
);
