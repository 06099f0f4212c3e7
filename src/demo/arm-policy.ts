/** Who moves the arm in the demo, and who looks over its shoulder: the one place that says so. */
import { cinder } from 'pumice/critics/cinder';
import { ember } from 'pumice/policies/ember';
import type { Critic, Policy } from '../ports.ts';

/** What is said of it at the beginning. */
export const ARM_POLICY_TEXT = 'ember: a network of 3 MB, trained in this scene; it sees the picture and the sentence';
export const ARM_CRITIC_TEXT = 'cinder: another one, which sees what ember is about to do as well, and may only say no';

export const createArmPolicy = (): Policy => ember();
export const createArmCritic = (): Critic => cinder();
