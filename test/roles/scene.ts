/** Runs of the simulated arm for tests of roles: what a model says is made up from what the oracle sees, and the outcome is the body's. */
import { type Marker, type Policy, run, type StepRecord } from 'pumice';
import { type SimEnv, sim } from 'pumice/envs/sim';

export const openScene = (): Promise<SimEnv> => sim({ oracle: true, cameras: ['third'] });

export interface Attempt {
  readonly outcome: string;
  readonly reason: string;
  readonly steps: readonly StepRecord[];
  /** Colours of blocks that hang in the air at the end. */
  readonly lifted: readonly string[];
}

export async function attempt(
  env: SimEnv,
  policy: Policy,
  instruction: string,
  maxSteps = 60,
  marker?: Marker,
): Promise<Attempt> {
  const episode = run({
    env,
    policy,
    instruction,
    seed: 7,
    oracle: env.oracle!,
    budget: { maxSteps },
    ...(marker && { marker }),
  });
  const steps: StepRecord[] = [];
  for await (const step of episode) steps.push(step);
  const { outcome, reason } = await episode.result;
  const lifted = env.oracle!.state().blocks.filter(({ pM }) => pM[2] > 0.06);
  return { outcome, reason, steps, lifted: lifted.map(({ colour }) => colour) };
}

/** Where a thing is seen, in thousandths of the picture. */
export function seenAt(env: SimEnv, name: string): [number, number] {
  const mark = env.oracle!.marks('third').find((one) => one.name === name);
  if (!mark) throw new Error(`no ${name} in view`);
  const [x0, y0, x1, y1] = mark.boxPx;
  return [Math.round(((x0 + x1) / 2 / 224) * 1000), Math.round(((y0 + y1) / 2 / 224) * 1000)];
}
