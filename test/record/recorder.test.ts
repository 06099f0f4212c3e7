import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEpisode, recorder } from '../../src/record/index.ts';
import { codeOf, record } from './given.ts';
import { sampleEnd, sampleFacts, sampleSteps } from './sample.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-recorder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fileIn = (name = 'episode.mcap') => join(folder, name);

describe('a recorder', () => {
  test('given a folder knows its file before it is opened, and no two share one', async () => {
    const sinks = Array.from({ length: 8 }, () => recorder({ dir: fileIn('runs') }));
    const names = sinks.map((sink) => sink.file);
    expect(new Set(names).size).toBe(8);
    for (const name of names)
      expect(name.slice(fileIn('runs/').length)).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{8}\.mcap$/);
    const steps = await sampleSteps();
    // All at once in one process, each another number of steps.
    await Promise.all(
      sinks.map(async (sink, index) => {
        await sink.open!(sampleFacts);
        for (const step of steps.slice(0, index)) await sink.write(step);
        await sink.close(sampleEnd);
      }),
    );
    const episodes = await Promise.all(names.map((name) => readEpisode(name)));
    expect(episodes.map((episode) => episode.steps.length)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('is required unless it is told that it is not', () => {
    expect(recorder({ dir: folder }).required).toBe(true);
    expect(recorder({ dir: folder, required: false }).required).toBe(false);
  });

  test('writes in the order of its calls, also when nobody waits for the call before', async () => {
    const steps = await sampleSteps();
    const sink = recorder({ file: fileIn() });
    await Promise.all([sink.open!(sampleFacts), ...steps.map((step) => sink.write(step)), sink.close(sampleEnd)]);
    const episode = await readEpisode(fileIn());
    expect(episode.steps.map((step) => step.index)).toEqual(steps.map((step) => step.index));
    expect(episode.isComplete).toBe(true);
  });
});

describe('a mask', () => {
  const secrets = ['hunter2', 'Pumice', 'jpeg', 'allow', 'done'];
  const mask = (text: string) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '{{secret}}'), text);

  async function recordMasked(isMasked: boolean): Promise<string> {
    const file = fileIn(`${isMasked}.mcap`);
    const sink = recorder({ file, ...(isMasked ? { mask } : {}) });
    const [step] = await sampleSteps();
    const ui = { ...step!.observation!.ui!, title: 'hunter2', url: 'https://a.example/?token=hunter2' };
    await sink.open!({ ...sampleFacts, facts: { note: 'hunter2' } });
    await sink.write({
      ...step!,
      observation: { ...step!.observation!, ui },
      thought: 'the password is hunter2',
      rawText: 'hunter2',
      proposed: { kind: 'ui-type', text: 'hunter2', clear: false, submit: false },
    });
    await sink.close({ ...sampleEnd, answer: 'hunter2' });
    return file;
  }

  test('is applied to every string of facts, steps and end, before anything is on disk', async () => {
    const [clean, open] = [await recordMasked(true), await recordMasked(false)];
    const text = (await readFile(clean)).toString('latin1');
    for (const secret of ['hunter2', 'Pumice']) expect(text).not.toContain(secret);
    // Non-vacuity: without it they are all there.
    expect((await readFile(open)).toString('latin1').match(/hunter2/g)!.length).toBe(7);
    const episode = await readEpisode(clean);
    expect(episode.steps[0]!.thought).toBe('the password is {{secret}}');
    expect(episode.end!.answer).toBe('{{secret}}');
    expect(episode.facts.facts).toEqual({ note: '{{secret}}' });
  });

  test('leaves the words of the format and the pictures, so that the file can be read whatever a secret is', async () => {
    const [masked, open] = await Promise.all(
      [true, false].map(async (isMasked) => (await readEpisode(await recordMasked(isMasked))).steps[0]!),
    );
    expect(masked!.verdict.kind).toBe('allow');
    expect(masked!.act!.status).toBe('done');
    expect(masked!.observation!.frames).toEqual(open!.observation!.frames);
  });
});

describe('a recorder that cannot write', () => {
  test.runIf(process.platform === 'linux')('says so at the first step that finds the disk full', async () => {
    // The kernel's own full disk: every write answers ENOSPC.
    const error = await codeOf(recorder({ file: '/dev/full' }).open!(sampleFacts));
    expect(error).toMatchObject({ code: 'record/write-failed', hint: 'Free disk space, or record to another disk' });
    expect(error.message).toContain('ENOSPC');
  });

  test('fails every later call with the same error, and closes nothing twice', async () => {
    const sink = recorder({ file: join(folder, 'a-file', 'episode.mcap') });
    await writeFile(join(folder, 'a-file'), 'not a folder');
    const [first] = await sampleSteps();
    const error = await codeOf(sink.open!(sampleFacts));
    expect(error.code).toBe('record/write-failed');
    expect(await codeOf(sink.write(first!))).toBe(error);
    expect(await codeOf(sink.close(sampleEnd))).toBe(error);
  });

  test.runIf(process.platform === 'linux')('names a folder that may not be written, and what to do', async () => {
    // A folder of the kernel: closed to its owner and to root alike.
    const error = await codeOf(recorder({ dir: '/sys' }).open!(sampleFacts));
    expect(error).toMatchObject({ code: 'record/write-failed', hint: 'Choose a path that may be written' });
    expect(error.message).toMatch(/^recorder: could not write '\/sys\/.*\.mcap': E(ACCES|ROFS|PERM)/);
  });

  test('does not overwrite an earlier recording', async () => {
    await record(fileIn(), []);
    const error = await codeOf(recorder({ file: fileIn() }).open!(sampleFacts));
    expect(error).toMatchObject({ code: 'record/write-failed', hint: expect.stringContaining('another path') });
    expect((await readEpisode(fileIn())).isComplete).toBe(true);
  });

  test('names a step that comes before the episode is open', async () => {
    const [first] = await sampleSteps();
    expect(await codeOf(recorder({ file: fileIn() }).write(first!))).toMatchObject({ code: 'record/write-failed' });
  });

  test('makes the folders above its file', async () => {
    await record(fileIn('a/b/c.mcap'), []);
    expect((await readEpisode(fileIn('a/b/c.mcap'))).isComplete).toBe(true);
  });
});
