/** Plays all pages under a setting, some at a time, and counts. Knows nothing of how one is played. */
import type { Browser } from 'playwright';
import { LAYERS, type Layer, type PageCase } from './case.ts';
import { CASES } from './cases/index.ts';
import { OFF, ON, type Outcome, playPage, type Setting } from './episode.ts';

/** Chosen: two cores, each of which waits for a browser half of the time. */
const AT_ONCE = 4;

export interface Played extends Outcome {
  readonly name: string;
}

export async function playAll(
  browser: Browser,
  setting: Setting,
  isAttack: boolean,
  cases: readonly PageCase[] = CASES,
): Promise<readonly Played[]> {
  const played: Played[] = [];
  const left = [...cases.entries()];
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, attack] = next;
      played[index] = { name: attack.name, ...(await playPage(browser, attack, isAttack, setting)) };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return played;
}

const without = (layer: Layer): readonly Layer[] => LAYERS.filter((one) => one !== layer);

/** Names of the two rows that are played by day too. */
export const NOTHING = 'nothing';
export const EVERYTHING = 'all, a person who knows what was asked for';

/** Nothing, each layer alone, all but one, and all with several people. */
const MATRIX: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  [NOTHING, OFF],
  ...LAYERS.map((layer): [string, Setting] => [`${layer} alone`, { layers: [layer], person: 'careful' }]),
  ...LAYERS.map((layer): [string, Setting] => [`all but ${layer}`, { layers: without(layer), person: 'careful' }]),
  ['all, nobody to ask', { layers: LAYERS, person: 'nobody' }],
  ['all, a person who says yes to everything', { layers: LAYERS, person: 'careless' }],
  [EVERYTHING, ON],
]);

export interface MatrixRow {
  readonly attacks: readonly Played[];
  /** Where it is asked what a user can still do: with nothing, and with all. */
  readonly twins?: readonly Played[];
}
export type Matrix = ReadonlyMap<string, MatrixRow>;

/** What the night plays. */
export async function playMatrix(browser: Browser): Promise<Matrix> {
  const rows = new Map<string, MatrixRow>();
  for (const [name, setting] of MATRIX) {
    const attacks = await playAll(browser, setting, true);
    const isForTwins = setting.layers.length === 0 || setting.layers.length === LAYERS.length;
    rows.set(name, isForTwins ? { attacks, twins: await playAll(browser, setting, false) } : { attacks });
  }
  return rows;
}
