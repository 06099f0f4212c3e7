/**
 * The critic's questions: files beside this one, by family, by what is watched over and by tier, each with a version in its name. A
 * record names the file and the beginning of its SHA-256, so that a verdict can be traced to the words it answers.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ModelProfile, promptOf } from 'pumice/models';
import type { Watched } from './verdict.ts';

/** `fast`: one word at once. `reasoned`: it thinks first. */
export type Tier = 'fast' | 'reasoned';

export interface CriticPrompt {
  readonly name: string;
  /** First 16 digits. */
  readonly sha256: string;
  /** @throws PumiceError `config/misfit` for a word that is missing. */
  readonly fill: (words: Readonly<Record<string, string>>) => string;
}

/** Of the files of a folder; a new text is a new file. */
const VERSION = 'v1';
/** A family of its own has a folder of its own; what stands on the same base as Reason2 gets its words. */
const FOLDERS = ['cosmos-reason1', 'cosmos-reason2', 'cosmos3'];
const OTHERS = 'cosmos-reason2';

/** The files lie beside the source, also where what is built runs. */
const FOLDER = new URL(
  import.meta.url.endsWith('.ts') ? './prompts/' : '../../../../policies/critics/cosmos-reason/prompts/',
  import.meta.url,
);

export function criticPrompt(profile: ModelProfile, watched: Watched, tier: Tier): CriticPrompt {
  const folder = FOLDERS.find((name) => name === profile.family) ?? OTHERS;
  const name = `${folder}/${watched}-${tier}.${VERSION}`;
  const file = readFileSync(fileURLToPath(new URL(`${name}.txt`, FOLDER)), 'utf8');
  const asked = { ...profile, prompt: { ...profile.prompt, forms: { [name]: file.trimEnd() } } };
  return {
    name,
    sha256: createHash('sha256').update(file).digest('hex').slice(0, 16),
    fill: (words) => promptOf(asked, name, words),
  };
}
