/**
 * One open MCAP file: what is put into it, and in which form. Each message is a chunk of its own with a checksum, so a file without
 * its end is still readable. Does not know when it is flushed, nor what a failure means.
 */
import { createHash } from 'node:crypto';
import { CompressedImage } from '@foxglove/schemas/jsonschema.js';
import { McapWriter } from '@mcap/core';
import { monotonicNowMs, wallMs } from '../clock.ts';
import type { Frame, StepRecord } from '../types.ts';
import { createDurableFile, type DurableFile } from './durable-file.ts';
import {
  EPISODE_TOPIC,
  type EpisodeMessage,
  episodeMessageSchema,
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

/** What one open recording holds. */
export interface Recording {
  readonly writer: McapWriter;
  readonly file: DurableFile;
  readonly episodeChannel: number;
  readonly stepChannel: number;
  readonly imageSchema: number;
  readonly frameChannels: Map<string, { readonly id: number; frames: number }>;
  /** Where each picture is, by its content: a page that did not change is stored once. */
  readonly stored: Map<string, FrameReference & { readonly encoding: Frame['encoding'] }>;
}

/** Makes the file and declares what will be in it; nothing is on disk before `file.flush`. */
export async function openRecording(path: string): Promise<Recording> {
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

async function add(
  recording: Recording,
  channelId: number,
  sequence: number,
  stampMs: number,
  value: unknown,
): Promise<void> {
  const logTime = wallNs(stampMs);
  const data = encoder.encode(toJson(value));
  await recording.writer.addMessage({ channelId, sequence, logTime, publishTime: logTime, data });
}

/** Adds the facts at the start of an episode, or how it ended. */
export const addEpisode = (recording: Recording, message: EpisodeMessage): Promise<void> =>
  add(recording, recording.episodeChannel, message.event === 'start' ? 0 : 1, monotonicNowMs(), message);

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

/** Adds a step, its new pictures first. */
export async function addStep(recording: Recording, record: StepRecord): Promise<void> {
  const { observation, ...rest } = record;
  const frames = [];
  for (const frame of observation?.frames ?? []) frames.push(await storeFrame(recording, frame));
  const step = observation ? { ...rest, observation: { ...observation, frames } } : rest;
  await add(recording, recording.stepChannel, Math.max(0, record.index), record.stampMs, step);
}
