/** Who moves the arm in the demo: the one place that says so. */
import { ember } from 'pumice/policies/ember';
import type { Policy } from '../ports.ts';

/** What is said of it at the beginning. */
export const ARM_POLICY_TEXT = 'ember: a network of 3 MB, trained in this scene; it sees the picture and the sentence';

export const createArmPolicy = (): Policy => ember();
