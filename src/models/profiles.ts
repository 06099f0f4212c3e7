/**
 * The table of model families, checked when it is loaded: pumice's own rows, and those of a user's config. A family that is not in
 * it has no decoder: what a model's numbers mean cannot be told from its text.
 */
import { PumiceError } from '../errors.ts';
import { type ModelProfile, modelProfileSchema } from './profile.ts';
import { openpi, openvla } from './profiles/arms.ts';
import { cogvlm2Video } from './profiles/cogvlm2.ts';
import { cosmos3, cosmosReason1, cosmosReason2 } from './profiles/cosmos.ts';
import { generic } from './profiles/generic.ts';
import { kosmos2 } from './profiles/kosmos2.ts';
import { magma } from './profiles/magma.ts';
import { qvq, qwen3vl, qwen25vl } from './profiles/qwen.ts';
import { uiTars } from './profiles/ui-tars.ts';

const ROWS = [
  magma,
  cosmosReason1,
  cosmosReason2,
  cosmos3,
  kosmos2,
  qvq,
  qwen25vl,
  qwen3vl,
  cogvlm2Video,
  uiTars,
  openvla,
  openpi,
  generic,
];

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
