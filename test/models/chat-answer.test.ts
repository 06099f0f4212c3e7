/** An answer is put together the same way however its bytes were parted, and nothing that comes makes anything but a typed error. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import { gatherAnswer } from '../../src/models/chat-answer.ts';
import { chunk } from './fake-model-server.ts';

const plain = (text: string) => text;
const wanted = { maxTokens: 50 };

/** A text in pieces, parted at any places. */
const parted = (text: string, cuts: readonly number[]) => {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((place, at) => text.slice(places[at]!, place));
};
const gathered = (pieces: readonly string[]) => {
  const answer = gatherAnswer(plain, () => {});
  for (const piece of pieces) answer.feed(piece);
  return answer.finish(wanted);
};

test('a stream gives the same answer however it was parted', () => {
  const deltas = fc.array(fc.record({ content: fc.string({ unit: 'binary' }), reasoning: fc.string() }));
  fc.assert(
    fc.property(deltas, fc.array(fc.nat()), (said, cuts) => {
      const stream = said.map((delta) => chunk(delta)).join('') + chunk({ content: 'end' }, 'stop');
      const { text, reasoning } = gathered(parted(stream, cuts));
      expect(text).toBe(`${said.map(({ content }) => content).join('')}end`);
      expect(reasoning).toBe(said.map((delta) => delta.reasoning).join(''));
    }),
  );
  // The property sees a piece that is lost.
  expect(gathered([chunk({ content: 'a' }), chunk({ content: 'end' }, 'stop')]).text).not.toBe('end');
});

const json = fc.json();
const nearly = fc
  .record({
    choices: fc.oneof(
      fc.array(
        fc.record(
          {
            message: fc.oneof(fc.record({ content: fc.anything(), reasoning: fc.anything() }), fc.anything()),
            finish_reason: fc.anything(),
            token_ids: fc.anything(),
          },
          { requiredKeys: [] },
        ),
      ),
      fc.anything(),
    ),
    usage: fc.anything(),
    error: fc.anything(),
  })
  .map((value) => {
    try {
      return JSON.stringify(value) ?? '';
    } catch {
      return '{}';
    }
  });

test('whatever a server sends is an answer or a typed error', () => {
  fc.assert(
    fc.property(fc.oneof(json, nearly, fc.string()), fc.boolean(), (body, asEvent) => {
      try {
        const answer = gatherAnswer(plain, () => {});
        if (asEvent) answer.feed(`data: ${body.replaceAll('\n', ' ')}\n\n`);
        else answer.take(body);
        expect(typeof answer.finish(wanted).text).toBe('string');
      } catch (error) {
        expect(PumiceError.is(error), String(error)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
