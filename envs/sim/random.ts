/** Seeded random numbers: the same seed gives the same numbers on every machine. Not for secrets. */

export interface Random {
  /** Uniform in 0..1, 1 excluded. */
  (): number;
  readonly between: (low: number, high: number) => number;
  /** Whole number from 0 on, `count` excluded. */
  readonly below: (count: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  readonly shuffled: <T>(items: readonly T[]) => T[];
  /** Normal, mean 0 and deviation 1. */
  readonly normal: () => number;
}

/** Mulberry32: 32 bits of state, good enough for layouts and noise. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(next() * count);
  return Object.assign(next, {
    between: (low: number, high: number) => low + (high - low) * next(),
    below,
    pick: <T>(items: readonly T[]) => items[below(items.length)]!,
    shuffled: <T>(items: readonly T[]) => {
      const mixed = [...items];
      for (let at = mixed.length - 1; at > 0; at--) {
        const other = below(at + 1);
        [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
      }
      return mixed;
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  });
}
