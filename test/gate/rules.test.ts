import { describe, expect, it, test } from 'vitest';
import { age } from '../../src/gate/rules/age.ts';
import { finite, running, schema } from '../../src/gate/rules/basic.ts';
import { defaultRules } from '../../src/gate/rules/index.ts';
import { isMotion, isUi, isWord } from '../../src/gate/rules/kinds.ts';
import { step } from '../../src/gate/rules/step.ts';
import { target } from '../../src/gate/rules/target.ts';
import { ACTION_KINDS, type Action, type Observation } from '../../src/types.ts';
import {
  click,
  frame,
  inOrder,
  kindOf,
  limits,
  mark,
  motionLimits,
  move,
  observation,
  opinion,
  proprio,
  reasonOf,
  type,
  uiLimits,
  unruled,
} from './given.ts';

const words: readonly Action[] = [
  { kind: 'hold' },
  { kind: 'hand-over', reason: 'a captcha' },
  { kind: 'done', outcome: 'failure' },
];

test('the default rules have each its own name', () => {
  expect(defaultRules.map((rule) => rule.name)).toEqual([
    'running',
    'finite',
    'schema',
    'age',
    'step',
    'pose',
    'workspace',
    'keep-out',
    'velocity',
    'acceleration',
    'gripper',
    'following',
    'target',
    'origin',
    'secrets',
    'effect',
    'copied-text',
    'made-address',
    'forwarding',
  ]);
});

describe('every rule', () => {
  it.each(defaultRules)('$name allows what is in order', (rule) => {
    for (const action of inOrder) expect([action, opinion(rule, action)]).toEqual([action, { kind: 'allow' }]);
  });

  it.each(defaultRules)(
    '$name lets words to the loop through on an old observation, without frames or limits',
    (rule) => {
      const { ui: _ui, motion: _motion, ...bare } = limits();
      const blind = observation({ stampMs: -1e9, frames: [], marks: [] });
      for (const word of words) expect(kindOf(rule, word, { observation: blind, limits: bare })).toBe('allow');
    },
  );
});

describe('kinds', () => {
  it('is exactly one of word, page and motion', () => {
    for (const kind of ACTION_KINDS) {
      const action = { kind } as Action;
      expect([isWord(action), isUi(action), isMotion(action)].filter(Boolean)).toHaveLength(1);
    }
  });

  it('counts what nobody has heard of as motion', () => {
    expect(isMotion({ kind: 'base-velocity' } as unknown as Action)).toBe(true);
    expect(isMotion({ kind: 'x-ui-' } as unknown as Action)).toBe(true);
  });
});

describe('running', () => {
  it('halts everything, words too, when the failsafe does not run', () => {
    for (const action of [...inOrder, ...words])
      expect(opinion(running, action, { isRunning: false })).toEqual({
        kind: 'halt',
        reason: 'the failsafe is not running',
      });
  });

  it('takes only true for running', () => {
    expect(kindOf(running, move(), { isRunning: 1 as unknown as boolean })).toBe('halt');
  });
});

describe('finite', () => {
  it.each([NaN, Infinity, -Infinity])('halts on %s, and says where', (bad) => {
    expect(reasonOf(finite, move({ dPosM: [0, 0, bad] }))).toBe('dPosM.2 is not finite');
    expect(kindOf(finite, move({ gripperOpen: bad }))).toBe('halt');
    expect(reasonOf(finite, click({ xPx: bad, yPx: 0 }))).toBe('target.xPx is not finite');
    expect(reasonOf(finite, { kind: 'ui-wait', durationMs: bad })).toBe('durationMs is not finite');
  });

  it('lets every finite number through, however large', () => {
    expect(kindOf(finite, move({ dPosM: [Number.MAX_VALUE, -0, Number.MIN_VALUE] }))).toBe('allow');
  });

  it('does not trip over null', () => {
    expect(kindOf(finite, { kind: 'hold', extra: null } as unknown as Action)).toBe('allow');
  });
});

