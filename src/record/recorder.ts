/**
 * Writes an episode to one MCAP file. A step is on disk before its `write` resolves: a process killed at any moment loses at most
 * the step that it was writing. Each message is a chunk of its own with a checksum, so a file without its end is still readable.
 * Does not know the policy, the body or who reads it.
 */
import { createHash } from 'node:crypto';
import { CompressedImage } from '@foxglove/schemas/jsonschema.js';
import { McapWriter } from '@mcap/core';
import { monotonicNowMs, wallMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import type { EpisodeFacts, Sink } from '../ports.ts';
import type { EpisodeEnd, Frame, StepRecord } from '../types.ts';
import { createDurableFile, type DurableFile } from './durable-file.ts';
import {
  EPISODE_TOPIC,
  type EpisodeMessage,
  episodeMessageSchema,
  FORMAT_VERSION,
  type FrameReference,
  frameTopic,
  jsonSchemaOf,
  PROFILE,
  STEP_TOPIC,
  storedStepSchema,
} from './format.ts';
import { toJson } from './json.ts';

const encoder = new TextEncoder();

/** Years 1970 to 2500 in microseconds: what a log time may be. A stamp outside is logged at the time of writing. */
const MAX_WALL_US = 1.7e16;

/** Wall time of a stamp, ns since 1970, to the microsecond that a double can hold. */
function wallNs(stampMs: number): bigint {
  const microseconds = Math.round(wallMs(stampMs) * 1000);
  const isSane = microseconds >= 0 && microseconds < MAX_WALL_US;
  return BigInt(isSane ? microseconds : Math.round(wallMs(monotonicNowMs()) * 1000)) * 1000n;
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

function writeFailed(path: string, cause: unknown): PumiceError {
  if (PumiceError.is(cause)) return cause;
  const code = String((cause as { code?: unknown } | undefined)?.code ?? '');
  const what = cause instanceof Error ? cause.message : String(cause);
  return new PumiceError('record/write-failed', `could not write '${path}': ${what}`, {
    who: 'recorder',
    hint: HINTS[code] ?? 'Check the disk and the path',
    cause,
  });
}

/** One open recording. */
interface Recording {
  readonly writer: McapWriter;
  readonly file: DurableFile;
  readonly episodeChannel: number;
  readonly stepChannel: number;
  readonly imageSchema: number;
  readonly frameChannels: Map<string, { readonly id: number; frames: number }>;
  /** Where each picture is, by its content: a page that did not change is stored once. */
  readonly stored: Map<string, FrameReference & { readonly encoding: Frame['encoding'] }>;
}

async function openRecording(path: string): Promise<Recording> {
  const file = await createDurableFile(path);
  // Size 0 closes a chunk after every message.
  const writer = new McapWriter({ writable: file, chunkSize: 0 });
  await writer.start({ profile: PROFILE, library: 'pumice' });
  const addSchema = (name: string, schema: object) =>
    writer.registerSchema({ name, encoding: 'jsonschema', data: encoder.encode(JSON.stringify(schema)) });
  const addChannel = (topic: string, schemaId: number) =>
    writer.registerChannel({ topic, schemaId, messageEncoding: 'json', metadata: new Map() });
  const imageSchema = await addSchema('foxglove.CompressedImage', CompressedImage);
  const episodeChannel = await addChannel(
    EPISODE_TOPIC,
    await addSchema('pumice.Episode', jsonSchemaOf(episodeMessageSchema)),
  );
  const stepChannel = await addChannel(STEP_TOPIC, await addSchema('pumice.Step', jsonSchemaOf(storedStepSchema)));
  return { writer, file, episodeChannel, stepChannel, imageSchema, frameChannels: new Map(), stored: new Map() };
}

async function add(recording: Recording, channelId: number, sequence: number, stampMs: number, value: unknown) {
  const logTime = wallNs(stampMs);
  const data = encoder.encode(toJson(value));
  await recording.writer.addMessage({ channelId, sequence, logTime, publishTime: logTime, data });
}

/** Stores a picture unless it is there already, and says where it is. */
async function storeFrame(recording: Recording, frame: Frame) {
  const { data, ...rest } = frame;
  const topic = frameTopic(frame.camera);
  const digest = createHash('sha1').update(data).digest('base64');
  const key = `${topic} ${frame.encoding} ${frame.widthPx}x${frame.heightPx} ${digest}`;
  let stored = recording.stored.get(key);
  if (!stored) {
    let channel = recording.frameChannels.get(topic);
    if (!channel) {
      const id = await recording.writer.registerChannel({
        topic,
        schemaId: recording.imageSchema,
        messageEncoding: 'json',
        metadata: new Map(),
      });
      channel = { id, frames: 0 };
      recording.frameChannels.set(topic, channel);
    }
    const picture = frame.encoding === 'rgb8' ? await (await import('../vision/encode.ts')).encodeJpeg(frame) : frame;
    const sequence = channel.frames++;
    const nanoseconds = wallNs(frame.stampMs);
    await add(recording, channel.id, sequence, frame.stampMs, {
      timestamp: { sec: Number(nanoseconds / 1_000_000_000n), nsec: Number(nanoseconds % 1_000_000_000n) },
      frame_id: frame.frameId ?? frame.camera,
      data: Buffer.from(picture.data.buffer, picture.data.byteOffset, picture.data.byteLength).toString('base64'),
      format: picture.encoding,
    });
    stored = { topic, sequence, encoding: picture.encoding };
    recording.stored.set(key, stored);
  }
  const { encoding, ...reference } = stored;
  return { ...rest, encoding, reference };
}

async function addStep(recording: Recording, record: StepRecord): Promise<void> {
  const { observation, ...rest } = record;
  const frames = [];
  for (const frame of observation?.frames ?? []) frames.push(await storeFrame(recording, frame));
  const step = observation ? { ...rest, observation: { ...observation, frames } } : rest;
  await add(recording, recording.stepChannel, Math.max(0, record.index), record.stampMs, step);
}

/** A sink whose answers are promises. */
export interface Recorder extends Sink {
  readonly open: (facts: EpisodeFacts) => Promise<void>;
  readonly write: (record: StepRecord) => Promise<void>;
  readonly close: (end: EpisodeEnd) => Promise<void>;
}

/**
 * A sink that writes one episode to `path`, an MCAP file made by `open`. rgb8 frames are stored as JPEG, all others as they are;
 * a picture that comes again is stored once. After the first failure every call fails with it.
 * @throws PumiceError `record/write-failed` from each call: path not writable or taken, disk full.
 */
export function recorder(path: string): Recorder {
  let recording: Recording | undefined;
  let failure: PumiceError | undefined;
  /** Calls are carried out one after the other. */
  let queue: Promise<unknown> = Promise.resolve();

  const closeFile = async (): Promise<void> => {
    const file = recording?.file;
    recording = undefined;
    await file?.close().catch(() => undefined);
  };

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = queue.then(async () => {
      if (failure) throw failure;
      try {
        await work();
      } catch (cause) {
        failure = writeFailed(path, cause);
        await closeFile();
        throw failure;
      }
    });
    queue = turn.catch(() => undefined);
    return turn;
  };

  const opened = (): Recording => {
    if (recording) return recording;
    throw new PumiceError('record/write-failed', `'${path}' is not open`, {
      who: 'recorder',
      hint: 'Call open with the facts of the episode before write',
    });
  };

  return {
    name: 'recorder',
    required: true,
    open: (facts: EpisodeFacts) =>
      inTurn(async () => {
        recording = await openRecording(path);
        const start = { event: 'start', formatVersion: FORMAT_VERSION, wallAtZeroMs: wallMs(0), facts };
        await add(recording, recording.episodeChannel, 0, monotonicNowMs(), start);
        await recording.file.flush();
      }),
    write: (record) =>
      inTurn(async () => {
        const current = opened();
        await addStep(current, record);
        await current.file.flush();
      }),
    close: (end) =>
      inTurn(async () => {
        if (!recording) return;
        const message: EpisodeMessage = { event: 'end', end };
        await add(recording, recording.episodeChannel, 1, monotonicNowMs(), message);
        await recording.writer.end();
        await recording.file.flush();
        await closeFile();
      }),
  };
}
