/**
 * A trained cinder as files: weights, words, and the card that says what the weights must be and from which score on it says no.
 * Knows no engine.
 */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { modelFiles, weightsCardSchema } from '../../shared/model-files.ts';

/** What it tells apart, in the order of its output. */
export const HAZARDS = ['wrong-object', 'collision', 'off-table', 'infeasible'] as const;
export type Hazard = (typeof HAZARDS)[number];

export interface CinderModel {
  readonly weights: Uint8Array;
  /** Index = token. */
  readonly vocabulary: readonly string[];
  /** A score below this is allowed: chosen in the closed loop, see `cinder/README.md`. */
  readonly threshold: number;
}

/** The files lie beside the source, also where what is built runs. */
const OWN_FOLDER = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('./', import.meta.url)
    : new URL('../../../../policies/critics/cinder/', import.meta.url),
);

export const WHO = 'critic cinder';
const HINT_OWN = 'Install pumice again: a file of it is missing or damaged';
const HINT_OTHERS =
  "Name a folder that holds cinder.onnx, cinder.json and vocabulary.json, as the training program's --out";

const cardSchema = z.object({
  weights: weightsCardSchema,
  hazards: z.tuple(HAZARDS.map((hazard) => z.literal(hazard)) as [z.ZodLiteral<Hazard>, ...z.ZodLiteral<Hazard>[]]),
  threshold: z.number().gt(0).max(1),
});
const vocabularySchema = z.array(z.string()).min(3);

/**
 * Reads the model in a folder; without one, pumice's own. There is no cinder without a card: without a threshold it has no opinion.
 *
 * @throws PumiceError `config/invalid` naming the file and what is wrong with it.
 */
export function readCinder(folder?: string): CinderModel {
  const files = modelFiles(folder ?? OWN_FOLDER, { who: WHO, hint: folder === undefined ? HINT_OWN : HINT_OTHERS });
  const { weights, threshold } = files.jsonOf('cinder.json', cardSchema);
  return {
    weights: files.weightsOf('cinder.onnx', { from: 'cinder.json', says: weights }),
    vocabulary: files.jsonOf('vocabulary.json', vocabularySchema),
    threshold,
  };
}