describe('schema', () => {
  it('denies what does not parse, and names the path', () => {
    expect(opinion(schema, move({ gripperOpen: 2 }))).toMatchObject({ kind: 'deny' });
    expect(reasonOf(schema, move({ gripperOpen: 2 }))).toMatch(/^gripperOpen: /);
    expect(reasonOf(schema, move({ dPosM: [0, 0, 'x' as unknown as number] }))).toMatch(/^dPosM\.2: /);
  });

  it('names every path, and the action itself where there is none', () => {
    expect(reasonOf(schema, move({ gripperOpen: -1, frameId: 7 as unknown as string }))).toMatch(
      /frameId: .*; gripperOpen: /,
    );
    expect(reasonOf(schema, { kind: 'hold', force: 9 } as unknown as Action)).toMatch(/^action: /);
  });

  it('denies kinds that nobody has heard of', () => {
    expect(kindOf(schema, { kind: 'explode' } as unknown as Action)).toBe('deny');
  });
});

describe('age', () => {
  const seen = (stampMs: number, frameStampMs = stampMs): { observation: Observation } => ({
    observation: observation({ stampMs, frames: [frame({ stampMs: frameStampMs })] }),
  });

  it('denies an observation that is older than allowed, and no other', () => {
    expect(kindOf(age, move(), seen(800))).toBe('allow');
    expect(opinion(age, move(), seen(799))).toEqual({
      kind: 'deny',
      reason: 'the observation is 201 ms old (allowed: 0 to 200)',
    });
    expect(kindOf(age, click(), seen(799))).toBe('deny');
  });

  it('denies an observation from the future', () => {
    expect(kindOf(age, move(), seen(1000))).toBe('allow');
    expect(kindOf(age, move(), seen(1001))).toBe('deny');
  });

  it('denies when the camera hangs although the observation is fresh', () => {
    expect(reasonOf(age, move(), seen(990, 700))).toBe('the newest frame is 300 ms old (allowed: 0 to 200)');
    expect(kindOf(age, move(), seen(990, 1001))).toBe('deny');
  });

  it('goes by the newest of several frames, and does without any', () => {
    const frames = [frame({ stampMs: 700 }), frame({ stampMs: 950 })];
    expect(kindOf(age, move(), { observation: observation({ frames }) })).toBe('allow');
    expect(kindOf(age, move(), { observation: observation({ frames: [] }) })).toBe('allow');
  });

  it('denies when nothing newer has come for too long, whatever the stamps say', () => {
    const since = (frameMs: number, readMs = 990) => ({
      observation: observation({
        frames: [frame({ stampMs: 990, firstSeenMs: frameMs })],
        proprio: proprio({ firstSeenMs: readMs }),
      }),
    });
    expect(kindOf(age, move(), since(800, 800))).toBe('allow');
    expect(reasonOf(age, move(), since(799))).toBe('what came last from the cameras is 201 ms old (allowed: 0 to 200)');
    expect(reasonOf(age, move(), since(800, 799))).toBe('what was read last is 201 ms old (allowed: 0 to 200)');
    expect(kindOf(age, click(), since(800, 799))).toBe('allow');
    const frames = [frame({ stampMs: 990, firstSeenMs: 700 }), frame({ stampMs: 980, firstSeenMs: 980 })];
    expect(kindOf(age, move(), { observation: observation({ frames }) })).toBe('allow');
  });

  it('denies a plan that was thought on something too old, or on the future', () => {
    expect(kindOf(age, move(), { plannedStampMs: 0 })).toBe('allow');
    expect(reasonOf(age, move(), { plannedStampMs: -1 })).toBe(
      'what the plan was thought on is 1001 ms old (allowed: 0 to 1000)',
    );
    expect(kindOf(age, move(), { plannedStampMs: 1001 })).toBe('deny');
  });

  it('denies stamps and limits that are no numbers', () => {
    expect(kindOf(age, move(), seen(NaN, 990))).toBe('deny');
    expect(kindOf(age, move(), seen(990, NaN))).toBe('deny');
    expect(kindOf(age, move(), { plannedStampMs: NaN })).toBe('deny');
    expect(kindOf(age, move(), { nowMs: NaN })).toBe('deny');
    expect(kindOf(age, move(), { limits: limits({ maxObservationAgeMs: NaN }) })).toBe('deny');
    expect(kindOf(age, move(), { limits: limits({ maxPlanAgeMs: NaN }) })).toBe('deny');
  });
});

