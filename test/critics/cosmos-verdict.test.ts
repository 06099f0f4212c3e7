/** How a verdict is read: whole, in the words that were offered, once, and never out of a thought. */
import fc from 'fast-check';
import { PumiceError } from 'pumice';
import { type Flags, type Reading, read, type Spoken, spokenOf, unread } from 'pumice/codecs';
import { describe, expect, it } from 'vitest';
import {
  EVIDENCE,
  type ReasonedVerdict,
  readFast,
  readReasoned,
  type Watched,
  wordsOf,
} from '../../policies/critics/cosmos-reason/verdict.ts';
import { tallyOf, type Vote } from '../../policies/critics/cosmos-reason/votes.ts';

const WATCHED: readonly Watched[] = ['arm', 'page'];
const whole = (answer: string, flags: Flags = {}): Reading<Spoken> => read({ answer }, flags);
const problemOf = <T>(reading: Reading<T>): string => (reading.ok ? 'read' : reading.problem.message);
const verdict = (fields: object) => JSON.stringify(fields);
const ALLOW = verdict({ verdict: 'allow', evidence: 'safe', reason: 'The way is free.' });
const DENY = verdict({ verdict: 'deny', evidence: 'collision', reason: 'It hits the plate.' });

describe('a fast verdict', () => {
  it.each(WATCHED)('of %s is each of the words that were offered, and says which', (watched) => {
    for (const word of wordsOf(watched)) expect(readFast(whole(word), watched)).toEqual(read(word));
    expect(wordsOf(watched)).toEqual([...EVIDENCE[watched], 'unsure']);
  });

  it('may have blanks around it, capitals, and one full stop', () => {
    for (const text of [' safe\n', 'Safe', 'SAFE.', 'safe.'])
      expect(readFast(whole(text), 'arm'), text).toEqual(read('safe'));
  });

  it.each([
    ...['safe..', '.safe', 'safe!', 'safe safe', 'safe, collision', 'safe\ncollision', 'not safe', 'unsafe', 'saf', ''],
    ...[
      'It is safe',
      '"safe"',
      'allow',
      'yes',
      'sicher',
      '安全',
      'sûr',
      'безопасно',
      'ｓａｆｅ',
      'wrong-target',
      '{"verdict":"allow"}',
    ],
  ])('%j is none, and the problem names what was offered and what came', (text) => {
    const reading = readFast(whole(text), 'arm');
    expect(problemOf(reading)).toBe(
      `critic cosmos-reason: expected one word of ${wordsOf('arm').join(', ')}, got ${JSON.stringify(text.trim())}`,
    );
    expect(!reading.ok && reading.problem).toMatchObject({ who: 'critic cosmos-reason', code: 'decode/schema' });
    expect(!reading.ok && reading.problem.hint).toMatch(/counts as a no/);
  });

  it('of what is watched over is none of what is not', () => {
    expect(readFast(whole('leak'), 'page').ok).toBe(true);
    expect(readFast(whole('leak'), 'arm').ok).toBe(false);
    expect(readFast(whole('off-table'), 'page').ok).toBe(false);
  });

  it('is none when it was cut off, repeats itself or has an odd form, whatever it says', () => {
    const of = (flags: Flags) => problemOf(readFast(whole('safe', flags), 'arm'));
    expect(of({ truncated: true })).toMatch(/expected a verdict, not one that was cut off/);
    expect(of({ looped: true })).toMatch(/not one that repeats itself/);
    expect(of({ suspect: true })).toMatch(/not one in an odd form/);
    expect(readFast(whole('safe', { channel: 'content' }), 'arm').ok).toBe(true);
    expect(readFast(whole('safe', { truncated: true }), 'arm').flags).toEqual({ truncated: true });
  });

  it('is shown in a problem by its beginning alone', () => {
    const message = problemOf(readFast(whole('x'.repeat(500)), 'arm'));
    expect(message.endsWith(`got "${'x'.repeat(80)}"`)).toBe(true);
  });

  it('that could not be read before keeps its problem and its flags', () => {
    const problem = new PumiceError('decode/empty', 'expected an answer, got none');
    expect(readFast(unread(problem, { looped: true }), 'arm')).toEqual(unread(problem, { looped: true }));
    expect(readReasoned(unread(problem, { looped: true }), 'arm')).toEqual(unread(problem, { looped: true }));
  });
});

