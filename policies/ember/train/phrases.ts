/**
 * Sentences for every goal that ember is trained on, as tokens: training draws a fresh one for a sample each time, so that no picture
 * is ever learned together with one sentence. Prints `{ vocabulary, goals: [{ kind, first, second }], sentences }` as JSON.
 */
import { randomOf } from '../../../envs/sim/random.ts';
import { COLOURS } from '../../../envs/sim/scene.ts';
import { phrase } from '../../../envs/sim/words.ts';
import { tokensOf } from '../input.ts';
import { GOALS, KINDS } from './goals.ts';
import { VOCABULARY } from './rollouts.ts';

/** Sentences of each goal. Chosen: some thirty phrasings times the words around them. */
const SENTENCES = 600;

const random = randomOf(20_261_125);
const goals = GOALS.map((goal) => ({
  kind: KINDS.indexOf(goal.kind),
  first: COLOURS.indexOf(goal.block),
  second: 'plate' in goal ? COLOURS.indexOf(goal.plate) : 'onto' in goal ? COLOURS.indexOf(goal.onto) : COLOURS.length,
}));
const sentences = GOALS.map((goal) =>
  Array.from({ length: SENTENCES }, () => tokensOf(phrase(random, goal), VOCABULARY)),
);
process.stdout.write(JSON.stringify({ vocabulary: VOCABULARY, goals, sentences }));
