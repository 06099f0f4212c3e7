/** A reasoning model of a known family as the policy for pages: pumice's question in the family's packing, its places turned back. */
import type { Action, Observation, Policy, Target } from 'pumice';
import {
  answerOf,
  chatRequestOf,
  cssSizeOf,
  decodeAction,
  type ModelProfile,
  openaiChat,
  spokenBy,
  thinksOf,
  UI_KINDS,
  uiQuestion,
} from 'pumice/models';
import type { ServerOptions } from './model.ts';
import { uiPolicy } from './ui-thinking.ts';

export interface PageModelOptions extends ServerOptions {
  readonly name: string;
  readonly profile: ModelProfile;
  /** Whether it is asked to think first, where the family can be. */
  readonly think: boolean;
}

export function pageModel({ name, profile, think, ...server }: PageModelOptions): Policy {
  const { space } = profile;
  const gridMax = space?.kind === 'grid' ? (space.max ?? 1000) : undefined;
  const thinks = thinksOf(profile, think);
  return uiPolicy({
    name,
    chat: openaiChat(server),
    // Whoever thinks aloud says it in the text itself.
    ...(profile.thinking.tags === 'none' && thinks && { thoughtIn: (text: string) => text }),
    question: (observation, jpeg) => {
      const { rules, text } = uiQuestion(observation, gridMax === undefined ? 'css-px' : { gridMax });
      const images = [{ data: jpeg, format: 'jpeg' as const }];
      return { ...chatRequestOf(profile, { text: `${rules}\n\n${text}`, images, think }), thinks };
    },
    decode: (answer, observation) => {
      const { action, ...rest } = decodeAction(answerOf(spokenBy(profile, answer, thinks)), UI_KINDS);
      return { action: gridMax === undefined ? action : inCssPx(action, gridMax, observation), ...rest };
    },
  });
}

/** The same action with its points in CSS pixels of the frame. */
function inCssPx(action: Action, gridMax: number, { frames: [frame] }: Observation): Action {
  if (!frame) return action;
  const [widthPx, heightPx] = cssSizeOf(frame);
  const moved = (target: Target): Target =>
    'markId' in target ? target : { xPx: (target.xPx / gridMax) * widthPx, yPx: (target.yPx / gridMax) * heightPx };
  const fields = Object.entries(action).map(([field, value]) => [
    field,
    field === 'target' || field === 'from' || field === 'to' ? moved(value as Target) : value,
  ]);
  return Object.fromEntries(fields) as Action;
}