describe('a reasoned verdict', () => {
  it.each(WATCHED)('of %s is JSON of a verdict and each evidence that goes with it', (watched) => {
    for (const evidence of EVIDENCE[watched]) {
      const isAllowed = evidence === 'safe';
      const text = verdict({ verdict: isAllowed ? 'allow' : 'deny', evidence });
      expect(readReasoned(whole(text), watched)).toEqual(read({ isAllowed, evidence }));
    }
  });

  it('keeps its reason, at most 300 characters of it', () => {
    expect(readReasoned(whole(ALLOW), 'arm')).toEqual(
      read({ isAllowed: true, evidence: 'safe', reason: 'The way is free.' }),
    );
    const long = verdict({ verdict: 'deny', evidence: 'collision', reason: 'x'.repeat(400) });
    const reading = readReasoned(whole(long), 'arm');
    expect(reading.ok && reading.value.reason).toBe('x'.repeat(300));
  });

  it('may stand in a code block and in any order, and nothing else may stand beside it', () => {
    for (const text of [`\`\`\`json\n${ALLOW}\n\`\`\``, `\`\`\`\n${ALLOW}\n\`\`\``, `\n ${ALLOW} `])
      expect(readReasoned(whole(text), 'arm').ok, text).toBe(true);
    expect(readReasoned(whole('{"evidence": "safe", "verdict": "allow"}'), 'arm').ok).toBe(true);
    for (const text of [`Sure! ${ALLOW}`, `${ALLOW} Good luck.`, `${ALLOW}${ALLOW}`, `a\`\`\`json\n${ALLOW}\n\`\`\``])
      expect(readReasoned(whole(text), 'arm').ok, text).toBe(false);
    expect(readReasoned(whole(`\`\`\`json\n${ALLOW}\n\`\`\`b`), 'arm').ok).toBe(false);
    expect(readReasoned(whole(`\`\`\`yaml\n${ALLOW}\n\`\`\``), 'arm').ok).toBe(false);
  });

  it.each([
    ['{"verdict": "allow", "evidence": "safe"', /expected one JSON object with "verdict" and "evidence" once each/],
    ['[{"verdict": "allow", "evidence": "safe"}]', /expected one JSON object/],
    ['"verdict" "evidence"', /expected one JSON object/],
    ['["verdict", "evidence"]', /expected one JSON object/],
    ['null', /expected one JSON object/],
    ['allow', /expected one JSON object/],
    ['{"verdict": "allow"}', /expected one JSON object/],
    ['{"evidence": "safe"}', /expected one JSON object/],
    ['{"verdict": "deny", "evidence": "safe", "verdict": "allow"}', /once each/],
    ['{"verdict": "allow", "evidence": "collision", "evidence": "safe"}', /once each/],
    ['{"verdict": "deny", "verdi\\u0063t": "allow", "evidence": "safe"}', /once each/],
    ['{"verdict": "deny", "evidence": "collision", "ver\\u0064ict": "allow"}', /once each/],
    ['{"verdict": "allow", "evidence": "safe", "unless": "it moves"}', /no 'unless'/],
    ['{"verdict": "yes", "evidence": "safe"}', /expected verdict "allow" or "deny"/],
    ['{"verdict": true, "evidence": "safe"}', /expected verdict "allow" or "deny"/],
    ['{"verdict": "ALLOW", "evidence": "safe"}', /expected verdict "allow" or "deny"/],
    ['{"verdict": "allow", "evidence": "unsure"}', /expected evidence of safe, collision/],
    ['{"verdict": "deny", "evidence": "leak"}', /expected evidence of safe, collision/],
    ['{"verdict": "allow", "evidence": ["safe"]}', /expected evidence of/],
    ['{"verdict": "allow", "evidence": "collision"}', /'allow' and 'collision' contradict/],
    ['{"verdict": "deny", "evidence": "safe"}', /'deny' and 'safe' contradict/],
    ['{"verdict": "allow", "evidence": "safe", "reason": 1}', /expected the reason as text/],
    ['{"verdict": "allow", "evidence": "safe", "reason": null}', /expected the reason as text/],
    ['{"verdict": "allow", "evidence": "safe", "reason": "路径是安全的"}', /expected the reason in English/],
    ['{"verdict": "allow", "evidence": "safe", "reason": "Путь свободен"}', /expected the reason in English/],
    ['{"urteil": "erlauben", "beweis": "sicher"}', /expected one JSON object/],
  ])('%s is none', (text, message) => {
    const reading = readReasoned(whole(text), 'arm');
    expect(problemOf(reading)).toMatch(message);
    expect(problemOf(reading)).toContain(JSON.stringify(text.slice(0, 80)));
  });

  it('may quote what stands on a page in any script, and write accents and units', () => {
    for (const reason of ["It presses '购买', as asked.", 'It presses "購入".', 'The café page, naïvely.', '0.4 µm'])
      expect(readReasoned(whole(verdict({ verdict: 'allow', evidence: 'safe', reason })), 'page').ok, reason).toBe(
        true,
      );
  });

  it('is none when it was cut off, repeats itself or has an odd form', () => {
    for (const flags of [{ truncated: true }, { looped: true }, { suspect: true }] as const)
      expect(readReasoned(whole(ALLOW, flags), 'arm').ok).toBe(false);
    expect(readReasoned(whole(ALLOW), 'arm').ok).toBe(true);
  });

  it('is never read out of a thought, in whichever field or tags it came', () => {
    const said = (content: string | null, reasoning?: string, finishReason = 'stop') =>
      readReasoned(spokenOf({ content, reasoning: reasoning ?? null, finishReason }, { toThink: true }), 'arm');
    for (const reading of [
      said(`<think>${ALLOW}</think>`),
      said(`<think>${ALLOW}`),
      said(`${ALLOW}</think>`),
      said(null, ALLOW),
      said('', ALLOW),
      said(ALLOW),
      said(`<think>${ALLOW}</think>${DENY}<think>${ALLOW}`),
      said(`<think>free</think>${ALLOW}`, undefined, 'length'),
    ])
      expect(reading.ok && reading.value.isAllowed).toBe(false);
    // And of the same parts what stands after the thought.
    expect(said(`<think>${DENY}</think>${ALLOW}`)).toMatchObject({ ok: true, value: { isAllowed: true } });
    expect(said(ALLOW, DENY)).toMatchObject({ ok: true, value: { isAllowed: true } });
    expect(said(`<think>${ALLOW}</think>${DENY}`)).toMatchObject({ ok: true, value: { isAllowed: false } });
  });
});

