/** Keeps what a page downloads, or throws it away; either way it is told. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Download } from 'playwright';
import type { Notice } from '../../src/types.ts';

/**
 * @param folder - where to; without one the download is cancelled.
 * @param onKept - gets the path when the file is whole.
 */
export async function keepDownload(
  download: Download,
  folder: string | undefined,
  onKept: (path: string) => void,
): Promise<Notice> {
  const name = safeName(download.suggestedFilename());
  try {
    if (folder === undefined) {
      await download.cancel();
      return { kind: 'download', text: `threw away the download '${name}'`, allowWith: '--downloads DIR' };
    }
    await mkdir(folder, { recursive: true });
    const path = freePath(folder, name);
    await download.saveAs(path);
    onKept(path);
    return { kind: 'download', text: `saved '${name}' as ${path}` };
  } catch (cause) {
    const why = (await download.failure().catch(() => null)) ?? String(cause);
    return { kind: 'download', text: `the download '${name}' failed: ${why}` };
  }
}

/** The last part of a name that the page chose, without what file systems take amiss. */
export function safeName(suggested: string): string {
  const name = basename(suggested.replaceAll('\\', '/'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
    .replace(/[\u0000-\u001f<>:"|?*]/g, '_')
    .replace(/^\.+/, '')
    .slice(-150);
  return name === '' ? 'download' : name;
}

function freePath(folder: string, name: string): string {
  const [, stem = name, extension = ''] = /^(.+?)(\.[^.]*)?$/.exec(name) ?? [];
  for (let count = 1; ; count += 1) {
    const path = join(folder, count === 1 ? name : `${stem} (${count})${extension}`);
    if (!existsSync(path)) return path;
  }
}
