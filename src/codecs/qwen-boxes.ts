/**
 * Boxes and points in the tokens of Qwen2-VL and QVQ, `<|object_ref_start|>a dog<|object_ref_end|><|box_start|>(221,423),(569,886)<|box_end|>`,
 * and of the first Qwen-VL, `<ref>a dog</ref><box>(221,423),(569,886)</box>`. Their numbers are 0 to 1000 along each side.
 */
import { PumiceError } from '../errors.ts';
import { boxInFrame, isInSpace, isSoundBox, type Pair, pointInFrame } from './places.ts';
import {
  type CoordinateSpace,
  type Flags,
  type FoundBox,
  type FoundPoint,
  type Mode,
  type Picture,
  type Reading,
  read,
  unread,
} from './reading.ts';
import { type Spoken, spokenIn } from './thought.ts';

export interface Grounded {
  readonly boxes: readonly FoundBox[];
  readonly points: readonly FoundPoint[];
  /** The text without tokens and numbers. */
  readonly caption: string;
}

export interface GroundedForm {
  readonly space: CoordinateSpace | undefined;
  readonly picture: Picture;
  readonly mode?: Mode;
}

const NUMBER = '\\s{0,4}-?\\d{1,6}(?:\\.\\d{1,6})?\\s{0,4}';
const PAIR = `\\((${NUMBER}),(${NUMBER})\\)`;
const REF = '(?:<\\|object_ref_start\\|>|<ref>)([^<]{0,400})(?:<\\|object_ref_end\\|>|</ref>)\\s{0,4}';
const PLACE = `(?:<\\|box_start\\|>|<box>)\\s{0,4}${PAIR}(?:\\s{0,4},?\\s{0,4}${PAIR})?\\s{0,4}(?:<\\|box_end\\|>|</box>)`;
const GROUNDED = new RegExp(`(?:${REF})?${PLACE}`, 'g');
/** As a server writes it that leaves special tokens out. */
const BARE = new RegExp(`${PAIR},${PAIR}`, 'g');
const TOKEN = /<\|(?:object_ref|box)_(?:start|end)\|>|<\/?(?:ref|box)>/g;

const WHO = 'codec qwen-boxes';

/**
 * @param mode - `strict` refuses tokens that have no place between them; `compat` passes them over and also reads pairs in brackets
 * without tokens, without names.
 */
export function readGrounded(
  answer: string | Reading<Spoken>,
  { space, picture, mode = 'strict' }: GroundedForm,
): Reading<Grounded> {
  const hint = 'Name the profile of the model';
  if (!space)
    return unread(new PumiceError('config/invalid', 'expected a coordinate space for boxes', { who: WHO, hint }));
  const spoken = typeof answer === 'string' ? spokenIn(answer, mode) : answer;
  if (!spoken.ok) return unread(spoken.problem, spoken.flags);
  const { flags } = spoken;
  const boxes: FoundBox[] = [];
  const points: FoundPoint[] = [];
  let isSuspect = false;
  const take = (label: string | undefined, first: Pair, second: Pair | undefined) => {
    const name = label === undefined ? {} : { label: label.trim() };
    if (!second) {
      isSuspect ||= !isInSpace(first, space, picture);
      points.push({ ...name, pointPx: pointInFrame(first, space, picture) });
      return;
    }
    const said = [...first, ...second] as unknown as readonly [number, number, number, number];
    const isSound = isSoundBox(said, space, picture);
    isSuspect ||= !isSound;
    boxes.push({ ...name, boxPx: boxInFrame(said, space, picture), ...(!isSound && { suspect: true as const }) });
  };
  let rest = spoken.value.answer.replace(
    GROUNDED,
    (_, label: string | undefined, a: string, b: string, c?: string, d?: string) => {
      take(label, [Number(a), Number(b)], c === undefined ? undefined : [Number(c), Number(d)]);
      return label ?? '';
    },
  );
  if (mode === 'compat')
    rest = rest.replace(BARE, (_, a: string, b: string, c: string, d: string) => {
      take(undefined, [Number(a), Number(b)], [Number(c), Number(d)]);
      return '';
    });
  const value: Grounded = { boxes, points, caption: rest.replace(TOKEN, '').trim() };
  const all: Flags = isSuspect ? { ...flags, suspect: true } : flags;
  return mode === 'strict' ? refused(rest, value, all) : read(value, all);
}

function refused(rest: string, value: Grounded, flags: Flags): Reading<Grounded> {
  // Of names without a place there may be many; a place that is begun and not there is one that got lost.
  const open = Math.max(rest.lastIndexOf('<|box_start|>'), rest.lastIndexOf('<box>'));
  if (open === -1 && !isCutToken(rest)) return read(value, flags);
  const isCut = isCutToken(rest) || !/<\|box_end\|>|<\/box>/.test(rest.slice(open));
  const message = `expected (x1,y1),(x2,y2) between the tokens of a box, got '${rest.slice(Math.max(0, open)).slice(0, 60)}'`;
  const hint = isCut ? 'Raise the limit of tokens' : 'Ask again; check that the model is one that writes boxes';
  return unread(
    new PumiceError(isCut ? 'decode/truncated' : 'decode/schema', message, { who: WHO, hint }),
    isCut ? { ...flags, truncated: true } : flags,
    value,
  );
}

/** A token of which the text has the beginning only. */
const isCutToken = (text: string) => /<\|[a-z_]{0,20}\|?$/.test(text.slice(-24));
