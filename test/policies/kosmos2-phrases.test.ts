import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../envs/sim/random.ts';
import { type Goal, phrase } from '../../envs/sim/words.ts';
import { phrasesOf } from '../../policies/markers/kosmos2/phrases.ts';

/** Colours that the phrases speak of, in order. */
const coloursIn = (phrases: readonly string[]) => phrases.flatMap((text) => text.match(/red|green|blue|yellow/) ?? []);

describe('the things that an instruction speaks of', () => {
  it.each([
    ['put the red block on a plate', ['the red block', 'a plate']],
    ['Pick up the Coke can, then close the top drawer.', ['the Coke can', 'the top drawer']],
    ['stack red cube on blue cube', ['red cube', 'blue cube']],
    ['open the left door and give me that', ['the left door']],
    ['push the brick left', ['the brick']],
    ['move the cup next to the cup', ['the cup']],
    ['ramasse la tasse près de la fenêtre', ['ramasse la tasse près de la fenêtre']],
    ['hold still', ['still']],
    ['can you bring me the can', ['the can']],
    ['go back to the left', []],
    ['', []],
  ])("'%s'", (instruction, phrases) => {
    expect(phrasesOf(instruction)).toEqual(phrases);
  });

  it('are found in every sentence that asks for something on the table', () => {
    const goals: readonly Goal[] = [
      { kind: 'hover', block: 'red' },
      { kind: 'pick', block: 'red' },
      { kind: 'push', block: 'red', side: 'left' },
      { kind: 'put', block: 'red', plate: 'blue' },
      { kind: 'stack', block: 'red', onto: 'green' },
    ];
    const other = { put: ['blue'], stack: ['green'] } as Readonly<Record<string, string[]>>;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...goals), fc.constantFrom('trained', 'unseen'), (seed, goal, from) => {
        const colours = coloursIn(phrasesOf(phrase(randomOf(seed), goal, from as 'trained' | 'unseen')));
        expect(new Set(colours)).toEqual(new Set(['red', ...(other[goal.kind] ?? [])]));
        expect(colours).toHaveLength(new Set(colours).size);
      }),
      { numRuns: 2000 },
    );
  });

  it('are pieces of the sentence, each once, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const phrases = phrasesOf(text);
        const plain = text.split(/\s+/).join(' ');
        for (const one of phrases) expect(plain).toContain(one);
        expect(new Set(phrases.map((one) => one.toLowerCase())).size).toBe(phrases.length);
      }),
    );
  });
});
