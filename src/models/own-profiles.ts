/**
 * Profiles of the user's own: a family of the table, or a blank one, with what differs. They stand in the config file under `profiles`
 * by name, or in the `profile` option of a policy itself. Checked as strictly as the table, and never taken for proven.
 */
import { z } from 'zod';
import { PumiceError } from '../errors.ts';
import { type ModelProfile, modelProfileSchema } from './profile.ts';
import { PROFILES, type Profiles, profileOf } from './profiles.ts';

/** What differs from the row named by `like` (`generic` when it is not given). */
export type OwnProfile = Readonly<Record<string, unknown>>;

/** The option of a policy by which its model's family is chosen: a name of the table, or a profile written out. */
export const profileOption = z.union([z.string().min(1), z.record(z.string(), z.unknown())]).meta({
  value: 'family',
  description: "family of the model, see pumice models; default: by the model's name",
});

/** Parts whose fields are put over those of the row one by one. All else is replaced whole, since its fields hang together. */
const MERGED = ['media', 'prompt', 'sampling', 'thinking', 'limits', 'actionFormat'];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields of `over` replace those of `base`; `null` takes one away. */
function put(base: unknown, over: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all = { ...(base as object), ...over };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

/** @throws PumiceError `config/invalid` naming the field, what was expected, and what came. */
export function ownProfile(name: string, given: OwnProfile, who = 'config'): ModelProfile {
  const { like = 'generic', ...own } = given;
  const where = `profile '${name}'`;
  if (typeof like !== 'string') throw invalid(who, `${where}: like: expected the name of a family`);
  const base = profileOf(like);
  const unproven = { forms: [{ form: `as ${like}, by the user's word`, by: ['none'] }], trainedWeights: false };
  const row: Record<string, unknown> = {
    ...base,
    summary: `as ${like}, with changes`,
    names: name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    source: who,
    proven: unproven,
    ...put({}, own),
    family: name,
  };
  for (const part of MERGED) if (isObject(own[part])) row[part] = put(base[part as keyof ModelProfile], own[part]);
  for (const [field, value] of Object.entries(own)) if (value === null) delete row[field];
  const parsed = modelProfileSchema.safeParse(row);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    [...(path.length > 0 ? [path.join('.')] : []), message].join(': '),
  );
  throw invalid(who, `${where}: ${problems.join('; ')}`);
}

/**
 * The table with the profiles of a config file put in; one with a name of the table stands in its place.
 *
 * @throws PumiceError `config/invalid`.
 */
export function withOwnProfiles(given: unknown, who = 'config'): Profiles {
  if (given === undefined) return PROFILES;
  if (!isObject(given)) throw invalid(who, 'profiles: expected an object, each profile under its name');
  const own = Object.entries(given).map(([name, row]) => {
    if (!isObject(row)) throw invalid(who, `profiles: ${name}: expected an object`);
    return [name, ownProfile(name, row, who)] as const;
  });
  // Own rows first: the first whose names match a model is taken.
  return new Map([...own, ...[...PROFILES].filter(([family]) => !Object.hasOwn(given, family))]);
}

/**
 * The profile that a policy is given: by the option, else by the name of its model.
 *
 * @throws PumiceError `config/invalid`.
 */
export function chooseProfile(
  given: z.output<typeof profileOption> | undefined,
  model: string,
  who: string,
): ModelProfile {
  if (given === undefined) return profileForModel(model);
  if (typeof given === 'string') return profileOf(given);
  return ownProfile(typeof given.family === 'string' ? given.family : model, given, who);
}

/** The first family that knows the model by its name; `generic` when none does. */
export function profileForModel(model: string, profiles: Profiles = PROFILES): ModelProfile {
  for (const profile of profiles.values()) if (new RegExp(profile.names, 'i').test(model)) return profile;
  return profileOf('generic');
}

const invalid = (who: string, what: string) =>
  new PumiceError('config/invalid', what, { who, hint: 'See `pumice models --json` for what a profile holds' });