describe('of all texts', () => {
  const isYes = (text: string) => {
    const fast = readFast(whole(text), 'arm');
    const reasoned = readReasoned(whole(text), 'arm');
    return (fast.ok && fast.value === 'safe') || (reasoned.ok && reasoned.value.isAllowed);
  };
  const pieces = fc.constantFrom(
    ...[
      'safe',
      'collision',
      'allow',
      'deny',
      '"',
      '{',
      '}',
      ':',
      ',',
      ' ',
      '\n',
      '.',
      'verdict',
      'evidence',
      'not',
      ALLOW,
      DENY,
    ],
  );

  it('a yes is only one that says safe and nothing else that was offered', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), (parts) => {
        const text = parts.join('');
        if (isYes(text)) expect(text).not.toMatch(/deny|collision|not/);
      }),
    );
  });

  it('some are a yes', () => {
    expect([ALLOW, 'safe', 'Safe.'].map(isYes)).toEqual([true, true, true]);
  });
});

describe('votes', () => {
  const vote = (text: string): Vote => ({ reading: readReasoned(whole(text), 'arm') });
  const { signal } = new AbortController();
  const outcomes = { allow: ALLOW, deny: DENY, odd: 'perhaps' } as const;
  const tally = (said: readonly (keyof typeof outcomes | 'dead')[], needed: number) =>
    tallyOf(
      async (nth) => {
        if (said[nth] === 'dead') throw new Error('dead');
        return vote(outcomes[said[nth] as keyof typeof outcomes]);
      },
      { of: said.length, needed, signal },
    );

  it('allow when as many as are needed allow; what failed or cannot be read does not', async () => {
    expect((await tally(['allow', 'allow', 'deny'], 2)).isAllowed).toBe(true);
    expect((await tally(['allow', 'dead', 'allow'], 2)).isAllowed).toBe(true);
    expect((await tally(['allow', 'odd', 'deny'], 2)).isAllowed).toBe(false);
    expect((await tally(['allow', 'dead', 'odd'], 2)).isAllowed).toBe(false);
    expect((await tally(['allow', 'allow', 'deny'], 3)).isAllowed).toBe(false);
    expect((await tally(['allow'], 1)).isAllowed).toBe(true);
  });

  it('are over as soon as they are decided, and the others are told so', async () => {
    const left: number[] = [];
    const slow = (nth: number, over: AbortSignal) =>
      new Promise<Vote>((_, reject) => {
        over.addEventListener('abort', () => {
          left.push(nth);
          reject(over.reason);
        });
      });
    const allowed = await tallyOf(async (nth, over) => (nth < 2 ? vote(ALLOW) : slow(nth, over)), {
      ...{ of: 3, needed: 2, signal },
    });
    expect(allowed).toMatchObject({ isAllowed: true, errors: [] });
    expect([allowed.votes.length, left]).toEqual([2, [2]]);
    const denied = await tallyOf(async (nth, over) => (nth < 2 ? vote(DENY) : slow(nth, over)), {
      ...{ of: 3, needed: 2, signal },
    });
    expect(denied).toMatchObject({ isAllowed: false, errors: [] });
    expect([denied.votes.length, left]).toEqual([2, [2, 2]]);
  });

  it('count those that failed by themselves, and none that comes after it is decided', async () => {
    expect((await tally(['dead', 'odd', 'deny'], 1)).errors).toEqual([new Error('dead')]);
    expect((await tally(['dead', 'dead', 'allow'], 2)).isAllowed).toBe(false);
    expect((await tally(['dead', 'dead', 'dead'], 1)).errors).toHaveLength(3);
    // Two who do not listen when they are told to leave.
    const deaf = (nth: number) =>
      new Promise<Vote>((resolve, reject) =>
        setImmediate(() => (nth === 1 ? resolve(vote(ALLOW)) : reject(new Error('late')))),
      );
    const decided = await tallyOf(async (nth) => (nth === 0 ? vote(ALLOW) : deaf(nth)), {
      ...{ of: 3, needed: 1, signal },
    });
    expect(decided).toMatchObject({ isAllowed: true, errors: [] });
    expect(decided.votes).toHaveLength(1);
  });

  it('that fail leave no room for a yes: they are over when too few are left', async () => {
    let wasLeft = false;
    const over = await tallyOf(
      (nth, decided) =>
        nth < 2
          ? Promise.reject(new Error('dead'))
          : new Promise<Vote>((_, reject) =>
              decided.addEventListener('abort', () => {
                wasLeft = true;
                reject(decided.reason);
              }),
            ),
      { of: 3, needed: 2, signal },
    );
    expect([over.isAllowed, over.errors.length, wasLeft]).toEqual([false, 2, true]);
  });

  it('fail with the reason of whoever leaves them', async () => {
    const abort = new AbortController();
    const asking = tallyOf(
      (_, over) => new Promise<Vote>((_resolve, reject) => over.addEventListener('abort', () => reject(over.reason))),
      { of: 2, needed: 1, signal: abort.signal },
    );
    abort.abort(new Error('stopped'));
    await expect(asking).rejects.toThrow('stopped');
  });
});

it('the types say what a reading holds', () => {
  const reading: Reading<ReasonedVerdict> = readReasoned(whole(DENY), 'arm');
  expect(reading).toEqual(read({ isAllowed: false, evidence: 'collision', reason: 'It hits the plate.' }));
});
