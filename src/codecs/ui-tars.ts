/**
 * UI-TARS' answers: a thought and one call, `Thought: ...` and `Action: click(start_box='(120,340)')`, as actions on the screen. Verbs as
 * its own prompt lists them (bytedance/UI-TARS-desktop `239b654`, `apps/ui-tars/src/main/agent/prompts.ts`). `strict` reads one whole
 * call by a grammar; `compat` cuts the text up as the maker's parser does, which lets typed text steer a run. Pure.
 */
import { PumiceError } from '../errors.ts';
import type { Action } from '../types.ts';
import { type Reading, read, unread } from './reading.ts';
import { keysOf, uiCallAt } from './ui-call.ts';
import { SIDES, TOWARDS, type UiForm, uiActionOf, type Verbs } from './ui-call-action.ts';
import { peerAnswer } from './ui-tars-compat.ts';

export interface UiTarsAnswer {
  readonly thought?: string;
  /** One in `strict`. */
  readonly actions: readonly Action[];
}

const WHO = 'codec ui-tars';
/** Longest answer that is read, characters. */
const MAX_CHARS = 65_536;
/** What one scroll turns, px. Chosen: two thirds of a page of 720 px. */
const SCROLL_PX = 480;
/** As the prompt tells the model. */
const WAIT_MS = 5000;

/** Texts end with a line end when they are to be submitted. */
const typed = (content: string): Action => ({
  kind: 'ui-type',
  text: content.replace(/\n$/, ''),
  clear: false,
  submit: content.endsWith('\n'),
});
const pressed = (keys: string): Action | string => {
  const names = keysOf(keys.trim().split(/[\s+]+/));
  return names === undefined ? `no such keys: '${keys.slice(0, 40)}'` : { kind: 'ui-key', keys: names };
};

const VERBS: Verbs = {
  click: {
    needs: ['start_box'],
    act: ({ target }) => ({ kind: 'ui-click', target: target('start_box'), button: 'left', count: 1 }),
  },
  left_double: {
    needs: ['start_box'],
    act: ({ target }) => ({ kind: 'ui-click', target: target('start_box'), button: 'left', count: 2 }),
  },
  right_single: {
    needs: ['start_box'],
    act: ({ target }) => ({ kind: 'ui-click', target: target('start_box'), button: 'right', count: 1 }),
  },
  drag: {
    needs: ['start_box', 'end_box'],
    act: ({ target }) => ({ kind: 'ui-drag', from: target('start_box'), to: target('end_box') }),
  },
  hotkey: { needs: ['key'], act: ({ text }) => pressed(text('key')) },
  type: { needs: ['content'], act: ({ text }) => typed(text('content')) },
  scroll: {
    needs: ['direction'],
    takes: ['start_box'],
    act: ({ oneOf, has, target }) => {
      const [x, y] = TOWARDS[oneOf('direction', SIDES)];
      const at = has('start_box') ? { target: target('start_box') } : {};
      return { kind: 'ui-scroll', ...at, dxPx: x * SCROLL_PX, dyPx: y * SCROLL_PX };
    },
  },
  wait: { act: () => ({ kind: 'ui-wait', durationMs: WAIT_MS }) },
  finished: {
    takes: ['content'],
    act: ({ maybe }) => ({ kind: 'done', outcome: 'success', ...answered(maybe('content')) }),
  },
  call_user: {
    takes: ['content'],
    act: ({ maybe }) => ({ kind: 'hand-over', reason: maybe('content') || 'the model asks for a person' }),
  },
  navigate: { needs: ['url'], act: ({ text }) => ({ kind: 'ui-navigate', url: text('url').trim() }) },
  navigate_back: { act: () => ({ kind: 'ui-back' }) },
};
const answered = (answer: string | undefined) => (answer === undefined ? {} : { answer });

/** Other names that later models of the family use. */
const SAME: Readonly<Record<string, string>> = { point: 'start_box', start_point: 'start_box', end_point: 'end_box' };
const namedAlike = (args: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...args].map(([key, value]) => [SAME[key] ?? key, value]));

export function readUiTars(text: string, form: UiForm): Reading<UiTarsAnswer> {
  if (!form.space)
    return unread(problem('config/invalid', 'expected a coordinate space', 'Name the profile of the model'));
  if (text.trim() === '') return unread(problem('decode/empty', 'expected an action, got nothing'));
  if (text.length > MAX_CHARS)
    return unread(problem('decode/schema', `expected at most ${MAX_CHARS} characters, got ${text.length}`));
  return form.mode === 'compat' ? readAsPeer(text, form) : readOne(text, form);
}

/** The first line that begins with the word: whatever stands behind it has to be the call, and nothing more. */
const MARKER = /(?:^|\n)[ \t]*Action[:：]\s*/;
const THOUGHT = /^\s*(?:Thought|Action_Summary)[:：]\s*([\s\S]*)$/;

function readOne(text: string, form: UiForm): Reading<UiTarsAnswer> {
  const marker = MARKER.exec(text);
  if (!marker) return unread(problem('decode/schema', `expected a line 'Action: ...', got '${text.slice(0, 60)}'`));
  const call = uiCallAt(text, marker.index + marker[0].length);
  if (typeof call === 'string') {
    const isCut = !/\)\s*$/.test(text);
    const code = isCut ? 'decode/truncated' : 'decode/schema';
    return unread(problem(code, `expected one call, got ${call}`), isCut ? { truncated: true } : {});
  }
  const rest = text.slice(call.end).trim();
  if (rest !== '') return unread(problem('decode/schema', `expected one call and no more, got '${rest.slice(0, 60)}'`));
  const done = uiActionOf({ name: call.name, args: namedAlike(call.args) }, VERBS, form, WHO);
  if (done instanceof PumiceError) return unread(done);
  const said = text.slice(0, marker.index);
  const thought = (THOUGHT.exec(said)?.[1] ?? said).trim();
  return read({ ...(thought !== '' && { thought }), actions: [done.action] });
}

function readAsPeer(text: string, form: UiForm): Reading<UiTarsAnswer> {
  const { thought, calls } = peerAnswer(text);
  const actions: Action[] = [];
  let isSuspect = calls.length > 1;
  for (const call of calls) {
    const done = call
      ? uiActionOf(call, VERBS, form, WHO)
      : problem('decode/schema', `expected calls, got '${text.slice(-60)}'`);
    if (done instanceof PumiceError) return unread(done);
    actions.push(done.action);
    isSuspect ||= done.isSuspect;
  }
  return read({ ...(thought && { thought }), actions }, isSuspect ? { suspect: true } : {});
}

const problem = (
  code: 'config/invalid' | 'decode/empty' | 'decode/schema' | 'decode/truncated',
  message: string,
  hint = 'Ask again for a thought and one action of its list',
) => new PumiceError(code, message, { who: WHO, hint });
