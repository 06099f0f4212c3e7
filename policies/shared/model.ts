/**
 * A model of a known family behind a chat server: makes the request that its profile says, and passes on what it thinks as it comes.
 * Shared by the policies; knows none of them.
 */
import { type Frame, type Observation, PumiceError, type Thought } from 'pumice';
import {
  type ChatAnswer,
  type Heard,
  type ModelProfile,
  openaiChat,
  type Question,
  type Talk,
  talk,
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

export interface Model {
  readonly profile: ModelProfile;
  readonly ask: (question: Question, talk: Talk) => Promise<Heard>;
}

/** @throws PumiceError `config/invalid` for a server that there is not. */
export function modelOf(profile: ModelProfile, server: ServerOptions): Model {
  const chat = openaiChat(server);
  return { profile, ask: (question, asked) => talk(chat, profile, question, asked) };
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
