/** What a lease is counted from. What it does in a run is in `loop-paced.test.ts`. */
import type { Frame, Observation } from 'pumice';
import { describe, expect, it } from 'vitest';
import { createLeases, LEASE_TIMES, type Ruling } from '../src/lease.ts';

const NOW_MS = 1000;
const LIMITS = { maxObservationAgeMs: 400, maxPlanAgeMs: 3000 };
const CHUNK = { id: 'c1', epoch: 0, actions: [], basedOnSeq: 0, basedOnStampMs: NOW_MS };

function rulingOn(frameStampMs: number): Ruling {
  const leases = createLeases({
    ...{ rules: [], critics: [], actionKinds: [], limits: LIMITS, times: LEASE_TIMES, nowMs: () => NOW_MS },
    ask: () => {
      throw new Error('there is nobody to ask');
    },
  });
  const frame: Frame = {
    ...{ camera: 'third', data: new Uint8Array(3), encoding: 'rgb8', widthPx: 1, heightPx: 1 },
    stampMs: frameStampMs,
  };
  const observation: Observation = {
    ...{ seq: 0, epoch: 0, instruction: 'go', history: [] },
    ...{ stampMs: NOW_MS, frames: [frame] },
  };
  let ruling: Ruling | undefined;
  leases.judge(CHUNK, { id: 'c1', actions: [], dtMs: 125 }, observation).subscribe((said) => {
    ruling = said;
  });
  return ruling!;
}

describe('a lease', () => {
  it('is counted from the stamp of the newest frame', () => {
    for (const stampMs of [NOW_MS - 300, NOW_MS])
      expect(rulingOn(stampMs)).toMatchObject({
        kind: 'lease',
        lease: { judgedStampMs: stampMs, untilMs: stampMs + LEASE_TIMES.leaseMs },
      });
  });

  it('is not given on a frame of the future, which would make it last longer, nor on one without a time', () => {
    for (const stampMs of [NOW_MS + 1, NOW_MS + 10_000, Number.POSITIVE_INFINITY, Number.NaN]) {
      const ruling = rulingOn(stampMs);
      expect(ruling).toEqual({ kind: 'none', failure: expect.stringMatching(/no opinion: .*in the future/) });
    }
  });
});
