/** The check of what SimplerEnv's robots are sent: the steps of a case share the state of one wrapper. */
import {
  actionEnsemble,
  actionStats,
  decodeActionNumbers,
  LATCH_STEPS,
  LLAMA3_VOCAB_SIZE,
  rt1Action,
  type SimplerAction,
  type SimplerPost,
  simplerPost,
} from '../codecs/index.ts';
import { CLOSE, differences, type Entry } from './golden-check.ts';

export function* postProcessRows(entry: Entry): Generator<string> {
  const steps = entry.steps as Entry[];
  const replay = WRAPPERS[entry.wrapper];
  if (!replay) return yield `no wrapper '${entry.wrapper}'; there is: ${Object.keys(WRAPPERS).join(', ')}`;
  const step = replay(entry);
  for (const [at, wanted] of steps.entries()) {
    const got = step(wanted, at);
    for (const key of Object.keys(got))
      if (wanted[key] !== undefined) yield* differences(got[key], wanted[key], CLOSE, `steps[${at}].${key}`);
  }
}

/** Gives what the wrapper gives, in the words of the file, one step after the other. */
type Replay = (entry: Entry) => (step: Entry, at: number) => Entry;

const sent = ({ worldVector, rotAxisAngle, gripper }: SimplerAction): Entry => ({
  world_vector: worldVector,
  rot_axangle: rotAxisAngle,
  gripper: [gripper],
  terminate_episode: [0],
});

const stateOf = (post: SimplerPost) => {
  const { isOn, repeat, previous } = post.latch();
  return { sticky_on: isOn, repeat, prev_gripper: previous === undefined ? null : [previous] };
};

/** Magma's: what is held outlives the episode. */
const magma: Replay = (entry) => {
  const {
    policy_setup: robot,
    action_scale: actionScale = 1,
    sticky_gripper_num_repeat: latchSteps = LATCH_STEPS.magma,
  } = entry;
  const stats = actionStats(robot === 'google_robot' ? 'google_robot' : 'bridge_orig');
  const post = simplerPost(robot, { actionScale, latchSteps });
  return ({ token_ids, raw_action }) => {
    const numbers = token_ids
      ? decodeActionNumbers(token_ids, { vocabSize: LLAMA3_VOCAB_SIZE, stats, mode: 'compat' })
      : raw_action;
    return { raw_action: numbers, ...sent(post.step(numbers)), state_after: stateOf(post) };
  };
};

/** Octo's: predictions are averaged first, and another instruction is another episode. */
const octo: Replay = (entry) => {
  const { policy_setup: robot, action_scale: actionScale = 1, chunks } = entry;
  const latchSteps = entry.sticky_gripper_num_repeat ?? (robot === 'google_robot' ? LATCH_STEPS.octo : 1);
  const horizon = entry.pred_action_horizon ?? chunks[0].length;
  const average = actionEnsemble({ horizon, temperature: entry.ensemble_temp ?? entry.action_ensemble_temp ?? 0 });
  const post = simplerPost(robot, { actionScale, latchSteps });
  let instruction: unknown;
  return (step, at) => {
    if (step.instruction !== instruction) {
      post.reset();
      average.reset();
      instruction = step.instruction;
    }
    const numbers = average.next(step.chunk ?? chunks[at]);
    return { raw_action: numbers, ...sent(post.step(numbers)), state_after: stateOf(post) };
  };
};

const rt1: Replay =
  ({ policy_setup, action_scale = 1 }) =>
  ({ input }) => {
    const output = {
      worldVector: input.world_vector,
      rotationDelta: input.rotation_delta,
      gripperClosedness: input.gripper_closedness_action[0],
    };
    return { ...sent(rt1Action(policy_setup, output, action_scale)), terminate_episode: input.terminate_episode };
  };

const WRAPPERS: Readonly<Record<string, Replay>> = { magma, octo, rt1 };
