/** What a person's yes is worth: once, for the same deed on the same thing, in the very next step, and soon. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALIKE, createApprovals, isSameDeed, MOST_MOVED_PX, YES_COUNTS_MS } from '../src/approvals.ts';
import type { Action, Mark, Observation } from '../src/types.ts';
import { at, HERE, mark, observation, proprio, ui } from './gate/given.ts';

const click = (markId = 1): Action => ({ kind: 'ui-click', target: { markId }, button: 'left', count: 1 });
const move = (dPosM: [number, number, number] = [0.02, 0, 0], over: object = {}): Action =>
  ({ kind: 'eef-delta', frameId: 'base', dPosM, dRpyRad: [0, 0, 0], gripperOpen: 1, ...over }) as Action;
const pay = mark({ id: 1, role: 'button', name: 'Pay' });
const shown = observation({ marks: [pay, mark({ id: 2, role: 'button', name: 'Back', boxPx: [200, 200, 400, 300] })] });
/** The observation of the step after a question that ended in a deny. */
const next = (over: Partial<Observation> = {}): Observation => ({ ...shown, seq: shown.seq + 1, epoch: 1, ...over });

/** Asked about `asked` on `shown`, answered yes; `laterMs` after that `proposed` on `seen`. */
function released(proposed: Action, seen: Observation, asked = proposed, laterMs = 0): boolean {
  let nowMs = 1000;
  const approvals = createApprovals({ nowMs: () => nowMs });
  approvals.grant([asked], shown);
  nowMs += laterMs;
  return approvals.take([proposed], seen);
}

describe('a yes', () => {
  it('counts for the same proposal in the very next step, and once', () => {
    const approvals = createApprovals({ nowMs: () => 0 });
    expect(approvals.take([click()], next())).toBe(false);
    approvals.grant([click()], shown);
    expect(approvals.take([click()], next())).toBe(true);
    expect(approvals.take([click()], next())).toBe(false);
  });

  it('is gone when something else was proposed in between, whatever it was', () => {
    const approvals = createApprovals({ nowMs: () => 0 });
    approvals.grant([click()], shown);
    expect(approvals.take([{ kind: 'hold' }], next())).toBe(false);
    expect(approvals.take([click()], next())).toBe(false);
  });

  it('replayed on a later frame, or on the frame that was asked about, is refused', () => {
    expect(released(click(), shown)).toBe(false);
    for (const steps of [-1, 0, 2, 3])
      expect(released(click(), next({ seq: shown.seq + steps })), `${steps}`).toBe(false);
  });

  it('is for the epoch after the question alone: another deny, stop or instruction in between makes it void', () => {
    for (const epoch of [0, 2, 7]) expect(released(click(), next({ epoch })), `${epoch}`).toBe(false);
    expect(released(click(), next({ instruction: 'buy two' }))).toBe(false);
  });

  it('counts for a minute from the answer on', () => {
    expect(released(click(), next(), click(), YES_COUNTS_MS)).toBe(true);
    expect(released(click(), next(), click(), YES_COUNTS_MS + 1)).toBe(false);
  });

  it('stays what it was, whatever becomes of the action that was shown', () => {
    const approvals = createApprovals({ nowMs: () => 0 });
    const shownAction = { kind: 'ui-type', target: { markId: 1 }, text: '1', clear: false, submit: true };
    approvals.grant([shownAction as Action], shown);
    shownAction.text = '1000';
    expect(approvals.take([shownAction as Action], next())).toBe(false);
  });
});

