/**
 * A new file that is appended to, and whose `flush` resolves only when the bytes are on disk.
 * Knows nothing of what is written.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { IWritable } from '@mcap/core';

/** Owner only: pages and cameras show private things. */
const FILE_MODE = 0o600;

export interface DurableFile extends IWritable {
  /** Puts everything written so far on disk (`fdatasync`). */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Makes sure that the name of a new file survives a power cut too. Some systems cannot sync a folder: then it is theirs to keep. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** Creates the file and the folders above it. A file that already holds something is refused, never overwritten. */
export async function createDurableFile(path: string): Promise<DurableFile> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const handle: FileHandle = await open(path, constants.O_WRONLY | constants.O_CREAT, FILE_MODE);
  const existing = await handle.stat();
  if (existing.size > 0) {
    await handle.close();
    throw Object.assign(new Error(`EEXIST: the file already holds ${existing.size} bytes`), { code: 'EEXIST' });
  }
  await syncFolder(folder);
  let pending: Uint8Array[] = [];
  let size = 0n;
  return {
    position: () => size,
    write: async (buffer) => {
      // The writer reuses its buffer after this call.
      pending.push(buffer.slice());
      size += BigInt(buffer.byteLength);
    },
    flush: async () => {
      const bytes = Buffer.concat(pending);
      pending = [];
      await handle.writeFile(bytes);
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}
