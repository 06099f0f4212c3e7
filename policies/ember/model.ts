/**
 * A trained ember as files: weights, words, ranges, and the card that says what the weights must be. Everything is read and checked
 * before a run begins. Knows no engine.
 */
import { fileURLToPath } from 'node:url';
import type { ActionStats } from 'pumice/codecs';
import { z } from 'zod';
import { modelFiles, weightsCardSchema } from '../shared/model-files.ts';
import { HORIZON } from './input.ts';

export interface EmberModel {
  readonly weights: Uint8Array;
  /** Index = token. */
  readonly vocabulary: readonly string[];
  /** The ranges of its actions, as the decoder of tokens takes them. */
  readonly stats: ActionStats;
}

/** Numbers of an action. */
export const AXES = 7;
/** Numbers of a chunk. */
export const CHUNK = HORIZON * AXES;

/** The files lie beside the source, also where what is built runs. */
const OWN_FOLDER = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('./', import.meta.url)
    : new URL('../../../policies/ember/', import.meta.url),
);

const WHO = 'policy ember';
const HINT_OWN = 'Install pumice again: a file of it is missing or damaged';
const HINT_OTHERS =
  "Name a folder that holds ember.onnx, vocabulary.json and stats.json, as the training program's --out";

const axes = z.array(z.number()).length(AXES);
const statsSchema = z.object({ scale: axes, offset: axes });
const vocabularySchema = z.array(z.string()).min(3);
const cardSchema = z.object({ weights: weightsCardSchema });

/**
 * Reads the model in a folder; without one, pumice's own. Weights must be those that `ember.json` beside them describes; a model of
 * the user's own, fresh from training, has no such card.
 *
 * @throws PumiceError `config/invalid` naming the file and what is wrong with it.
 */
export function readModel(folder?: string): EmberModel {
  const isOwn = folder === undefined;
  const files = modelFiles(folder ?? OWN_FOLDER, { who: WHO, hint: isOwn ? HINT_OWN : HINT_OTHERS });
  const card = isOwn || files.has('ember.json') ? files.jsonOf('ember.json', cardSchema) : undefined;
  const weights = files.weightsOf('ember.onnx', { from: 'ember.json', says: card?.weights });
  const { scale, offset } = files.jsonOf('stats.json', statsSchema);
  return {
    weights,
    vocabulary: files.jsonOf('vocabulary.json', vocabularySchema),
    stats: {
      name: 'ember',
      q01: offset.map((middle, at) => middle - scale[at]!),
      q99: offset.map((middle, at) => middle + scale[at]!),
    },
  };
}
