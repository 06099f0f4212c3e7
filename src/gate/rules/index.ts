/** The rules of every run. Their order means nothing. */
import type { Rule } from '../rule.ts';
import { acceleration } from './acceleration.ts';
import { age } from './age.ts';
import { finite, running, schema } from './basic.ts';
import { effect } from './effect.ts';
import { following } from './following.ts';
import { gripper } from './gripper.ts';
import { keepOut } from './keep-out.ts';
import { origin } from './origin.ts';
import { pose } from './pose.ts';
import { copiedText, forwarding, madeAddress } from './provenance.ts';
import { secrets } from './secrets.ts';
import { step } from './step.ts';
import { target } from './target.ts';
import { velocity } from './velocity.ts';
import { workspace } from './workspace.ts';

export const defaultRules: readonly Rule[] = [
  ...[running, finite, schema, age, step],
  ...[pose, workspace, keepOut, velocity, acceleration, gripper, following],
  ...[target, origin, secrets, effect, copiedText, madeAddress, forwarding],
];
