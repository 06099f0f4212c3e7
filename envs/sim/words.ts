/**
 * The language of the tasks: what can be asked for, in many phrasings, and what a sentence asks for. Pure.
 * A phrasing is a template: `B` the block with its colour, `Q` another block, `P` a plate, `S` a side.
 */
import type { Random } from './random.ts';
import { COLOURS, type Colour } from './scene.ts';

export const TASKS = ['hover', 'pick', 'put', 'push', 'stack'] as const;
export type TaskKind = (typeof TASKS)[number];
/** Sides as the third-person camera sees them, which faces the arm: left is -y of the base frame. */
export const SIDES = ['left', 'right'] as const;
export type Side = (typeof SIDES)[number];

/** What is wanted. Colours need not be on the table: then it cannot be done. */
export type Goal =
  | { readonly kind: 'hover' | 'pick'; readonly block: Colour }
  | { readonly kind: 'put'; readonly block: Colour; readonly plate: Colour }
  | { readonly kind: 'push'; readonly block: Colour; readonly side: Side }
  | { readonly kind: 'stack'; readonly block: Colour; readonly onto: Colour };

const PHRASINGS: Readonly<Record<TaskKind, readonly string[]>> = {
  hover: [
    'move the gripper above B',
    'hover over B',
    'move above B',
    'go to B',
    'position the gripper over B',
    'hover above B',
    'move the arm over B',
    'point to B',
    'move the hand above B',
    'go above B and wait',
    'hold the gripper over B',
    'bring the gripper over B',
    'bring the arm above B',
    'move over to B',
    'place the gripper above B',
    'stay above B',
  ],
  pick: [
    'pick up B',
    'grab B',
    'lift B',
    'take B',
    'raise B',
    'get B',
    'pick B up',
    'lift B up',
    'fetch B',
    'grasp B',
    'pick B up from the table',
    'lift B off the table',
    'grab B and lift it',
    'grab B and pick it up',
    'take hold of B',
    'go and get B',
    'i want B',
    'i want you to pick up B',
    'i need B',
    'give me B',
    'hold B up',
    'raise B up in the air',
  ],
  put: [
    'put B on P',
    'place B on P',
    'move B onto P',
    'set B on P',
    'drop B onto P',
    'put B on top of P',
    'place B onto P',
    'bring B to P',
    'set B down on P',
    'pick up B and put it on P',
    'take B and place it on P',
    'grab B and set it down on P',
    'move B to P',
    'B should be on P',
    'i want B on P',
    'i want you to put B on P',
    'get B onto P',
    'lay B on P',
    'put B down on P',
    'carry B over to P',
    'on P put B',
  ],
  push: [
    'push B to the S',
    'push B S',
    'slide B to the S',
    'slide B S',
    'shove B to the S',
    'move B to the S',
    'push B over to the S',
    'push B along the table to the S',
    'slide B along to the S',
    'push B toward the S',
  ],
  stack: [
    'stack B on Q',
    'put B on Q',
    'place B on top of Q',
    'stack B on top of Q',
    'put B on top of Q',
    'set B on Q',
    'pick up B and stack it on Q',
    'place B onto Q',
    'build a tower with B on Q',
    'take B and put it on Q',
  ],
};

/** Phrasings, and words, that no model is trained on: for tests of what it makes of new language. */
export const UNSEEN: Readonly<Record<TaskKind, readonly string[]>> = {
  hover: [
    'bring the hand over the C block',
    'kindly hover above the small C cube',
    'point the arm to the C thing',
    'let the gripper float above the C block',
    'move until you are right over the C cube',
  ],
  pick: [
    'would you kindly pick the C object up',
    'i want you to grab that C brick',
    'raise the C block off the table',
    'get hold of the C cube and lift it up high',
    'the C block please pick it up',
  ],
  put: [
    'take the C block and put it on the P plate',
    'the C cube goes on the P plate',
    'drop the C toy onto the P target please',
    'carefully set the C cube down onto the P dish',
    'move that C brick over onto the P plate',
  ],
  push: [
    'give the C block a push to the S',
    'the C cube should slide over to the S',
    'shove that C thing toward the S side',
    'kindly push the C brick S',
  ],
  stack: [
    'the C block goes on top of the Q block',
    'build a tower by putting the C cube on the Q cube',
    'set that C brick on top of the Q one',
    'kindly stack the C cube onto the Q block',
  ],
};

