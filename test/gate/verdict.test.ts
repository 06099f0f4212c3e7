import { describe, expect, it } from 'vitest';
import { describeTarget, markOf, targetsOf } from '../../src/gate/targets.ts';
import { allow, join, passes, refuse, severity } from '../../src/gate/verdict.ts';
import { SEVERITY, type VerdictKind } from '../../src/types.ts';
import { click, mark, move, observation, type } from './given.ts';

describe('a verdict', () => {
  it('has a severity that rises from allow to halt', () => {
    expect((['allow', 'modify', 'ask', 'deny', 'halt'] as const).map(severity)).toEqual([0, 1, 2, 3, 4]);
  });

  it('passes as allow or modify only', () => {
    const kinds = SEVERITY.filter((kind) => passes({ ...allow(move()), kind }));
    expect(kinds).toEqual(['allow', 'modify']);
  });

  it('of allow says by whom, the gate unless told', () => {
    expect(allow(move())).toEqual({ kind: 'allow', action: move(), reasons: [], by: 'gate' });
    expect(allow(move(), 'critic').by).toBe('critic');
  });

  it('of refusal names the judge in its reason', () => {
    expect(refuse('deny', move(), 'critic', 'unsafe')).toEqual({
      kind: 'deny',
      action: move(),
      reasons: ['critic: unsafe'],
      by: 'critic',
    });
  });

  it('joined with a worse one becomes that, keeps every reason, and leaves the action', () => {
    const verdict = join({ kind: 'modify', action: move(), reasons: ['step: far'], by: 'step' }, 'critic', 'deny', [
      'a',
      'b',
    ]);
    expect(verdict).toEqual({
      kind: 'deny',
      action: move(),
      reasons: ['step: far', 'critic: a', 'critic: b'],
      by: 'critic',
    });
  });

  it('joined with a milder or an equal one stays what it is, and keeps the reason', () => {
    const denied = refuse('deny', move(), 'rules', 'no');
    for (const kind of ['allow', 'modify', 'ask', 'deny'] as const)
      expect(join(denied, 'critic', kind, ['fine'])).toEqual({ ...denied, reasons: ['rules: no', 'critic: fine'] });
  });

  it('joined comes to the worst of both, for all pairs', () => {
    for (const one of SEVERITY)
      for (const two of SEVERITY) {
        const worst: VerdictKind = severity(one) > severity(two) ? one : two;
        expect(join({ ...allow(move()), kind: one }, 'critic', two, []).kind).toBe(worst);
      }
  });
});

describe('targets', () => {
  const one = { markId: 1 };
  const two = { xPx: 3, yPx: 4 };

  it('are what an action points at, in the order in which it touches them', () => {
    expect(targetsOf(click(one))).toEqual([one]);
    expect(targetsOf(type('a', two))).toEqual([two]);
    expect(targetsOf({ kind: 'ui-drag', from: one, to: two })).toEqual([one, two]);
    expect(targetsOf({ kind: 'ui-scroll', target: one, dxPx: 0, dyPx: 0 })).toEqual([one]);
  });

  it('are none where an action points at nothing', () => {
    expect(targetsOf(type('a'))).toEqual([]);
    expect(targetsOf({ kind: 'ui-scroll', dxPx: 0, dyPx: 0 })).toEqual([]);
    expect(targetsOf(move())).toEqual([]);
    expect(targetsOf({ kind: 'ui-back' })).toEqual([]);
  });

  it('by number have the mark of that number', () => {
    expect(markOf({ markId: 2 }, observation())?.id).toBe(2);
    expect(markOf({ markId: 9 }, observation())).toBeUndefined();
    const { marks: _marks, ...unmarked } = observation();
    expect(markOf({ markId: 1 }, unmarked)).toBeUndefined();
    expect(markOf({ xPx: 20, yPx: 20 }, unmarked)).toBeUndefined();
  });

  it('by place have the smallest box around it, whatever the order of the marks', () => {
    const marks = [
      mark({ id: 1, boxPx: [0, 0, 100, 100] }),
      mark({ id: 2, boxPx: [20, 30, 60, 50] }),
      mark({ id: 3, boxPx: [10, 10, 90, 90] }),
    ];
    for (const order of [marks, marks.toReversed()]) {
      const at = (xPx: number, yPx: number) => markOf({ xPx, yPx }, observation({ marks: order }))?.id;
      expect(at(40, 40)).toBe(2);
      expect(at(80, 80)).toBe(3);
      expect(at(95, 95)).toBe(1);
      expect(at(200, 40)).toBeUndefined();
    }
  });

  it('by place belong to a box from its left and upper edge up to, but without, its right and lower edge', () => {
    const at = (xPx: number, yPx: number) =>
      markOf({ xPx, yPx }, observation({ marks: [mark({ boxPx: [20, 30, 60, 50] })] }))?.id;
    expect([at(20, 30), at(59.9, 49.9)]).toEqual([1, 1]);
    expect([at(19.9, 40), at(60, 40), at(40, 29.9), at(40, 50)]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('of equal boxes have the first', () => {
    const marks = [mark({ id: 7 }), mark({ id: 8 })];
    expect(markOf({ xPx: 20, yPx: 20 }, observation({ marks }))?.id).toBe(7);
  });

  it('weigh boxes by their area, wherever they lie', () => {
    const marks = [mark({ id: 1, boxPx: [500, 500, 530, 530] }), mark({ id: 2, boxPx: [480, 400, 540, 560] })];
    expect(markOf({ xPx: 510, yPx: 510 }, observation({ marks: marks.toReversed() }))?.id).toBe(1);
    const slim = [mark({ id: 1, boxPx: [0, 100, 20, 101] }), mark({ id: 2, boxPx: [0, 90, 5, 104] })];
    expect(markOf({ xPx: 1, yPx: 100 }, observation({ marks: slim.toReversed() }))?.id).toBe(1);
    const tall = [mark({ id: 1, boxPx: [100, 0, 101, 20] }), mark({ id: 2, boxPx: [90, 0, 104, 5] })];
    expect(markOf({ xPx: 100, yPx: 1 }, observation({ marks: tall.toReversed() }))?.id).toBe(1);
  });

  it('are described by role and name, else by number or place', () => {
    const marks = [mark({ role: 'button', name: 'Say "hi"' }), mark({ id: 2, boxPx: [0, 0, 1, 1] })];
    const seen = observation({ marks });
    expect(describeTarget(click({ markId: 1 }), seen)).toBe('button "Say \\"hi\\""');
    expect(describeTarget(click({ markId: 2 }), seen)).toBe('element ""');
    expect(describeTarget(click({ markId: 9 }), seen)).toBe('mark 9');
    expect(describeTarget({ kind: 'ui-drag', from: { markId: 1 }, to: { xPx: 700, yPx: 5 } }, seen)).toBe(
      'button "Say \\"hi\\"" to (700, 5)',
    );
    expect(describeTarget(move(), seen)).toBeUndefined();
  });
});
