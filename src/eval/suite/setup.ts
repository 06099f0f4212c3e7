/** What decides a number beside tasks and seeds, for the head of a result file: versions, commit, weights and prompts. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseProfile, type OwnProfile } from '../../models/index.ts';
import type { Suite } from './suite.ts';

export const sha256 = (...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** Of the package, whether built or not. */
function packageRoot(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const places = [join(here, '../../..'), join(here, '../../../..')];
  return places.find((place) => existsSync(join(place, 'package.json'))) ?? places[0]!;
}

const git = (...args: readonly string[]) =>
  execFileSync('git', ['-C', packageRoot(), ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/** The commit, and whether files differ from it; of a package that is installed there is none. */
function commitOf(): string {
  try {
    if (git('rev-parse', '--show-prefix') !== '') return 'none: installed as a package';
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', 'HEAD')}${isChanged ? ', with changes' : ''}`;
  } catch {
    return 'none: no repository';
  }
}

/** Of pumice, of Node, and of what moves and draws the body. */
export function versionsOf(): Readonly<Record<string, string>> {
  const facts = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const { '@mujoco/mujoco': mujoco = 'none', sharp = 'none' } = facts.dependencies;
  return { pumice: facts.version, commit: commitOf(), node: process.version, mujoco, sharp };
}

const DATA = /\.(onnx|json|txt)$/;

/**
 * What a policy brings beside its program, and how it asks a model: weights and prompts by their SHA-256, the sampling as it is.
 *
 * @param options - as the policy read them.
 */
export function mindOf(name: string, options: unknown): Readonly<Record<string, unknown>> {
  const folder = join(packageRoot(), 'policies', name);
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => DATA.test(file))
        .sort()
    : [];
  const data = Object.fromEntries(files.map((file) => [file, sha256(readFileSync(join(folder, file)))]));
  const { model, profile: asked } = options as { readonly model?: string; readonly profile?: OwnProfile };
  const profile = model === undefined && asked === undefined ? undefined : chooseProfile(asked, model ?? name, name);
  return {
    ...(files.length > 0 && { data }),
    ...(profile && {
      profile: profile.family,
      promptSha256: sha256(JSON.stringify(profile.prompt)),
      sampling: profile.sampling,
    }),
  };
}

/** A suite's own words, so that one of the same name with other tasks or rules is another. */
export const suiteHash = (suite: Suite): string => sha256(JSON.stringify(suite));

export const STATISTICS = "Wilson's 95 % interval; McNemar's exact test, two-sided, on equal seeds";
