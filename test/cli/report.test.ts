/** `pumice report` on a recording of an arm. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recorder } from 'pumice/record';
import { expect, it } from 'vitest';
import type { StepRecord } from '../../src/types.ts';
import { armEpisode } from '../record/arm.ts';
import { folder, pumice } from './pumice.ts';

async function record(file: string, change: (step: StepRecord) => StepRecord = (step) => step): Promise<void> {
  const { facts, steps, end } = await armEpisode(3);
  const sink = recorder({ file });
  await sink.open!(facts);
  for (const step of steps) await sink.write(change(step));
  await sink.close(end!);
}

it('leaves a page with plots and a video, and the video beside it; standard output has the page alone', async () => {
  using home = folder();
  await record(join(home.path, 'arm.mcap'));
  const { code, out, error } = await pumice(['report', 'arm.mcap'], { cwd: home.path });
  expect({ code, out, error }).toEqual({ code: 0, out: 'arm.html\n', error: 'Video: arm.mp4\n' });
  expect(readFileSync(join(home.path, 'arm.html'), 'utf8')).toContain('href="./arm.mp4"');
  expect(existsSync(join(home.path, 'arm.mp4'))).toBe(true);
});

it('makes no video with --no-video', async () => {
  using home = folder();
  await record(join(home.path, 'arm.mcap'));
  const { code, out, error } = await pumice(['report', 'arm.mcap', '--no-video'], { cwd: home.path });
  expect({ code, out, error }).toEqual({ code: 0, out: 'arm.html\n', error: '' });
  expect(existsSync(join(home.path, 'arm.mp4'))).toBe(false);
});

it('says that no step has a picture: as a note, or with --video as what went wrong', async () => {
  using home = folder();
  await record(join(home.path, 'blind.mcap'), ({ observation, ...step }) => ({
    ...step,
    ...(observation && { observation: { ...observation, frames: [] } }),
  }));
  const plain = await pumice(['report', 'blind.mcap'], { cwd: home.path });
  expect(plain).toMatchObject({ code: 0, out: 'blind.html\n' });
  expect(plain.error).toMatch(/^No video: video: a video needs steps with pictures, and none of 3 has one/);
  const asked = await pumice(['report', 'blind.mcap', '--video'], { cwd: home.path });
  expect(asked).toMatchObject({ code: 1, out: '' });
  expect(asked.error).toMatch(/none of 3 has one.*make the report without a video/);
});

it('fails when the recording does not show that an executed action was checked: the page is there, the exit code is 1', async () => {
  using home = folder();
  await record(join(home.path, 'arm.mcap'), ({ judgedAgeMs, ...step }) =>
    step.index === 1 ? step : { ...step, judgedAgeMs: judgedAgeMs! },
  );
  const { code, out, error } = await pumice(['report', 'arm.mcap', '--no-video'], { cwd: home.path });
  expect({ code, out }).toEqual({ code: 1, out: 'arm.html\n' });
  expect(error).toMatch(/^Failed: .*\(1 of them\)\.\n {2}step 1 lacks the age of the picture that it was judged on\n$/);
  expect(readFileSync(join(home.path, 'arm.html'), 'utf8')).toContain('This report fails');
});
