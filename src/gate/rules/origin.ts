/** Only pages of declared origins are touched or gone to. Pure. The body checks redirects and sub-resources itself. */
import type { Observation } from '../../types.ts';
import { isWithin } from '../origins.ts';
import { ALLOW, deny, type Rule } from '../rule.ts';
import { markOf, targetsOf } from '../targets.ts';
import { isUi, type UiAction } from './kinds.ts';

/**
 * The page, and the document of each mark on it (which may be another's, in a frame), must both be within the declared origins.
 * What leads away from a foreign page stays possible: back, closing a tab, waiting, dismissing a dialog, and going to a declared
 * address. `about:blank` is within nothing, so that from there one can only go somewhere.
 */
export const origin: Rule = {
  name: 'origin',
  judge: (action, { observation, limits: { ui } }) => {
    if (!isUi(action) || ui === undefined || ui === 'unlimited') return ALLOW;
    const foreign = placesOf(action, observation).filter((place) => !isWithin(ui.origins, place));
    return foreign.length === 0 ? ALLOW : deny(`'${foreign.join("', '")}' is outside the declared origins`);
  },
};

/** Addresses that an action touches or goes to; an unknown one is the empty string, which is within nothing. */
function placesOf(action: UiAction, observation: Observation): readonly string[] {
  const { ui } = observation;
  switch (action.kind) {
    case 'ui-navigate':
      return [action.url];
    case 'ui-tab':
      return action.op === 'switch' ? [ui?.tabs.find((tab) => tab.index === action.index)?.url ?? ''] : [];
    case 'ui-dialog':
      return action.accept ? [ui?.url ?? ''] : [];
    case 'ui-back':
    case 'ui-wait':
      return [];
    default:
      return [ui?.url ?? '', ...targetsOf(action).flatMap((target) => markOf(target, observation)?.origin ?? [])];
  }
}
