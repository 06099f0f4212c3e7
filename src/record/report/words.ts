/**
 * Actions in words, and the places on a picture that they point at.
 * Pure; reads recorded actions, which may be malformed, so everything has a way out.
 */
import type { Action, Mark, Target } from '../../types.ts';
import { prettyJson } from './view.ts';

/** Longest text of a person or page shown inside a sentence, characters. */
const MAX_QUOTE_CHARS = 120;

/** Longest sentence, characters. Chosen: the limits of the parts above leave ordinary ones far below. */
const MAX_SENTENCE_CHARS = 600;

const quote = (text: string): string =>
  `“${text.length > MAX_QUOTE_CHARS ? `${text.slice(0, MAX_QUOTE_CHARS)}…` : text}”`;

const markOf = (target: Target, marks: readonly Mark[]): Mark | undefined =>
  'markId' in target ? marks.find((mark) => mark.id === target.markId) : undefined;

/** A target in words: `button “Search” [2]`. */
function targetInWords(target: Target, marks: readonly Mark[]): string {
  if (!('markId' in target)) return `the point ${Math.round(target.xPx)}, ${Math.round(target.yPx)}`;
  const mark = markOf(target, marks);
  if (!mark) return `mark ${target.markId}, which is not on the picture`;
  return `${mark.role ?? 'mark'}${mark.name ? ` ${quote(mark.name)}` : ''} [${target.markId}]`;
}

const list = (values: readonly number[], scale: number, digits: number): string =>
  // A sum with 0 has no -0, which nobody reads as rest.
  values.map((value) => (Number((value * scale).toFixed(digits)) + 0).toFixed(digits)).join(', ');
const millimetres = (values: readonly number[]): string => `${list(values, 1000, 1)} mm`;
const degrees = (values: readonly number[]): string => `${list(values, 180 / Math.PI, 1)}°`;
const gripper = (open: number): string => `gripper ${Math.round(open * 100)} % open`;

function sentence(action: Action, marks: readonly Mark[]): string {
  const on = (target: Target | undefined, word: string) => (target ? ` ${word} ${targetInWords(target, marks)}` : '');
  switch (action.kind) {
    case 'ui-click': {
      const times = ['', 'Click', 'Double-click', 'Triple-click'][action.count] ?? 'Click';
      const button = action.button === 'left' ? '' : ` with the ${action.button} button`;
      const keys = action.modifiers?.length ? ` holding ${action.modifiers.join(' + ')}` : '';
      return `${times}${on(action.target, '')}${button}${keys}`.replace('  ', ' ');
    }
    case 'ui-type':
      return `Type ${quote(action.text)}${on(action.target, 'into')}${action.clear ? ', in place of what is there' : ''}${action.submit ? ', and press Enter' : ''}`;
    case 'ui-select':
      return `Select ${action.values.map(quote).join(', ')}${on(action.target, 'in')}`;
    case 'ui-check':
      return `${action.checked ? 'Tick' : 'Untick'}${on(action.target, '')}`.replace('  ', ' ');
    case 'ui-scroll': {
      const parts = [
        action.dyPx ? `${action.dyPx > 0 ? 'down' : 'up'} ${Math.abs(action.dyPx)} px` : '',
        action.dxPx ? `${action.dxPx > 0 ? 'right' : 'left'} ${Math.abs(action.dxPx)} px` : '',
      ].filter(Boolean);
      return `Scroll ${parts.join(' and ') || 'by nothing'}${on(action.target, 'in')}`;
    }
    case 'ui-key':
      return `Press ${action.keys}`;
    case 'ui-drag':
      return `Drag ${targetInWords(action.from, marks)} to ${targetInWords(action.to, marks)}`;
    case 'ui-hover':
      return `Hover over ${targetInWords(action.target, marks)}`;
    case 'ui-navigate':
      return `Go to ${action.url}`;
    case 'ui-back':
      return 'Go back';
    case 'ui-tab':
      return `${{ switch: 'Switch to', close: 'Close', open: 'Open' }[action.op]} ${action.index === undefined ? 'a tab' : `tab ${action.index}`}`;
    case 'ui-upload':
      return `Upload ${action.paths.join(', ')}${on(action.target, 'to')}`;
    case 'ui-dialog':
      return `${action.accept ? 'Accept' : 'Dismiss'} the dialog${action.text === undefined ? '' : ` with ${quote(action.text)}`}`;
    case 'ui-wait':
      return `Wait ${action.durationMs} ms`;
    case 'eef-delta':
      return `Move the tool by ${millimetres(action.dPosM)}, turn it by ${degrees(action.dRpyRad)} in ${action.frameId}, ${gripper(action.gripperOpen)}`;
    case 'eef-pose':
      return `Move the tool to ${millimetres(action.pM)} in ${action.frameId}, ${gripper(action.gripperOpen)}`;
    case 'eef-twist':
      return `Move the tool at ${list(action.linearMPerS, 1000, 1)} mm/s, turn it at ${list(action.angularRadPerS, 180 / Math.PI, 1)}°/s in ${action.frameId}, ${gripper(action.gripperOpen)}`;
    case 'joint-position':
      return `Move joints ${action.jointNames.map((name, index) => `${name} to ${degrees([action.qRad[index]!])}`).join(', ')}`;
    case 'joint-velocity':
      return `Move joints ${action.jointNames.map((name, index) => `${name} at ${degrees([action.qdRadPerS[index]!])}/s`).join(', ')}`;
    case 'hold':
      return 'Hold still';
    case 'hand-over':
      return `Hand over to a person: ${action.reason}`;
    case 'done':
      return `Finish with ${action.outcome}${action.answer ? `: ${quote(action.answer)}` : ''}`;
  }
}

/** An action as a sentence; one that lacks what its kind needs is shown as it is. */
export function actionInWords(action: Action, marks: readonly Mark[] = []): string {
  try {
    const words = sentence(action, marks) ?? prettyJson(action);
    return words.length > MAX_SENTENCE_CHARS ? `${words.slice(0, MAX_SENTENCE_CHARS)}…` : words;
  } catch {
    return `An action of kind ${quote(action.kind)} that is not complete`;
  }
}

/** A place that an action points at, CSS pixels of the frame. */
export interface Place {
  readonly xPx: number;
  readonly yPx: number;
  readonly boxPx?: readonly [number, number, number, number];
  readonly words: string;
}

function placeOf(target: Target, marks: readonly Mark[]): Place | undefined {
  const words = targetInWords(target, marks);
  if (!('markId' in target)) return { xPx: target.xPx, yPx: target.yPx, words };
  const mark = markOf(target, marks);
  return mark && { xPx: mark.pointPx[0], yPx: mark.pointPx[1], boxPx: mark.boxPx, words };
}

/** The targets of an action, maybe a malformed one: none, one, or for a drag two. */
export function targetsIn(action: Action): readonly Target[] {
  const { target, from, to } = action as { target?: Target; from?: Target; to?: Target };
  return [target, from, to].filter((each): each is Target => typeof each === 'object' && each !== null);
}

/** The places that an action points at. */
export function placesOf(action: Action, marks: readonly Mark[] = []): readonly Place[] {
  return targetsIn(action)
    .map((each) => placeOf(each, marks))
    .filter((place): place is Place => place !== undefined && Number.isFinite(place.xPx) && Number.isFinite(place.yPx));
}
