/**
 * Turns option schemas into flags: one schema says what the config file, the flags and the help know. Key `maxSteps` is `--max-steps`;
 * a schema's `meta` may give `flag` (another name; the flag can then be given again for more) and `value` (what is shown for it).
 */
import { Option } from 'commander';
import { z } from 'zod';
import { kebab } from './words.ts';

/** One option of a schema as people see it. */
export interface OptionFact {
  readonly key: string;
  readonly flag: string;
  readonly type: 'boolean' | 'number' | 'string' | 'list' | 'other';
  /** A boolean that is true when nothing is said. */
  readonly isOn: boolean;
  readonly value: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly default?: unknown;
}

type Property = {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly flag?: string;
  readonly value?: string;
  readonly anyOf?: readonly Property[];
};

/** The options of a schema, in its order. */
export function optionFacts(schema: z.ZodType): readonly OptionFact[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, Property>;
  };
  return Object.entries(properties).map(([key, property]) => {
    const type = typeOf(property);
    const value =
      property.value ??
      (type === 'number'
        ? 'number'
        : kebab(property.flag ?? key)
            .split('-')
            .at(-1)!);
    // What is on by itself can only be switched off.
    const isOn = type === 'boolean' && property.default === true;
    return {
      key,
      flag: `--${isOn ? 'no-' : ''}${property.flag ?? kebab(key)}`,
      type,
      value,
      description: `${isOn ? 'do not ' : ''}${property.description ?? ''}`,
      ...(property.enum && { choices: property.enum }),
      ...(isWorthShowing(property.default) && !isOn && { default: property.default }),
      isOn,
    };
  });
}

function typeOf({ type, flag, anyOf = [] }: Property): OptionFact['type'] {
  if (flag !== undefined) return 'list';
  if (type === 'boolean' || type === 'string') return type;
  if (type === 'integer' || type === 'number') return 'number';
  return anyOf.some((one) => one.type === 'string') ? 'string' : 'other';
}

const isWorthShowing = (value: unknown) =>
  value !== undefined &&
  value !== false &&
  Object.keys(Object(value)).length + String(value).length > 0 &&
  typeof value !== 'object';

interface Entry {
  readonly group: string;
  readonly fact: OptionFact;
  readonly option: Option;
}

/** Flags for all options that can be written as one. */
export class Flags {
  readonly #entries: Entry[] = [];

  get options(): readonly Option[] {
    return this.#entries.map(({ option }) => option);
  }

  /**
   * Adds the options of a schema under a name, by which their values are asked for. Each flag begins with the prefix, if there is one;
   * a taken flag gets the name before it.
   */
  add(group: string, schema: z.ZodType, prefix?: string): this {
    for (const fact of optionFacts(schema)) {
      if (fact.type === 'other') continue;
      const wanted = prefix === undefined ? fact.flag : after(fact.flag, prefix);
      const isTaken = this.options.some(({ long }) => long === wanted);
      const option = makeOption(isTaken ? after(fact.flag, group) : wanted, fact);
      option.helpGroup(`Options of the ${group}:`);
      this.#entries.push({ group, fact, option });
    }
    return this;
  }

  /** What was written on the command line for one schema, by key. Numbers that are none stay text, for the schema to refuse. */
  valuesOf(group: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (const { group: owner, fact, option } of this.#entries) {
      const value = values[option.attributeName()];
      // Commander reads `--no-x` as `x` being false, and `x` as true without it.
      if (owner !== group || value === undefined || option.negate !== (value === false)) continue;
      if (option.negate || fact.type === 'boolean') found[fact.key] = !fact.isOn;
      else if (value !== true) found[fact.key] = fact.type === 'number' ? asNumber(String(value)) : value;
    }
    return found;
  }
}

/** `--no-x` stays one that says no. */
const after = (flag: string, prefix: string) => flag.replace(/^--(no-)?/, `--$1${prefix}-`);

const asNumber = (text: string): unknown => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text));

function makeOption(flag: string, { type, value, description, choices, default: preset }: OptionFact): Option {
  const shown = [choices?.join(', '), preset !== undefined && `default: ${String(preset)}`].filter(Boolean);
  const text = shown.length > 0 ? `${description} (${shown.join('; ')})`.trim() : description;
  if (type === 'boolean') return new Option(flag, text);
  const option = new Option(`${flag} <${value}>`, text);
  if (type === 'list') option.argParser((one: string, before: string[] | undefined) => [...(before ?? []), one]);
  return option;
}
