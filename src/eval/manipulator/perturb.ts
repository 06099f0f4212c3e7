/** `--perturb`: how an evaluation is made harder. One table says what there is. Pure. */
import { PumiceError } from '../../errors.ts';

/** What the body does differently (options of the env), and what the evaluation does. */
export interface Perturbation {
  readonly camera?: number;
  readonly light?: number;
  readonly jpeg?: number;
  readonly delay?: number;
  readonly unseen?: true;
  readonly absent?: true;
  readonly switch?: number;
  readonly grey?: true;
  readonly words?: true;
}
type Key = keyof Perturbation;

/** The form of the value; `flag` has none. Ranges of what the env does are the env's own to check. */
const FORMS: Readonly<Record<Key, 'number' | 'whole' | 'flag'>> = {
  camera: 'number',
  light: 'number',
  jpeg: 'whole',
  delay: 'whole',
  unseen: 'flag',
  absent: 'flag',
  switch: 'whole',
  grey: 'flag',
  words: 'flag',
};
const KEYS = Object.keys(FORMS) as readonly Key[];
const EXAMPLES: Readonly<Record<'number' | 'whole', string>> = { number: '0.02', whole: '1' };
/** What contradicts each other: all of them say which instruction is given. */
const ONE_OF: readonly Key[] = ['absent', 'switch', 'words'];

const refuse = (message: string, hint: string): never => {
  throw new PumiceError('cli/usage', `--perturb: ${message}`, { who: 'pumice eval', hint });
};

/**
 * Reads `camera=0.02,unseen`. In the order of the table, whatever the order of the text.
 *
 * @throws PumiceError `cli/usage`.
 */
export function parsePerturbation(text: string): Perturbation {
  const given = new Map<Key, number | true>();
  for (const part of text.split(',')) {
    const [key = '', value, ...rest] = part.split('=').map((word) => word.trim());
    if (!isKey(key)) return refuse(`no '${part.trim()}'`, `There is: ${KEYS.map(written).join(', ')}`);
    if (given.has(key)) return refuse(`'${key}' is there twice`, 'Give each once');
    given.set(key, rest.length > 0 ? refuse(`'${part}' has two =`, `Write ${written(key)}`) : valueIn(key, value));
  }
  const [one, other] = ONE_OF.filter((key) => given.has(key));
  if (one && other) return refuse(`${one} and ${other} contradict each other`, 'Give one of them');
  return Object.fromEntries(KEYS.flatMap((key) => (given.has(key) ? [[key, given.get(key)]] : [])));
}

function valueIn(key: Key, text: string | undefined): number | true {
  const form = FORMS[key];
  if (form === 'flag') return text === undefined ? true : refuse(`${key} has no value, got '${text}'`, `Write ${key}`);
  const value = text && /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const isFit = form === 'whole' ? Number.isInteger(value) : !Number.isNaN(value);
  if (!isFit)
    return refuse(
      `${key}: expected a ${form} ${form === 'whole' ? 'number' : 'from 0 on'}, got '${text ?? ''}'`,
      `Write ${written(key)}`,
    );
  if (key === 'switch' && value < 1) return refuse('switch: expected at least 1 step', 'Write switch=5');
  return value;
}

const isKey = (text: string): text is Key => (KEYS as readonly string[]).includes(text);
const written = (key: Key): string => (FORMS[key] === 'flag' ? key : `${key}=${EXAMPLES[FORMS[key]]}`);

/** The part that is an option of the env. */
export const envPart = ({ camera, light, jpeg, delay }: Perturbation) => ({
  ...(camera !== undefined && { camera }),
  ...(light !== undefined && { light }),
  ...(jpeg !== undefined && { jpeg }),
  ...(delay !== undefined && { delay }),
});
