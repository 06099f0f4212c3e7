/**
 * An action on a page in facts that the page did not write: kind, role out of a known list, origin by the operator's own patterns,
 * effect class, and whether texts are the user's. A page decides which facts are true; it cannot decide how they are worded.
 */
import {
  type Action,
  effectOf,
  isWithinOrigins,
  markOf,
  type Observation,
  parseAddress,
  targetsOf,
  type UiLimits,
} from 'pumice';
import { fact, Tainted, Trusted } from './trusted.ts';

const ROLES = [
  'button',
  'link',
  'textbox',
  'searchbox',
  'checkbox',
  'radio',
  'combobox',
  'option',
  'tab',
  'menuitem',
] as const;
const ROLE_FACTS = {
  ...{ button: fact`a button`, link: fact`a link`, textbox: fact`a field for text`, searchbox: fact`a search field` },
  ...{ checkbox: fact`a box to tick`, radio: fact`one of several choices`, combobox: fact`a list to choose from` },
  ...{ option: fact`an entry of a list`, tab: fact`a tab of the page`, menuitem: fact`an entry of a menu` },
} satisfies Record<(typeof ROLES)[number], Trusted>;
const EFFECTS = {
  read: fact`it only reads`,
  write: fact`it fills in or changes something`,
  irreversible: fact`it does what cannot be taken back, such as to buy, pay, send, delete, publish or grant`,
};
const KEYS = ['Enter', 'Tab', 'Escape', 'Space', 'Backspace', 'Delete'] as const;
const KEY_FACTS = {
  ...{ Enter: fact`press Enter`, Tab: fact`press Tab`, Escape: fact`press Escape`, Space: fact`press Space` },
  ...{ Backspace: fact`press Backspace`, Delete: fact`press Delete` },
} satisfies Record<(typeof KEYS)[number], Trusted>;
/** Patterns of the operator. */
export type GoalLimits = Partial<Pick<UiLimits, 'origins'>>;
/** Stands for the value of a secret, which the body alone knows. */
const SECRET = /^\{\{[\w-]+\}\}$/;

/** One fact a line. */
export function factsOf(observation: Observation, action: Action, limits: GoalLimits): Trusted {
  const lines = [
    fact`Action: ${whatOf(action, observation, limits)}`,
    ...targetsOf(action).map((target) => {
      const mark = markOf(target, observation);
      const role = new Tainted(mark?.role ?? '').oneOf(ROLES);
      const named = new Tainted(mark?.name ?? '').standsIn(observation.instruction);
      const nameFact = named ? fact`a name that stands in the user's words` : fact`another name`;
      return fact`Target: ${role ? ROLE_FACTS[role] : fact`an element`} with ${nameFact}, on ${originFact(mark?.origin, observation, limits)}`;
    }),
    fact`Page: ${originFact(observation.ui?.url, observation, limits)}`,
    fact`Effect, by rules: ${EFFECTS[effectOf(action, observation).class]}`,
  ];
  return lines.reduce((all, line) => fact`${all}\n${line}`);
}

function originFact(address: string | undefined, { instruction }: Observation, { origins }: GoalLimits): Trusted {
  if (address === undefined) return fact`an unknown site`;
  const pattern = new Tainted(address).firstOf<string>(origins ?? [], (one, text) => isWithinOrigins([one], text));
  const host = parseAddress(address)?.hostname;
  const isNamed = host !== undefined && new Tainted(host).standsIn(instruction);
  const site =
    pattern === undefined ? fact`a site that no limit names` : fact`a site within ${Trusted.ofOperator(pattern)}`;
  return isNamed ? fact`${site}, which the user named` : site;
}

function textFact(text: string, { instruction }: Observation): Trusted {
  if (SECRET.test(text)) return fact`a secret of the user`;
  return new Tainted(text).standsIn(instruction) ? fact`a text of the instruction` : fact`other text`;
}

function whatOf(action: Action, observation: Observation, limits: GoalLimits): Trusted {
  switch (action.kind) {
    case 'ui-click':
      return fact`click`;
    case 'ui-type':
      return fact`type ${textFact(action.text, observation)}${action.submit ? fact` and press Enter` : fact``}`;
    case 'ui-select':
      return action.values
        .map((one) => textFact(one, observation))
        .reduce((all, one) => fact`${all}, ${one}`, fact`choose`);
    case 'ui-check':
      return action.checked ? fact`tick` : fact`untick`;
    case 'ui-scroll':
      return fact`scroll`;
    case 'ui-key': {
      const key = new Tainted(action.keys).oneOf(KEYS);
      return key ? KEY_FACTS[key] : fact`press another key`;
    }
    case 'ui-drag':
      return fact`drag from the first target to the second`;
    case 'ui-hover':
      return fact`point at the target`;
    case 'ui-navigate':
      return fact`go to ${textFact(action.url, observation)} as address, on ${originFact(action.url, observation, limits)}`;
    case 'ui-back':
      return fact`go back`;
    case 'ui-tab':
      return fact`change tabs`;
    case 'ui-upload':
      return fact`hand over ${action.paths.length} files of the user: ${action.paths.map((one) => textFact(one, observation)).reduce((all, one) => fact`${all}, ${one}`)}`;
    case 'ui-dialog':
      return action.accept ? fact`accept a dialog` : fact`dismiss a dialog`;
    case 'ui-wait':
      return fact`wait`;
    default:
      return fact`something that is not known`;
  }
}
