/**
 * A scripted person at the controls of the simulated arm, by seed: sees it 300 ms late, misjudges where things are, is too strong or too
 * weak at the stick, a little askew, and trembles. Leads to a block, closes, lifts, and puts it down where it is wanted, and tries again
 * where it was missed. Knows what it wants and nothing of any policy; written, and its numbers chosen, before there was anything to help it.
 */
import type { Mark, PilotInput } from 'pumice';
import type { Goal, WorldState } from 'pumice/envs/sim';
import { randomFrom } from '../random.ts';

/** What a person sees late, ms: eye, head and hand, and a picture that was on its way. */
export const DELAY_MS = 300;
/** How often its hands say something, ms. */
export const HANDS_MS = 20;

export interface PersonOptions {
  readonly seed: number;
  readonly goal: Goal;
  readonly mode: PilotInput['mode'];
  readonly share: number;
  /** Whether it presses numbers of marks, and the key that leads straight down. */
  readonly usesHelp: boolean;
}

/** What there is to see at one instant. */
export interface Sight {
  readonly state: WorldState;
  readonly marks?: { readonly seq: number; readonly marks: readonly Mark[] };
}

export interface Person {
  /** What the controls say now, from what was to be seen `DELAY_MS` ago. */
  readonly act: (seen: Sight, nowMs: number) => PilotInput;
}

type Point = readonly [number, number, number];

/** Chosen: how far people misjudge a place on a screen, m, one standard deviation, across and up. */
const MISJUDGED_M = { across: 0.014, up: 0.004 } as const;
/** Speed over distance, 1/s, before the gain of this person; with the delay it is just steady. */
const EAGERNESS = 1.2;
const GAIN = { least: 0.6, most: 1.5 } as const;
/** How much the stick is turned against what they mean, rad. */
const ASKEW_RAD = 0.3;
/** Trembling, m/s, and how long a tremble lasts, ms. */
const TREMBLE = { mPerS: 0.012, ms: 300 } as const;
const MOST_M_PER_S = 0.18;
/** Nobody pushes a stick less than so much, m/s; nearer than `STILL_M` they leave it alone. */
const LEAST_M_PER_S = 0.025;
const STILL_M = 0.006;
/** When a place is good enough for them, m. */
const NEAR = { across: 0.01, up: 0.008 } as const;
/** Height over the place for what is missing across. */
const FUNNEL = 4;
const TRAVEL_M = 0.12;
const CLEAR_M = 0.085;
const GRASP_M = 0.021;
const LIFTED_M = 0.2;
const CARRY_M = 0.16;
/** How long they wait for the hand to close or open, ms. */
const WAIT_MS = 700;

