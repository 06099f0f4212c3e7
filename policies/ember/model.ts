/**
 * A trained ember as files: weights, words, ranges, and the card that says what the weights must be. Everything is read and checked
 * before a run begins. Knows no engine.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PumiceError } from 'pumice';
import type { ActionStats } from 'pumice/codecs';
import { z } from 'zod';
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
const cardSchema = z.object({
  weights: z.object({ bytes: z.int().positive(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});

/**
 * Reads the model in a folder; without one, pumice's own. Weights must be those that `ember.json` beside them describes; a model of
 * the user's own, fresh from training, has no such card.
 *
 * @throws PumiceError `config/invalid` naming the file and what is wrong with it.
 */
export function readModel(folder?: string): EmberModel {
  const place = folder ?? OWN_FOLDER;
  const hint = folder === undefined ? HINT_OWN : HINT_OTHERS;
  const fail = (file: string, what: string, cause?: unknown) =>
    new PumiceError('config/invalid', `'${join(place, file)}' ${what}`, { who: WHO, hint, cause });
  const bytesOf = (file: string): Uint8Array => {
    try {
      return readFileSync(join(place, file));
    } catch (cause) {
      throw fail(file, (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read', cause);
    }
  };
  const jsonOf = <S extends z.ZodType>(file: string, schema: S): z.output<S> => {
    const text = Buffer.from(bytesOf(file)).toString('utf8');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw fail(file, 'is no JSON', cause);
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw fail(file, `is not what was expected: ${issue?.path.join('.') || 'file'}: ${issue?.message}`);
  };
  const cardIn = () => {
    try {
      return jsonOf('ember.json', cardSchema);
    } catch (error) {
      if (folder !== undefined && PumiceError.is(error) && (error.cause as { code?: string })?.code === 'ENOENT')
        return undefined;
      throw error;
    }
  };

  const weights = bytesOf('ember.onnx');
  const card = cardIn()?.weights;
  if (card && weights.length !== card.bytes)
    throw fail('ember.onnx', `has ${weights.length} bytes, expected ${card.bytes}: it was cut, or is another file`);
  if (card && createHash('sha256').update(weights).digest('hex') !== card.sha256)
    throw fail('ember.onnx', 'is damaged: its sha256 is not the one that ember.json names');
  const { scale, offset } = jsonOf('stats.json', statsSchema);
  return {
    weights,
    vocabulary: jsonOf('vocabulary.json', vocabularySchema),
    stats: {
      name: 'ember',
      q01: offset.map((middle, at) => middle - scale[at]!),
      q99: offset.map((middle, at) => middle + scale[at]!),
    },
  };
}