describe('a yes to a plan', () => {
  const plan = [move([0.02, 0, 0]), move([0, 0.02, 0])];
  const taken = (proposed: readonly Action[], turn = { seq: 5, epoch: 8 }) => {
    const approvals = createApprovals({ nowMs: () => 0 });
    approvals.grant(plan, shown, { seq: 4, epoch: 7 });
    return approvals.take(proposed, shown, turn);
  };

  it('is to all of it: not to one that is longer, shorter, or other in one action', () => {
    expect(taken(plan)).toBe(true);
    expect(taken([...plan, move()])).toBe(false);
    expect(taken(plan.slice(0, 1))).toBe(false);
    expect(taken([plan[0]!, move([0, 0.04, 0])])).toBe(false);
    expect(taken([move([0.04, 0, 0]), plan[1]!])).toBe(false);
    expect(taken([])).toBe(false);
  });

  it('is for the plan after it, by its number and epoch, whatever steps there were', () => {
    expect(taken(plan, { seq: 6, epoch: 8 })).toBe(false);
    expect(taken(plan, { seq: 5, epoch: 7 })).toBe(false);
    expect(taken(plan, { seq: 5, epoch: 9 })).toBe(false);
  });
});

describe('the same deed', () => {
  const seenWith = (over: Partial<Mark>) => next({ marks: [{ ...pay, ...over }] });

  it('is on the same thing by role, name, document and origin, whatever its number', () => {
    expect(released(click(9), next({ marks: [{ ...pay, id: 9 }] }), click(1))).toBe(true);
    for (const over of [
      { role: 'link' },
      { name: 'Pay twice' },
      { origin: 'https://evil.example' },
      { document: 'another' },
      { inputType: 'file' },
      { state: { checked: true } },
    ])
      expect(released(click(), seenWith(over)), JSON.stringify(over)).toBe(false);
  });

  it('is on a thing that has moved by a few pixels at most, on each side', () => {
    const [x0, y0, x1, y1] = pay.boxPx;
    const far = MOST_MOVED_PX + 1;
    expect(released(click(), seenWith({ boxPx: [x0 + MOST_MOVED_PX, y0, x1 + MOST_MOVED_PX, y1] }))).toBe(true);
    for (const boxPx of [
      [x0 + far, y0, x1 + far, y1],
      [x0, y0 - far, x1, y1 - far],
      [x0, y0, x1 + far, y1],
      [x0, y0, x1, y1 + far],
    ] as const)
      expect(released(click(), seenWith({ boxPx })), boxPx.join()).toBe(false);
  });

  it('is not on what cannot be seen, before or now', () => {
    expect(released(click(), next({ marks: [] }))).toBe(false);
    expect(released(click(7), next())).toBe(false);
  });

  it('is not on another page, nor in another dialog, nor with the focus elsewhere', () => {
    expect(released(click(), next({ ui: ui({ url: 'https://shop.example/other' }) }))).toBe(false);
    const accept: Action = { kind: 'ui-dialog', accept: true };
    expect(released(accept, next())).toBe(true);
    expect(released(accept, next({ ui: ui({ dialog: { kind: 'confirm', message: 'Delete all?' } }) }))).toBe(false);
    const enter: Action = { kind: 'ui-key', keys: 'Enter' };
    expect(released(enter, next())).toBe(true);
    expect(released(enter, seenWith({ state: { focused: true } }))).toBe(false);
    const close: Action = { kind: 'ui-tab', op: 'close', index: 1 };
    expect(released(close, next())).toBe(true);
    expect(released(close, next({ ui: ui({ tabs: [] }) }))).toBe(false);
    const tabs = ui().tabs.map((tab) => ({ ...tab, url: 'https://shop.example/other' }));
    expect(released(close, next({ ui: ui({ tabs }) }))).toBe(false);
    // What opens beside it is of no matter to what is clicked, nor is what has the focus.
    expect(released(click(), next({ ui: ui({ tabs }), marks: [{ ...pay, state: { focused: true } }] }))).toBe(true);
  });

  it('is at the same point, on the same thing, where a point is pointed at', () => {
    const point = (xPx: number): Action => ({ ...click(), target: { xPx, yPx: 25 } }) as Action;
    expect(released(point(62), next(), point(60))).toBe(true);
    expect(released(point(66), next(), point(60))).toBe(false);
    // Off the thing, though near: x 110 is its edge.
    expect(released(point(111), next(), point(109))).toBe(false);
    expect(released(point(60), next(), click())).toBe(false);
    expect(released(click(), next(), point(60))).toBe(false);
    // Where nothing is marked, then and now.
    expect(released(point(700), next(), point(700))).toBe(true);
  });

  it('has both targets of a drag', () => {
    const drag = (from: number, to: number): Action => ({
      kind: 'ui-drag',
      from: { markId: from },
      to: { markId: to },
    });
    expect(released(drag(1, 2), next())).toBe(true);
    expect(released(drag(2, 1), next(), drag(1, 2))).toBe(false);
    expect(released(drag(1, 1), next(), drag(1, 2))).toBe(false);
  });

  it('has the same payload', () => {
    const type = (text: string, over = {}): Action =>
      ({ kind: 'ui-type', target: { markId: 1 }, text, clear: false, submit: false, ...over }) as Action;
    expect(released(type('1'), next())).toBe(true);
    expect(released(type('1000'), next(), type('1'))).toBe(false);
    expect(released(type('1', { submit: true }), next(), type('1'))).toBe(false);
    expect(released({ ...type('1'), target: undefined } as Action, next(), type('1'))).toBe(false);
    expect(released(click(), next(), { ...click(), count: 2 } as Action)).toBe(false);
  });
});

