/** Seeded random numbers for policies: the same seed gives the same numbers on every machine. Mulberry32. Not for secrets. */

export interface Random {
  /** Uniform in 0..1, 1 excluded. */
  readonly uniform: () => number;
  /** Normal, mean 0 and deviation 1. */
  readonly normal: () => number;
}

/** @param at - which of many streams of one seed; streams of neighbours have nothing in common. */
export function randomOf(seed: number, at = 0): Random {
  let state = (seed ^ Math.imul(at + 1, 0x9e37_79b1)) >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let bits = state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}
