/**
 * A fake page: a list of controls that can be clicked, typed into and checked. For tests of pumice's own logic; no browser, no pixels.
 * Takes its time by the scheduler, so that marble tests can run it; counts at the body what reached it.
 */
import type { Action, ActResult, Env, Mark, Sensed } from 'pumice';
import { map, type Observable, of, type SchedulerLike, timer } from 'rxjs';

export interface FakeControl {
  readonly role: 'button' | 'textbox' | 'checkbox';
  readonly name: string;
}

export interface FakePageOptions {
  readonly scheduler: SchedulerLike;
  readonly controls?: readonly FakeControl[];
  readonly observeMs?: number;
  readonly actMs?: number;
}

export interface FakePage extends Env {
  /** Actions that the page was given, in order; the ones that were cut too. */
  readonly begun: readonly Action[];
  /** What really changed the page. */
  readonly completed: readonly Action[];
  readonly halts: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly resets: number;
}

const ORIGIN = 'https://fake.example';
const CONTROLS: readonly FakeControl[] = [
  { role: 'textbox', name: 'Name' },
  { role: 'checkbox', name: 'Agree' },
  { role: 'button', name: 'Save' },
];

/** A grey picture; the marks lie in it. */
const BLANK = {
  data: new Uint8Array(120 * 80 * 3).fill(200),
  encoding: 'rgb8',
  widthPx: 120,
  heightPx: 80,
  cssWidthPx: 120,
  cssHeightPx: 80,
  dpr: 1,
  camera: 'page',
} as const;

export function fakePage({ scheduler, controls = CONTROLS, observeMs = 1, actMs = 1 }: FakePageOptions): FakePage {
  const begun: Action[] = [];
  const completed: Action[] = [];
  const halts: string[] = [];
  const values = new Map<string, string>();
  let resets = 0;
  let isHalted = false;

  const marks = (): Mark[] =>
    controls.map(({ role, name }, id) => ({
      id,
      role,
      name,
      value: values.get(name) ?? '',
      boxPx: [10, 20 * id, 110, 20 * id + 16],
      pointPx: [60, 20 * id + 8],
      source: 'fake',
      origin: ORIGIN,
    }));
  const sensed = (): Sensed => ({
    stampMs: scheduler.now(),
    frames: [{ ...BLANK, stampMs: scheduler.now() }],
    marks: marks(),
    ui: {
      url: `${ORIGIN}/`,
      title: 'Fake',
      tabs: [],
      scroll: { xPx: 0, yPx: 0, maxXPx: 0, maxYPx: 0 },
      notices: [],
    },
  });
  const change = (action: Action): ActResult => {
    const target = 'target' in action && action.target && 'markId' in action.target ? action.target.markId : -1;
    const control = controls[target];
    if (!control) return { status: 'refused', reason: 'there is nothing' };
    completed.push(action);
    if (action.kind === 'ui-type') values.set(control.name, action.text);
    if (action.kind === 'ui-check') values.set(control.name, String(action.checked));
    if (action.kind === 'ui-click') values.set(control.name, 'clicked');
    return { status: 'done', executed: action };
  };
  const later = <T>(durationMs: number, work: () => T): Observable<T> =>
    timer(durationMs, scheduler).pipe(map(() => work()));

  return {
    name: 'fake-page',
    actionKinds: ['ui-click', 'ui-type', 'ui-check'],
    limits: {
      ui: { origins: [ORIGIN], secrets: {}, maxTextChars: 1000, maxScrollPx: 1000, maxWaitMs: 1000 },
      maxObservationAgeMs: 1000,
      maxPlanAgeMs: 1000,
    },
    begun,
    completed,
    halts,
    values,
    get resets() {
      return resets;
    },
    reset: () => {
      resets += 1;
      isHalted = false;
      values.clear();
      return of(null);
    },
    observe: () => later(observeMs, sensed),
    act: (action) => {
      if (isHalted) return of({ status: 'stopped', reason: 'halted' });
      if (action.kind === 'hold') return of({ status: 'done', executed: action });
      begun.push(action);
      return later(actMs, () => change(action));
    },
    halt: (category, reason) => {
      isHalted = true;
      halts.push(`${category} ${reason}`);
    },
    close: async () => {},
  };
}