describe('the same motion', () => {
  it('may differ by what nobody would see, in way, turn and gripper', () => {
    expect(released(move([0.029, 0, 0]), next(), move([0.02, 0, 0]))).toBe(true);
    expect(released(move([0.031, 0, 0]), next(), move([0.02, 0, 0]))).toBe(false);
    expect(released(move([0.02, 0, 0], { dRpyRad: [0, 0.09, 0] }), next(), move())).toBe(true);
    expect(released(move([0.02, 0, 0], { dRpyRad: [0, 0.11, 0] }), next(), move())).toBe(false);
    expect(released(move([0.02, 0, 0], { gripperOpen: 0.91 }), next(), move())).toBe(true);
    expect(released(move([0.02, 0, 0], { gripperOpen: 0.89 }), next(), move())).toBe(false);
    expect(released(move([0.02, 0, 0], { frameId: 'tool' }), next(), move())).toBe(false);
  });

  it('begins where the tool was, turned as it was, with the gripper as it was', () => {
    const turned = (rad: number) =>
      proprio({ tcpPose: { ...HERE, qXyzw: [Math.sin(rad / 2), 0, 0, Math.cos(rad / 2)] } });
    expect(released(move(), next({ proprio: at([0.409, 0, 0.2]) }))).toBe(true);
    expect(released(move(), next({ proprio: at([0.411, 0, 0.2]) }))).toBe(false);
    expect(released(move(), next({ proprio: turned(0.09) }))).toBe(true);
    expect(released(move(), next({ proprio: turned(0.11) }))).toBe(false);
    expect(released(move(), next({ proprio: proprio({ gripperOpen: 0.5 }) }))).toBe(false);
    expect(released(move(), next({ proprio: proprio({ tcpPose: { ...HERE, frameId: 'world' } }) }))).toBe(false);
    expect(released(move(), next({ proprio: proprio({ tcpPose: undefined }) }))).toBe(false);
    const { proprio: _, ...blind } = next();
    expect(released(move(), blind)).toBe(false);
  });

  it('leads to the same pose where it is given as one', () => {
    const pose = (xM: number, over: object = {}): Action =>
      ({ kind: 'eef-pose', frameId: 'base', pM: [xM, 0, 0.2], qXyzw: [0, 0, 0, 1], gripperOpen: 1, ...over }) as Action;
    expect(released(pose(0.419), next(), pose(0.41))).toBe(true);
    expect(released(pose(0.421), next(), pose(0.41))).toBe(false);
    expect(released(pose(0.41, { qXyzw: [0, 0, 1, 0] }), next(), pose(0.41))).toBe(false);
    // The same orientation, written with the other sign.
    expect(released(pose(0.41, { qXyzw: [0, 0, 0, -1] }), next(), pose(0.41))).toBe(true);
    expect(released(pose(0.41, { gripperOpen: 0 }), next(), pose(0.41))).toBe(false);
    expect(released(pose(0.41, { frameId: 'world' }), next(), pose(0.41))).toBe(false);
    expect(released(move(), next(), pose(0.41))).toBe(false);
  });

  it('is exactly the same where nobody knows how far it leads', () => {
    const twist = (xMPerS: number): Action =>
      ({
        kind: 'eef-twist',
        frameId: 'base',
        linearMPerS: [xMPerS, 0, 0],
        angularRadPerS: [0, 0, 0],
        gripperOpen: 1,
      }) as Action;
    expect(released(twist(0.1), next())).toBe(true);
    expect(released(twist(0.100001), next(), twist(0.1))).toBe(false);
    const joints: Action = { kind: 'joint-position', jointNames: ['a'], qRad: [1] };
    expect(released(joints, next())).toBe(true);
    expect(released(joints, next({ proprio: at([0.5, 0, 0.2]) }))).toBe(false);
  });

  it('with a number that is none is no motion', () => {
    for (const none of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(released(move([none, 0, 0]), next(), move([none, 0, 0]))).toBe(false);
      expect(released(move([0.02, 0, 0], { gripperOpen: none }), next(), move())).toBe(false);
      expect(released(move(), next({ proprio: at([none, 0, 0.2]) }))).toBe(false);
    }
  });

  it('within what is alike either both ways or neither: it does not matter which was first', () => {
    const number = fc.double({ min: -0.03, max: 0.03, noNaN: true });
    const motion = fc.tuple(number, number, number).map((dPosM) => move(dPosM));
    let alike = 0;
    fc.assert(
      fc.property(motion, motion, (one, other) => {
        const [there, back] = [
          isSameDeed({ action: one, observation: shown }, { action: other, observation: shown }),
          isSameDeed({ action: other, observation: shown }, { action: one, observation: shown }),
        ];
        if (there) alike += 1;
        expect(there).toBe(back);
        if (one.kind !== 'eef-delta' || other.kind !== 'eef-delta') return;
        const apartM = Math.hypot(...one.dPosM.map((value, axis) => value - other.dPosM[axis]!));
        expect(there).toBe(apartM <= ALIKE.positionM);
      }),
      { numRuns: 500 },
    );
    // Non-vacuity: some were alike, most were not.
    expect(alike).toBeGreaterThan(2);
    expect(alike).toBeLessThan(490);
  });
});

