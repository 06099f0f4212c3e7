import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  DISARMED,
  type FailsafeEvent,
  type FailsafeState,
  isLatched,
  isRunning,
  next,
} from '../../src/gate/failsafe.ts';
import { review } from '../../src/gate/review.ts';
import { defaultRules } from '../../src/gate/rules/index.ts';
import { click, context, move } from './given.ts';

const stateAfter = (...events: readonly FailsafeEvent[]): FailsafeState => events.reduce(next, DISARMED);
const [arm, start, finish, resync] = (['arm', 'start', 'finish', 'resync'] as const).map((kind) => ({ kind })) as [
  FailsafeEvent,
  FailsafeEvent,
  FailsafeEvent,
  FailsafeEvent,
];
const eStop = (category: 0 | 1 = 1, cause = 'button'): FailsafeEvent => ({ kind: 'e-stop', cause, category });
const protectiveStop = (category: 1 | 2 = 2, cause = 'starved'): FailsafeEvent => ({
  kind: 'protective-stop',
  cause,
  category,
});
const clear = (byPerson = true): FailsafeEvent => ({ kind: 'clear', byPerson });
const release = (byPerson: boolean, causeIsGone = false, hasNewPlan = false): FailsafeEvent => ({
  kind: 'release',
  byPerson,
  causeIsGone,
  hasNewPlan,
});

describe('the way to motion', () => {
  it('is arm, then start; and finish leads back', () => {
    expect(stateAfter()).toEqual({ name: 'DISARMED' });
    expect(stateAfter(arm)).toEqual({ name: 'ARMED' });
    expect(stateAfter(arm, start)).toEqual({ name: 'RUNNING' });
    expect(stateAfter(arm, start, finish)).toEqual(DISARMED);
    expect(stateAfter(arm, finish)).toEqual(DISARMED);
  });

  it('has no short cut', () => {
    expect(stateAfter(start)).toEqual(DISARMED);
    expect(stateAfter(start, arm)).toEqual({ name: 'ARMED' });
    expect(stateAfter(release(true, true, true))).toEqual(DISARMED);
    expect(stateAfter(arm, release(true, true, true))).toEqual({ name: 'ARMED' });
    expect(stateAfter(resync, clear())).toEqual(DISARMED);
  });
});

describe('a protective stop', () => {
  const stoppedState = () => stateAfter(arm, start, protectiveStop(2, 'starved'));

  it('ends running, and says why and in which category', () => {
    const stopped = stoppedState();
    expect(stopped).toEqual({ name: 'PROTECTIVE_STOP', cause: 'starved', category: 2 });
    expect(isLatched(stopped)).toBe(false);
  });

  it('is released by a person at any time, alone only with its cause gone and a new plan', () => {
    const stopped = stoppedState();
    expect(next(stopped, release(true))).toEqual({ name: 'RUNNING' });
    expect(next(stopped, release(false, true, true))).toEqual({ name: 'RUNNING' });
    for (const early of [release(false), release(false, true, false), release(false, false, true)])
      expect(next(stopped, early)).toBe(stopped);
  });

  it('gets the more severe category of two, and keeps its cause', () => {
    const stopped = stoppedState();
    const worse = next(stopped, protectiveStop(1, 'late'));
    expect(worse).toEqual({ name: 'PROTECTIVE_STOP', cause: 'starved', category: 1 });
    expect(next(worse, protectiveStop(2, 'late'))).toBe(worse);
    expect(next(stopped, protectiveStop(2, 'late'))).toBe(stopped);
  });

  it('ends with the run, and not by arm, start, clear or resync', () => {
    const stopped = stoppedState();
    expect(next(stopped, finish)).toEqual(DISARMED);
    for (const event of [arm, start, clear(), resync]) expect(next(stopped, event)).toBe(stopped);
  });

  it('has no meaning where nothing runs', () => {
    expect(stateAfter(protectiveStop())).toEqual(DISARMED);
    expect(stateAfter(arm, protectiveStop())).toEqual({ name: 'ARMED' });
  });
});

