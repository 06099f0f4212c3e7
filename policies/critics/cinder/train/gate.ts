/**
 * The runtime's own gate over the world: each action as it comes, with the rules and the limits of the simulated arm. So what is called
 * "rules" in the results is what every run of pumice has, and nothing that was made for the results.
 */
import type { Delta7 } from '../../../../envs/sim/arm.ts';
import { actionOf } from '../../../../envs/sim/oracle.ts';
import { FRAME_ID, LIMITS } from '../../../../envs/sim/profile.ts';
import { toQuaternion } from '../../../../envs/sim/rotation.ts';
import { JOINTS } from '../../../../envs/sim/scene.ts';
import type { World } from '../../../../envs/sim/world.ts';
import { review } from '../../../../src/gate/review.ts';
import { defaultRules } from '../../../../src/gate/rules/index.ts';
import type { Observation, StepFeedback } from '../../../../src/types.ts';

/** How many steps the rules look back. */
const REMEMBERED = 8;

export interface Gate {
  /** What may be carried out of an action; undefined when it is denied. */
  readonly pass: (action: Delta7) => Delta7 | undefined;
  /** What was let through last was not carried out after all. */
  readonly held: () => void;
  readonly clear: () => void;
}

export function createGate(world: World): Gate {
  let history: StepFeedback[] = [];
  let modifiedInARow = 0;
  const pass = (delta: Delta7): Delta7 | undefined => {
    const pose = (of: { pM: readonly [number, number, number]; rotation: readonly number[] }) => ({
      frameId: FRAME_ID,
      pM: of.pM,
      qXyzw: toQuaternion(of.rotation),
    });
    const tcpPose = pose(world.arm.measured());
    const observation: Observation = {
      seq: history.length,
      epoch: 0,
      stampMs: 0,
      instruction: '',
      frames: [],
      history,
      proprio: {
        stampMs: 0,
        jointNames: [...JOINTS],
        qRad: world.arm.jointPositions(),
        qdRadPerS: world.arm.jointVelocities(),
        tcpPose,
        commandedTcpPose: pose(world.arm.commanded()),
        gripperOpen: world.arm.gripperOpen(),
      },
    };
    const proposed = actionOf(delta);
    const context = { observation, nowMs: 0, plannedStampMs: 0, limits: LIMITS, isRunning: true, modifiedInARow };
    const verdict = review(defaultRules, proposed, context);
    const { kind, reasons } = verdict;
    const executed = kind === 'allow' || kind === 'modify' ? verdict.action : undefined;
    modifiedInARow = kind === 'modify' ? modifiedInARow + 1 : 0;
    const index = (history.at(-1)?.index ?? -1) + 1;
    history = [...history, { index, proposed, tcpPose, verdict: { kind, reasons }, ...(executed && { executed }) }];
    history = history.slice(-REMEMBERED);
    return executed?.kind === 'eef-delta'
      ? ([...executed.dPosM, ...executed.dRpyRad, executed.gripperOpen] as unknown as Delta7)
      : undefined;
  };
  return {
    pass,
    held: () => {
      history = history.map((step, at) => (at < history.length - 1 ? step : withoutExecuted(step)));
    },
    clear: () => {
      history = [];
      modifiedInARow = 0;
    },
  };
}

const withoutExecuted = ({ executed: _executed, ...step }: StepFeedback): StepFeedback => step;