describe('an edit', () => {
  const editing = (action: Action, seen: Observation, laterMs = 0) => {
    let nowMs = 0;
    const approvals = createApprovals({ nowMs: () => nowMs });
    approvals.edit(action, shown);
    nowMs = laterMs;
    return approvals.takeEdit(seen);
  };

  it('is proposed once, in the next step, on what is there then by its number of then', () => {
    const approvals = createApprovals({ nowMs: () => 0 });
    expect(approvals.takeEdit(next())).toBeUndefined();
    approvals.edit(click(2), shown);
    const renumbered = next({
      marks: [
        { ...pay, id: 2 },
        { ...shown.marks![1]!, id: 5 },
      ],
    });
    expect(approvals.takeEdit(renumbered)).toEqual(click(5));
    expect(approvals.takeEdit(renumbered)).toBeUndefined();
  });

  it('is no yes: it is judged like any other proposal', () => {
    const approvals = createApprovals({ nowMs: () => 0 });
    approvals.edit(click(), shown);
    expect(approvals.takeEdit(next())).toEqual(click());
    expect(approvals.take([click()], next())).toBe(false);
  });

  it('is lost where its target is gone, has moved or is there twice', () => {
    expect(editing(click(), next({ marks: [] }))).toBe('lost');
    expect(editing(click(), next({ marks: [{ ...pay, boxPx: [0, 500, 100, 530] }] }))).toBe('lost');
    expect(editing(click(), next({ marks: [pay, { ...pay, id: 4 }] }))).toBe('lost');
    expect(editing(click(7), next())).toBe('lost');
    const drag: Action = { kind: 'ui-drag', from: { markId: 1 }, to: { markId: 7 } };
    expect(editing(drag, next())).toBe('lost');
    const back = shown.marks![1]!;
    const renumbered = next({
      marks: [
        { ...pay, id: 2 },
        { ...back, id: 1 },
      ],
    });
    const both: Action = { kind: 'ui-drag', from: { markId: 1 }, to: { markId: 2 } };
    expect(editing(both, renumbered)).toEqual({ kind: 'ui-drag', from: { markId: 2 }, to: { markId: 1 } });
    expect(editing({ kind: 'ui-drag', from: { markId: 7 }, to: { markId: 2 } }, next())).toBe('lost');
    const type: Action = { kind: 'ui-type', target: { markId: 1 }, text: 'a', clear: false, submit: false };
    expect(editing(type, next({ marks: [back] }))).toBe('lost');
  });

  it('is lost on another page, in a later step or epoch, after a minute, and when the arm has moved', () => {
    expect(editing(click(), next({ ui: ui({ url: 'https://shop.example/other' }) }))).toBe('lost');
    expect(editing(click(), next({ seq: shown.seq + 2 }))).toBe('lost');
    expect(editing(click(), next({ epoch: 2 }))).toBe('lost');
    expect(editing(click(), next(), YES_COUNTS_MS + 1)).toBe('lost');
    expect(editing(move(), next({ proprio: at([0.5, 0, 0.2]) }))).toBe('lost');
    expect(editing(move(), next())).toEqual(move());
  });

  it('of a point or of nothing stays as it is', () => {
    const point = { ...click(), target: { xPx: 60, yPx: 25 } } as Action;
    expect(editing(point, next())).toEqual(point);
    expect(editing({ kind: 'ui-back' }, next())).toEqual({ kind: 'ui-back' });
  });
});