describe('step, of a tool', () => {
  const shrinkOf = (action: Action) => {
    const said = opinion(step, action);
    return said.kind === 'modify' ? said.shrink : said;
  };

  it('allows exactly the limit', () => {
    expect(kindOf(step, move({ dPosM: [0.03, 0.04, 0], dRpyRad: [0, 0.2, 0] }))).toBe('allow');
  });

  it('wants a longer way made as short as the limit, by its length and not by its axes', () => {
    expect(shrinkOf(move({ dPosM: [0.04, 0.04, 0] }))).toEqual({
      translation: 0.05 / Math.hypot(0.04, 0.04),
      rotation: 1,
    });
    expect(reasonOf(step, move({ dPosM: [0.06, 0, 0] }))).toBe(
      '0.06 m and 0.05 rad in one step (allowed: 0.05 m, 0.2 rad)',
    );
  });

  it('wants a larger turn made as small as the limit, by its angle and not by its three numbers', () => {
    const said = shrinkOf(move({ dRpyRad: [0.15, 0, 0.15] }));
    expect(said).toMatchObject({ translation: 1, rotation: expect.closeTo(0.2 / Math.hypot(0.15, 0.15), 2) });
  });

  it('forgives one part in a thousand million for rounding, and no more', () => {
    expect(kindOf(step, move({ dPosM: [0.05 * (1 + 0.9e-9), 0, 0] }))).toBe('allow');
    expect(kindOf(step, move({ dPosM: [0.05 * (1 + 1.1e-9), 0, 0] }))).toBe('modify');
    expect(kindOf(step, move({ dRpyRad: [0.2 * (1 + 0.9e-9), 0, 0] }))).toBe('allow');
    expect(kindOf(step, move({ dRpyRad: [0.2 * (1 + 1.1e-9), 0, 0] }))).toBe('modify');
  });

  it('denies a turn that hides in numbers: once around is no rotation by its angle', () => {
    for (const dRpyRad of [
      [2 * Math.PI, 0, 0],
      [0, 0, -2 * Math.PI],
      [Math.PI, Math.PI, Math.PI],
    ] as const)
      expect(reasonOf(step, move({ dRpyRad }))).toBe('roll, pitch and yaw hide a turn that is longer than it looks');
  });

  it('takes half a turn of roll or yaw and a quarter of pitch for what they are', () => {
    const wide = { limits: limits({ motion: motionLimits({ maxStepRad: 4 }) }) };
    for (const dRpyRad of [
      [Math.PI, 0, 0],
      [-Math.PI, 0, 0],
      [0, Math.PI / 2, 0],
      [0, -Math.PI / 2, 0],
      [0, 0, Math.PI],
      [0, 0, -Math.PI],
    ] as const)
      expect(kindOf(step, move({ dRpyRad }), wide)).toBe('allow');
    for (const dRpyRad of [
      [3.15, 0, 0],
      [-3.15, 0, 0],
      [0, 1.58, 0],
      [0, -1.58, 0],
      [0, 0, 3.15],
      [0, 0, -3.15],
    ] as const)
      expect(kindOf(step, move({ dRpyRad }), wide)).toBe('deny');
  });

  it('denies a motion in another frame than that of the limits', () => {
    expect(reasonOf(step, move({ frameId: 'tool' }))).toBe("frame 'tool' is not 'base', in which the limits are given");
  });

  it('denies motions that have no rules yet', () => {
    for (const action of unruled) expect(reasonOf(step, action)).toBe(`no limits are known for ${action.kind}`);
  });

  it('denies what nobody has heard of', () => {
    expect(kindOf(step, { kind: 'base-velocity' } as unknown as Action)).toBe('deny');
  });

  it('never allows when a limit is no number', () => {
    for (const over of [{ maxStepM: NaN }, { maxStepRad: NaN }, { maxStepM: -1 }, { maxStepRad: -1 }])
      expect(kindOf(step, move(), { limits: limits({ motion: motionLimits(over) }) })).not.toBe('allow');
  });
});

