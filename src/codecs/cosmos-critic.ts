/**
 * The critique that Cosmos Reason1 writes of a video: for each thing in it whether it behaves as things do, and an answer whether
 * anything is wrong. Read as nvidia-cosmos/cosmos-reason1 `3e7f1cb` `examples/video_critic/video_critic.py` does.
 */
import { PumiceError } from '../errors.ts';
import { strip } from './python.ts';
import { type Mode, type Reading, read, unread } from './reading.ts';
import { parseXml, type XmlElement } from './xml.ts';

export interface CriticComponent {
  readonly name: string;
  readonly analysis: string;
  readonly anomaly: string;
}
export interface Critique {
  /** Empty where the model did not think. */
  readonly think: { readonly overview?: string; readonly components?: readonly CriticComponent[] };
  readonly answer: string;
}

/** As the original: undefined where it is no XML, as for a bare ampersand. */
export function critique(text: string): Critique | undefined {
  const root = rootOf(text);
  return root && critiqueIn(root);
}

const rootOf = (text: string) => parseXml(`<root>${strip(text)}</root>`);
function critiqueIn(root: XmlElement): Critique {
  const think = child(root, 'think');
  return { think: think ? thoughtOf(think) : {}, answer: textOf(root, 'answer') };
}

const thoughtOf = (think: XmlElement) => ({
  overview: textOf(think, 'overview'),
  components: think.children
    .filter(({ name }) => name === 'component')
    .map((component) => ({
      name: component.attributes.get('name') ?? '',
      analysis: textOf(component, 'analysis'),
      anomaly: textOf(component, 'anomaly'),
    })),
});
const child = (of: XmlElement, name: string) => of.children.find((element) => element.name === name);
const textOf = (of: XmlElement, name: string) => strip(child(of, name)?.text ?? '');

const bare = (word: string) => word.toLowerCase().replace(/\.$/, '');

/** `unknown` is neither: nothing may be concluded from it. */
export type Anomaly = 'yes' | 'no' | 'unknown';

const problem = (message: string) =>
  new PumiceError('decode/schema', message, {
    who: 'codec cosmos-critic',
    hint: 'Count this trial as unknown, and ask again',
  });

/**
 * Whether the critic saw something wrong. `strict` refuses an answer that is not yes or no alone, more than one of them, and one
 * that its own components contradict; `compat` takes the first answer, as the original counts it.
 */
export function readCritique(
  text: string,
  mode: Mode = 'strict',
): Reading<Critique & { readonly isAnomalous: boolean }> {
  const root = rootOf(text);
  if (!root) return unread(problem('expected well-formed XML, as in <think>..</think><answer>Yes</answer>'));
  const found = critiqueIn(root);
  const answer = bare(found.answer);
  if (answer !== 'yes' && answer !== 'no')
    return unread(problem(`expected the answer Yes or No, got ${JSON.stringify(found.answer.slice(0, 40))}`));
  const value = { ...found, isAnomalous: answer === 'yes' };
  const doubt = mode === 'strict' ? doubtOf(root, value) : undefined;
  return doubt ? unread(problem(doubt), { suspect: true }, value) : read(value);
}

function doubtOf(
  root: XmlElement,
  { think, isAnomalous }: Critique & { readonly isAnomalous: boolean },
): string | undefined {
  if (root.children.filter(({ name }) => name === 'answer').length > 1) return 'expected one answer, got several';
  const seen = (think.components ?? []).map(({ anomaly }) => bare(anomaly));
  if (seen.length > 0 && isAnomalous !== seen.includes('yes'))
    return `its answer is ${isAnomalous ? 'yes' : 'no'}, its components say the contrary`;
  return undefined;
}

/** The critic's word on anomalies, `unknown` for whatever cannot be read. */
export function anomalyOf(text: string): Anomaly {
  const reading = readCritique(text);
  return reading.ok ? (reading.value.isAnomalous ? 'yes' : 'no') : 'unknown';
}
