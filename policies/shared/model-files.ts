/**
 * A trained model as a folder of files: weights, JSON beside them, and a card that says what the weights must be. Everything is read
 * and checked before a run begins. Knows no engine and no model.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PumiceError } from 'pumice';
import { z } from 'zod';

/** What a card says of its weights. */
export const weightsCardSchema = z.object({
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface ModelFiles {
  /** @throws PumiceError `config/invalid` naming the file and what is wrong with it, as all here. */
  readonly bytesOf: (file: string) => Uint8Array;
  readonly jsonOf: <S extends z.ZodType>(file: string, schema: S) => z.output<S>;
  readonly has: (file: string) => boolean;
  /** @param card - what the bytes must be; a model of a user's own may have none. */
  readonly weightsOf: (file: string, card: { readonly from: string; readonly says?: Card | undefined }) => Uint8Array;
}
type Card = z.output<typeof weightsCardSchema>;

/** @param hint - what to do about a file that is missing or wrong. */
export function modelFiles(folder: string, { who, hint }: { readonly who: string; readonly hint: string }): ModelFiles {
  const fail = (file: string, what: string, cause?: unknown) =>
    new PumiceError('config/invalid', `'${join(folder, file)}' ${what}`, { who, hint, cause });
  const codeOf = (cause: unknown) => (cause as NodeJS.ErrnoException).code;
  const bytesOf = (file: string): Uint8Array => {
    try {
      return readFileSync(join(folder, file));
    } catch (cause) {
      throw fail(file, codeOf(cause) === 'ENOENT' ? 'is not there' : 'cannot be read', cause);
    }
  };
  return {
    bytesOf,
    jsonOf: (file, schema) => {
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
    },
    has: (file) => {
      try {
        bytesOf(file);
        return true;
      } catch (error) {
        if (PumiceError.is(error) && codeOf(error.cause) === 'ENOENT') return false;
        throw error;
      }
    },
    weightsOf: (file, { from, says }) => {
      const weights = bytesOf(file);
      if (says && weights.length !== says.bytes)
        throw fail(file, `has ${weights.length} bytes, expected ${says.bytes}: it was cut, or is another file`);
      if (says && createHash('sha256').update(weights).digest('hex') !== says.sha256)
        throw fail(file, `is damaged: its sha256 is not the one that ${from} names`);
      return weights;
    },
  };
}
