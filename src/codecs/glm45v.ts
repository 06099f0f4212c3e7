/**
 * GLM-4.5V's answers: boxes between `<|begin_of_box|>` and `<|end_of_box|>`, in whatever brackets, and actions on a screen: calls on a
 * desktop, JSON on a phone, numbered marks on a page. Verbs as its prompts list them (zai-org/GLM-V `8fc9756`,
 * `examples/gui-agent/glm-45v/gui_agent_45v.py`). Its numbers are 0 to 999 or 1000 along each side, x first; the profile says. Pure.
 */
import { PumiceError } from '../errors.ts';
import type { Action } from '../types.ts';
import { BOX_BEGIN, BOX_END, glmMobileParts, glmPcParts } from './glm45v-parts.ts';
import { boxInFrame, isSoundBox, type Quad } from './places.ts';
import { type FoundBox, type Reading, read, unread } from './reading.ts';
import { keysOf, placeNumbers, type UiCall, uiCallAt } from './ui-call.ts';
import { SIDES, TOWARDS, type UiForm, uiActionOf, type Verbs } from './ui-call-action.ts';

const WHO = 'codec glm45v';
/** Longest answer that is read, characters. */
const MAX_CHARS = 65_536;
/** One step of the wheel, px. Chosen: as a mouse turns a page. */
const STEP_PX = 100;
/** Steps where the model says none, as its prompt has it. */
const STEPS = 5;
/** One swipe, px. Chosen: two thirds of a page of 720 px. */
const SWIPE_PX = 480;
/** As the prompt tells the model. */
const WAIT_MS = 5000;

type Code = 'config/invalid' | 'decode/empty' | 'decode/schema' | 'decode/truncated' | 'decode/out-of-range';
const problem = (code: Code, message: string, hint = 'Ask again, in the words of its own prompts') =>
  new PumiceError(code, message, { who: WHO, hint });