describe('step, on a page', () => {
  it('denies text that is longer than allowed, wherever it is put in', () => {
    const long = 'x'.repeat(41);
    const texts: readonly Action[] = [
      type(long),
      { kind: 'ui-dialog', accept: true, text: long },
      { kind: 'ui-select', target: { markId: 1 }, values: ['x'.repeat(20), 'x'.repeat(21)] },
      { kind: 'ui-key', keys: long },
    ];
    for (const action of texts)
      expect(opinion(step, action)).toEqual({ kind: 'deny', reason: '41 characters (allowed: 40)' });
    expect(kindOf(step, type('x'.repeat(40)))).toBe('allow');
    expect(kindOf(step, { kind: 'ui-select', target: { markId: 1 }, values: ['x'.repeat(20), 'x'.repeat(20)] })).toBe(
      'allow',
    );
    expect(kindOf(step, { kind: 'ui-dialog', accept: true })).toBe('allow');
  });

  it('counts no text where there is none: where nothing may be put in, the rest still may be done', () => {
    const mute = { limits: limits({ ui: uiLimits({ maxTextChars: 0 }) }) };
    for (const action of [click(), type(''), { kind: 'ui-dialog', accept: true } as const])
      expect([action.kind, kindOf(step, action, mute)]).toEqual([action.kind, 'allow']);
    expect(kindOf(step, type('x'), mute)).toBe('deny');
  });

  it('denies a scroll that is farther than allowed, in any direction', () => {
    for (const [dxPx, dyPx] of [
      [1000.5, 0],
      [-1000.5, 0],
      [0, 1000.5],
      [0, -1000.5],
      [NaN, 0],
    ] as const)
      expect(kindOf(step, { kind: 'ui-scroll', dxPx, dyPx })).toBe('deny');
    expect(reasonOf(step, { kind: 'ui-scroll', dxPx: 0, dyPx: -1001 })).toBe('scrolls 1001 px (allowed: 1000)');
    expect(kindOf(step, { kind: 'ui-scroll', dxPx: -1000, dyPx: 1000 })).toBe('allow');
  });

  it('denies a wait that is longer than allowed', () => {
    expect(reasonOf(step, { kind: 'ui-wait', durationMs: 5001 })).toBe('waits 5001 ms (allowed: 5000)');
    expect(kindOf(step, { kind: 'ui-wait', durationMs: NaN })).toBe('deny');
  });

  it('denies when a limit is no number', () => {
    const broken = { limits: limits({ ui: uiLimits({ maxTextChars: NaN, maxScrollPx: NaN, maxWaitMs: NaN }) }) };
    for (const action of [click(), type('a'), { kind: 'ui-scroll', dxPx: 0, dyPx: 0 } as const])
      expect(kindOf(step, action, broken)).toBe('deny');
  });
});

describe('step, by what is declared', () => {
  it('denies every action for which no limits are declared', () => {
    const { ui: _ui, ...motionOnly } = limits();
    const { motion: _motion, ...uiOnly } = limits();
    expect(reasonOf(step, click(), { limits: motionOnly })).toBe('no limits declared for this kind of action');
    expect(kindOf(step, move(), { limits: motionOnly })).toBe('allow');
    expect(reasonOf(step, move(), { limits: uiOnly })).toBe('no limits declared for this kind of action');
    expect(kindOf(step, click(), { limits: uiOnly })).toBe('allow');
  });

  it('allows everything where unlimited is written out', () => {
    const free = { limits: limits({ ui: 'unlimited', motion: 'unlimited' }) };
    for (const action of [...inOrder, ...unruled, move({ dPosM: [9, 9, 9], frameId: 'tool' }), type('x'.repeat(99))])
      expect(kindOf(step, action, free)).toBe('allow');
  });

  it('keeps the two apart', () => {
    expect(kindOf(step, move({ frameId: 'tool' }), { limits: limits({ ui: 'unlimited' }) })).toBe('deny');
    expect(kindOf(step, type('x'.repeat(41)), { limits: limits({ motion: 'unlimited' }) })).toBe('deny');
  });
});

