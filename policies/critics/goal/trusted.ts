/**
 * Text of two kinds that cannot be mixed up. `Tainted` is what a page or a model wrote: it can be compared and never read out.
 * `Trusted` is what the user, the operator or this program wrote: a question is made of nothing else, which types say when it is
 * compiled and the classes say again when it runs.
 */
import { type Observation, PumiceError } from 'pumice';
import { quoted } from '../cosmos-reason/shown.ts';

const refuse = (what: string) =>
  new PumiceError('config/invalid', `expected trusted text, got ${what}`, {
    who: 'critic goal',
    hint: 'Say a fact about it instead, such as whether it stands in the instruction',
  });

/** Text of a page or of a model. There is no way to get it out. */
export class Tainted {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  /** Whether the user wrote it too, word for word. */
  standsIn(instruction: string): boolean {
    const text = this.#text.trim();
    return text !== '' && instruction.includes(text);
  }
  /** The one of these that it is. What comes back is the list's own. */
  oneOf<T extends string>(list: readonly T[]): T | undefined {
    return list.find((one) => one === this.#text);
  }
  /** The first of these that it passes for. */
  firstOf<T>(list: readonly T[], isLike: (one: T, text: string) => boolean): T | undefined {
    return list.find((one) => isLike(one, this.#text));
  }
  toString(): never {
    throw refuse('text of a page or a model');
  }
  toJSON(): never {
    throw refuse('text of a page or a model');
  }
}

/** Known to this file alone: types can be talked out of a private constructor. */
const KEY = Symbol('trusted');

/** Text of the user, the operator or this program. Made by `fact`, `ofUser` and `ofOperator` alone. */
export class Trusted {
  readonly #text: string;
  private constructor(text: string, key: typeof KEY) {
    if (key !== KEY) throw refuse('a bare string');
    this.#text = text;
  }
  /** For templates of this program: `fact` checks that it is one. */
  static fact(literal: TemplateStringsArray, ...holes: readonly (Trusted | number)[]): Trusted {
    if (!Array.isArray(literal) || !Object.isFrozen(literal) || !Array.isArray(literal.raw))
      throw refuse('a string that is no template');
    return new Trusted(
      literal.reduce((text, next, at) => text + Trusted.read(holes[at - 1]!) + next),
      KEY,
    );
  }
  /** The user's own words, in quotes. */
  static ofUser({ instruction }: Pick<Observation, 'instruction'>): Trusted {
    return new Trusted(quoted(instruction), KEY);
  }
  /** A pattern of the operator's limits, in quotes. */
  static ofOperator(pattern: string): Trusted {
    return new Trusted(quoted(pattern), KEY);
  }
  /** @throws PumiceError `config/invalid` for anything that is not trusted, whatever types were made to say. */
  static read(text: Trusted | number): string {
    if (typeof text === 'number') return String(text);
    if (!(text instanceof Trusted))
      throw refuse(typeof text === 'string' ? 'a bare string' : 'text of a page or a model');
    return text.#text;
  }
}

export const fact = Trusted.fact;