/** A call in which a text has begun and not ended: a `</think>` in there was typed, and ends no thought. */
const IN_TYPED_TEXT = /\w\([^()'"]*=\s*(?:'[^']*|"[^"]*)$/;

/** What stands behind the thought, without the tags of an answer. */
function answerIn(text: string): string | PumiceError {
  if (text.length > MAX_CHARS)
    return problem('decode/schema', `expected at most ${MAX_CHARS} characters, got ${text.length}`);
  const [thought, ...rest] = text.split('</think>');
  const hasThought = /^\s*<think>/.test(text);
  if (rest.length === 0 && hasThought)
    return problem(
      'decode/truncated',
      'expected an answer behind the thought, got the thought alone',
      'Allow more tokens',
    );
  const isDoubtful = rest.length > 1 || (!hasThought && (thought!.includes(BOX_BEGIN) || IN_TYPED_TEXT.test(thought!)));
  if (rest.length > 0 && isDoubtful) return problem('decode/schema', 'expected one thought in front of the answer');
  const answer = (rest[0] ?? thought!).trim();
  return answer.replace(/^<answer>|<\/answer>$/g, '').trim();
}

/** What stands in the box or, without one, the answer. */
function saidIn(answer: string): string | PumiceError {
  const begin = answer.indexOf(BOX_BEGIN);
  if (begin < 0) return answer;
  const end = answer.indexOf(BOX_END, begin);
  const isSecond = end >= 0 && answer.indexOf(BOX_BEGIN, begin + BOX_BEGIN.length) >= 0;
  if (end < 0) return problem('decode/truncated', 'expected a box with an end', 'Allow more tokens');
  if (isSecond) return problem('decode/schema', 'expected one box, got two');
  return answer.slice(begin + BOX_BEGIN.length, end).trim();
}

const refused = <T>(error: PumiceError): Reading<T> =>
  unread(error, error.code === 'decode/truncated' ? { truncated: true } : {});

/** A place with its brackets; brackets of text in between are none of it. */
const ONE_PLACE = /\[\[[-\d.,\s]{3,80}\]\]|\[[-\d.,\s]{3,80}\]|\([-\d.,\s]{3,80}\)|<[-\d.,\s]{3,80}>/g;
/** What may stand around places: the list's brackets and commas. */
const LIST = /^[[\]\s,]*$/;

/**
 * The boxes of an answer. `strict` refuses an answer with anything but boxes in it, boxes outside the picture or the wrong way round;
 * `compat` reads those that are there, and flags those.
 */
export function readGlmBoxes(text: string, { space, picture, mode = 'strict' }: UiForm): Reading<readonly FoundBox[]> {
  if (!space) return unread(problem('config/invalid', 'expected a coordinate space', 'Name the profile of the model'));
  const answer = answerIn(text);
  const said = typeof answer === 'string' ? saidIn(answer) : answer;
  if (typeof said !== 'string') return refused(said);
  const places = said.match(ONE_PLACE) ?? [];
  const quads = places.map(placeNumbers).filter((numbers): numbers is Quad & number[] => numbers?.length === 4);
  const isPure = quads.length === places.length && LIST.test(said.replace(ONE_PLACE, ''));
  if (quads.length === 0 || (mode === 'strict' && !isPure))
    return unread(problem('decode/schema', `expected boxes of four numbers, got '${said.slice(0, 60)}'`));
  const boxes = quads.map((quad): FoundBox => {
    const isSound = isSoundBox(quad, space, picture);
    return { boxPx: boxInFrame(quad, space, picture), ...(!isSound && { suspect: true as const }) };
  });
  if (!boxes.some(({ suspect }) => suspect)) return read(boxes);
  if (mode === 'compat') return read(boxes, { suspect: true });
  const message = `expected boxes inside the picture with their corners in order, got '${said.slice(0, 60)}'`;
  return unread(problem('decode/out-of-range', message), { suspect: true }, boxes);
}

export interface GlmAction {
  readonly thought?: string;
  readonly action: Action;
  /** What it wants to be told with the next question. */
  readonly memory?: string;
}

const keys = (said: string): Action | string => {
  const names = keysOf(said.trim().split(/\s*\+\s*|\s+/));
  return names === undefined ? `no such keys: '${said.slice(0, 40)}'` : { kind: 'ui-key', keys: names };
};
const click = (button: 'left' | 'right' | 'middle', count = 1): Verbs[string] => ({
  needs: ['start_box'],
  takes: ['element_info'],
  act: ({ target }) => ({ kind: 'ui-click', target: target('start_box'), button, count }),
});
const wait: Verbs[string] = { act: () => ({ kind: 'ui-wait', durationMs: WAIT_MS }) };

const PC: Verbs = {
  left_click: click('left'),
  right_click: click('right'),
  middle_click: click('middle'),
  left_double_click: click('left', 2),
  hover: {
    needs: ['start_box'],
    takes: ['element_info'],
    act: ({ target }) => ({ kind: 'ui-hover', target: target('start_box') }),
  },
  left_drag: {
    needs: ['start_box', 'end_box'],
    takes: ['element_info'],
    act: ({ target }) => ({ kind: 'ui-drag', from: target('start_box'), to: target('end_box') }),
  },
  key: { needs: ['keys'], act: ({ text }) => keys(text('keys')) },
  type: {
    needs: ['content'],
    act: ({ text }) => ({ kind: 'ui-type', text: text('content'), clear: false, submit: false }),
  },
  scroll: {
    needs: ['start_box', 'direction'],
    takes: ['step', 'element_info'],
    act: ({ target, oneOf, maybe }) => {
      const steps = Number(maybe('step') ?? STEPS);
      if (!(Number.isInteger(steps) && steps > 0 && steps <= 100))
        return `scroll: no number of steps: '${maybe('step')}'`;
      const [, down] = TOWARDS[oneOf('direction', ['down', 'up'])];
      return { kind: 'ui-scroll', target: target('start_box'), dxPx: 0, dyPx: down * steps * STEP_PX };
    },
  },
  WAIT: wait,
  DONE: { act: () => ({ kind: 'done', outcome: 'success' }) },
  FAIL: { act: () => ({ kind: 'done', outcome: 'failure' }) },
};

const MOBILE: Verbs = {
  click: {
    needs: ['box_2d'],
    act: ({ target }) => ({ kind: 'ui-click', target: target('box_2d'), button: 'left', count: 1 }),
  },
  // Includes the tap on the field before it and the Enter after it.
  input_text: {
    needs: ['text', 'box_2d', 'override'],
    act: ({ text, target, oneOf }) => ({
      kind: 'ui-type',
      target: target('box_2d'),
      text: text('text'),
      clear: oneOf('override', ['true', 'false']) === 'true',
      submit: true,
    }),
  },
  keyboard_enter: { act: () => ({ kind: 'ui-key', keys: 'Enter' }) },
  navigate_back: { act: () => ({ kind: 'ui-back' }) },
  // The finger goes that way, so the view goes the other.
  swipe: {
    needs: ['direction'],
    takes: ['box_2d'],
    act: ({ oneOf, has, target }) => {
      const [x, y] = TOWARDS[oneOf('direction', SIDES)];
      const at = has('box_2d') ? { target: target('box_2d') } : {};
      return { kind: 'ui-scroll', ...at, dxPx: 0 - x * SWIPE_PX, dyPx: 0 - y * SWIPE_PX };
    },
  },
  wait,
  answer: { needs: ['text'], act: ({ text }) => ({ kind: 'done', outcome: 'success', answer: text('text') }) },
  status: {
    needs: ['goal_status'],
    act: ({ oneOf }) => ({
      kind: 'done',
      outcome: oneOf('goal_status', ['complete', 'infeasible']) === 'complete' ? 'success' : 'failure',
    }),
  },
};

/**
 * The one action of an answer: a call, as on a desktop, or behind `Memory:`, `Reason:` and `Action:` a JSON object, as on a phone.
 * `compat` takes what the model's own programs take for the action.
 */
export function readGlmAction(text: string, form: UiForm): Reading<GlmAction> {
  if (!form.space)
    return unread(problem('config/invalid', 'expected a coordinate space', 'Name the profile of the model'));
  if (text.trim() === '') return unread(problem('decode/empty', 'expected an action, got nothing'));
  const isCompat = form.mode === 'compat';
  const answer = answerIn(text);
  if (typeof answer !== 'string' && (!isCompat || text.length > MAX_CHARS)) return refused(answer);
  const parts = typeof answer === 'string' && !isCompat ? strictCall(text, answer) : compatCall(text);
  if (parts instanceof PumiceError) return refused(parts);
  const done = uiActionOf(parts.call, parts.verbs, form, WHO);
  if (done instanceof PumiceError) return unread(done);
  const { thought, memory } = parts;
  const value = { ...(thought && { thought }), action: done.action, ...(memory && { memory }) };
  return read(value, done.isSuspect ? { suspect: true } : {});
}

interface Parts {
  readonly call: Pick<UiCall, 'name' | 'args'>;
  readonly verbs: Verbs;
  readonly thought: string | null;
  readonly memory: string;
}

const schema = (what: string) => problem('decode/schema', `expected one call, got ${what}`);
/** What looks like the beginning of a call. */
const CALL = /[A-Za-z_]\w{0,39}\(\s*(?:[A-Za-z_]\w*\s*=|\))/;

function strictCall(text: string, answer: string): Parts | PumiceError {
  if (/^Memory:/.test(answer)) return strictMobile(answer);
  const said = saidIn(answer);
  if (typeof said !== 'string') return said;
  // Without a box, prose may stand around the call; then it has to be the only thing that looks like one.
  const isBoxed = answer.includes(BOX_BEGIN);
  const call = uiCallAt(said, isBoxed ? 0 : Math.max(0, said.search(CALL)));
  if (typeof call === 'string') return schema(call);
  const rest = said.slice(call.end).trim();
  if (isBoxed ? rest !== '' : CALL.test(rest)) return schema(`more: '${rest.slice(0, 60)}'`);
  const { actionText, memory } = glmPcParts(text);
  return { call, verbs: PC, thought: actionText, memory };
}

/** The JSON is all that stands behind the word, in a box or not. */
function strictMobile(answer: string): Parts | PumiceError {
  const parts = mobileParts(answer);
  if (parts instanceof PumiceError) return parts;
  const action = parts?.json ?? '';
  const isWhole = [action, `${BOX_BEGIN}${action}${BOX_END}`].some(
    (form) => answer.endsWith(form) && /Action:\s*$/.test(answer.slice(0, answer.length - form.length)),
  );
  return parts && isWhole ? parts : schema(`no JSON alone behind 'Action:': '${answer.slice(-60)}'`);
}

function compatCall(text: string): Parts | PumiceError {
  const mobile = mobileParts(text);
  if (mobile) return mobile;
  const { action, actionText, memory } = glmPcParts(text);
  const call = uiCallAt(action ?? '');
  return typeof call === 'string' ? schema(call) : { call, verbs: PC, thought: actionText, memory };
}

/** An action as JSON; undefined where the answer has none of that form. */
function mobileParts(text: string): (Parts & { readonly json: string }) | PumiceError | undefined {
  try {
    const parts = glmMobileParts(text);
    const fields = parts?.parsedAction;
    if (!parts || typeof fields !== 'object' || fields === null) return undefined;
    const { action_type: name, ...args } = fields as Record<string, unknown>;
    const given = Object.entries(args).filter(([, value]) => value !== null);
    const texts = given.map(
      ([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    );
    const call = { name: String(name), args: new Map(texts) };
    return { call, verbs: MOBILE, thought: parts.reason, memory: parts.memory, json: parts.action };
  } catch (error) {
    if (PumiceError.is(error)) return error;
    throw error;
  }
}
