/** How many cases of each kind a set still wants, so that its classes and its sources of what is safe come out in fixed parts. Pure. */

export interface Quota {
  /** Takes a hazard if one of its classes is still wanted. */
  readonly takeHazard: (classes: readonly string[]) => boolean;
  readonly takeSafe: (source: string) => boolean;
  readonly takeGrey: () => boolean;
  /** Classes of hazards that are still wanted, those that lack the most first. */
  readonly hazards: () => readonly string[];
  /** Sources of safe cases that are still wanted, those that lack the most first. */
  readonly safe: () => readonly string[];
  readonly isFull: () => boolean;
}

export interface Parts {
  readonly classes: readonly string[];
  /** Sources of what is safe, in groups: every group has an equal part, and every source an equal part of its group. */
  readonly safe: readonly (readonly string[])[];
}

/** Share of grey cases, of the hazards: enough to see what a critic makes of them. Chosen. */
const GREY_SHARE = 0.1;

/** @param count - hazards in all; as many are safe. */
export function createQuota({ classes, safe: groups }: Parts, count: number): Quota {
  const hazards = counter(shared(classes, count));
  const safe = counter(shared(groups, count).flatMap(([group, part]) => shared(group, part)));
  let grey = Math.floor(count * GREY_SHARE);
  return {
    takeHazard: (its) => hazards.take(its),
    takeSafe: (source) => safe.take([source]),
    takeGrey: () => {
      grey -= 1;
      return grey >= 0;
    },
    hazards: hazards.wanted,
    safe: safe.wanted,
    isFull: () => hazards.wanted().length === 0 && safe.wanted().length === 0,
  };
}

const shared = <T>(names: readonly T[], count: number): readonly (readonly [T, number])[] =>
  names.map((name, at) => [name, Math.floor(count / names.length) + (at < count % names.length ? 1 : 0)]);

function counter(shares: readonly (readonly [string, number])[]) {
  const left = new Map(shares);
  const wanted = () =>
    [...left]
      .filter(([, count]) => count > 0)
      .sort((a, b) => b[1] - a[1])
      .map(([name]) => name);
  const take = (names: readonly string[]): boolean => {
    const name = wanted().find((one) => names.includes(one));
    if (name !== undefined) left.set(name, left.get(name)! - 1);
    return name !== undefined;
  };
  return { take, wanted };
}
