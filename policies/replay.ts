/**
 * Runs the actions of a recorded episode again, without a model: each target is looked for by role, name and frame, and by its place
 * among equals. Where the page no longer fits it stops, as a failure that says what was looked for and what is there. It never
 * guesses: where the number of equals has changed, nobody can say which one was meant.
 */
import { existsSync } from 'node:fs';
import {
  ACTION_KINDS,
  type Action,
  actionSchema,
  definePolicy,
  type Mark,
  type Observation,
  PumiceError,
  parseAddress,
  parseOptions,
  type StepRecord,
  type Target,
} from 'pumice';
import { readEpisode } from 'pumice/record';
import { z } from 'zod';

/** Looks for one target so often before giving up: a page may be slower than it was. Chosen. */
const MAX_TRIES = 5;
/** Pause before looking again, ms. Chosen: with the tries, 2 s beyond what the body waits for by itself. */
const WAIT_MS = 500;
/** Things on the page that a failure names. Chosen. */
const MAX_NAMED = 8;
const KINDS = ACTION_KINDS.filter((kind) => kind.startsWith('ui-') || kind === 'done' || kind === 'hand-over');
const who = 'policy replay';

const plugin = definePolicy({
  summary: 'runs the actions of a recorded episode again, without a model',
  options: z.strictObject({
    from: z
      .string({ error: 'expected the path of a recording' })
      .min(1)
      .meta({ value: 'file', description: 'recording to run again, .mcap' }),
  }),
  actionKinds: KINDS,
  example: (): Observation => ({ seq: 0, epoch: 0, stampMs: 0, instruction: 'again', history: [], frames: [] }),
  create: ({ from }) => {
    if (!existsSync(from)) throw new PumiceError('record/invalid', `there is no file '${from}'`, { who });
    let script: Promise<Script> | undefined;
    let at = 0;
    let tries = 0;
    /** The newest feedback at the time of the proposal that is not settled yet. */
    let pending: number | undefined;
    /** Why the step that was proposed cannot be proposed again; undefined when it was carried out, or may be. */
    const settle = ({ history }: Observation): string | undefined => {
      const last = history.at(-1);
      if (pending === undefined || !last || last.index <= pending) return undefined;
      const { kind, reasons } = last.verdict;
      if (kind === 'deny' || kind === 'halt') return `it was denied: ${reasons.join('; ')}`;
      if (kind !== 'ask' && last.refusal === undefined) {
        at += 1;
        tries = 0;
        return undefined;
      }
      tries += 1;
      return tries < MAX_TRIES ? undefined : `it was refused: ${last.refusal ?? reasons.join('; ')}`;
    };
    return {
      name: 'replay',
      actionKinds: KINDS,
      reset: () => {
        at = 0;
        tries = 0;
        pending = undefined;
      },
      act: async (observation, { signal }) => {
        script ??= readScript(from);
        const { steps, end } = await script;
        signal.throwIfAborted();
        const problem = settle(observation);
        pending = undefined;
        const step = steps[at];
        if (!step) return { actions: [end] };
        const thought = `step ${at + 1} of ${steps.length}: ${step.says}`;
        if (problem) return stop(thought, problem);
        const fitted = refit(step, observation);
        if (typeof fitted !== 'string') {
          pending = observation.history.at(-1)?.index ?? -1;
          return { actions: [fitted], thought };
        }
        tries += 1;
        if (tries >= MAX_TRIES) return stop(thought, fitted);
        return { actions: [{ kind: 'ui-wait', durationMs: WAIT_MS }], thought: `${thought} (not there yet)` };
      },
    };
  },
});
export default plugin;

/** The policy as a value, for programs: `replay({ from: 'invoice.mcap' })`. */
export const replay = (options: z.input<typeof plugin.options>) =>
  plugin.create(parseOptions(plugin.options, options, who));

// ---------------------------------------------------------------- the recording

/** One action to run again, and the page that it was chosen on. */
interface Step {
  readonly action: Action;
  readonly on: Observation | undefined;
  /** For people. */
  readonly says: string;
}
interface Script {
  readonly steps: readonly Step[];
  /** What follows after the last step. */
  readonly end: Action;
}

const failed = (answer: string): Action => ({ kind: 'done', outcome: 'failure', answer });
const stop = (thought: string, problem: string) => ({ actions: [failed(`${thought}: ${problem}`)], thought });

async function readScript(path: string): Promise<Script> {
  try {
    const { steps, end } = await readEpisode(path);
    const last: Action =
      end?.outcome === 'success'
        ? { kind: 'done', outcome: 'success', ...(end.answer !== undefined && { answer: end.answer }) }
        : failed(`the recording ends here (${end ? `${end.outcome}: ${end.reason}` : 'it was cut'})`);
    return { steps: steps.filter(wasCarriedOut).map((step) => stepOf(step, path)), end: last };
  } catch (error) {
    // The same file would fail at each further step.
    if (PumiceError.is(error)) return { steps: [], end: failed(error.message) };
    throw error;
  }
}

const wasCarriedOut = ({ verdict, act }: StepRecord) =>
  (verdict.kind === 'allow' || verdict.kind === 'modify') &&
  verdict.action.kind !== 'hold' &&
  (act?.status ?? 'done') === 'done';

