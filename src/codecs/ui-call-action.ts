/**
 * What a call of a screen agent means as an action of ours. Each model has a table of its verbs; what is no verb of it, lacks an argument
 * or has one too many is refused, as is a place outside the picture, unless it is to be read as the original does.
 */
import { PumiceError } from '../errors.ts';
import type { Action, Target } from '../types.ts';
import { pointInFrame } from './places.ts';
import type { CoordinateSpace, Mode, Picture } from './reading.ts';
import { placeNumbers, type UiCall } from './ui-call.ts';

export interface UiForm {
  readonly space: CoordinateSpace | undefined;
  readonly picture: Picture;
  readonly mode?: Mode;
}

/** Arguments of one call, asked for by name. What is wrong with one is thrown, and caught by `uiActionOf`. */
export interface Args {
  readonly text: (name: string) => string;
  readonly maybe: (name: string) => string | undefined;
  /** The middle of a place, px of the frame. */
  readonly target: (name: string) => Target;
  readonly oneOf: <T extends string>(name: string, among: readonly T[]) => T;
  readonly has: (name: string) => boolean;
}

export interface Verb {
  readonly needs?: readonly string[];
  readonly takes?: readonly string[];
  /** The action; a text says why there is none. */
  readonly act: (args: Args) => Action | string;
}

export type Verbs = Readonly<Record<string, Verb>>;

type Code = 'decode/schema' | 'decode/out-of-range';
class Unfit extends Error {
  readonly code: Code;
  constructor(message: string, code: Code = 'decode/schema') {
    super(message);
    this.code = code;
  }
}

/** @returns the action, and whether its places are all inside the picture; or the problem. */
export function uiActionOf(
  { name, args }: Pick<UiCall, 'name' | 'args'>,
  verbs: Verbs,
  form: UiForm,
  who: string,
): { readonly action: Action; readonly isSuspect: boolean } | PumiceError {
  const state = { isSuspect: false };
  try {
    const verb = Object.hasOwn(verbs, name) ? verbs[name]! : undefined;
    if (!verb) throw new Unfit(`expected one of ${Object.keys(verbs).join(', ')}; got '${name}'`);
    const { needs = [], takes = [] } = verb;
    for (const need of needs) if (!args.has(need)) throw new Unfit(`${name} needs '${need}', which is not there`);
    if (form.mode !== 'compat')
      for (const key of args.keys())
        if (!needs.includes(key) && !takes.includes(key)) throw new Unfit(`${name} takes no '${key}'`);
    const action = verb.act(argsOf(name, args, form, state));
    if (typeof action === 'string') throw new Unfit(action);
    return { action, isSuspect: state.isSuspect };
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return new PumiceError(error.code, error.message, { who, hint: 'Ask again, with this said' });
  }
}

function argsOf(verb: string, args: UiCall['args'], form: UiForm, state: { isSuspect: boolean }): Args {
  const text = (name: string) => args.get(name) ?? '';
  return {
    text,
    maybe: (name) => args.get(name),
    has: (name) => args.has(name),
    oneOf: (name, among) => {
      const found = among.find((one) => one === text(name));
      if (found === undefined) throw new Unfit(`${verb}: expected '${name}' ${among.join(', ')}; got '${text(name)}'`);
      return found;
    },
    target: (name) => {
      const [xPx, yPx] = middleOf(`${verb}: '${name}'`, text(name), form);
      const isInside = xPx >= 0 && yPx >= 0 && xPx < form.picture.widthPx && yPx < form.picture.heightPx;
      if (!isInside && form.mode !== 'compat')
        throw new Unfit(`${verb}: '${name}' ${text(name)} is outside the picture`, 'decode/out-of-range');
      state.isSuspect ||= !isInside;
      return { xPx, yPx };
    },
  };
}

/** Middle of a box, or the point itself, in px of the frame. */
function middleOf(what: string, said: string, { space, picture, mode }: UiForm): readonly [number, number] {
  if (!space) throw new Unfit(`${what}: a place, and no coordinate space to read it in`);
  const numbers = placeNumbers(said);
  if (!numbers || (numbers.length !== 2 && numbers.length !== 4))
    throw new Unfit(`${what}: expected a place of two or four numbers, got '${said.slice(0, 60)}'`);
  const [a, b, c = a, d = b] = numbers as [number, number, number?, number?];
  if (mode !== 'compat' && (c < a || d < b)) throw new Unfit(`${what}: a box with its corners the wrong way round`);
  return pointInFrame([(a + c) / 2, (b + d) / 2], space, picture);
}

/** Sign of each axis when the view moves towards a side. */
export const TOWARDS = { down: [0, 1], up: [0, -1], right: [1, 0], left: [-1, 0] } as const;
export const SIDES = ['down', 'up', 'right', 'left'] as const;
