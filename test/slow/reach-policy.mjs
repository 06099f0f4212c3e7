/** A policy for the tool of `vla_eval_arm.py`: goes "to X Y Z", turns by 0.2 rad of roll and of yaw at once, and closes. */
import { definePolicy } from 'pumice';
import { z } from 'zod';

export default definePolicy({
  summary: 'goes where the words say',
  options: z.strictObject({}),
  actionKinds: ['eef-delta'],
  example: () => ({ seq: 0, epoch: 0, stampMs: 0, instruction: 'to 0.4 0 0.2', history: [], frames: [] }),
  create: () => {
    let hasTurned = false;
    return {
      ...{ name: 'reach', actionKinds: ['eef-delta'] },
      reset: () => {
        hasTurned = false;
      },
      act: async ({ instruction, proprio }) => {
        const goal = /to (\S+) (\S+) (\S+)$/.exec(instruction)?.slice(1).map(Number) ?? [0, 0, 0];
        const away = goal.map((one, axis) => one - (proprio?.tcpPose?.pM[axis] ?? 0));
        const share = Math.min(1, 0.03 / Math.max(1e-9, Math.hypot(...away)));
        const dRpyRad = hasTurned ? [0, 0, 0] : [0.2, 0, 0.2];
        hasTurned = true;
        const dPosM = away.map((one) => share * one);
        return { actions: [{ kind: 'eef-delta', frameId: 'base', dPosM, dRpyRad, gripperOpen: share === 1 ? 0 : 1 }] };
      },
    };
  },
});
