import { mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McapIndexedReader } from '@mcap/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import { readEpisode, recorder } from '../../src/record/index.ts';
import type { Frame, Observation, StepRecord } from '../../src/types.ts';
import { codeOf, comparable, record } from './given.ts';
import { sampleEnd, sampleFacts, sampleSteps } from './sample.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-record-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fileIn = (name = 'episode.mcap') => join(folder, name);

/** How many messages the file holds on each topic, by an independent indexed reading. */
async function messagesByTopic(path: string): Promise<Record<string, number>> {
  const bytes = await readFile(path);
  const reader = await McapIndexedReader.Initialize({
    readable: {
      size: async () => BigInt(bytes.length),
      read: async (offset, size) => new Uint8Array(bytes.subarray(Number(offset), Number(offset + size))),
    },
  });
  const counts: Record<string, number> = {};
  for await (const message of reader.readMessages()) {
    const topic = reader.channelsById.get(message.channelId)!.topic;
    counts[topic] = (counts[topic] ?? 0) + 1;
  }
  return counts;
}

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0),
);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const text = fc.string({ unit: 'binary' });
const frame = fc.record({
  data: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  encoding: fc.constantFrom('jpeg' as const, 'png' as const),
  widthPx: fc.integer({ min: 1, max: 4000 }),
  heightPx: fc.integer({ min: 1, max: 4000 }),
  stampMs: finite,
  camera: fc.oneof(fc.constantFrom('page', 'third', 'wrist'), text),
});
const observation: fc.Arbitrary<Observation> = fc.record(
  {
    stampMs: finite,
    frames: fc.array(frame, { maxLength: 3 }),
    marks: fc.array(
      fc.record({
        id: fc.nat(),
        boxPx: fc.tuple(finite, finite, finite, finite),
        pointPx: fc.tuple(finite, finite),
        name: text,
        source: text,
      }),
      { maxLength: 4 },
    ),
    seq: fc.nat(),
    epoch: fc.nat(),
    instruction: text,
    history: fc.constant([]),
  },
  { requiredKeys: ['stampMs', 'frames', 'seq', 'epoch', 'instruction', 'history'] },
);
const action = fc.oneof(
  fc.record({
    kind: fc.constant('eef-delta' as const),
    frameId: text,
    dPosM: fc.tuple(number, number, number),
    dRpyRad: fc.tuple(number, number, number),
    gripperOpen: number,
  }),
  fc.record({ kind: fc.constant('hold' as const) }),
  fc.record({ kind: fc.constant('hand-over' as const), reason: text }),
);
const step: fc.Arbitrary<StepRecord> = fc.record(
  {
    index: fc.nat(),
    stampMs: finite,
    observation,
    thought: text,
    traces: fc.array(
      fc.record({ markId: fc.nat(), pointsPx: fc.array(fc.tuple(finite, finite), { maxLength: 5 }), stepMs: finite }),
      { maxLength: 3 },
    ),
    rawText: text,
    proposed: action,
    verdict: fc.record({
      kind: fc.constantFrom('allow' as const, 'modify' as const, 'ask' as const, 'deny' as const, 'halt' as const),
      action,
      reasons: fc.array(text, { maxLength: 3 }),
      by: text,
    }),
    act: fc.record({
      status: fc.constantFrom('done' as const, 'refused' as const, 'stopped' as const),
      executed: action,
    }),
    timings: fc.record({ observeMs: number, thinkMs: number, checkMs: number, actMs: number, totalMs: number }),
    dropped: fc.nat(),
  },
  { requiredKeys: ['index', 'stampMs', 'proposed', 'verdict', 'timings', 'dropped'] },
);

