/** What every bench shares: quantiles, one line per thing measured, and the machine and its load around it. */
import { cpus, loadavg } from 'node:os';

/** The value below which `share` (0..1) of the values lie. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;

/** How long `work` takes, ms. */
export function timedNow(work: () => unknown): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

/** How long it takes until `work` is done, ms. */
export async function timed(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');

/** Says what the numbers were measured on; a number without its load says nothing. */
export const sayMachine = (what: string): void =>
  console.log(`${what}: ${cpus().length} cores, node ${process.version}, load ${load()}`);

export const sayLoad = (): void => console.log(`load at the end ${load()}`);

export const sayTimes = (name: string, valuesMs: readonly number[]): void =>
  console.log(
    `  ${name.padEnd(28)} median ${quantile(valuesMs, 0.5).toFixed(3)} ms   p99 ${quantile(valuesMs, 0.99).toFixed(3)} ms`,
  );
