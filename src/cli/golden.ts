/**
 * `pumice golden`: runs files of known results through the decoders and encoders, and shows what comes out differently. The base name
 * of a file says which check it is for; how exactly numbers have to agree is the check's own.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { EXIT } from './exit.ts';
import type { Check, Row } from './golden-check.ts';
import { KOSMOS_CHECKS } from './golden-kosmos.ts';
import { MAGMA_CHECKS } from './golden-magma.ts';
import { QWEN_CHECKS } from './golden-qwen.ts';
import { clean } from './words.ts';

/** Checks by the base name of the file. */
export const CHECKS: Readonly<Record<string, Check>> = {
  ...MAGMA_CHECKS,
  ...KOSMOS_CHECKS,
  ...QWEN_CHECKS,
};

/** @returns 0 when all rows of all files pass, 1 otherwise. */
export function golden(
  files: readonly string[],
  write = (line: string) => void process.stdout.write(`${line}\n`),
): number {
  let [passed, failed] = [0, 0];
  for (const file of files)
    for (const { name, differences } of rowsOfFile(file)) {
      if (differences.length === 0) passed += 1;
      else failed += 1;
      for (const difference of differences) write(clean(`${file}: ${name}: ${difference}`));
    }
  write(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? EXIT.success : EXIT.failure;
}

/** A file that cannot be checked is one row that fails. */
function rowsOfFile(file: string): Row[] {
  const failure = (problem: string): Row[] => [{ name: 'file', differences: [problem] }];
  const known = Object.keys(CHECKS).sort().join(', ');
  const name = basename(file).replace(/\.json$/, '');
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (!check) return failure(`no check of that name; there is: ${known}`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return failure(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const rows = [...check(content)];
  return rows.length > 0
    ? rows
    : failure(`expected at least one row in a list that is known; there are checks of: ${known}`);
}
