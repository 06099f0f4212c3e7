/**
 * The lease of a person's motion. Critics are shown where it leads if it goes on as it is, again and again; the rules alone issue it
 * where there are none. Without any lease nothing moves; one that has run out, or a motion that nobody has judged yet, is reduced speed;
 * a no is that the motion is not done, and said. Knows no policy.
 */
import type { Subscription } from 'rxjs';
import { distanceM, type Stance } from '../chunk/path.ts';
import type { RunEvent } from '../events.ts';
import { lengthOf } from '../gate/motion.ts';
import { turnBetween } from '../gate/rotation.ts';
import type { Leases, Ruling } from '../lease.ts';
import { evidenceOf } from '../opinion.ts';
import type { ProposedChunk } from '../ports.ts';
import type { ActionChunk, Lease, Observation } from '../types.ts';
import { after, inside, type Velocity } from './mix.ts';

/** How far ahead a motion is shown to critics, s, and in how many poses. Chosen: what a critic of chunks looks at anyway. */
const SHOWN_S = 1;
const SHOWN_POSES = 5;
/** How far from what was judged a motion may lead until it is one that nobody has judged, m. Chosen: a block and a half. */
const COVERED_M = 0.06;
/** The same of a turn, rad. Chosen: what a person turns by in the time in which they go so far. */
const COVERED_RAD = 0.25;
/** After a no the same is asked again so much later, ms. */
const AGAIN_MS = 300;

const LATE = 'no critic has answered for too long';

export interface Motion {
  readonly at: Stance;
  readonly velocity: Velocity;
  readonly gripperOpen: number;
}

export interface Judging {
  /** Asks where it is time to, and answers with what counts now: the lease, or why there is none. */
  readonly look: (chunk: ActionChunk, motion: Motion, seen: Observation) => Lease | NoLease;
  /** The dead-man was pressed: what was said no to may be asked again. */
  readonly begin: () => void;
  /** What was judged counts no more. */
  readonly void: () => void;
}

export interface NoLease {
  readonly refused: string;
  /** Who says no, the first time that it is said of this motion. */
  readonly by?: string;
}

export interface JudgingParts {
  readonly leases: Leases;
  readonly hasCritics: boolean;
  readonly workspace: Parameters<typeof inside>[1]['workspace'];
  readonly reducedSpeed: number;
  readonly nowMs: () => number;
  readonly tell: (event: RunEvent) => void;
  /** A critic says no to what is under way: the body holds in this turn of the event loop, or halts. */
  readonly onRevoked: (kind: 'deny' | 'halt', cause: string) => void;
}

interface Denial {
  readonly ways: readonly Stance[];
  readonly reason: string;
  readonly by: string;
  readonly atMs: number;
  isTold: boolean;
}

export function createJudging(parts: JudgingParts): Judging {
  const { leases, hasCritics, workspace, reducedSpeed, nowMs, tell, onRevoked } = parts;
  let covered: readonly Stance[] = [];
  let work: Subscription | undefined;
  let why = 'no critic has judged it yet';
  let denied: Denial | undefined;
  let toldNone = false;
  let toldLate = false;

  const waysOf = ({ at, velocity, gripperOpen }: Motion): readonly Stance[] =>
    Array.from({ length: SHOWN_POSES + 1 }, (_, nth) => ({
      ...inside(after(at, velocity, (SHOWN_S * nth) / SHOWN_POSES), { workspace }),
      gripperOpen,
    }));
  const isAmong = (ways: readonly Stance[], { pM, qXyzw, gripperOpen }: Stance): boolean =>
    ways.some(
      (one) =>
        distanceM(one, { pM, qXyzw, gripperOpen }) <= COVERED_M &&
        lengthOf(turnBetween(one.qXyzw, qXyzw)) <= COVERED_RAD &&
        Math.round(one.gripperOpen) === Math.round(gripperOpen),
    );
  const isCovered = (ways: readonly Stance[]): boolean => ways.every((one) => isAmong(covered, one));

  const shownOf = ({ id }: ActionChunk, ways: readonly Stance[], frameId: string): ProposedChunk => ({
    id,
    dtMs: (1000 * SHOWN_S) / SHOWN_POSES,
    actions: ways.slice(1).map(({ pM, qXyzw, gripperOpen }) => ({
      kind: 'eef-pose',
      ...{ frameId, pM: [...pM], qXyzw: [...qXyzw], gripperOpen },
    })),
  });
  const take = (ruling: Ruling, ways: readonly Stance[], instruction: string) => {
    if (ruling.kind === 'lease') {
      covered = ways;
      denied = undefined;
      leases.grant(ruling.lease, instruction);
    } else if (ruling.kind === 'none') {
      why = ruling.failure;
      if (!toldNone) tell({ kind: 'warning', text: `a person's motion was not judged: ${why}` });
      toldNone = true;
    } else {
      const reason = ruling.reasons.join('; ') || `${ruling.by} says ${ruling.kind}`;
      denied = { ways, reason, by: ruling.by, atMs: nowMs(), isTold: false };
      covered = [];
      leases.revoke();
      onRevoked(ruling.kind === 'halt' ? 'halt' : 'deny', reason);
    }
  };
  const sayLate = () => {
    if (!toldLate) tell({ kind: 'warning', text: `a person leads at reduced speed: ${LATE}` });
    toldLate = true;
  };
  const judge = (chunk: ActionChunk, motion: Motion, seen: Observation) => {
    const ways = waysOf(motion);
    const frameId = seen.proprio?.tcpPose?.frameId ?? '';
    let isOver = false;
    const asked = leases.judge(chunk, shownOf(chunk, ways, frameId), seen).subscribe((ruling) => {
      isOver = true;
      work = undefined;
      take(ruling, ways, seen.instruction);
    });
    if (!isOver) work = asked;
  };
  const voidAll = () => {
    work?.unsubscribe();
    work = undefined;
    covered = [];
    leases.revoke();
  };
  return {
    begin: () => {
      voidAll();
      denied = undefined;
    },
    void: voidAll,
    look: (chunk, motion, seen) => {
      const ways = waysOf(motion);
      const isDenied = denied !== undefined && ways.slice(1).some((one) => isAmong(denied!.ways.slice(1), one));
      const lease = leases.inForce();
      const isNew = !lease || lease.chunkId !== chunk.id || evidenceOf(seen) > lease.judgedStampMs || !isCovered(ways);
      const mayAsk = !isDenied || nowMs() - denied!.atMs >= AGAIN_MS;
      if (!work && mayAsk && (isNew || !hasCritics)) judge(chunk, motion, seen);
      if (denied && isDenied) {
        const { reason: refused, by, isTold } = denied;
        denied.isTold = true;
        return { refused, ...(!isTold && { by }) };
      }
      const now = leases.inForce();
      if (!now || now.chunkId !== chunk.id) return { refused: why };
      if (now.speedScale < 1) sayLate();
      if (now.speedScale === 0) return { refused: LATE };
      if (!hasCritics || isCovered(ways)) return now;
      return { ...now, speedScale: Math.min(now.speedScale, reducedSpeed) };
    },
  };
}
