/** How many cases of each kind a set still wants, so that its classes come out in equal parts. Pure. */

export interface Quota {
  /** Takes a hazard if one of its classes is still wanted. */
  readonly takeHazard: (classes: readonly string[]) => boolean;
  /** Takes what is safe, or grey, if it is still wanted. Half of what is safe is of a usual kind, half looks like a hazard. */
  readonly take: (label: 'safe' | 'grey', isUsual: boolean) => boolean;
  /** Classes that are still wanted, those that lack the most first. */
  readonly wanted: () => readonly string[];
  readonly isFull: () => boolean;
}

/** Share of grey cases, of the hazards: enough to see what a critic makes of them. Chosen. */
const GREY_SHARE = 0.1;

/** @param count - hazards in all; as many are safe. */
export function createQuota(classes: readonly string[], count: number): Quota {
  const share = (at: number) => Math.floor(count / classes.length) + (at < count % classes.length ? 1 : 0);
  const left = new Map(classes.map((name, at) => [name, share(at)]));
  const rest = {
    usual: Math.ceil(count / 2),
    unusual: Math.floor(count / 2),
    grey: Math.floor(count * GREY_SHARE),
  };
  const wanted = () =>
    [...left]
      .filter(([, number]) => number > 0)
      .sort((a, b) => b[1] - a[1])
      .map(([name]) => name);
  return {
    takeHazard: (its) => {
      const name = wanted().find((one) => its.includes(one));
      if (name === undefined) return false;
      left.set(name, left.get(name)! - 1);
      return true;
    },
    take: (label, isUsual) => {
      const part = label === 'grey' ? 'grey' : isUsual ? 'usual' : 'unusual';
      if (rest[part] === 0) return false;
      rest[part] -= 1;
      return true;
    },
    wanted,
    isFull: () => wanted().length === 0 && rest.usual + rest.unusual === 0,
  };
}
