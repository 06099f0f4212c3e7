/**
 * Profiles by name, or in a JSON file: `{ "profile": {...} }`, with how it was found out beside it where a jog made it. Read whole and
 * checked as every profile is. Knows no robot.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { PumiceError } from 'pumice';
import { z } from 'zod';
import { defineRosRobot, type RosProfile } from './profile.ts';
import { PROFILES } from './profiles/index.ts';

const jogSchema = z.strictObject({
  /** The profile that it was jogged with, and where. */
  from: z.string(),
  url: z.string(),
  /** UTC. */
  at: z.string(),
  /** Each motion: what was commanded, what a person saw, what the robot said. */
  found: z.array(z.string()).readonly(),
  /** What of the profile rests on that. */
  decides: z.array(z.string()).readonly(),
});
export type JogNote = z.infer<typeof jogSchema>;
const fileSchema = z.strictObject({ jog: jogSchema.optional(), profile: z.unknown() });

/** @throws PumiceError `config/invalid` for a name that is none, and for a file that is no profile. */
export function readProfile(nameOrFile: string): RosProfile {
  const known = Object.hasOwn(PROFILES, nameOrFile) ? PROFILES[nameOrFile] : undefined;
  if (known) return known;
  const invalid = (what: string, cause?: unknown) =>
    new PumiceError('config/invalid', what, {
      who: `profile ${nameOrFile}`,
      hint: `Name one of ${Object.keys(PROFILES).join(', ')}, or a file that 'pumice doctor ros --jog' wrote`,
      cause,
    });
  if (!nameOrFile.endsWith('.json')) throw invalid('there is no profile of this name, and it is no .json file');
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(nameOrFile, 'utf8'));
  } catch (cause) {
    throw invalid(`cannot be read: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
  const { data, error } = fileSchema.safeParse(content);
  const robot = z.object({ robot: z.object({ name: z.string() }) }).safeParse(data?.profile);
  if (error || !robot.success)
    throw invalid(
      error?.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`).join('; ') ??
        'expected { "profile": { "robot": { "name": ... } } }',
    );
  return defineRosRobot(data.profile as RosProfile);
}

/**
 * Writes a profile under the name of its file. A file that is there already is left as it is unless `overwrite` is said.
 *
 * @throws PumiceError `record/write-failed`.
 */
export function writeProfile(
  file: string,
  { profile, jog }: { readonly profile: RosProfile; readonly jog: JogNote },
  overwrite = false,
): void {
  const named = defineRosRobot({ ...profile, robot: { ...profile.robot, name: basename(file, '.json') } });
  const text = `${JSON.stringify({ jog, profile: named }, null, 2)}\n`;
  try {
    writeFileSync(file, text, { flag: overwrite ? 'w' : 'wx' });
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw new PumiceError(
      'record/write-failed',
      isThere ? 'is there already' : `cannot be written: ${(cause as Error).message}`,
      { who: file, hint: isThere ? 'Give another --out, or --overwrite' : 'Give another --out', cause },
    );
  }
}
