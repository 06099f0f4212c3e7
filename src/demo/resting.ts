/** A policy that leaves a person time to see what was done before it says what comes next. Knows no demo. */
import { concatMap, defer, from } from 'rxjs';
import { sleep } from '../clock.ts';
import type { Policy } from '../ports.ts';

/** @param restMs - asked anew before each thought, since a person may come and go; short of the age at which an observation is too old. */
export const resting = <P extends Policy>(policy: P, restMs: () => number): P => ({
  ...policy,
  act: (observation, context) =>
    defer(() => sleep(restMs(), context.signal)).pipe(concatMap(() => from(policy.act(observation, context)))),
});
