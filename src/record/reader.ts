/**
 * Reads an episode back from its MCAP file. A file whose end is missing gives every step that was on disk; a damaged one is refused.
 * Does not know who wrote the file, so every message passes a schema.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { McapConstants, McapStreamReader, type McapTypes } from '@mcap/core';
import { z } from 'zod';
import { PumiceError } from '../errors.ts';
import type { EpisodeFacts } from '../ports.ts';
import type { EpisodeEnd, StepRecord } from '../types.ts';
import {
  EPISODE_TOPIC,
  type EpisodeMessage,
  episodeMessageSchema,
  FORMAT_VERSION,
  frameTopic,
  imageMessageSchema,
  STEP_TOPIC,
  type StoredStep,
  storedStepSchema,
} from './format.ts';
import { fromJson } from './json.ts';

/** Bytes read from the file at a time. Chosen: a few frames. */
const PART_BYTES = 1 << 22;

/** An episode as it was recorded. */
export interface Episode {
  readonly facts: EpisodeFacts;
  /** In the order of recording. Frames that show the same picture share one `data`. */
  readonly steps: readonly StepRecord[];
  /** Absent when the recording was cut. */
  readonly end?: EpisodeEnd;
  /** Whether the file was closed in order: nothing is missing. */
  readonly isComplete: boolean;
  /** Wall time of the monotonic zero of all stamps, ms since 1970. */
  readonly wallAtZeroMs: number;
}

const invalid = (path: string, what: string, cause?: unknown): PumiceError =>
  new PumiceError('record/invalid', `'${path}': ${what}`, {
    who: 'record reader',
    hint: 'Give an .mcap file that was recorded by pumice',
    cause,
  });

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Reads one JSON message by its schema. */
function parse<S extends z.ZodType>(schema: S, data: Uint8Array, what: string): z.output<S> {
  const parsed = schema.safeParse(fromJson(new TextDecoder('utf-8', { fatal: true }).decode(data)));
  if (parsed.success) return parsed.data;
  throw new Error(`${what} does not have the expected shape: ${z.prettifyError(parsed.error).replace(/\s+/g, ' ')}`);
}

/** What has been read so far. */
class Gathered {
  start: Extract<EpisodeMessage, { event: 'start' }> | undefined;
  end: EpisodeEnd | undefined;
  readonly steps: StepRecord[] = [];
  readonly #topics = new Map<number, string>();
  readonly #pictures = new Map<string, Uint8Array>();

  take(record: McapTypes.TypedMcapRecord): void {
    if (record.type === 'Channel') this.#topics.set(record.id, record.topic);
    if (record.type !== 'Message') return;
    const topic = this.#topics.get(record.channelId) ?? '';
    if (topic === EPISODE_TOPIC) this.#takeEpisode(parse(episodeMessageSchema, record.data, 'a message on /episode'));
    else if (topic === STEP_TOPIC) this.steps.push(this.#attach(parse(storedStepSchema, record.data, 'a step')));
    else if (topic.startsWith(frameTopic(''))) {
      const image = parse(imageMessageSchema, record.data, 'a frame');
      this.#pictures.set(`${topic} ${record.sequence}`, new Uint8Array(Buffer.from(image.data, 'base64')));
    }
  }

  #takeEpisode(message: EpisodeMessage): void {
    if (message.event === 'end') this.end = message.end as EpisodeEnd;
    else if (message.formatVersion > FORMAT_VERSION)
      throw new Error(
        `format version ${message.formatVersion} is newer than ${FORMAT_VERSION}, which this pumice reads`,
      );
    else this.start = message;
  }

  #attach(step: StoredStep): StepRecord {
    const { observation, ...rest } = step;
    if (!observation) return rest as unknown as StepRecord;
    const frames = observation.frames.map(({ reference, ...frame }) => {
      const data = this.#pictures.get(`${reference.topic} ${reference.sequence}`);
      if (data) return { ...frame, data };
      throw new Error(
        `step ${step.index} speaks of frame ${reference.sequence} on ${reference.topic}, which is missing`,
      );
    });
    return { ...rest, observation: { ...observation, frames } } as unknown as StepRecord;
  }
}

/** Whether the file ends as a closed one does. */
async function endsWithMagic(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  const tail = new Uint8Array(McapConstants.MCAP_MAGIC.length);
  const { bytesRead } = await handle.read(tail, 0, tail.length, Math.max(0, size - tail.length));
  return (
    size > tail.length &&
    bytesRead === tail.length &&
    McapConstants.MCAP_MAGIC.every((byte, index) => byte === tail[index])
  );
}

/**
 * Feeds the records of the file to `take`; answers whether its footer was reached. In a file that was closed any damage is an error;
 * in one that was not, reading ends there, since a power cut may leave pages of the last write undone.
 */
async function readRecords(path: string, take: (record: McapTypes.TypedMcapRecord) => void): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const mustBeWhole = await endsWithMagic(handle);
    const reader = new McapStreamReader();
    const part = new Uint8Array(PART_BYTES);
    let isMcap = false;
    let isDamaged = false;
    const next = () => {
      try {
        return reader.nextRecord();
      } catch (error) {
        if (mustBeWhole || !isMcap) throw error;
        isDamaged = true;
        return undefined;
      }
    };
    for (let position = 0; !isDamaged; ) {
      const { bytesRead } = await handle.read(part, 0, part.length, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      if (reader.done()) throw new Error('there are bytes after its end');
      reader.append(part.subarray(0, bytesRead));
      for (let record = next(); record; record = next()) {
        isMcap = true;
        take(record);
      }
    }
    if (mustBeWhole && !reader.done()) throw new Error('a record in it claims more bytes than there are');
    return reader.done() && !isDamaged;
  } finally {
    await handle.close();
  }
}

/**
 * Reads a recording made by `recorder`, whole or cut off.
 * @throws PumiceError `record/invalid` when the file is not there, is no MCAP file, is damaged, or was not recorded by pumice.
 */
export async function readEpisode(path: string): Promise<Episode> {
  const gathered = new Gathered();
  let isClosed: boolean;
  try {
    isClosed = await readRecords(path, (record) => gathered.take(record));
  } catch (cause) {
    throw invalid(path, `expected an MCAP file recorded by pumice; ${textOf(cause)}`, cause);
  }
  const { start, end, steps } = gathered;
  if (!start)
    throw invalid(
      path,
      'expected the facts of an episode on /episode, found none: empty, cut too early, or of another program',
    );
  return {
    facts: start.facts as unknown as EpisodeFacts,
    steps,
    ...(end ? { end } : {}),
    isComplete: isClosed && end !== undefined,
    wallAtZeroMs: start.wallAtZeroMs,
  };
}