describe('target', () => {
  it('denies a mark that is not there, or there twice', () => {
    expect(opinion(target, click({ markId: 9 }))).toEqual({ kind: 'deny', reason: 'mark 9 is there 0 times' });
    const doubled = { observation: observation({ marks: [mark(), mark()] }) };
    expect(reasonOf(target, click({ markId: 1 }), doubled)).toBe('mark 1 is there 2 times');
    const { marks: _marks, ...unmarked } = observation();
    expect(kindOf(target, click({ markId: 1 }), { observation: unmarked })).toBe('deny');
  });

  it('denies a point outside the frame: the left and upper edges belong to it, the right and lower do not', () => {
    for (const [xPx, yPx, kind] of [
      [0, 0, 'allow'],
      [799.9, 599.9, 'allow'],
      [-0.1, 0, 'deny'],
      [0, -0.1, 'deny'],
      [800, 0, 'deny'],
      [0, 600, 'deny'],
      [NaN, 0, 'deny'],
      [0, NaN, 'deny'],
    ] as const)
      expect([xPx, yPx, kindOf(target, click({ xPx, yPx }))]).toEqual([xPx, yPx, kind]);
    expect(reasonOf(target, click({ xPx: 800, yPx: 3 }))).toBe('(800, 3) is outside the frame of 800 x 600 px');
  });

  it('reckons in CSS pixels of the first frame, by its pixel ratio where its size is not given', () => {
    const bare = {
      data: new Uint8Array(0),
      encoding: 'png',
      widthPx: 200,
      heightPx: 100,
      stampMs: 990,
      camera: 'page',
    } as const;
    const on = (first: Observation['frames'][number], xPx: number, yPx: number) =>
      kindOf(target, click({ xPx, yPx }), { observation: observation({ frames: [first, frame()] }) });
    expect([on(bare, 199, 99), on(bare, 200, 0), on(bare, 0, 100)]).toEqual(['allow', 'deny', 'deny']);
    const dense = { ...bare, dpr: 2 };
    expect([on(dense, 99, 49), on(dense, 100, 0), on(dense, 0, 50)]).toEqual(['allow', 'deny', 'deny']);
  });

  it('denies pointing at anything while nothing is seen', () => {
    const blind = { observation: observation({ frames: [] }) };
    expect(reasonOf(target, click(), blind)).toBe('there is no frame to point at');
    expect(kindOf(target, click({ xPx: 1, yPx: 1 }), blind)).toBe('deny');
    expect(kindOf(target, { kind: 'ui-key', keys: 'Enter' }, blind)).toBe('allow');
  });

  it('judges every target of every kind of action', () => {
    const gone = { markId: 9 };
    const actions: readonly Action[] = [
      click(gone),
      type('a', gone),
      { kind: 'ui-select', target: gone, values: ['a'] },
      { kind: 'ui-check', target: gone, checked: true },
      { kind: 'ui-scroll', target: gone, dxPx: 0, dyPx: 0 },
      { kind: 'ui-drag', from: gone, to: { markId: 1 } },
      { kind: 'ui-drag', from: { markId: 1 }, to: gone },
      { kind: 'ui-hover', target: gone },
      { kind: 'ui-upload', target: gone, paths: ['a'] },
    ];
    for (const action of actions) expect([action.kind, kindOf(target, action)]).toEqual([action.kind, 'deny']);
  });
});