const OPENINGS = [
  '',
  '',
  '',
  '',
  '',
  'please ',
  'could you ',
  'now ',
  'can you ',
  'would you ',
  'you should ',
  'next ',
];
const CLOSINGS = ['', '', '', '', '', '', ' please', ' now', ' for me', ' carefully'];
const DETERMINERS = ['the', 'the', 'the', 'the', 'that', 'this', 'a', 'my'];
const BLOCK_NOUNS = ['block', 'block', 'block', 'cube', 'cube', 'box', 'piece'];
const PLATE_NOUNS = ['plate', 'plate', 'plate', 'dish', 'disc', 'tray'];
const BLOCK_WORDS = [...new Set([...BLOCK_NOUNS, 'object', 'brick', 'toy', 'thing', 'one', 'item'])];
const PLATE_WORDS = [...new Set([...PLATE_NOUNS, 'target', 'saucer', 'pad', 'circle'])];

/** Every word of the phrasings of some kinds, in a fixed order: what a model that is trained on them can read. */
export function wordsFor(kinds: readonly TaskKind[]): readonly string[] {
  const texts = [
    ...kinds.flatMap((kind) => PHRASINGS[kind]),
    ...OPENINGS,
    ...CLOSINGS,
    ...DETERMINERS,
    ...BLOCK_NOUNS,
    ...PLATE_NOUNS,
    ...(kinds.includes('push') ? SIDES : []),
  ];
  const words = texts.flatMap((text) => text.split(' ')).filter((word) => /^[a-z]+$/.test(word));
  return [...COLOURS, ...new Set(words)];
}

/** Every word of all phrasings. */
export const TRAINED_WORDS: readonly string[] = wordsFor(TASKS);

/** A sentence for a goal, in a phrasing drawn at random. */
export function phrase(random: Random, goal: Goal, from: 'trained' | 'unseen' = 'trained'): string {
  const thing = (colour: Colour, nouns: readonly string[]) =>
    `${random.pick(DETERMINERS)} ${colour} ${random.pick(nouns)}`;
  const side = goal.kind === 'push' ? goal.side : '';
  if (from === 'unseen')
    return random
      .pick(UNSEEN[goal.kind])
      .replace(/\bC\b/g, goal.block)
      .replace(/\bP\b/g, goal.kind === 'put' ? goal.plate : '')
      .replace(/\bQ\b/g, goal.kind === 'stack' ? goal.onto : '')
      .replace(/\bS\b/g, side);
  const text = random
    .pick(PHRASINGS[goal.kind])
    .replace(/\bB\b/g, () => thing(goal.block, BLOCK_NOUNS))
    .replace(/\bP\b/g, () => (goal.kind === 'put' ? thing(goal.plate, PLATE_NOUNS) : ''))
    .replace(/\bQ\b/g, () => (goal.kind === 'stack' ? thing(goal.onto, BLOCK_NOUNS) : ''))
    .replace(/\bS\b/g, side);
  return random.pick(OPENINGS) + text + random.pick(CLOSINGS);
}

const HOVER_WORDS = /\b(hover|above|over|point|float|near)\b|\b(go|move|come) to\b/;
const PICK_WORDS = /\b(pick|grab|lift|take|raise|get|fetch|grasp|hold|want|need|give)\b/;
const PUSH_WORDS = /\b(push|slide|shove|nudge|move)\b/;

/**
 * What a sentence asks for, by its colours, nouns and verbs; undefined when this is no task of this scene.
 * Serves the judge of an episode alone: policies read sentences themselves.
 */
export function parseGoal(sentence: string): Goal | undefined {
  const words = sentence.toLowerCase().match(/[a-z]+/g) ?? [];
  const things = words.flatMap((word, at) => {
    if (!(COLOURS as readonly string[]).includes(word)) return [];
    const noun = words[at + 1] ?? '';
    return [{ colour: word as Colour, isPlate: PLATE_WORDS.includes(noun), isBlock: BLOCK_WORDS.includes(noun) }];
  });
  const blocks = things.filter(({ isBlock }) => isBlock);
  const plates = things.filter(({ isPlate }) => isPlate);
  if (things.length > 2 || blocks.length + plates.length !== things.length || blocks.length === 0) return undefined;
  const block = blocks[0]!.colour;
  if (plates.length === 1) return { kind: 'put', block, plate: plates[0]!.colour };
  if (blocks.length === 2) return { kind: 'stack', block, onto: blocks[1]!.colour };
  const text = words.join(' ');
  // "Right above it" is no side.
  const side = SIDES.find((name) => new RegExp(`\\b${name}\\b(?! (over|above|on)\\b)`).test(text));
  if (side && PUSH_WORDS.test(text)) return { kind: 'push', block, side };
  // "Pick it up and hold it over ..." is no task here, so whoever picks does not hover.
  if (HOVER_WORDS.test(text) && !/\b(pick|grab|lift|take|raise|fetch|grasp)\b/.test(text))
    return { kind: 'hover', block };
  if (PICK_WORDS.test(text)) return { kind: 'pick', block };
  return undefined;
}
