/**
 * Secrets are typed only where they belong. Pure. Knows their names and origins; their values are known to the body alone,
 * which puts them in by the same `secretNamesIn`.
 */
import type { Action, Observation, Target } from '../../types.ts';
import { originOf } from '../origins.ts';
import { ALLOW, deny, type Rule } from '../rule.ts';
import { markOf } from '../targets.ts';

/** `{{name}}` in a text stands for the secret of that name. */
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/** Names of all secrets that a text asks for, as written between the braces, without the spaces around them. */
export const secretNamesIn = (text: string): readonly string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, name]) => `${name}`.trim());

/**
 * A declared secret may be typed into a mark, or into a page, whose origin is exactly that secret's. It goes nowhere else:
 * not into an address, an answer to a dialog, a choice, a key or a path.
 */
export const secrets: Rule = {
  name: 'secrets',
  judge: (action, { observation, limits: { ui } }) => {
    if (action.kind !== 'ui-type') {
      const [name] = elsewhereIn(action).flatMap(secretNamesIn);
      return name === undefined ? ALLOW : deny(`'${name}' is put into ${action.kind}; a secret can only be typed`);
    }
    const declared = typeof ui === 'object' ? ui.secrets : {};
    const place = originAt(action.target, observation);
    for (const name of secretNamesIn(action.text)) {
      const secret = Object.hasOwn(declared, name) ? declared[name] : undefined;
      if (!secret) return deny(`there is no secret '${name}'`);
      const home = originOf(secret.origin);
      if (home === undefined || home !== place) return deny(`'${name}' may be typed at ${home}, not at ${place}`);
    }
    return ALLOW;
  },
};

/** Origin of what is typed into: of the mark where it has one, else of the page. */
const originAt = (target: Target | undefined, observation: Observation): string | undefined =>
  originOf((target && markOf(target, observation)?.origin) ?? observation.ui?.url ?? '');

/** Every other text that leaves for the page. */
function elsewhereIn(action: Action): readonly string[] {
  switch (action.kind) {
    case 'ui-navigate':
      return [action.url];
    case 'ui-dialog':
      return [action.text ?? ''];
    case 'ui-select':
      return action.values;
    case 'ui-key':
      return [action.keys];
    case 'ui-upload':
      return action.paths;
    default:
      return [];
  }
}
