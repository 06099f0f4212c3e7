/**
 * Magma on a page: it says where on the marked picture a thing is, and pumice clicks there. That is all it was trained to do, so an
 * instruction is one act: whoever wants more lets a planner split the task. Answers of its fine-tuned kin, which name an action and a
 * value, are carried out too; an instruction that begins with `Q:` is answered in words.
 */
import { type Action, type Mark, type Observation, type Policy, PumiceError, type Target } from 'pumice';
import { type MagmaUiAnswer, readMagmaUi } from 'pumice/codecs';
import {
  type ChatMessage,
  chatRequestOf,
  cssSizeOf,
  type ModelProfile,
  openaiChat,
  promptOf,
  UI_KINDS,
} from 'pumice/models';
import type { ServerOptions } from '../shared/model.ts';
import { uiPolicy } from '../shared/ui-thinking.ts';

const QUESTION = /^\s*Q:/;

export function magmaOnPage(profile: ModelProfile, server: ServerOptions): Policy {
  const thinking = uiPolicy({
    name: 'magma',
    chat: openaiChat(server),
    isAskedOnce: true,
    thoughtIn: (text) => text,
    question: ({ instruction }, jpeg) => {
      const text = QUESTION.test(instruction)
        ? promptOf(profile, 'ui-qa', { question: instruction })
        : promptOf(profile, 'ui-som', { instruction });
      const { messages, ...asked } = chatRequestOf(profile, { text, images: [{ data: jpeg, format: 'jpeg' }] });
      return { messages: messages as readonly ChatMessage[], ...asked };
    },
    decode: ({ text }, observation) => {
      if (QUESTION.test(observation.instruction))
        return { action: { kind: 'done', outcome: 'success', answer: text.trim() } };
      const { marks = [], frames } = observation;
      const [widthPx, heightPx] = cssSizeOf(frames[0]!);
      const boxes = Object.fromEntries(
        marks.map(({ id, boxPx: [x0, y0, x1, y1] }) => [
          id,
          [x0 / widthPx, y0 / heightPx, x1 / widthPx, y1 / heightPx] as const,
        ]),
      );
      const reading = readMagmaUi(text, { picture: { widthPx, heightPx }, marks: boxes });
      if (!reading.ok) throw reading.problem;
      const suspect = reading.flags.suspect ? ' (its mark and its coordinate do not agree)' : '';
      return { action: actionOf(reading.value, marks), thought: `${text.trim()}${suspect}` };
    },
  });
  return {
    ...thinking,
    actionKinds: UI_KINDS,
    act: (observation, context) =>
      isActed(observation)
        ? Promise.resolve({
            actions: [{ kind: 'done', outcome: 'success' }],
            thought: 'did the one thing that was asked',
          })
        : thinking.act(observation, context),
  };
}

/** Whether the instruction in hand was carried out: the last step is of this run, and it was done. */
const isActed = ({ history }: Observation): boolean => {
  const executed = history.at(-1)?.executed;
  return executed !== undefined && executed.kind !== 'hold';
};

function actionOf({ target: found, action = 'CLICK', value }: MagmaUiAnswer, marks: readonly Mark[]): Action {
  const fail = (what: string) =>
    new PumiceError('decode/schema', what, {
      who: 'policy magma',
      hint: 'Give one click as the instruction, or lead it by --planner',
    });
  const target: Target | undefined =
    found && (found.kind === 'mark' ? { markId: found.markId } : { xPx: found.pointPx[0], yPx: found.pointPx[1] });
  if (!target) throw fail(`expected a mark or a coordinate for '${action}', got none`);
  if (/^(CLICK|TAP|PRESS)$/.test(action)) return { kind: 'ui-click', target, button: 'left', count: 1 };
  if (/^(HOVER)$/.test(action)) return { kind: 'ui-hover', target };
  if (value === undefined) throw fail(`expected a value for '${action}', got none`);
  if (/^(TYPE|INPUT)$/.test(action)) {
    const isList = found?.kind === 'mark' && marks.find(({ id }) => id === found.markId)?.options !== undefined;
    return isList
      ? { kind: 'ui-select', target, values: [value] }
      : { kind: 'ui-type', target, text: value, clear: true, submit: false };
  }
  if (/^SELECT$/.test(action)) return { kind: 'ui-select', target, values: [value] };
  throw fail(`expected CLICK, TYPE, SELECT or HOVER, got '${action}'`);
}