describe('a recorded episode', () => {
  test('reads back as it was written, whatever the steps hold', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 4 }), async (steps) => {
        const path = fileIn(`round-trip-${run++}.mcap`);
        await record(path, steps);
        const episode = await readEpisode(path);
        expect(comparable(episode.steps)).toEqual(comparable(steps));
        expect(episode).toMatchObject({ facts: sampleFacts, end: sampleEnd, isComplete: true });
      }),
      { numRuns: 60 },
    );
  });

  test('is told apart from one with any other word, number or picture, so the comparison is not empty', async () => {
    const [first] = await sampleSteps();
    await record(fileIn(), [first!]);
    const back = (await readEpisode(fileIn())).steps[0]!;
    const other = { ...first!.observation!.frames[0]!, data: new Uint8Array([1, 2, 3]) };
    expect(comparable([back])).toEqual(comparable([first!]));
    for (const changed of [
      { ...first!, thought: 'another thought' },
      { ...first!, timings: { ...first!.timings, actMs: Number.NaN } },
      { ...first!, observation: { ...first!.observation!, frames: [other] } },
      { ...first!, observation: { ...first!.observation!, marks: [] } },
    ])
      expect(comparable([back])).not.toEqual(comparable([changed]));
  });

  test('stores a picture once, however often and wherever it is seen', async () => {
    const steps = await sampleSteps();
    await record(fileIn(), steps);
    expect(await messagesByTopic(fileIn())).toEqual({ '/episode': 2, '/step': steps.length, '/frame/page': 3 });
    const { steps: back } = await readEpisode(fileIn());
    // The second and third step that show the same page share one picture, each with its own stamp.
    expect(back[0]!.observation!.frames[0]!.data).toBe(back[1]!.observation!.frames[0]!.data);
    expect(back[1]!.observation!.frames[0]!.stampMs).toBe(steps[1]!.observation!.frames[0]!.stampMs);
  });

  test('keeps the picture of its moment when an env fills the same buffer again', async () => {
    const [first] = await sampleSteps();
    const data = new Uint8Array([1, 1, 1]);
    const seen = (): StepRecord => ({
      ...first!,
      observation: { ...first!.observation!, frames: [{ ...first!.observation!.frames[0]!, data }] },
    });
    const sink = recorder({ file: fileIn() });
    await sink.open!(sampleFacts);
    await sink.write(seen());
    data.fill(2);
    await sink.write(seen());
    await sink.close(sampleEnd);
    const { steps } = await readEpisode(fileIn());
    expect(steps.map((step) => [...step.observation!.frames[0]!.data])).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
  });

  test('holds raw pixels as a JPEG picture of the same size', async () => {
    const [first] = await sampleSteps();
    const raw: Frame = {
      data: new Uint8Array(8 * 4 * 3),
      encoding: 'rgb8',
      widthPx: 8,
      heightPx: 4,
      stampMs: 5,
      camera: 'wrist',
    };
    await record(fileIn(), [{ ...first!, observation: { ...first!.observation!, frames: [raw] } }]);
    const [frame] = (await readEpisode(fileIn())).steps[0]!.observation!.frames;
    expect(frame).toMatchObject({ encoding: 'jpeg', widthPx: 8, heightPx: 4, stampMs: 5, camera: 'wrist' });
    expect([...frame!.data.slice(0, 2)]).toEqual([0xff, 0xd8]);
  });

  test('has each step synced to the disk itself before the write resolves, not only handed to the system', async () => {
    const probe = await open(fileIn('probe'), 'w');
    const datasync = vi.spyOn(Object.getPrototypeOf(probe), 'datasync');
    await probe.close();
    const sink = recorder({ file: fileIn() });
    await sink.open!(sampleFacts);
    for (const [index, step] of (await sampleSteps()).entries()) {
      await sink.write(step);
      expect(datasync).toHaveBeenCalledTimes(index + 2);
    }
    await sink.close(sampleEnd);
    datasync.mockRestore();
  });

  test('can be read by its owner alone', async () => {
    await record(fileIn(), []);
    expect((await stat(fileIn())).mode & 0o077).toBe(0);
  });
});