describe('an e-stop', () => {
  it('comes through from every state, and latches', () => {
    for (const state of [DISARMED, stateAfter(arm), stateAfter(arm, start), stateAfter(arm, start, protectiveStop())]) {
      const stopped = next(state, eStop(1, 'button'));
      expect(stopped).toEqual({ name: 'E_STOP', cause: 'button', category: 1, isCleared: false });
      expect(isLatched(stopped)).toBe(true);
    }
  });

  it('is left only by a person’s clear and then a resync of positions', () => {
    const stopped = stateAfter(arm, start, eStop());
    for (const event of [arm, start, finish, resync, clear(false), release(true, true, true), protectiveStop(1)])
      expect(next(stopped, event)).toBe(stopped);
    const cleared = next(stopped, clear());
    expect(cleared).toEqual({ ...stopped, isCleared: true });
    expect(isLatched(cleared)).toBe(true);
    for (const event of [arm, start, finish, clear(false), release(true, true, true), protectiveStop(1)])
      expect(next(cleared, event)).toBe(cleared);
    expect(next(cleared, resync)).toEqual(DISARMED);
  });

  it('that comes again has to be cleared again', () => {
    const again = [arm, start, eStop(1, 'button'), clear(), eStop(1, 'door'), resync].reduce(next, DISARMED);
    expect(again).toEqual({ name: 'E_STOP', cause: 'door', category: 1, isCleared: false });
  });

  it('keeps the first cause while it is not cleared, and the most severe category', () => {
    expect(stateAfter(eStop(1, 'button'), eStop(0, 'door'))).toMatchObject({ cause: 'button', category: 0 });
    expect(stateAfter(eStop(0, 'button'), eStop(1, 'door'))).toMatchObject({ cause: 'button', category: 0 });
    expect(stateAfter(eStop(1, 'button'), eStop(1, 'door'))).toMatchObject({ cause: 'button', category: 1 });
    expect(stateAfter(eStop(0, 'button'), clear(), eStop(1, 'door'))).toMatchObject({ cause: 'door', category: 0 });
  });
});

describe('what is not known', () => {
  it('as an event changes nothing in any state', () => {
    const states = [
      DISARMED,
      stateAfter(arm),
      stateAfter(arm, start),
      stateAfter(arm, start, protectiveStop()),
      stateAfter(eStop()),
    ];
    for (const state of states) expect(next(state, { kind: 'go' } as unknown as FailsafeEvent)).toBe(state);
  });
});

const anyEvent: fc.Arbitrary<FailsafeEvent> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(arm, start) },
  { weight: 2, arbitrary: fc.constantFrom(finish, resync) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom(1, 2), fc.string())
      .map(([category, cause]) => protectiveStop(category as 1 | 2, cause)),
  },
  { weight: 3, arbitrary: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()).map((flags) => release(...flags)) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(0, 1), fc.string()).map(([category, cause]) => eStop(category as 0 | 1, cause)),
  },
  { weight: 3, arbitrary: fc.boolean().map(clear) },
);

/** What one knows without the state machine: where the person and the stops have led to. */
interface Model {
  /** An e-stop came, and since then not a person's clear and, after it, a resync. */
  latch: 'none' | 'pressed' | 'cleared';
  /** A protective stop came while running, and since then neither release nor end. */
  isHeld: boolean;
  /** A start came on an arm. */
  isArmed: boolean;
  isStarted: boolean;
}
interface Real {
  state: FailsafeState;
}

class Send implements fc.Command<Model, Real> {
  readonly event: FailsafeEvent;
  constructor(event: FailsafeEvent) {
    this.event = event;
  }
  check = () => true;
  toString = () => JSON.stringify(this.event);

