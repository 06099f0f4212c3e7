/** Thought and answer in all the ways they come, and verdicts that are read out of answers only. */
import fc from 'fast-check';
import {
  anomalyOf,
  readChoice,
  readCritique,
  readOption,
  type Said,
  serverSplit,
  spokenIn,
  spokenOf,
  TAGS,
  thoughtStream,
  yesOrNo,
} from 'pumice/codecs';
import { describe, expect, it } from 'vitest';
import { hostileText } from './hostile.ts';

const stop = { finishReason: 'stop' } as const;
const asked = { toThink: true };
const notAsked = { toThink: false };
const answered = (said: Said, ask = asked) => {
  const reading = spokenOf(said, ask);
  return reading.ok ? reading.value : reading.problem.code;
};

describe('thought and answer', () => {
  it.each<[string, Said, { thought?: string; answer: string }]>([
    ['inline', { ...stop, content: '<think>t</think>a' }, { thought: 't', answer: 'a' }],
    ['inline, the opening tag in the prompt', { ...stop, content: 't</think>a' }, { thought: 't', answer: 'a' }],
    [
      'inline with an answer tag',
      { ...stop, content: '<think>t</think>\n<answer>a</answer>' },
      { thought: 't', answer: 'a' },
    ],
    ['in `reasoning`', { ...stop, reasoning: 't', content: 'a' }, { thought: 't', answer: 'a' }],
    ['in `reasoning_content`', { ...stop, reasoning_content: 't', content: 'a' }, { thought: 't', answer: 'a' }],
    [
      'in both fields, once',
      { ...stop, reasoning: 't', reasoning_content: 't', content: 'a' },
      { thought: 't', answer: 'a' },
    ],
    ['in an answer tag alone', { ...stop, content: '<answer>a</answer>' }, { answer: 'a' }],
  ])('are told apart: %s', (_, said, expected) => {
    expect(answered(said)).toEqual(expected);
  });

  it('an answer that the server took for thought is the answer of a model that was not asked to think', () => {
    const said = { ...stop, content: null, reasoning: 'Yes' };
    expect(answered(said, notAsked)).toEqual({ answer: 'Yes' });
    expect(spokenOf(said, notAsked).flags.channel).toBe('reasoning');
    expect(answered(said, asked)).toBe('decode/empty');
  });

  it('a thought that was cut off is no answer, wherever it stands', () => {
    expect(answered({ content: null, reasoning: 'so yes', finishReason: 'length' })).toBe('decode/truncated');
    expect(answered({ content: null, reasoning: 'so yes', finishReason: 'length' }, notAsked)).toBe('decode/truncated');
    expect(answered({ content: '<think>so yes', finishReason: 'length' })).toBe('decode/truncated');
    expect(answered({ content: 'so yes', finishReason: 'length' })).toBe('decode/truncated');
    expect(answered({ content: '<think>so <answer>yes</answer>', ...stop })).toBe('decode/truncated');
    expect(yesOrNo(spokenIn('Yes.</thi'))).toBe('unknown');
  });

  it('an answer without a reason for its end counts as cut off', () => {
    expect(spokenOf({ content: '<think>t</think>yes' }, asked).flags.truncated).toBe(true);
    expect(yesOrNo(spokenOf({ content: '<think>t</think>yes' }, asked))).toBe('unknown');
  });

  it('a thought that went round in circles until it was cut off says so', () => {
    const reasoning = 'But wait, is the cup on the left or on the right? '.repeat(20);
    const { flags } = spokenOf({ content: '', reasoning, finishReason: 'length' }, asked);
    expect(flags).toMatchObject({ truncated: true, looped: true });
    expect(
      spokenOf({ content: '', reasoning: 'The cup is', finishReason: 'length' }, asked).flags.looped,
    ).toBeUndefined();
  });

  it('nothing at all is no answer', () => {
    for (const content of [null, '', ' \n', '<think>t</think>', '<think>t</think> <answer> </answer>'])
      expect(answered({ content, ...stop })).toBe('decode/empty');
  });

  it('two answers that differ are none; the original takes the first', () => {
    expect(answered({ content: '<answer>A</answer><answer>B</answer>', ...stop })).toBe('decode/schema');
    expect(spokenIn('<answer>A</answer><answer>B</answer>', 'compat')).toMatchObject({
      ok: true,
      value: { answer: 'A' },
    });
  });

  it('a stream gives the same in whatever pieces it comes', () => {
    fc.assert(
      fc.property(hostileText, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (text, sizes) => {
        expect(streamed(text, sizes)).toEqual(streamed(text, [text.length + 1]));
      }),
    );
  });

  it('a stream that looked at each piece alone would not', () => {
    const naive = (pieces: string[]) => pieces.map((piece) => serverSplit(piece, 'qwen3').content ?? '').join('');
    expect(naive(['t</th', 'ink>a'])).not.toBe(naive(['t</think>a']));
  });

  it('what a stream says is thought at its end is what the whole text says', () => {
    const [thought, answer] = ['first the left one', '\n\n[1, 2]'];
    expect(streamed(`<think>${thought}</think>${answer}`, [3])).toEqual({ thought, answer });
  });
});

function streamed(text: string, sizes: readonly number[]): { thought: string; answer: string } {
  const stream = thoughtStream({ ends: TAGS.ends, begins: ['<tool_call>'] });
  let [thought, answer] = ['', ''];
  const add = (piece: { thought: string; answer: string }) => {
    thought += piece.thought;
    answer += piece.answer;
  };
  // The opening tag is left out of the rule: text before it is dropped within a piece only, as vLLM does.
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    add(stream.feed(text.slice(at, at + size)));
    at += size;
  }
  add(stream.end());
  return { thought: thought.replace(/^<think>/, ''), answer };
}

