/** Nothing is moved of which it is not known where it is, and where it was told to be. Pure. */
import type { Pose } from '../motion.ts';
import { ALLOW, deny, type Rule } from '../rule.ts';
import { isMotion } from './kinds.ts';
import { isUnit } from './measure.ts';

export const pose: Rule = {
  name: 'pose',
  judge: (action, { observation: { proprio }, limits: { motion } }) => {
    // Where no limits are declared, `step` has said so.
    if (!isMotion(action) || motion === undefined || motion === 'unlimited') return ALLOW;
    const problem =
      problemOf('tcpPose', proprio?.tcpPose, motion.frameId) ??
      problemOf('commandedTcpPose', proprio?.commandedTcpPose, motion.frameId);
    return problem === undefined ? ALLOW : deny(problem);
  },
};

function problemOf(name: string, found: Pose | undefined, frameId: string): string | undefined {
  const expected = `expected proprio.${name} in frame '${frameId}'`;
  if (found === undefined) return `${expected}, and the observation has none`;
  if (found.frameId !== frameId) return `${expected}, and it came in frame '${found.frameId}'`;
  return isUnit(found.qXyzw) ? undefined : `${expected}, and its qXyzw is not of length 1`;
}
