/** A policy that knows its test pages would prove nothing: none names a benchmark's task or speaks the demo's words. */
import { expect, test } from 'vitest';
import { LABELS } from '../../src/demo/labels.ts';
import { createState } from '../../src/demo/state.ts';
import { demoTasks } from '../../src/demo/tasks.ts';
import { MINIWOB_TASKS } from '../eval/miniwob-tasks.ts';
import { foreignPhrases, phrasesOf, policySources } from './policy-sources.ts';

/** Names of one word are words of the language: `terminal`. */
const TASK_IDS = MINIWOB_TASKS.filter((task) => task.includes('-'));

const state = createState();
const demoNames = [...state.orders.values()].flatMap(({ id, customer, goods }) => [id, customer, goods]);
const demoLabels = [LABELS.deliver, LABELS.deliverYes, LABELS.deliverNo, LABELS.book];

test.each(policySources())('$file names no task of a benchmark', ({ source }) => {
  expect(TASK_IDS.filter((task) => new RegExp(`\\b${task}\\b`, 'i').test(source))).toEqual([]);
});

test.each(policySources())('$file has no string of the demo', ({ source }) => {
  const strings = [...demoNames, ...demoLabels].filter((text) => source.toLowerCase().includes(text.toLowerCase()));
  expect(strings).toEqual([]);
});

test.each(policySources())('$file has no four words of a task of the demo', ({ source }) => {
  const asked = demoTasks(() => state).map(({ instruction }) => instruction);
  const phrases = asked.flatMap((instruction) => [...phrasesOf(instruction, 4)]);
  expect(foreignPhrases(source, phrases, 4)).toEqual([]);
});

test('the search finds what it is for', () => {
  expect(foreignPhrases("// then 'open the order of' x", phrasesOf('Please open the order of Ann', 4), 4)).toEqual([
    'open the order of',
  ]);
  expect(TASK_IDS.length).toBeGreaterThan(100);
});
