import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LABELS } from '../../src/demo/labels.ts';
import { CARRIERS, createState } from '../../src/demo/state.ts';
import { demoTasks } from '../../src/demo/tasks.ts';
import { REWORDINGS } from './rewordings.ts';

/** What is said of every second page is nobody's string. */
const EVERYBODYS = ['log in', 'log out', 'fill in the form', 'in the form with'];

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const runsOfFour = (text: string) => {
  const words = wordsOf(text);
  return words.slice(3).map((_, at) => words.slice(at, at + 4).join(' '));
};

function stringsOfDemo(): string[] {
  const orders = [...createState().orders.values()].flatMap(({ goods, customer }) => [goods, customer]);
  const names = [...orders, ...CARRIERS, ...Object.values(LABELS), 'Rush orders only', 'Bring a crane', 'Ring twice'];
  const asked = [...demoTasks(createState).map(({ instruction }) => instruction), ...Object.values(REWORDINGS).flat()];
  return [...names.map((name) => wordsOf(name).join(' ')), ...asked.flatMap(runsOfFour)].filter(
    (text) => text.includes(' ') && !EVERYBODYS.includes(text),
  );
}

const found = (source: string) => {
  const words = ` ${wordsOf(source).join(' ')} `;
  return stringsOfDemo().filter((text) => words.includes(` ${text} `));
};

test('no policy knows a string of the demo', () => {
  const paths = readdirSync('policies', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  expect(paths).toContain('mark-matcher.ts');
  for (const path of paths) expect(found(readFileSync(`policies/${path}`, 'utf8')), path).toEqual([]);
});

test('a policy that knew one would be found', () => {
  expect(found('const CARRIER = /^Night\\s+barge$/;')).toEqual([]);
  expect(found("if (name === 'Night barge') return;")).toEqual(['night barge']);
  expect(found('// open the order of a mill')).toContain('open the order of');
});
