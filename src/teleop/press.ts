/**
 * What a person wants from one press of the dead-man to the next: the velocity of the tool, and the opening of the hand. A stick says it
 * straight; a device with a pose by how far it has gone since the press; help leads to a place, and the stick still counts on top of it.
 */
import type { Stance } from '../chunk/path.ts';
import { lengthOf } from '../gate/motion.ts';
import type { MotionLimits, PilotInput } from '../ports.ts';
import { type Clutch, followed } from './clutch.ts';
import { ledAbove, ledDown } from './help.ts';
import type { Marking } from './marking.ts';
import { between, STILL, sum, type Velocity } from './mix.ts';

/** A change of the hand's opening that is one. */
const GRIP = 0.01;

export interface PressParts {
  readonly number: number;
  /** They take over from a policy that drove. */
  readonly isTakeover: boolean;
  readonly limits: Pick<MotionLimits, 'frameId' | 'stepMs'>;
  readonly marking: Pick<Marking, 'placeOf'>;
  /** Height of the things that marks show, m. */
  readonly planeM: number;
}

export interface Press extends Pick<PressParts, 'number' | 'isTakeover'> {
  /** The chunk that all its motions are of. */
  readonly chunkId: string;
  /** What they want from where the tool is; or why that cannot be done. */
  readonly wish: (input: PilotInput, at: Stance) => Velocity | string;
  /** The opening that they command; undefined as long as they command none. */
  readonly opening: (input: PilotInput) => number | undefined;
}

export function createPress({ number, isTakeover, limits, marking, planeM }: PressParts): Press {
  let clutch: Clutch | undefined;
  /** What the controls said of the hand first: what differs from it is a command. */
  let firstOpen: number | undefined;
  let isHandTheirs = false;
  let over: readonly [number, number] | undefined;
  let downFrom: readonly [number, number] | undefined;

  const byHand = ({ command }: PilotInput, at: Stance): Velocity | string => {
    if (!command) return STILL;
    if (command.frameId !== limits.frameId)
      return `the controls speak of frame '${command.frameId}', and the body of '${limits.frameId}'`;
    if (command.kind === 'eef-twist') {
      clutch = undefined;
      return { linearMPerS: command.linearMPerS, turnRadPerS: command.angularRadPerS };
    }
    clutch ??= { device: command, tool: { pM: [...at.pM], qXyzw: [...at.qXyzw] } };
    return between(at, followed(clutch, command, at.gripperOpen), limits.stepMs / 1000);
  };
  const byHelp = ({ help }: PilotInput, at: Stance): Velocity | string => {
    if (help?.kind === 'descend') {
      downFrom ??= [at.pM[0], at.pM[1]];
      return ledDown(at, over, downFrom, planeM);
    }
    downFrom = undefined;
    if (!help) return STILL;
    const place = marking.placeOf(help.markId, help.seq, planeM);
    if (typeof place === 'string') return place;
    over = place;
    return ledAbove(at, place, planeM);
  };
  return {
    ...{ number, isTakeover, chunkId: `h${number}` },
    wish: (input, at) => {
      const hand = byHand(input, at);
      if (typeof hand === 'string' || !input.help) return hand;
      const help = byHelp(input, at);
      return typeof help === 'string' ? help : sum(hand, help);
    },
    opening: ({ command }) => {
      if (!command) return undefined;
      firstOpen ??= command.gripperOpen;
      // With a stick at rest nothing but the hand can be meant.
      const isOfHand =
        command.kind === 'eef-twist' && lengthOf(command.linearMPerS) + lengthOf(command.angularRadPerS) === 0;
      isHandTheirs ||= isOfHand || Math.abs(command.gripperOpen - firstOpen) > GRIP;
      return isHandTheirs ? command.gripperOpen : undefined;
    },
  };
}