/** The action as it was approved: what the body filled in, a secret for one, is not in it. */
function stepOf({ index, verdict, observation }: StepRecord, path: string): Step {
  const parsed = actionSchema.safeParse(verdict.action);
  if (!parsed.success || !KINDS.includes(parsed.data.kind)) {
    const message = `'${path}': expected actions on pages, step ${index + 1} is ${JSON.stringify(verdict.action)}`;
    throw new PumiceError('record/invalid', message, { who });
  }
  const action = parsed.data;
  const wanted = targetsOf(action).map(([, target]) => observation && wantedOf(target, observation)?.says);
  const on = wanted.length > 0 ? ` on ${wanted.map((one) => one ?? 'a point').join(' and ')}` : '';
  return { action, on: observation, says: `${action.kind}${on}` };
}

// ---------------------------------------------------------------- finding it again

type TargetField = 'target' | 'from' | 'to';
const targetsOf = (action: Action): [TargetField, Target][] =>
  Object.entries(action).filter((entry): entry is [TargetField, Target] => ['target', 'from', 'to'].includes(entry[0]));

/** The action with its targets as they are now, or why it no longer fits. */
function refit({ action, on }: Step, now: Observation): Action | string {
  let fitted = action;
  for (const [field, target] of targetsOf(action)) {
    const found = on ? findAgain(target, on, now) : 'the recording does not show what it was aimed at';
    if (typeof found === 'string') return found;
    fitted = { ...fitted, [field]: found } as Action;
  }
  return fitted;
}

/** A mark by what people call it, and its place among all that are called the same. */
interface Wanted {
  readonly mark: Mark;
  readonly equals: readonly Mark[];
  readonly says: string;
}

function wantedOf(target: Target, on: Observation): Wanted | undefined {
  const marks = on.marks ?? [];
  const mark = 'markId' in target ? marks.find(({ id }) => id === target.markId) : smallestAround(target, marks);
  if (!mark) return undefined;
  const equals = equalsOf(mark, on, on);
  const place = equals.length > 1 ? ` (number ${equals.indexOf(mark) + 1} of ${equals.length})` : '';
  return { mark, equals, says: `${callOf(mark)}${place}` };
}

function findAgain(target: Target, then: Observation, now: Observation): Target | string {
  const wanted = wantedOf(target, then);
  if (!wanted) return 'markId' in target ? `the recording has no mark ${target.markId}` : samePoint(target, then, now);
  const { mark, equals, says } = wanted;
  const found = equalsOf(mark, then, now);
  if (found.length !== equals.length)
    return `looked for ${says}, found ${found.length} of it; there is ${thingsOn(now, mark)}`;
  const again = found[equals.indexOf(mark)]!;
  return 'markId' in target ? { markId: again.id } : moved(target, mark, again);
}

/** The frame's own origin says more than where the whole site is: a site may have moved to another port. */
const placeOf = ({ origin }: Mark, { ui }: Observation) =>
  origin === undefined || (ui && parseAddress(ui.url)?.origin === origin) ? 'page' : origin;
const equalsOf = (mark: Mark, then: Observation, now: Observation) =>
  (now.marks ?? []).filter(
    (one) => one.role === mark.role && one.name === mark.name && placeOf(one, now) === placeOf(mark, then),
  );
const callOf = ({ role = 'element', name = '' }: Mark) => `${role} ${JSON.stringify(name)}`;

/** What a person would look at next: things of the same role first. */
function thingsOn({ marks = [] }: Observation, { role }: Mark): string {
  const calls = [...new Set([...marks].sort((a, b) => Number(b.role === role) - Number(a.role === role)).map(callOf))];
  if (calls.length === 0) return 'nothing that can be acted on';
  const more = calls.length > MAX_NAMED ? ` and ${calls.length - MAX_NAMED} more` : '';
  return calls.slice(0, MAX_NAMED).join(', ') + more;
}

type Point = Exclude<Target, { markId: number }>;
const areaOf = ({ boxPx: [x0, y0, x1, y1] }: Mark) => (x1 - x0) * (y1 - y0);
const smallestAround = ({ xPx, yPx }: Point, marks: readonly Mark[]) =>
  marks
    .filter(({ boxPx: [x0, y0, x1, y1] }) => xPx >= x0 && xPx < x1 && yPx >= y0 && yPx < y1)
    .sort((a, b) => areaOf(a) - areaOf(b))[0];

/** The same place within the box, wherever and however large the box is now. */
function moved({ xPx, yPx }: Point, { boxPx: then }: Mark, { boxPx: now }: Mark): Point {
  const along = (at: number, a: number, b: number, c: number, d: number) => c + ((at - a) / (b - a)) * (d - c);
  return {
    xPx: along(xPx, then[0], then[2], now[0], now[2]),
    yPx: along(yPx, then[1], then[3], now[1], now[3]),
  };
}

/** A point on nothing means the same only on a page of the same size that is scrolled alike. */
function samePoint(point: Point, then: Observation, now: Observation): Point | string {
  const viewOf = ({ frames: [frame], ui }: Observation) =>
    `${frame?.cssWidthPx ?? frame?.widthPx} x ${frame?.cssHeightPx ?? frame?.heightPx} px, scrolled to ${ui?.scroll.xPx ?? 0}, ${ui?.scroll.yPx ?? 0}`;
  if (viewOf(then) === viewOf(now)) return point;
  return `looked for the point (${point.xPx}, ${point.yPx}) of a page of ${viewOf(then)}; it is ${viewOf(now)} now`;
}
