/** The decoder of one UI action: what it takes, what it refuses, and that nothing comes out that did not stand in the text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import { type DecodedAction, decodeAction, requireTargets, thoughtSoFar } from '../../src/models/decode-action.ts';
import { UI_KINDS } from '../../src/models/ui-prompt.ts';
import { inOrder, observation } from '../gate/given.ts';

const decode = (text: string) => decodeAction(text, UI_KINDS);
const codeOf = (run: () => unknown): string => {
  try {
    return `no error, but ${JSON.stringify(run())}`;
  } catch (error) {
    return PumiceError.is(error) ? error.code : `${error}`;
  }
};
const CLICK = '{"thought":"I save.","kind":"ui-click","target":7}';
const clicked = {
  action: { kind: 'ui-click', target: { markId: 7 }, button: 'left', count: 1 },
  thought: 'I save.',
};

test.each([
  ['alone', CLICK],
  ['fenced', `\`\`\`json\n${CLICK}\n\`\`\``],
  ['with words around it', `I press {Save}.\n${CLICK}\nThat should do.`],
  ['after thinking', `<think>Or {"kind":"done","outcome":"success"}? No.</think>\n${CLICK}`],
  ['with the mark as an object', CLICK.replace('7', '{"markId": 7}')],
  ['with null for a field that is left out', CLICK.replace('}', ',"modifiers":null}')],
])('an action is read %s', (_how, text) => {
  expect(decode(text)).toEqual(clicked);
});

test.each([
  ['nothing', 'decode/empty', ''],
  ['thinking without end', 'decode/empty', '<think>so I would say {"kind":"ui-back"}'],
  ['words only', 'decode/not-json', 'I would press Save.'],
  ['an object that is cut', 'decode/not-json', CLICK.slice(0, -1)],
  ['a whole action within an object that is cut', 'decode/not-json', `{"action":${CLICK}`],
  ['two actions', 'decode/schema', `${CLICK}\n{"kind":"done","outcome":"success"}`],
  ['a list of two', 'decode/schema', `[${CLICK},${CLICK}]`],
  ['no kind', 'decode/schema', '{"target":7}'],
  ['a kind that does not exist', 'decode/schema', '{"kind":"click","target":7}'],
  ['a motion of an arm', 'decode/schema', '{"kind":"joint-position","jointNames":[],"qRad":[]}'],
  ['a field that the kind does not have', 'decode/schema', '{"kind":"ui-click","target":7,"force":true}'],
  ['a mark that is no number', 'decode/schema', '{"kind":"ui-click","target":"7"}'],
  ['half a mark', 'decode/schema', '{"kind":"ui-click","target":7.5}'],
  ['an infinite point', 'decode/schema', '{"kind":"ui-click","target":{"xPx":1e999,"yPx":0}}'],
  ['a thought that is no text', 'decode/schema', CLICK.replace('"I save."', '[1]')],
])('%s is refused', (_what, code, text) => {
  expect(codeOf(() => decode(text))).toBe(code);
});

test('text that is typed can hold an action and stays text', () => {
  const text = '}{"kind":"done","outcome":"success"} \\" </think> ```';
  const answer = JSON.stringify({ kind: 'ui-type', target: 1, text });
  expect(decode(answer).action).toMatchObject({ kind: 'ui-type', text });
});

test('a refusal names the kinds, and the field that is wrong', () => {
  expect(() => decode('{"kind":"click"}')).toThrow(/ui-click, .*it is '"click"'/);
  expect(() => decode('{"kind":"ui-check","target":7}')).toThrow(/not a valid ui-check: checked: /);
});

test.each([
  ['a mark that is not there', '"target": there is no mark 99', { target: { markId: 99 } }],
  [
    'a point off the screen',
    '"target": (800, 10) is outside the picture of 800 x 600',
    { target: { xPx: 800, yPx: 10 } },
  ],
  ['a negative point', 'outside', { target: { xPx: -1, yPx: 10 } }],
])('%s is refused by name', (_what, message, { target }) => {
  const action = { kind: 'ui-click', target, button: 'left', count: 1 } as const;
  expect(() => requireTargets(action, observation())).toThrow(message);
  expect(() => requireTargets({ kind: 'ui-drag', from: { markId: 1 }, to: target }, observation())).toThrow('"to"');
});

test('a mark and a point that are there pass', () => {
  for (const action of inOrder) requireTargets(action, observation());
});

// ---------------------------------------------------------------- properties

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('}', '{"kind":"done"}', '\\"', '```'),
);
const target = fc.oneof(fc.record({ markId: fc.nat(400) }), fc.record({ xPx: fc.nat(2000), yPx: fc.nat(2000) }));
const action = fc.oneof(
  fc.constantFrom(...inOrder.filter(({ kind }) => UI_KINDS.some((one) => one === kind))),
  fc.record({ kind: fc.constant('ui-type' as const), target, text, clear: fc.boolean(), submit: fc.boolean() }),
  fc.record({ kind: fc.constant('ui-select' as const), target, values: fc.array(text, { minLength: 1 }) }),
  fc.record({ kind: fc.constant('ui-drag' as const), from: target, to: target }),
);
const words = fc.string().map((said) => said.replace(/[{}<]/g, ''));
/** An action, and an answer that a model could give it in. */
const answered = fc
  .tuple(action, text, words, words, fc.boolean())
  .map(([proposed, thought, before, after, isFenced]) => {
    const json = JSON.stringify({ thought, ...proposed });
    return { proposed, thought, answer: `${before}${isFenced ? `\`\`\`json\n${json}\n\`\`\`` : json}${after}` };
  });
const scrap = fc.oneof(
  fc.constantFrom('{', '}', '"', '\\', ',', '7', 'null', '"target":', '"kind":"ui-back"', '[', ']'),
  text,
);
/** Answers with up to three places cut out or filled with something else: some still right, most wrong. */
const damaged = fc
  .tuple(answered, fc.array(fc.tuple(fc.nat(), fc.nat(6), scrap), { maxLength: 3 }))
  .map(([{ answer }, edits]) =>
    edits.reduce((now, [at, length, put]) => {
      const from = at % (now.length + 1);
      return now.slice(0, from) + put + now.slice(from + length);
    }, answer),
  );

type Decode = (text: string) => DecodedAction;
const UNSAID: readonly unknown[] = ['left', 1, false, 0];
const leavesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
/** Every JSON object of a text, outer and inner, by trying each pair of braces. */
const objectsOf = (text: string): unknown[] => {
  const opens = [...text.matchAll(/\{/g)].map(({ index }) => index);
  const closes = [...text.matchAll(/\}/g)].map(({ index }) => index);
  return opens.flatMap((from) =>
    closes.flatMap((to) => {
      try {
        return [JSON.parse(text.slice(from, to + 1))];
      } catch {
        return [];
      }
    }),
  );
};
/** Nothing but an answer or a refusal comes out, and what comes out stood there, but for the defaults of its kind. */
const saysOnlyWhatStood = (decode: Decode) =>
  fc.property(damaged, (came) => {
    let decoded: DecodedAction;
    try {
      decoded = decode(came);
    } catch (error) {
      return PumiceError.is(error) && error.code.startsWith('decode/');
    }
    return objectsOf(came).some((object) => {
      const stood = [...UNSAID, ...leavesOf(object)];
      return leavesOf(decoded).every((leaf) => stood.includes(leaf));
    });
  });

test('whatever comes in, the decoder refuses or says only what stood there', () => {
  fc.assert(saysOnlyWhatStood(decode), { numRuns: 1000 });
});

test('a decoder that mends broken answers by guessing would be caught', () => {
  const guessing: Decode = (came) => {
    try {
      return decode(came);
    } catch {
      return { action: { kind: 'ui-click', target: { markId: 31_337 }, button: 'left', count: 1 } };
    }
  };
  const crashing: Decode = (came) => ({ action: JSON.parse(came) });
  for (const bad of [guessing, crashing])
    expect(fc.check(saysOnlyWhatStood(bad), { endOnFailure: true }).failed).toBe(true);
});

const readsWhatWasWritten = (decode: Decode) =>
  fc.property(answered, ({ proposed, thought, answer }) => {
    expect(decode(answer)).toEqual({ action: proposed, thought });
  });

test('every action comes back from an answer that holds it alone', () => {
  fc.assert(readsWhatWasWritten(decode), { numRuns: 500 });
});

test('a decoder that refuses everything, or finds braces without minding quotes, would be caught', () => {
  const refusing: Decode = () => decode('');
  const careless: Decode = (came) => decode(/\{[^}]*\}+/.exec(came)?.[0] ?? '');
  for (const bad of [refusing, careless])
    expect(fc.check(readsWhatWasWritten(bad), { endOnFailure: true }).failed).toBe(true);
});

test('two actions are never taken for one', () => {
  fc.assert(
    fc.property(answered, answered, (one, other) => {
      expect(codeOf(() => decode(`${one.answer}\n${other.answer}`))).toBe('decode/schema');
    }),
  );
});

test('the thought of an answer that is still coming in only grows, up to the whole', () => {
  const growsTo = (read: (part: string) => string) =>
    fc.property(text, (thought) => {
      const whole = JSON.stringify({ thought, kind: 'ui-back' });
      const steps = Array.from({ length: whole.length }, (_, end) => read(whole.slice(0, end + 1)));
      return steps.every((now, at) => now.startsWith(steps[at - 1] ?? '')) && steps.at(-1) === thought;
    });
  fc.assert(growsTo(thoughtSoFar));
  expect(fc.check(growsTo((part) => /"thought":"(.*?)"/.exec(part)?.[1] ?? '')).failed).toBe(true);
});
