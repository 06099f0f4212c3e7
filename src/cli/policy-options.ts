/** `--policy-options JSON`: options of a policy where a command has no flags for them. */
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
