/**
 * The table of model families, checked when it is loaded: pumice's own rows, and those of a user's config. A family that is not in
 * it has no decoder: what a model's numbers mean cannot be told from its text.
 */
import { PumiceError } from '../errors.ts';
import { type ModelProfile, modelProfileSchema } from './profile.ts';
import { cosmosReason2 } from './profiles/cosmos.ts';
import { generic } from './profiles/generic.ts';
import { kosmos2 } from './profiles/kosmos2.ts';
import { magma } from './profiles/magma.ts';
import { qvq } from './profiles/qwen.ts';

const ROWS = [magma, cosmosReason2, kosmos2, qvq, generic];

export type Profiles = ReadonlyMap<string, ModelProfile>;

/** pumice's own rows by family, `generic` last. */
export const PROFILES: Profiles = new Map(
  ROWS.map((row) => {
    const profile = modelProfileSchema.parse(row);
    return [profile.family, profile];
  }),
);

/** @throws PumiceError `config/invalid` naming the families that there are. */
export function profileOf(family: string, profiles: Profiles = PROFILES): ModelProfile {
  const profile = profiles.get(family);
  if (profile) return profile;
  throw new PumiceError('config/invalid', `no profile '${family}' (there is: ${[...profiles.keys()].join(', ')})`, {
    who: 'models',
    hint: 'Give one of these, or add your own under "profiles" in the config file',
  });
}
