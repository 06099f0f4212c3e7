/** `pumice models`: the families of models that pumice knows, how each is asked and read, and what of that was proven by what. */
import { paint } from '../demo/progress.ts';
import { profileOf, withOwnProfiles } from '../models/index.ts';
import { EXIT } from './exit.ts';
import { familyLines } from './models-table.ts';
import { readConfig } from './settings.ts';
import { clean } from './words.ts';

interface ModelsFlags {
  readonly config?: string;
  readonly json?: boolean;
}

/** @throws PumiceError `config/invalid` for an unknown family, or a profile of the user's that is none. */
export async function models(family: string | undefined, { config: file, json }: ModelsFlags): Promise<number> {
  const config = await readConfig(file);
  const profiles = withOwnProfiles(config.profiles, config.who);
  const shown = family === undefined ? [...profiles.values()] : [profileOf(family, profiles)];
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (json) say(JSON.stringify(shown));
  else {
    const { bold, soft } = paint(Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined);
    for (const profile of shown) {
      say(`${bold(profile.family)}  ${clean(profile.summary)}`);
      for (const [name, says] of familyLines(profile)) say(`  ${name.padEnd(12)} ${soft(clean(says))}`);
    }
  }
  return EXIT.success;
}