export function person({ seed, goal, mode, share, usesHelp }: PersonOptions): Person {
  const random = randomFrom(seed * 7919 + 17);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const gain = GAIN.least + random() * (GAIN.most - GAIN.least);
  const askew = (2 * random() - 1) * ASKEW_RAD;
  const misjudge = (): Point => [
    normal() * MISJUDGED_M.across,
    normal() * MISJUDGED_M.across,
    normal() * MISJUDGED_M.up,
  ];
  let off = misjudge();
  let tremble: Point = [0, 0, 0];
  let grip: 0 | 1 = 1;
  let waitUntilMs = 0;
  let isFirst = true;
  /** They come from above again. */
  let isRising = false;

  const turnHand = (to: 0 | 1, nowMs: number) => {
    grip = to;
    waitUntilMs = nowMs + WAIT_MS + DELAY_MS;
  };
  /** Where they want the tool to be, as they see it; undefined while they wait for the hand. */
  const wanted = (
    { blocks, plates, tool }: WorldState,
    nowMs: number,
  ): { to: Point; markOf?: string; isDown?: true } | undefined => {
    if (nowMs < waitUntilMs) return undefined;
    const block = blocks.find(({ colour }) => colour === goal.block)!;
    const seen: Point = [block.pM[0] + off[0], block.pM[1] + off[1], block.pM[2] + off[2]];
    const isHeld = block.fingers === 2;
    if (grip === 0 && !isHeld) {
      // Missed: they look again.
      off = misjudge();
      isRising = true;
      turnHand(1, nowMs);
      return undefined;
    }
    isRising &&= tool.pM[2] < CLEAR_M;
    if (isRising) return { to: [tool.pM[0], tool.pM[1], TRAVEL_M] };
    if (!isHeld) return reach(seen, `${goal.block} block`, GRASP_M + off[2], tool.pM, () => turnHand(0, nowMs));
    if (goal.kind !== 'put') return { to: [tool.pM[0], tool.pM[1], LIFTED_M] };
    const plate = plates.find(({ colour }) => colour === goal.plate)!;
    const over: Point = [plate.pM[0] + off[0], plate.pM[1] + off[1], 0];
    const hangM = tool.pM[2] - block.pM[2];
    return reach(over, `${goal.plate} plate`, hangM + 0.03 + off[2], tool.pM, () => turnHand(1, nowMs), CARRY_M);
  };
  /** Above first, then down, then the hand. */
  const reach = (
    place: Point,
    markOf: string,
    lowM: number,
    toolM: Point,
    atIt: () => void,
    travelM = TRAVEL_M,
  ): { to: Point; markOf?: string; isDown?: true } | undefined => {
    const acrossM = Math.hypot(place[0] - toolM[0], place[1] - toolM[1]);
    if (acrossM > 0.05 && toolM[2] < CLEAR_M) return { to: [toolM[0], toolM[1], travelM] };
    // Lower as it comes nearer; low down they stay there.
    const offM = Math.max(0, acrossM - (toolM[2] < CLEAR_M ? 2 : 1) * NEAR.across);
    const to: Point = [place[0], place[1], Math.min(travelM, lowM + FUNNEL * offM)];
    if (offM > 0) return { to, markOf };
    if (toolM[2] > lowM + NEAR.up) return { to, isDown: true };
    atIt();
    return undefined;
  };
  const done = ({ blocks, plates, tool }: WorldState): Point | undefined => {
    if (goal.kind !== 'put') return undefined;
    const block = blocks.find(({ colour }) => colour === goal.block)!;
    const plate = plates.find(({ colour }) => colour === goal.plate)!;
    const isThere = Math.hypot(block.pM[0] - plate.pM[0], block.pM[1] - plate.pM[1]) < 0.045 && block.fingers === 0;
    return isThere && block.pM[2] < 0.04 ? [tool.pM[0], tool.pM[1], LIFTED_M] : undefined;
  };

  return {
    act: ({ state, marks }, nowMs) => {
      const keep = 1 - HANDS_MS / TREMBLE.ms;
      const kick = Math.sqrt(1 - keep * keep) * TREMBLE.mPerS;
      tremble = [
        tremble[0] * keep + normal() * kick,
        tremble[1] * keep + normal() * kick,
        tremble[2] * keep + normal() * kick,
      ];
      const whole = { stampMs: nowMs, mode, share };
      if (isFirst) {
        isFirst = false;
        return { ...whole, isHeld: false };
      }
      const away = nowMs < waitUntilMs ? undefined : done(state);
      const aim = away ? { to: away } : wanted(state, nowMs);
      const still = { kind: 'eef-twist', frameId: 'base', angularRadPerS: [0, 0, 0], gripperOpen: grip } as const;
      if (!aim) return { ...whole, isHeld: true, command: { ...still, linearMPerS: [0, 0, 0] } };
      const { pM } = state.tool;
      const [x, y, z] = aim.to.map((value, axis) => (value - pM[axis]!) * EAGERNESS * gain) as [number, number, number];
      const meant: Point = [x * Math.cos(askew) - y * Math.sin(askew), x * Math.sin(askew) + y * Math.cos(askew), z];
      const length = Math.hypot(...meant);
      const gapM = Math.hypot(...aim.to.map((value, axis) => value - pM[axis]!));
      const least = gapM > STILL_M ? LEAST_M_PER_S : 0;
      const factor = length > 0 ? Math.min(MOST_M_PER_S, Math.max(least, length)) / length : 0;
      const linearMPerS = meant.map((value, axis) => value * factor + tremble[axis]!) as [number, number, number];
      const mark = usesHelp && 'markOf' in aim ? marks?.marks.find(({ name }) => name === aim.markOf) : undefined;
      if (mark) return { ...whole, isHeld: true, help: { kind: 'go-above', markId: mark.id, seq: marks!.seq } };
      if (usesHelp && 'isDown' in aim && aim.isDown) return { ...whole, isHeld: true, help: { kind: 'descend' } };
      return { ...whole, isHeld: true, command: { ...still, linearMPerS } };
    },
  };
}
