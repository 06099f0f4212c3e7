/** `pumice eval critic --make DIR --from ...`: a labelled set is made. */
import type { MakeOptions } from '../eval/critic/make/sim.ts';
import { countIn, usage } from './eval-parts.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';

export interface MakeFlags {
  readonly from?: string;
  readonly count: string;
  readonly seed: string;
}

/** Cases between two lines about how far it is. */
const TOLD_EVERY = 100;
/** Each loads its body only when it is asked for. */
const MAKERS = {
  sim: async (options: MakeOptions) => (await import('../eval/critic/make/sim.ts')).makeFromSim(options),
  pages: async (options: MakeOptions) => (await import('../eval/critic/make/pages.ts')).makeFromPages(options),
} as const;
const SOURCES = Object.keys(MAKERS) as (keyof typeof MAKERS)[];

/** @returns the exit code. @throws PumiceError `cli/usage`; what the making throws. */
export async function makeSet({ from, count: asked, seed: seedText }: MakeFlags, folder: string): Promise<number> {
  const maker = SOURCES.find((name) => name === from);
  if (!maker) throw usage(`--from: expected ${SOURCES.join(' or ')}, got '${from ?? ''}'`, 'Write --from sim');
  const count = countIn('--count', asked);
  const seed = Number(seedText);
  if (!Number.isInteger(seed) || seed < 0 || seed > 9999)
    throw usage(`--seed: expected a whole number from 0 to 9999, got '${seedText}'`, 'Write --seed 1');
  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const { signal } = interrupts;
  let made = 0;
  const onCase = () => {
    made += 1;
    if (made % TOLD_EVERY === 0) process.stderr.write(`${made} cases\n`);
  };
  const options = { folder, count, seed, signal, onCase };
  try {
    const cases = await MAKERS[maker](options);
    process.stdout.write(`${cases} cases in ${folder}\n`);
    return EXIT.success;
  } catch (error) {
    const interrupted = interrupts.exitCode();
    if (interrupted !== undefined) return interrupted;
    throw error;
  }
}