describe('a verdict', () => {
  it.each([
    ['no\nNo, the robot has not yet completed it.', 'no'],
    ['**Yes**', 'yes'],
    ['Yes.', 'yes'],
    ['Answer: no', 'no'],
    ['The answer is yes, the arm let go.', 'yes'],
    ['Yes, there is no obstacle.', 'yes'],
    ['Yes and no.', 'unknown'],
    ['Yes, but actually no.', 'unknown'],
    ['No. Yes.', 'unknown'],
    ['No doubt it worked.', 'unknown'],
    ['Not yes', 'unknown'],
    ['no-brainer: it worked', 'unknown'],
    ['Yesterday it did.', 'unknown'],
    ['I cannot tell.', 'unknown'],
    ['Yes? Hard to say.', 'unknown'],
    ['', 'unknown'],
  ])('of %j is %s', (answer, expected) => {
    expect(yesOrNo(spokenIn(answer))).toBe(expected);
  });

  it('is one of the choices that were offered', () => {
    const of = (answer: string, choices: string[]) => {
      const reading = readChoice(spokenIn(answer), choices);
      return reading.ok ? reading.value : 'unknown';
    };
    expect(of('Reject', ['Approve', 'Reject'])).toBe('Reject');
    expect(of('reject.', ['Approve', 'Reject'])).toBe('Reject');
    expect(of('Not safe', ['safe', 'unsafe'])).toBe('unknown');
    expect(of('Unsafe', ['safe', 'unsafe'])).toBe('unsafe');
    expect(of('Reject; I cannot approve it', ['Approve', 'Reject'])).toBe('unknown');
    expect(of('4', ['1', '2', '3', '4', '5'])).toBe('4');
    expect(of('4.5', ['1', '2', '3', '4', '5'])).toBe('unknown');
    expect(of('4/5', ['1', '2', '3', '4', '5'])).toBe('unknown');
    expect(of('maybe', [])).toBe('unknown');
    expect(of('anything', [''])).toBe('unknown');
  });

  const thoughts = fc.array(
    fc.constantFrom('yes', 'no', 'Yes.', 'The answer is no', '<answer>yes</answer>', '\n', 'so'),
    {
      maxLength: 8,
    },
  );

  it('is the same whatever the model thought', () => {
    fc.assert(
      fc.property(thoughts, fc.constantFrom('yes', 'no', 'hm'), (parts, answer) => {
        const thought = ['so', ...parts].join(' ');
        const inline = yesOrNo(spokenIn(`<think>${thought}</think>${answer}`));
        const apart = yesOrNo(spokenOf({ ...stop, reasoning: thought, content: answer }, asked));
        expect([inline, apart]).toEqual(Array(2).fill(answer === 'hm' ? 'unknown' : answer));
      }),
    );
  });

  it('is unknown of every beginning of a text that has not come to the end of its thought', () => {
    fc.assert(
      fc.property(thoughts, fc.nat(120), (parts, length) => {
        const cut = `<think>yes ${parts.join(' ')}</think>yes`.slice(0, length);
        if (cut.includes('</think>')) return;
        for (const finishReason of ['length', 'stop', null])
          expect(yesOrNo(spokenOf({ content: cut, finishReason }, asked))).toBe('unknown');
      }),
    );
  });

  it('read out of the whole text would be another one', () => {
    const text = '<think>Yes. No, wait.</think>no';
    expect(/yes|no/i.exec(text)![0].toLowerCase()).not.toBe(yesOrNo(spokenIn(text)));
  });

  it.each([
    ['B', 'B'],
    ['b', 'B'],
    ['(B)', 'B'],
    ['B) Impossible', 'B'],
    ['B. It breaks.', 'B'],
    ['The correct option is (B)', 'B'],
    ['The answer is B', 'B'],
    ['Impossible.', 'B'],
    ['A robot arm', 'unknown'],
    ['(A) or (B)', 'unknown'],
    ['A, B', 'A'],
    ['C', 'unknown'],
    ['', 'unknown'],
  ])('of several options: %j is %s', (answer, expected) => {
    const reading = readOption(spokenIn(answer), { A: 'Possible', B: 'Impossible' });
    expect(reading.ok ? reading.value : 'unknown').toBe(expected);
  });
});

describe('a critique', () => {
  const xml = (anomaly: string, answer: string) =>
    `<think><overview>o</overview><component name="arm"><analysis>x</analysis><anomaly>${anomaly}</anomaly></component></think><answer>${answer}</answer>`;

  it('is yes or no where answer and components agree', () => {
    expect(anomalyOf(xml('Yes', 'Yes'))).toBe('yes');
    expect(anomalyOf(xml('No', '\nNo\n'))).toBe('no');
  });

  it('is unknown where they do not, where it is no XML, and where it was cut off', () => {
    for (const text of [
      xml('Yes', 'No'),
      xml('No', 'Yes'),
      xml('a & b', 'No'),
      xml('No', 'Maybe'),
      xml('No', 'No').slice(0, -3),
      'No',
      '',
    ])
      expect(anomalyOf(text)).toBe('unknown');
    expect(readCritique(xml('Yes', 'No'), 'compat')).toMatchObject({ ok: true, value: { isAnomalous: false } });
  });
});
