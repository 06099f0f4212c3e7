/** What a person reads of a step of the arm, and the small picture above it. Writes nowhere. */

import type { Frame, StepRecord } from '../types.ts';
import { decodeFrame } from '../vision/decode.ts';
import { resizeArea } from '../vision/resize.ts';
import { clean, type Paint } from './progress.ts';

const MM_PER_M = 1000;

/** What critics say, counted. */
export interface Said {
  readonly asked: number;
  readonly no: number;
}

/** @returns the count with what was said of a step. */
export const countSaid = ({ asked, no }: Said, { verdict: { opinions = [] } }: StepRecord): Said => ({
  asked: asked + opinions.length,
  no: no + opinions.filter(({ kind }) => kind !== 'allow').length,
});

/** How sure critics are that no harm is done. */
const sureText = ({ verdict: { kind, opinions = [] } }: StepRecord): string =>
  opinions
    .filter(({ confidence }) => kind === 'allow' && confidence !== undefined)
    .map(({ critic, confidence }) => ` ${critic} ${Math.floor(confidence! * 100)} % sure`)
    .join();

/** One line: step, how far the tool was moved, the gripper, the verdict, and what the policy thinks or what went wrong. */
export function armStepLine(record: StepRecord, { soft, good, bad }: Paint): string {
  const { index, act, observation, proposed, thought, verdict } = record;
  const wouldMove = act?.status === 'refused';
  const motion = wouldMove ? verdict.action : act?.executed;
  const moved = motion?.kind === 'eef-delta' ? Math.hypot(...motion.dPosM) * MM_PER_M : 0;
  const open = observation?.proprio?.gripperOpen;
  const hand = open === undefined ? '' : `hand ${String(Math.round(open * 100)).padStart(3)} % open`;
  const what =
    proposed.kind === 'done'
      ? 'says it is over'.padEnd(13)
      : `${wouldMove ? 'would move' : 'moved'} ${moved.toFixed(0).padStart(4)} mm`;
  const says =
    verdict.kind === 'allow'
      ? good(`${verdict.kind}${clean(sureText(record))}`)
      : bad(`${verdict.kind} ${clean(verdict.reasons.join('; '))}`);
  const refused = act && act.status !== 'done' ? bad(`  ${act.status}: ${clean(act.reason ?? 'no reason given')}`) : '';
  const thinks = thought === undefined ? '' : soft(`  ${clean(thought)}`);
  return `${String(index).padStart(4)}  ${what}  ${hand}  ${says}${refused}${thinks}`;
}

/** Characters across the picture; a terminal's character is twice as high as wide, and shows two pixels. */
export const PICTURE_COLUMNS = 48;
export const PICTURE_ROWS = PICTURE_COLUMNS / 2;

/** Lines of a picture in half blocks of 24-bit colour. */
export async function pictureLines(frame: Frame): Promise<readonly string[]> {
  const { data } = resizeArea(await decodeFrame(frame), PICTURE_COLUMNS, PICTURE_COLUMNS);
  const colour = (x: number, y: number) => {
    const at = 3 * (y * PICTURE_COLUMNS + x);
    return `${data[at]};${data[at + 1]};${data[at + 2]}`;
  };
  return Array.from({ length: PICTURE_ROWS }, (_, row) => {
    const cells = Array.from(
      { length: PICTURE_COLUMNS },
      (_, x) => `\u001b[38;2;${colour(x, 2 * row)};48;2;${colour(x, 2 * row + 1)}m▀`,
    );
    return `      ${cells.join('')}\u001b[0m`;
  });
}
