/** Folders and programs that go with the test that made them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of the test that is running, which goes with it. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pumice-simpler-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** A program that is this Python, but for what stands in a file that it reads before all else. */
export function pythonWith(inside: string, sitecustomize: string): string {
  const folder = folderWith({ 'sitecustomize.py': sitecustomize });
  const program = join(folder, 'python');
  writeFileSync(program, `#!/bin/sh\nPYTHONPATH='${folder}' exec '${inside}' "$@"\n`, { mode: 0o755 });
  return program;
}
