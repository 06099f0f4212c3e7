/**
 * An action on a page as a model is shown it: the screenshot before it, the same with its target marked, and task, origin, action and
 * what pumice's rules take it for in words. All that the user or the page wrote stands in quotes, on a line of its own kind: it can
 * claim whatever it likes, it can add no line.
 */
import { type Action, effectOf, type Mark, markOf, type Observation, type Target, targetsOf } from 'pumice';
import { decodeFrame, drawMarks } from 'pumice/vision';
import { copyOf, framesOf, quoted, type Shown } from './shown.ts';

/** Half the side of the box around a point that no mark is at, CSS px. Chosen: a small button. */
const AROUND_PX = 12;

/** @throws PumiceError `config/misfit` without a picture; `vision/invalid`. */
export async function showPage(observation: Observation, action: Action): Promise<Shown> {
  const effect = effectOf(action, observation);
  const targets = targetsOf(action);
  const words = {
    proposal: [
      `The user asked: ${quoted(observation.instruction)}`,
      `The page: ${quoted(observation.ui?.url ?? 'unknown')}`,
      `Proposed: ${actionInWords(action)}`,
      ...targets.map((target) => `Target: ${targetInWords(target, observation)}`),
      `The rules take it for: ${effect.class} (${quoted(effect.why)})`,
    ].join('\n'),
  };
  const frame = await decodeFrame(framesOf(observation).at(-1)!);
  if (targets.length === 0) return { words, picture: frame };
  const boxes = targets.map((target, at) => boxOf(target, markOf(target, observation), at));
  // Where every mark is drawn already, one more box shows nothing; its number does.
  if (frame.marked)
    return {
      words: {
        ...words,
        proposal: `${words.proposal}\nBoxes with numbers in red are drawn by pumice on what can be pressed.`,
      },
      picture: frame,
    };
  const canvas = copyOf(frame);
  drawMarks(canvas, boxes);
  return { words, picture: frame, drawn: { picture: canvas, says: 'a red box with a number drawn around the target' } };
}

function boxOf(target: Target, mark: Mark | undefined, at: number): Pick<Mark, 'id' | 'boxPx'> {
  if (mark) return mark;
  if ('markId' in target) return { id: target.markId, boxPx: [0, 0, 0, 0] };
  const { xPx, yPx } = target;
  return { id: at + 1, boxPx: [xPx - AROUND_PX, yPx - AROUND_PX, xPx + AROUND_PX, yPx + AROUND_PX] };
}

function targetInWords(target: Target, observation: Observation): string {
  const mark = markOf(target, observation);
  const at = 'markId' in target ? `number ${target.markId}` : `the point ${target.xPx}, ${target.yPx}`;
  if (!mark) return `${at}, where no element is known`;
  const { role = 'element', name = '', origin, clues } = mark;
  const leads = clues?.href === undefined ? '' : `, leads to ${quoted(clues.href)}`;
  return `${at}, ${quoted(role)} named ${quoted(name)}${origin === undefined ? '' : `, of ${quoted(origin)}`}${leads}`;
}

/** Secrets stand here by their names: their values are known to the body alone. */
function actionInWords(action: Action): string {
  switch (action.kind) {
    case 'ui-click':
      return `${action.count === 1 ? 'click' : `click ${action.count} times`} with the ${action.button} button`;
    case 'ui-type':
      return `type ${quoted(action.text)}${action.clear ? ' in place of what is there' : ''}${action.submit ? ' and press Enter' : ''}`;
    case 'ui-select':
      return `choose ${action.values.map(quoted).join(', ')}`;
    case 'ui-check':
      return action.checked ? 'tick' : 'untick';
    case 'ui-scroll':
      return `scroll by ${action.dxPx}, ${action.dyPx} px`;
    case 'ui-key':
      return `press ${quoted(action.keys)}`;
    case 'ui-drag':
      return 'drag from the first target to the second';
    case 'ui-hover':
      return 'point at the target';
    case 'ui-navigate':
      return `go to ${quoted(action.url)}`;
    case 'ui-back':
      return 'go back';
    case 'ui-tab':
      return `${action.op} tab${action.index === undefined ? '' : ` ${action.index}`}`;
    case 'ui-upload':
      return `hand over the files ${action.paths.map(quoted).join(', ')}`;
    case 'ui-dialog':
      return `${action.accept ? 'accept' : 'dismiss'} the dialog${action.text === undefined ? '' : ` with ${quoted(action.text)}`}`;
    case 'ui-wait':
      return `wait ${action.durationMs} ms`;
    default:
      return action.kind;
  }
}
