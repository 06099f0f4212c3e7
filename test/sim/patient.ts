import { type SimEnv, type SimOptions, sim } from 'pumice/envs/sim';

/** The simulated arm for tests whose matter is not how old a look is: a machine with other work lets looks grow old. */
export async function patientSim(options: SimOptions): Promise<SimEnv> {
  const env = await sim(options);
  return { ...env, limits: { ...env.limits, maxObservationAgeMs: 60_000, maxPlanAgeMs: 60_000 } };
}
