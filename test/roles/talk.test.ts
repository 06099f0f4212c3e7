/** One question to a model of a known family: what it thinks is told and never taken for its answer; a loop is cut off. */
import type { Report } from 'pumice';
import { answerOf, openaiChat, profileOf, type Question, talk } from 'pumice/models';
import { expect, test } from 'vitest';
import { begin, chunk, fakeModelServer, type Reply, says } from '../models/fake-model-server.ts';

async function ask(family: string, reply: Reply, question: Partial<Question> = {}) {
  await using server = await fakeModelServer(reply);
  const reports: Report[] = [];
  const context = {
    signal: new AbortController().signal,
    nowMs: () => 0,
    report: (said: Report) => reports.push(said),
  };
  const chat = openaiChat({ modelUrl: server.url, model: 'm' });
  const heard = await talk(chat, profileOf(family), { text: 'Is it done?', ...question }, { context });
  return { ...heard, asked: server.asked, told: reports.map(({ text }) => text).join('') };
}

test.each([
  ['in tags', says('<think>\nno?\n</think>\n\nyes')],
  ['in a field of its own', says('yes', { reasoning: 'no?' })],
])('a thought %s is no part of the answer', async (_, reply) => {
  const { spoken, asked } = await ask('cosmos-reason2', reply, { think: true });
  expect(answerOf(spoken)).toBe('yes');
  expect(JSON.stringify(asked[0]!.body.messages)).toContain(
    'Write your final answer immediately after the </think> tag.',
  );
});

test('a thought in its own field is told as it comes', async () => {
  expect((await ask('cosmos-reason2', says('yes', { reasoning: 'let me see' }), { think: true })).told).toBe(
    'let me see',
  );
});

test('QVQ thinks aloud: only its conclusion is the answer', async () => {
  const { spoken } = await ask('qvq', says('It might be no. Yes is wrong?\n\n**Final Answer**\n\n\\boxed{yes}'));
  expect(answerOf(spoken)).toBe('yes');
  expect((await ask('qvq', says('I think no, or yes'))).spoken.ok).toBe(false);
});

test('a model that repeats itself is left, and what it said is no answer', async () => {
  const goesRound: Reply = async (response) => {
    begin(response);
    for (let at = 0; at < 10_000 && !response.destroyed; at++) {
      response.write(chunk({ content: 'the block is on the plate, so the block is done. ' }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
  const { spoken, answer } = await ask('qvq', goesRound);
  expect(spoken.flags.looped).toBe(true);
  expect(() => answerOf(spoken)).toThrow(/repeats itself: '.*the block is/);
  expect(answer.text.length).toBeLessThan(5000);
});
