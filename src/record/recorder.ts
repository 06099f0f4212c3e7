/**
 * The sink that writes an episode to one MCAP file. A step is on disk before its `write` resolves: a process killed at any moment
 * loses at most the step that it was writing. Does not know the policy, the body or who reads the file.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { monotonicNowMs, wallMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import type { EpisodeFacts, Sink } from '../ports.ts';
import type { EpisodeEnd, StepRecord } from '../types.ts';
import { FORMAT_VERSION } from './format.ts';
import { mapText } from './map-text.ts';
import { addEpisode, addStep, openRecording, type Recording } from './recording.ts';

/** Where the file goes: its own path, or a folder in which it gets a name by time. */
export type RecorderOptions = ({ readonly file: string } | { readonly dir: string }) & {
  /** Whether the run ends when nothing can be written any more. Default: it does. */
  readonly required?: boolean;
  /** Applied to every string before it is written; keeps secrets off the disk. */
  readonly mask?: (text: string) => string;
};

export interface Recorder extends Sink {
  /** Path of the recording. */
  readonly file: string;
  readonly open: (facts: EpisodeFacts) => Promise<void>;
  readonly write: (record: StepRecord) => Promise<void>;
  readonly close: (end: EpisodeEnd) => Promise<void>;
}

const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'Choose a path that may be written',
  EPERM: 'Choose a path that may be written',
  EROFS: 'Choose a path that may be written',
  EISDIR: 'Give the path of a file, not of a folder',
  ENOTDIR: 'Give a path whose parents are folders',
  EEXIST: 'Choose another path, or move the old recording away',
  ENOSPC: 'Free disk space, or record to another disk',
  EDQUOT: 'Free disk space, or record to another disk',
  EFBIG: 'Record to a file system that takes larger files',
};

function writeFailed(file: string, cause: unknown): PumiceError {
  if (PumiceError.is(cause)) return cause;
  const code = String((cause as { code?: unknown } | undefined)?.code ?? '');
  const what = cause instanceof Error ? cause.message : String(cause);
  return new PumiceError('record/write-failed', `could not write '${file}': ${what}`, {
    who: 'recorder',
    hint: HINTS[code] ?? 'Check the disk and the path',
    cause,
  });
}

/** `2026-11-25T12-34-56Z-9f3a61c2.mcap`: sorts by time, and no two of one moment meet. */
function nameByTime(): string {
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });
  const time = format.format(wallMs(monotonicNowMs())).replace(' ', 'T').replaceAll(':', '-');
  return `${time}Z-${randomUUID().slice(0, 8)}.mcap`;
}

/**
 * A sink that writes one episode to a new MCAP file, made by `open`. rgb8 frames are stored as JPEG, all others as they are;
 * a picture that comes again is stored once. After the first failure every call fails with it; what was written stays readable.
 * @throws PumiceError `record/write-failed` from each call: path not writable or taken, disk full.
 */
export function recorder(options: RecorderOptions): Recorder {
  const { required = true, mask } = options;
  const file = 'file' in options ? options.file : join(options.dir, nameByTime());
  const clean = <T>(value: T): T => (mask ? mapText(value, mask) : value);
  let recording: Recording | undefined;
  let failure: PumiceError | undefined;
  /** Calls are carried out one after the other. */
  let queue: Promise<unknown> = Promise.resolve();

  const closeFile = async (): Promise<void> => {
    const closing = recording?.file;
    recording = undefined;
    await closing?.close().catch(() => undefined);
  };

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = queue.then(async () => {
      if (failure) throw failure;
      try {
        await work();
      } catch (cause) {
        failure = writeFailed(file, cause);
        await closeFile();
        throw failure;
      }
    });
    queue = turn.catch(() => undefined);
    return turn;
  };

  const opened = (): Recording => {
    if (recording) return recording;
    throw new PumiceError('record/write-failed', `'${file}' is not open`, {
      who: 'recorder',
      hint: 'Call open with the facts of the episode before write, and write before close',
    });
  };

  return {
    name: 'recorder',
    required,
    file,
    open: (facts) =>
      inTurn(async () => {
        recording = await openRecording(file);
        const start = { event: 'start', formatVersion: FORMAT_VERSION, wallAtZeroMs: wallMs(0) } as const;
        await addEpisode(recording, { ...start, facts: clean(facts) });
        await recording.file.flush();
      }),
    write: (record) =>
      inTurn(async () => {
        const current = opened();
        await addStep(current, clean(record));
        await current.file.flush();
      }),
    close: (end) =>
      inTurn(async () => {
        if (!recording) return;
        await addEpisode(recording, { event: 'end', end: clean(end) });
        await recording.writer.end();
        await recording.file.flush();
        await closeFile();
      }),
  };
}