  run(model: Model, real: Real): void {
    const before = real.state;
    real.state = next(before, this.event);
    follow(model, this.event);

    // Only RUNNING moves, and it runs exactly when the story so far says so.
    const shouldRun = model.latch === 'none' && model.isStarted && !model.isHeld;
    expect(isRunning(real.state)).toBe(shouldRun);
    for (const action of [move(), click()])
      expect(review(defaultRules, action, context({ isRunning: isRunning(real.state) })).kind).toBe(
        real.state.name === 'RUNNING' ? 'allow' : 'halt',
      );
    // A latched stop stands until a person clears it and positions are read again.
    expect(isLatched(real.state)).toBe(model.latch !== 'none');
    if (real.state.name === 'E_STOP') expect(real.state.isCleared).toBe(model.latch === 'cleared');
    if (before.name === 'E_STOP' && real.state.name !== 'E_STOP') {
      expect(before.isCleared).toBe(true);
      expect(this.event.kind).toBe('resync');
      expect(real.state).toEqual(DISARMED);
    }
    // Nothing but start or release begins motion; an e-stop always ends it.
    if (isRunning(real.state) && !isRunning(before)) expect(['start', 'release']).toContain(this.event.kind);
    if (this.event.kind === 'e-stop') expect(real.state).toMatchObject({ name: 'E_STOP', isCleared: false });
    // A category never becomes milder while a stop stands.
    if (before.name === real.state.name && 'category' in before && 'category' in real.state)
      expect(real.state.category).toBeLessThanOrEqual(before.category);
  }
}

/** The same story in other words than the state machine's: flags, no states. */
function follow(model: Model, event: FailsafeEvent): void {
  const isFree = model.latch === 'none';
  switch (event.kind) {
    case 'e-stop':
      Object.assign(model, { latch: 'pressed', isHeld: false, isArmed: false, isStarted: false });
      break;
    case 'clear':
      if (model.latch === 'pressed' && event.byPerson) model.latch = 'cleared';
      break;
    case 'resync':
      if (model.latch === 'cleared') model.latch = 'none';
      break;
    case 'arm':
      if (isFree) model.isArmed = true;
      break;
    case 'start':
      if (isFree && model.isArmed) model.isStarted = true;
      break;
    case 'finish':
      if (isFree) Object.assign(model, { isHeld: false, isArmed: false, isStarted: false });
      break;
    case 'protective-stop':
      if (isFree && model.isStarted) model.isHeld = true;
      break;
    case 'release':
      if (event.byPerson || (event.causeIsGone && event.hasNewPlan)) model.isHeld = false;
  }
}

describe('any story', () => {
  it('moves only while running, and leaves an e-stop only by a person’s clear and a resync', () => {
    fc.assert(
      fc.property(fc.commands([anyEvent.map((event) => new Send(event))], { maxCommands: 60 }), (commands) => {
        fc.modelRun(
          () => ({
            model: { latch: 'none', isHeld: false, isArmed: false, isStarted: false } as Model,
            real: { state: DISARMED } as Real,
          }),
          commands,
        );
      }),
      { numRuns: 400 },
    );
  });

  test('visits every state often, so that the last sentence is not empty', () => {
    const stories = fc.sample(fc.array(anyEvent, { minLength: 40, maxLength: 60 }), { numRuns: 200, seed: 7 });
    const seen: Record<string, number> = {};
    for (const story of stories)
      story.reduce((state, event) => {
        const following = next(state, event);
        seen[following.name] = (seen[following.name] ?? 0) + 1;
        return following;
      }, DISARMED);
    const total = Object.values(seen).reduce((sum, count) => sum + count, 0);
    for (const name of ['DISARMED', 'ARMED', 'RUNNING', 'PROTECTIVE_STOP', 'E_STOP'])
      expect([name, (seen[name] ?? 0) / total > 0.04]).toEqual([name, true]);
  });

  it('does not change a state that it is given', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), anyEvent, (story, event) => {
        const state = Object.freeze(stateAfter(...story));
        const copy = structuredClone(state);
        next(state, event);
        expect(state).toEqual(copy);
      }),
    );
  });
});
