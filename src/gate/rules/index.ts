/** The rules of every run. Their order means nothing. */
import type { Rule } from '../rule.ts';
import { age } from './age.ts';
import { finite, running, schema } from './basic.ts';
import { origin } from './origin.ts';
import { secrets } from './secrets.ts';
import { step } from './step.ts';
import { target } from './target.ts';

export const defaultRules: readonly Rule[] = [running, finite, schema, age, step, target, origin, secrets];
