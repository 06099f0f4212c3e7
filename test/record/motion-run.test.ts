/** From a body with a camera to the page: a run of the mass with inertia, recorded, read back and shown. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, map } from 'rxjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeMass } from '../../envs/fake/index.ts';
import { monotonicScheduler } from '../../src/clock.ts';
import { run } from '../../src/index.ts';
import type { Env, Policy } from '../../src/ports.ts';
import { readEpisode, writeReport } from '../../src/record/index.ts';
import { motionOf } from '../../src/record/report/motion.ts';
import type { Action, Frame } from '../../src/types.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-motion-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A small gradient that moves with the mass. */
const pictureAt = (xM: number, stampMs: number): Frame => ({
  data: new Uint8Array(32 * 24 * 3).map((_, at) => ((at / 3) % 32) * 6 + 500 * xM),
  encoding: 'rgb8',
  widthPx: 32,
  heightPx: 24,
  stampMs,
  camera: 'third',
});

/** The mass before a camera. */
function filmedMass(): Env {
  const mass = fakeMass({ scheduler: monotonicScheduler, tickMs: 15 });
  return {
    ...mass,
    observe: (context) =>
      from(mass.observe(context)).pipe(
        map((sensed) => ({ ...sensed, frames: [pictureAt(mass.positionM()[0]!, sensed.stampMs)] })),
      ),
  };
}

const delta = (dx: number): Action => ({
  kind: 'eef-delta',
  frameId: 'base',
  dPosM: [dx, 0, 0],
  dRpyRad: [0, 0, 0],
  gripperOpen: 1,
});

/** Moves as told, and says where it expects mark 1 to go. */
function drawing(actions: readonly Action[]): Policy {
  let next = 0;
  return {
    name: 'drawing',
    actionKinds: ['eef-delta', 'done'],
    reset: () => {
      next = 0;
    },
    act: async () => ({
      actions: [actions[next++] ?? ({ kind: 'done', outcome: 'success' } as const)],
      traces: [
        {
          markId: 1,
          pointsPx: [
            [4, 12],
            [28, 12],
          ],
          stepMs: 15,
        },
      ],
    }),
  };
}

test('what a mass was told, allowed, did and measured stands in the record and on the page, with its traces and a video', async () => {
  const record = join(folder, 'mass.mcap');
  const actions = [delta(0.01), delta(0.06), delta(0.01), delta(9), delta(0.01)];
  const { outcome } = await run({ env: filmedMass(), policy: drawing(actions), instruction: 'to the right', record })
    .result;
  expect(outcome).toBe('success');
  const episode = await readEpisode(record);
  expect(episode.steps.map(({ verdict }) => verdict.kind)).toEqual([
    'allow',
    'modify',
    'allow',
    'deny',
    'allow',
    'allow',
  ]);
  expect(episode.steps[0]!.traces).toEqual([
    {
      markId: 1,
      pointsPx: [
        [4, 12],
        [28, 12],
      ],
      stepMs: 15,
    },
  ]);

  // Told 60 mm from where it was, allowed and done 50, and by the next look it is under way.
  const { steps } = motionOf(episode.steps)!;
  const [before, after] = [steps[1]!, steps[2]!];
  const x = (values: readonly (number | undefined)[] | undefined) => values![0]! - before.measured![0]!;
  expect(x(before.proposed)).toBeCloseTo(60);
  expect(x(before.limited)).toBeCloseTo(50);
  expect(x(before.executed)).toBeCloseTo(50);
  expect(x(after.measured)).toBeGreaterThan(0);
  expect(x(after.measured)).toBeLessThan(50);
  expect(steps[3]).not.toHaveProperty('executed');

  const written = await writeReport(episode, join(folder, 'mass.html'));
  expect(written.video).toBe(join(folder, 'mass.mp4'));
  const html = await readFile(written.page, 'utf8');
  for (const part of ['Motion of the tool', '<path class="way"', '<video controls', 'undone stroke-deny'])
    expect(html).toContain(part);
});
