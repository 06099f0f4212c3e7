/**
 * A model of a known family behind a chat server: makes the request that its profile says, and passes on what it thinks as it comes.
 * Shared by the policies; knows none of them.
 */
import type { Context, Frame, Observation, Thought } from 'pumice';
import { PumiceError } from 'pumice';
import {
  type ChatAnswer,
  type ChatMessage,
  chatRequestOf,
  type ModelProfile,
  openaiChat,
  type ProfiledRequest,
  profileOf,
  type Question,
} from 'pumice/models';
import { z } from 'zod';

/** How any chat server is reached. */
export const serverOptions = {
  modelUrl: z
    .string()
    .optional()
    .meta({ value: 'url', description: 'address of the server, ends in /v1; default: OPENAI_BASE_URL' }),
  model: z
    .string({ error: 'expected the name of the model that the server knows it by' })
    .min(1)
    .meta({ value: 'name', description: 'model, as the server calls it' }),
  apiKeyEnv: z
    .string()
    .min(1)
    .optional()
    .meta({ value: 'variable', description: 'variable that holds the key; default: OPENAI_API_KEY' }),
};

export interface ServerOptions {
  readonly modelUrl?: string | undefined;
  readonly model: string;
  readonly apiKeyEnv?: string | undefined;
}

export interface Ask {
  readonly context: Context;
  /** Gets each piece of the answer; what the model thinks apart from it is told as a thought. */
  readonly onText?: (text: string) => void;
  /** Further fields of the body, in the words of the wire. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface Model {
  readonly profile: ModelProfile;
  readonly ask: (question: Question, ask: Ask) => Promise<ChatAnswer>;
}

/** @throws PumiceError `config/invalid` for a family or server that there is not. */
export function modelOf(family: string | ModelProfile, server: ServerOptions): Model {
  const profile = typeof family === 'string' ? profileOf(family) : family;
  const chat = openaiChat(server);
  return {
    profile,
    ask: async (question, { context, onText, extra }) => {
      context.signal.throwIfAborted();
      const asked: ProfiledRequest = chatRequestOf(profile, question);
      return chat.complete({
        messages: asked.messages as readonly ChatMessage[],
        maxTokens: asked.maxTokens,
        temperature: asked.temperature,
        extra: { ...asked.extra, ...extra },
        signal: context.signal,
        onDelta: ({ channel, text }) =>
          channel === 'reasoning' ? context.report({ kind: 'thought-delta', text }) : onText?.(text),
        onWait: (text) => context.report({ kind: 'progress', text }),
      });
    },
  };
}

/** What the record keeps of an answer. */
export const saidOf = ({ text, usage }: ChatAnswer): Pick<Thought, 'rawText' | 'usage'> => ({
  rawText: text,
  ...(usage && { usage }),
});

/** @throws PumiceError `config/misfit` naming the cameras that there are. */
export function frameOf({ frames }: Observation, camera: string, who: string): Frame {
  const found = frames.find((frame) => frame.camera === camera);
  if (found) return found;
  const names = frames.map((frame) => frame.camera).join(', ') || 'none';
  throw new PumiceError('config/misfit', `expected a picture of camera '${camera}', got: ${names}`, {
    who,
    hint: 'Let the body look through that camera, or name another with camera',
  });
}
