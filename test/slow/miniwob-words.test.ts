/** What of the MiniWoB++ pages must not be in a policy, taken from the pages themselves. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fetchMiniwob, listTasks } from '../../src/eval/miniwob/fetch.ts';
import { MINIWOB_TASKS } from '../eval/miniwob-tasks.ts';
import { foreignPhrases, phrasesOf, policySources } from '../policies/policy-sources.ts';

let htmlDir: string;
beforeAll(async () => {
  htmlDir = await fetchMiniwob();
});

test('the list of tasks is that of the wheel', async () => {
  expect(await listTasks(htmlDir)).toEqual([...MINIWOB_TASKS].sort());
});

describe('no policy has four words of an instruction', () => {
  /** The page writes its instruction by script: its string constants hold the words. */
  const instructionsOf = async (task: string) => {
    const source = await readFile(join(htmlDir, 'miniwob', `${task}.html`), 'utf8');
    const writes = source.match(/#query'\)[^;]*;/g) ?? [];
    return writes.flatMap((write) => write.replace(/<[^>]*>/g, ' ').match(/'[^']*'|"[^"]*"/g) ?? []);
  };
  test.each(policySources())('$file', async ({ source }) => {
    const texts = (await Promise.all(MINIWOB_TASKS.map(instructionsOf))).flat();
    expect(texts.length).toBeGreaterThan(100);
    const phrases = new Set(texts.flatMap((text) => [...phrasesOf(text, 4)]));
    expect(foreignPhrases(source, phrases, 4)).toEqual([]);
  });
});
