/** Keeps what a page downloads, or throws it away; either way it is told. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Download } from 'playwright';
import type { Notice } from '../../src/types.ts';

export interface Kept {
  readonly notice: Notice;
  /** Where it is; absent when it was not kept. */
  readonly path?: string;
}

/** @param folder - where to; without one the download is cancelled. */
export async function keepDownload(download: Download, folder: string | undefined): Promise<Kept> {
  const name = safeName(download.suggestedFilename());
  let path: string | undefined;
  try {
    if (folder === undefined) {
      await download.cancel();
      return {
        notice: { kind: 'download', text: `threw away the download '${name}'`, allowWith: '--downloads DIR' },
      };
    }
    await mkdir(folder, { recursive: true });
    path = await takePath(folder, name);
    await download.saveAs(path);
    return { notice: { kind: 'download', text: `saved '${name}' as ${path}` }, path };
  } catch (cause) {
    if (path !== undefined) await rm(path, { force: true }).catch(() => {});
    const why = (await download.failure().catch(() => null)) ?? String(cause);
    return { notice: { kind: 'download', text: `the download '${name}' failed: ${why}` } };
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

/** A path that nothing has; an empty file holds it, since downloads of one name may come at the same time. */
async function takePath(folder: string, name: string): Promise<string> {
  const [, stem = name, extension = ''] = /^(.+?)(\.[^.]*)?$/.exec(name) ?? [];
  for (let count = 1; ; count += 1) {
    const path = join(folder, count === 1 ? name : `${stem} (${count})${extension}`);
    try {
      await writeFile(path, '', { flag: 'wx' });
      return path;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
  }
}