describe('over any course of questions, answers, proposals and time', () => {
  type Event =
    | { readonly kind: 'yes'; readonly markId: number }
    | { readonly kind: 'propose'; readonly markId: number }
    | { readonly kind: 'step' | 'deny' }
    | { readonly kind: 'wait'; readonly ms: number };
  const markId = fc.constantFrom(1, 2);
  /** What mostly happens, and seldom by chance. */
  const ordinary: fc.Arbitrary<Event[]> = markId.map((asked) => [
    { kind: 'yes', markId: asked },
    { kind: 'deny' },
    { kind: 'propose', markId: asked },
  ]);
  const event: fc.Arbitrary<Event> = fc.oneof(
    fc.record({ kind: fc.constant('yes' as const), markId }),
    fc.record({ kind: fc.constant('propose' as const), markId }),
    fc.record({ kind: fc.constantFrom('step' as const, 'deny' as const) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 30_000, 70_000) }),
  );

  it('each release has a yes of its own, to the same thing, one step, one epoch and a minute before at most', () => {
    let releases = 0;
    const property = fc.property(
      fc.array(
        fc.oneof(
          event.map((one) => [one]),
          ordinary,
        ),
        { maxLength: 20 },
      ),
      (courses) => {
        const events = courses.flat();
        let [seq, epoch, nowMs] = [0, 0, 0];
        // The model: the last yes, until something is proposed.
        let yes: { markId: number; seq: number; epoch: number; atMs: number } | undefined;
        const approvals = createApprovals({ nowMs: () => nowMs });
        for (const one of events) {
          const seen = { ...shown, seq, epoch };
          if (one.kind === 'wait') nowMs += one.ms;
          if (one.kind === 'step') seq += 1;
          if (one.kind === 'deny') [seq, epoch] = [seq + 1, epoch + 1];
          if (one.kind === 'yes') {
            approvals.grant([click(one.markId)], seen);
            yes = { markId: one.markId, seq, epoch, atMs: nowMs };
          }
          if (one.kind !== 'propose') continue;
          const counts =
            yes !== undefined &&
            yes.markId === one.markId &&
            [seq - yes.seq, epoch - yes.epoch].every((rise) => rise === 1) &&
            nowMs - yes.atMs <= YES_COUNTS_MS;
          yes = undefined;
          expect(approvals.take([click(one.markId)], seen)).toBe(counts);
          if (counts) releases += 1;
        }
      },
    );
    fc.assert(property, { numRuns: 500 });
    // Non-vacuity: an object that always says no would pass none of these.
    expect(releases).toBeGreaterThan(500);
  });
});
