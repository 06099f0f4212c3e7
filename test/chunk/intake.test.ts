import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIntake } from '../../src/chunk/intake.ts';
import { createMoments } from '../../src/chunk/moments.ts';

const arrival = (basedOnSeq: number, over = {}) => ({
  epoch: 0,
  basedOnSeq,
  askedSeq: basedOnSeq,
  ticksLeft: 3,
  ...over,
});

describe('which chunks are taken', () => {
  it.each([
    ['of another epoch', arrival(5, { epoch: 1 }), 'epoch'],
    ['that came before', arrival(4), 'duplicate'],
    ['older than the newest', arrival(3), 'out-of-order'],
    ['that answers another question', arrival(6, { askedSeq: 7 }), 'out-of-order'],
    ['of which nothing is left', arrival(5, { ticksLeft: 0 }), 'stale'],
    ['of which nobody knows how much is left', arrival(5, { ticksLeft: Number.NaN }), 'stale'],
  ])('one %s is refused, and counted', (_what, late, reason) => {
    const intake = createIntake();
    expect(intake.take(arrival(4), 0)).toBeUndefined();
    expect([intake.take(late, 0), intake.take(late, 0)]).toEqual([reason, reason]);
    expect(intake.counts).toEqual({ [reason]: 2 });
  });

  it('what is taken is newer than all before it, in whatever order chunks come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (seqs) => {
        const intake = createIntake();
        const taken = seqs.filter((seq) => intake.take(arrival(seq), 0) === undefined);
        expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b));
        expect(taken.at(-1)).toBe(seqs.length > 0 ? Math.max(...seqs) : undefined);
      }),
    );
  });
});

describe('where the tool was', () => {
  const seen = (stampMs: number, x: number) => {
    const pose = (at: number) => ({ frameId: 'base', pM: [at, 0, 0] as const, qXyzw: [0, 0, 0, 1] as const });
    const proprio = {
      stampMs,
      jointNames: [],
      qRad: [],
      qdRadPerS: [],
      tcpPose: pose(x),
      commandedTcpPose: pose(x + 1),
      gripperOpen: 1,
    };
    return { seq: 0, epoch: 0, stampMs, instruction: '', history: [], frames: [], proprio };
  };

  it('a picture that is older than the readings belongs to the pose and the tick of its own stamp', () => {
    const moments = createMoments();
    moments.add(seen(100, 0), 0);
    moments.add(seen(200, 2), 1);
    const at = moments.at(150)!;
    expect([at.tick, at.measured.pM[0], at.commanded.pM[0]]).toEqual([0.5, 1, 2]);
    expect([moments.at(50)?.tick, moments.at(900)?.tick]).toEqual([0, 1]);
    expect(moments.newest()?.pM[0]).toBe(3);
  });

  it('nobody knows before the body has said it', () => {
    expect(createMoments().at(0)).toBeUndefined();
  });
});
