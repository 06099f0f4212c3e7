/** A reasoning model of a known family as the policy for pages: pumice's question in the family's packing, its places turned back. */
import type { Action, Observation, Policy, Target } from 'pumice';
import {
  type ChatMessage,
  chatRequestOf,
  cssSizeOf,
  decodeAction,
  finalAnswer,
  type ModelProfile,
  openaiChat,
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
  return uiPolicy({
    name,
    chat: openaiChat(server),
    question: (observation, jpeg) => {
      const { rules, text } = uiQuestion(observation, gridMax === undefined ? 'css-px' : { gridMax });
      const images = [{ data: jpeg, format: 'jpeg' as const }];
      const { messages, ...asked } = chatRequestOf(profile, { text: `${rules}\n\n${text}`, images, think });
      return { messages: messages as readonly ChatMessage[], ...asked };
    },
    decode: (answer, observation) => {
      const { action, ...rest } = decodeAction(finalAnswer(profile, answer), UI_KINDS);
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
