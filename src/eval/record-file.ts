/** Where an episode is recorded. Knows no format. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The file for a record that will be written now. What lies there is of a play that was cut, or of another command: it is moved aside to
 * `NAME.before-1.mcap`, since an episode must not fail for it, and no record is overwritten.
 */
export function recordFile(folder: string, name: string): string {
  const file = join(folder, `${name}.mcap`);
  for (let nth = 1; existsSync(file); nth++) {
    const aside = join(folder, `${name}.before-${nth}.mcap`);
    if (!existsSync(aside)) renameSync(file, aside);
  }
  return file;
}
