/** What an action points at is in the picture that it is judged on. Pure. */
import type { Frame, Observation, Target } from '../../types.ts';
import { ALLOW, deny, type Rule } from '../rule.ts';
import { targetsOf } from '../targets.ts';

/** A mark must be there, once; a point must lie inside the first frame; nobody points at what was not seen. */
export const target: Rule = {
  name: 'target',
  judge: (action, { observation }) => {
    for (const one of targetsOf(action)) {
      const problem = problemOf(one, observation);
      if (problem) return deny(problem);
    }
    return ALLOW;
  },
};

function problemOf(one: Target, { frames, marks = [] }: Observation): string | undefined {
  const frame = frames[0];
  if (!frame) return 'there is no frame to point at';
  if ('markId' in one) {
    const found = marks.filter((mark) => mark.id === one.markId).length;
    return found === 1 ? undefined : `mark ${one.markId} is there ${found} times`;
  }
  const [widthPx, heightPx] = cssSizeOf(frame);
  const isInside = one.xPx >= 0 && one.xPx < widthPx && one.yPx >= 0 && one.yPx < heightPx;
  return isInside ? undefined : `(${one.xPx}, ${one.yPx}) is outside the frame of ${widthPx} x ${heightPx} px`;
}

/** Size in CSS pixels; an image without a pixel ratio has one pixel per CSS pixel. */
function cssSizeOf({ widthPx, heightPx, cssWidthPx, cssHeightPx, dpr = 1 }: Frame): readonly [number, number] {
  return [cssWidthPx ?? widthPx / dpr, cssHeightPx ?? heightPx / dpr];
}
