/**
 * A planner that is a reasoning model behind a chat server: it splits a task into steps on what it sees, and says of each whether the
 * picture shows it done. Only a clear yes counts: an answer that is neither yes nor no means that the step goes on.
 */
import { z } from 'zod';
import { PumiceError } from '../errors.ts';
import type { Context, Planner } from '../ports.ts';
import type { Frame, Observation } from '../types.ts';
import { finalAnswer } from './final-answer.ts';
import type { Chat, ChatMessage } from './openai-chat.ts';
import type { ModelProfile } from './profile.ts';
import { chatRequestOf } from './request.ts';

export interface ModelPlannerOptions {
  readonly profile: ModelProfile;
  readonly chat: Chat;
  /** Whose pictures it looks at; the first by default. */
  readonly camera?: string;
}

/** @throws PumiceError `config/misfit` for a family that does not plan. */
export function modelPlanner({ profile, chat, camera }: ModelPlannerOptions): Planner {
  const name = profile.family;
  const who = `planner ${name}`;
  if (!profile.roles.includes('planner'))
    throw new PumiceError('config/misfit', `${name} does not plan`, { who, hint: 'Use cosmos-reason2 or qvq' });
  const ask = async (text: string, observation: Observation, { signal, report }: Context): Promise<string> => {
    const frame = frameOf(observation, camera, who);
    const { encodeJpeg } = await import('../vision/index.ts');
    const { data } = await encodeJpeg(frame);
    const asked = chatRequestOf(profile, { text, images: [{ data, format: 'jpeg' }], think: true });
    const answer = await chat.complete({
      messages: asked.messages as readonly ChatMessage[],
      maxTokens: asked.maxTokens,
      temperature: asked.temperature,
      extra: asked.extra,
      signal,
      onDelta: ({ text: piece }) => report({ kind: 'thought-delta', text: piece }),
      onWait: (why) => report({ kind: 'progress', text: why }),
    });
    return finalAnswer(profile, answer);
  };
  return {
    name,
    split: async (instruction, observation, context) =>
      stepsIn(await ask(splitText(instruction, observation), observation, context), who),
    judgeProgress: async (subtask, observation, context) => ({
      done: verdictIn(await ask(judgeText(subtask), observation, context)) === 'yes',
    }),
  };
}

const splitText = (instruction: string, { ui }: Observation): string =>
  [
    `You plan for ${ui ? 'somebody who operates the page in the picture' : 'a robot arm that the picture shows'}. The task: ${JSON.stringify(instruction)}`,
    'Split it into as few steps as it takes, in order. Each step is one short command that stands by itself and names what it is about. A task of one step is one step.',
    'Answer with a JSON list of texts and nothing else, like ["first step", "second step"].',
  ].join('\n');

const judgeText = (subtask: string): string =>
  `The step in hand: ${JSON.stringify(subtask)}\nDoes the picture show that it is completed? Answer yes or no, and nothing else.`;

const steps = z.array(z.string().trim().min(1)).min(1);

/** The only list of texts in an answer. @throws PumiceError `decode/schema`. */
function stepsIn(answer: string, who: string): readonly string[] {
  const lists = [...answer.matchAll(/\[[^[\]]*\]/g)].flatMap(([text]) => {
    try {
      const parsed = steps.safeParse(JSON.parse(text));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
  const [only] = lists;
  if (only && lists.length === 1) return only;
  throw new PumiceError('decode/schema', `expected one JSON list of texts, got '${answer.slice(0, 200)}'`, {
    who,
    hint: 'Say the task in other words, or leave the planner out',
  });
}

/** The verdict is the word that the answer begins with; `unknown` for all else. */
export function verdictIn(answer: string): 'yes' | 'no' | 'unknown' {
  const word = /^[\s*"'.`]*(yes|no)\b/i.exec(answer)?.[1]?.toLowerCase();
  return word === 'yes' || word === 'no' ? word : 'unknown';
}

function frameOf({ frames }: Observation, camera: string | undefined, who: string): Frame {
  const found = camera === undefined ? frames[0] : frames.find((frame) => frame.camera === camera);
  if (found) return found;
  const names = frames.map((frame) => frame.camera).join(', ') || 'none';
  throw new PumiceError('config/misfit', `expected a picture${camera ? ` of camera '${camera}'` : ''}, got: ${names}`, {
    who,
    hint: 'Let the body look through a camera',
  });
}
