import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { armDouble } from '../../ros/double/arm.ts';
import { bridgeDouble } from '../../ros/double/bridge.ts';
import { faultSuite } from '../../ros/faults-suite.ts';

faultSuite('on the double of the canonical bridge', async () => {
  const double = await bridgeDouble({ clockAheadMs: -60_000 });
  const arm = await armDouble(double, servoArm);
  return {
    url: double.url,
    stepClock: (byMs) => {
      const beforeMs = double.nowMs();
      double.stepClock(byMs);
      return [beforeMs, double.nowMs()];
    },
    arm: () => ({ ...arm.meter, x: arm.positionM()[0], speed: arm.speedMPerS() }),
    lie: ({ frame, joints, isNan, aheadS, pictureHz, flood }) =>
      void arm.lie({
        ...(frame !== undefined && { frameId: frame }),
        ...(joints && { jointNames: joints.filter((joint) => joint !== 'finger') }),
        ...(isNan !== undefined && { isNan }),
        ...(aheadS !== undefined && { aheadMs: 1000 * aheadS }),
        ...(pictureHz !== undefined && { pictureHz }),
        ...(flood !== undefined && { flood }),
      }),
    stall: (isStalled) => (isStalled ? double.stall() : double.resume()),
    press: async (isPressed) => arm.pressEStop(isPressed),
    close: async () => {
      arm.close();
      await double.kill().catch(() => {});
    },
  };
});