test('a recording from before steps had traces is read as it was', async () => {
  const { steps, end, isComplete } = await readEpisode(join(import.meta.dirname, 'fixtures/before-traces.mcap'));
  expect({ isComplete, outcome: end?.outcome }).toEqual({ isComplete: true, outcome: 'success' });
  expect(steps.map(({ thought, traces }) => ({ thought, traces }))).toEqual(Array(2).fill({ thought: 'up' }));
  expect(steps[1]!.observation!.marks).toHaveLength(1);
  expect(steps[1]!.observation!.frames[0]).toMatchObject({ camera: 'third', widthPx: 8 });
});

describe('a recording that was cut', () => {
  test('gives every whole step, at whichever byte it was cut', async () => {
    const steps = (await sampleSteps()).slice(0, 3);
    const sizes = await record(fileIn(), steps);
    await truncate(fileIn(), sizes[2]!);
    const whole = await readFile(fileIn());
    const first = sizes[0]! - 1;
    for (let bytes = first; bytes <= whole.length; bytes += Math.max(1, Math.floor((whole.length - first) / 40))) {
      await writeFile(fileIn('cut.mcap'), whole.subarray(0, bytes));
      const episode = await readEpisode(fileIn('cut.mcap'));
      expect(episode.steps.length).toBeGreaterThanOrEqual(sizes.filter((size) => size <= bytes).length);
      expect(episode).toMatchObject({ isComplete: false, facts: sampleFacts });
      expect(episode.end).toBeUndefined();
    }
    // All three are there in the file as it stood, not closed.
    expect((await readEpisode(fileIn())).steps).toHaveLength(3);
  });

  test('gives the steps before pages that a power cut left empty', async () => {
    const steps = (await sampleSteps()).slice(0, 2);
    const [first, second] = await record(fileIn(), steps);
    // The second step was never on disk: its pages are there, in part empty.
    for (const kept of [first!, Math.floor((first! + second!) / 2), second! - 60]) {
      await truncate(fileIn(), kept);
      await truncate(fileIn(), second! + 4096);
      const episode = await readEpisode(fileIn());
      expect(comparable(episode.steps.slice(0, 1))).toEqual(comparable(steps.slice(0, 1)));
      expect(episode.isComplete).toBe(false);
      await rm(fileIn());
      await record(fileIn(), steps);
    }
  });
});

describe('a file that is no recording is refused with what was expected', () => {
  const refused = async (path: string): Promise<string> => {
    const error = await codeOf(readEpisode(path));
    expect(error.code).toBe('record/invalid');
    expect(error.message).toContain(path);
    return error.message;
  };

  test('no file, a folder, an empty file, a text file', async () => {
    expect(await refused(fileIn('none.mcap'))).toContain('ENOENT');
    await mkdir(fileIn('folder'));
    await refused(fileIn('folder'));
    await writeFile(fileIn('empty.mcap'), '');
    expect(await refused(fileIn('empty.mcap'))).toContain('empty');
    await writeFile(fileIn('text.mcap'), 'this is not an MCAP file at all, but a text');
    expect(await refused(fileIn('text.mcap'))).toContain('expected an MCAP file');
  });

  test('one changed byte in a closed file, wherever it is, is refused or changes nothing that is read', async () => {
    const steps = (await sampleSteps()).slice(0, 2);
    await record(fileIn(), steps);
    const whole = await readFile(fileIn());
    const expected = comparable(steps);
    let refusals = 0;
    for (let at = 0; at < whole.length; at += 997) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0x41;
      await writeFile(fileIn('damaged.mcap'), damaged);
      const episode = await readEpisode(fileIn('damaged.mcap')).catch((error: unknown) => error);
      if (PumiceError.is(episode, 'record/invalid')) refusals++;
      else expect(comparable((episode as { steps: StepRecord[] }).steps)).toEqual(expected);
    }
    expect(refusals).toBeGreaterThan(20);
  });
});
