/**
 * What Magma answers about a page with marks on it: `Coordinate: (0.62,0.37). Mark: 3`, a box, or an action with mark and value. As
 * trained by microsoft/Magma `e373780`; the forms with an action (Mind2Web, AITW) are not in that repository, so both that are known
 * from its issues are read. Strict refuses two targets, half a box, and places off the page; compat does as the original's demo.
 */
import { PumiceError } from '../errors.ts';
import { demoTarget } from './magma-ui-compat.ts';
import { findUi, type NormBox, type UiFindings } from './magma-ui-strict.ts';
import { type Flags, type Mode, type Picture, type Reading, read, unread } from './reading.ts';

export interface MagmaUiForm {
  readonly picture: Picture;
  /** Boxes of the marks that were drawn, 0..1, by number. Absent: any number is taken, and no place is known. */
  readonly marks?: Readonly<Record<string, NormBox>>;
  readonly mode?: Mode;
}

export type UiTarget =
  | {
      readonly kind: 'mark';
      readonly markId: number;
      readonly boxPx?: readonly [number, number, number, number];
      readonly pointPx?: readonly [number, number];
    }
  | { readonly kind: 'point'; readonly pointPx: readonly [number, number] };

export interface MagmaUiAnswer {
  /** Absent where the answer names an action that has none. */
  readonly target?: UiTarget;
  /** In upper case, as in the data it was trained on: CLICK, TYPE, SELECT ... */
  readonly action?: string;
  readonly value?: string;
}

/** Longest answer that is read, characters. Magma's have 128 tokens at most. */
const MAX_CHARS = 8192;

export function readMagmaUi(text: string, form: MagmaUiForm): Reading<MagmaUiAnswer> {
  return form.mode === 'compat' ? readAsDemo(text, form) : readStrictly(text, form);
}

function readAsDemo(text: string, form: MagmaUiForm): Reading<MagmaUiAnswer> {
  const found = demoTarget(text, (markId) => isKnown(markId, form));
  if (found.kind === 'mark') return read({ target: markTarget(Number(found.markId), form) });
  if (found.kind === 'none') return unread(problem('decode/schema', 'expected a mark, a box or a point', text));
  return read({ target: pointTarget(found.pointNorm, form) }, isOnPage(found.pointNorm) ? {} : SUSPECT);
}

function readStrictly(text: string, form: MagmaUiForm): Reading<MagmaUiAnswer> {
  if (text.trim() === '') return unread(problem('decode/empty', 'expected a mark or a coordinate', text));
  if (text.length > MAX_CHARS)
    return unread(problem('decode/schema', `expected at most ${MAX_CHARS} characters`, `${text.length} characters`));
  const found = findUi(text);
  if (typeof found === 'string') return unread(problem('decode/schema', found, text));
  const words = {
    ...(found.action !== undefined && { action: found.action }),
    ...(found.value !== undefined && { value: found.value }),
  };
  const target = targetOf(found, text, form);
  if (target instanceof PumiceError) return unread(target);
  if (!target && found.action === undefined)
    return unread(problem('decode/schema', 'expected a mark or a coordinate', text));
  return read({ ...(target && { target: target.target }), ...words }, target?.flags);
}

/** The mark if it is one that was drawn, else the place beside it. Where the two disagree, the mark is taken and flagged. */
function targetOf({ markId, place }: UiFindings, text: string, form: MagmaUiForm) {
  const middle = place && ([(place[0] + place[2]) / 2, (place[1] + place[3]) / 2] as const);
  if (markId !== undefined && isKnown(markId, form)) {
    const box = form.marks?.[markId];
    const agrees = !box || !middle || isInside(middle, box);
    return { target: markTarget(Number(markId), form), flags: agrees ? {} : SUSPECT };
  }
  if (place && middle) {
    if (!isOnPage([place[0], place[1]]) || !isOnPage([place[2], place[3]]))
      return problem('decode/out-of-range', 'expected places from 0 to 1 (boxes in tags: 0 to 1000)', text);
    return { target: pointTarget(middle, form), flags: markId === undefined ? {} : SUSPECT };
  }
  if (markId === undefined) return undefined;
  return problem('decode/out-of-range', `expected one of the marks ${Object.keys(form.marks ?? {}).join(', ')}`, text);
}

const SUSPECT: Flags = { suspect: true };

const isKnown = (markId: string, { marks }: MagmaUiForm) => marks === undefined || Object.hasOwn(marks, markId);
const isOnPage = ([x, y]: readonly [number, number]) => x >= 0 && x <= 1 && y >= 0 && y <= 1;
const isInside = ([x, y]: readonly [number, number], [x1, y1, x2, y2]: NormBox) =>
  x >= x1 && x <= x2 && y >= y1 && y <= y2;

function markTarget(markId: number, { marks, picture: { widthPx, heightPx } }: MagmaUiForm): UiTarget {
  const box = marks?.[String(markId)];
  if (!box) return { kind: 'mark', markId };
  const [x1, y1, x2, y2] = box;
  return {
    kind: 'mark',
    markId,
    boxPx: [x1 * widthPx, y1 * heightPx, x2 * widthPx, y2 * heightPx],
    pointPx: [((x1 + x2) / 2) * widthPx, ((y1 + y2) / 2) * heightPx],
  };
}

const pointTarget = ([x, y]: readonly [number, number], { picture: { widthPx, heightPx } }: MagmaUiForm): UiTarget => ({
  kind: 'point',
  pointPx: [x * widthPx, y * heightPx],
});

const problem = (code: 'decode/schema' | 'decode/empty' | 'decode/out-of-range', expected: string, got: string) =>
  new PumiceError(code, `${expected}, got ${JSON.stringify(got.slice(0, 80))}`, {
    who: 'codec magma-ui',
    hint: 'Check that the model was asked in the words of its training, about a picture with marks on it',
  });
