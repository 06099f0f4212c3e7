/**
 * What cannot be taken back is asked about; reading and writing is for the other rules. Pure.
 * A browser body goes by the same `effectOf`, and holds back what turns out to do more.
 */
import { effectOf } from '../effects/effects.ts';
import { ALLOW, type Rule } from '../rule.ts';
import { isUi } from './kinds.ts';

export const effect: Rule = {
  name: 'effect',
  judge: (action, { observation, limits: { ui } }) => {
    if (!isUi(action) || ui === undefined || ui === 'unlimited' || ui.irreversible === 'allow') return ALLOW;
    const { class: kind, why } = effectOf(action, observation);
    return kind === 'irreversible' ? { kind: 'ask', reason: `this cannot be taken back: ${why}` } : ALLOW;
  },
};
