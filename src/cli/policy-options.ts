/** Options of a policy that come by other ways than its flags: `--policy-options JSON`, and what its agent knows of the body. */
import type { z } from 'zod';
import { describeError, PumiceError } from '../errors.ts';

/** @throws PumiceError `cli/usage`. */
export function policyOptionsIn(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '{}');
  } catch (cause) {
    throw new PumiceError('cli/usage', `--policy-options is no JSON: ${describeError(cause)}`, {
      hint: `Write --policy-options '{"model": "my-model"}'`,
      cause,
    });
  }
}

/** What a policy acts with, for one that has to be told. */
export const bodyFor = (options: z.ZodType, body: 'page' | 'arm' | undefined): { readonly body?: 'page' | 'arm' } =>
  body !== undefined && 'body' in ((options as { shape?: object }).shape ?? {}) ? { body } : {};
