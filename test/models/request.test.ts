/**
 * What each family is sent, byte for byte. The texts stand here once more, in full, so that no change of a profile goes unseen;
 * those of Magma are the original program's own (test of `promptOf`).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openaiChat } from '../../src/models/openai-chat.ts';
import { PROFILES, profileOf } from '../../src/models/profiles.ts';
import { chatBodyOf, chatRequestOf, promptOf, type Question } from '../../src/models/request.ts';
import { fakeModelServer, says } from './fake-model-server.ts';

const image = { data: new Uint8Array([1, 2, 3]), format: 'jpeg' } as const;
const png = { data: new Uint8Array([1, 2, 3]), format: 'png' } as const;
const mp4 = new Uint8Array([4, 5, 6]);
const IMAGE = '{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,AQID"}}';
const PNG = '{"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}}';
const CLIP = '{"type":"video_url","video_url":{"url":"data:video/mp4;base64,BAUG"}}';

const sent = (family: string, question: Question) =>
  JSON.stringify(chatBodyOf('m', chatRequestOf(profileOf(family), question)));

/** Family, what is asked, and the body of the request. */
const BODIES: readonly (readonly [family: string, what: string, question: Question, body: string])[] = [
  [
    'magma',
    'an action of an arm',
    { text: promptOf(profileOf('magma'), 'arm', { instruction: 'pick up the {can}' }), images: [png] },
    `{"model":"m","messages":[{"role":"system","content":"You are agent that can see, talk and act."},{"role":"user","content":[${PNG},{"type":"text","text":"What action should the robot take to pick up the {can}?"}]}],"max_tokens":128,"temperature":0}`,
  ],
  [
    'cosmos-reason2',
    'a box on a picture, without thought',
    { text: promptOf(profileOf('cosmos-reason2'), 'box', { object: 'the cup' }), images: [image] },
    `{"model":"m","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":[${IMAGE},{"type":"text","text":"Locate the bounding box of the cup. Return a json."}]}],"max_tokens":4096,"temperature":0.7,"top_p":0.8,"top_k":20,"presence_penalty":1.5,"seed":3407}`,
  ],
  [
    'cosmos-reason2',
    'a clip, with thought, within the context of the server',
    { text: 'Is it safe?', video: { mp4 }, think: true, contextTokens: 16_384 },
    `{"model":"m","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":[${CLIP},{"type":"text","text":"Is it safe?\\n\\nAnswer the question using the following format:\\n\\n<think>\\nYour reasoning.\\n</think>\\n\\nWrite your final answer immediately after the </think> tag."}]}],"max_tokens":4096,"temperature":0.6,"top_p":0.95,"top_k":20,"presence_penalty":0,"seed":1234,"mm_processor_kwargs":{"fps":4,"do_sample_frames":true,"size":{"shortest_edge":131072,"longest_edge":11324620}}}`,
  ],
  [
    'cosmos-reason1',
    'a clip, with thought',
    {
      text: 'Is this demonstration successful?',
      video: { jpegs: [mp4, new Uint8Array([7, 8, 9])], fps: 4 },
      think: true,
    },
    `{"model":"m","messages":[{"role":"system","content":"Always respond in English.\\n\\nYou are a helpful video analyzer. Please answer the question.\\n\\nAnswer the question with provided options in the following format:\\n<think>\\nyour reasoning\\n</think>\\n\\n<answer>\\nyour answer\\n</answer>."},{"role":"user","content":[{"type":"text","text":"Is this demonstration successful?"},{"type":"video_url","video_url":{"url":"data:video/jpeg;base64,BAUG,BwgJ"}}]}],"max_tokens":4096,"temperature":0.6,"top_p":0.95,"repetition_penalty":1.05,"mm_processor_kwargs":{"fps":4,"do_sample_frames":false}}`,
  ],
  [
    'cosmos-reason1',
    'a picture, without thought',
    { text: 'Is it safe to turn right?', images: [image] },
    `{"model":"m","messages":[{"role":"system","content":"Always respond in English.\\n\\nYou are a helpful video analyzer. Please answer the question."},{"role":"user","content":[{"type":"text","text":"Is it safe to turn right?"},${IMAGE}]}],"max_tokens":4096,"temperature":0.01,"seed":42}`,
  ],
  [
    'cosmos3',
    'a clip, without thought',
    { text: 'What happens?', video: { mp4 }, contextTokens: 16_384 },
    `{"model":"m","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":[${CLIP},{"type":"text","text":"What happens?"}]}],"max_tokens":4096,"temperature":0.7,"top_p":0.8,"top_k":20,"presence_penalty":1.5,"seed":3407,"media_io_kwargs":{"video":{"num_frames":-1,"fps":4}}}`,
  ],
  [
    'qwen2.5-vl',
    'a clip as frames',
    { text: 'What happens?', video: { jpegs: [mp4], fps: 2 } },
    `{"model":"m","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":[{"type":"video_url","video_url":{"url":"data:video/jpeg;base64,BAUG"}},{"type":"text","text":"What happens?"}]}],"max_tokens":2048,"temperature":0,"mm_processor_kwargs":{"fps":2,"do_sample_frames":false}}`,
  ],
  [
    'qwen3-vl',
    'a clip and two pictures',
    { text: 'What changed?', images: [image, png], video: { mp4 } },
    `{"model":"m","messages":[{"role":"user","content":[${IMAGE},${PNG},${CLIP},{"type":"text","text":"What changed?"}]}],"max_tokens":4096,"temperature":0.7,"top_p":0.8,"top_k":20,"presence_penalty":1.5,"media_io_kwargs":{"video":{"num_frames":-1}},"mm_processor_kwargs":{"fps":2,"do_sample_frames":true}}`,
  ],
  [
    'cogvlm2-video',
    'a clip, at a server that speaks chat',
    { text: promptOf(profileOf('cogvlm2-video'), 'caption'), video: { mp4 } },
    `{"model":"m","messages":[{"role":"user","content":[${CLIP},{"type":"text","text":"Please describe the video in detail."}]}],"max_tokens":2048,"temperature":0.001}`,
  ],
  [
    'ui-tars',
    'an action on a screen',
    { text: promptOf(profileOf('ui-tars'), 'ui', { instruction: 'Open the settings' }), images: [image] },
    String.raw`{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"You are a GUI agent. You are given a task and your action history, with screenshots. You need to perform the next action to complete the task.\n\n## Output Format\n@@@\nThought: ...\nAction: ...\n@@@\n\n## Action Space\n\nclick(start_box='<|box_start|>(x1,y1)<|box_end|>')\nleft_double(start_box='<|box_start|>(x1,y1)<|box_end|>')\nright_single(start_box='<|box_start|>(x1,y1)<|box_end|>')\ndrag(start_box='<|box_start|>(x1,y1)<|box_end|>', end_box='<|box_start|>(x3,y3)<|box_end|>')\nhotkey(key='ctrl c') # Split keys with a space and use lowercase. Also, do not use more than 3 keys in one hotkey action.\ntype(content='xxx') # Use escape characters \\', \\\", and \\n in content part to ensure we can parse the content in normal python string format. If you want to submit your input, use \\n at the end of content.\nscroll(start_box='<|box_start|>(x1,y1)<|box_end|>', direction='down or up or right or left') # Show more information on the @direction@ side.\nwait() # Sleep for 5s and take a screenshot to check for any changes.\nfinished()\ncall_user() # Submit the task and call the user when the task is unsolvable, or when you need the user's help.\n\n\n## Note\n- Use English in @Thought@ part.\n- Generate a well-defined and practical strategy in the @Thought@ section, summarizing your next move and its objective.\n\n## User Instruction\nOpen the settings"},${IMAGE}]}],"max_tokens":2048,"temperature":0,"top_p":0.7}`.replaceAll(
      '@',
      '`',
    ),
  ],
  [
    'kosmos2',
    'a phrase',
    { text: promptOf(profileOf('kosmos2'), 'phrase', { phrase: 'a red cup' }), images: [image] },
    `{"model":"m","messages":[{"role":"user","content":[${IMAGE},{"type":"text","text":"<grounding><phrase> a red cup</phrase>"}]}],"max_tokens":128,"temperature":0}`,
  ],
  [
    'qvq',
    'a question',
    { text: 'What is on the table?', images: [image] },
    `{"model":"m","messages":[{"role":"system","content":"You are a helpful and harmless assistant. You are Qwen developed by Alibaba. Answer in the language of the question. You should think step-by-step."},{"role":"user","content":[${IMAGE},{"type":"text","text":"What is on the table?"}]}],"max_tokens":8192,"temperature":0}`,
  ],
  [
    'generic',
    "a question with a system text of one's own",
    { text: 'What next?', system: 'You operate pages.', images: [image], maxTokens: 300, temperature: 0.5 },
    `{"model":"m","messages":[{"role":"system","content":"You operate pages."},{"role":"user","content":[{"type":"text","text":"What next?"},${IMAGE}]}],"max_tokens":300,"temperature":0.5}`,
  ],
];

describe.each(BODIES)('%s, %s', (family, _, question, body) => {
  test('is asked with exactly these bytes', async () => {
    expect(sent(family, question)).toBe(body);
    await using server = await fakeModelServer(says('yes'));
    const chat = openaiChat({ modelUrl: server.url, model: 'm' }, {});
    await chat.complete({ ...chatRequestOf(profileOf(family), question), signal: new AbortController().signal });
    expect(server.asked.map((asked) => JSON.stringify(asked.body))).toEqual([body]);
  });
});

test('every family that speaks chat is in the list above', () => {
  const chats = [...PROFILES.values()].filter(({ transport, also }) => [transport, ...also].includes('openai-chat'));
  expect(chats.map(({ family }) => family).filter((family) => !BODIES.some(([one]) => one === family))).toEqual([]);
});

const MAGMA = JSON.parse(readFileSync(new URL('../golden/magma/prompts.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly {
    readonly kind: string;
    readonly input: Record<string, unknown>;
    readonly prompt: string;
  }[];
};

test('the questions of Magma are those of the original program', () => {
  const forms: Record<string, string> = { robot_action: 'arm', ui_som: 'ui-som', ui_qa: 'ui-qa', tom: 'trace' };
  const wordsOf = ({ mark_ids, ...input }: Record<string, unknown>) => ({
    ...Object.fromEntries(Object.entries(input).map(([name, value]) => [name, String(value)])),
    ...(Array.isArray(mark_ids) && { marks: `[${mark_ids.join(', ')}]` }),
  });
  const user = (prompt: string) => /<image_end>\n([\s\S]*?)<\|eot_id\|>/.exec(prompt)![1];
  const known = MAGMA.cases.filter(({ kind }) => kind in forms);
  expect(known.length).toBeGreaterThan(5);
  for (const { kind, input, prompt } of known)
    expect(promptOf(profileOf('magma'), forms[kind]!, wordsOf(input)).trim()).toBe(user(prompt));
});

test('a question that a family has not, or that lacks a word, is refused with what there is', () => {
  const refused = { code: 'config/misfit' };
  expect(() => promptOf(profileOf('magma'), 'dance')).toThrow(expect.objectContaining(refused));
  expect(() => promptOf(profileOf('magma'), 'arm')).toThrow(/lacks the word 'instruction'/);
  expect(() => promptOf(profileOf('magma'), 'arm', Object.create({ instruction: 'x' }))).toThrow(/lacks the word/);
});

test('media that a family does not take are refused before anything is sent', () => {
  const three = [image, image];
  expect(() => sent('magma', { text: 't', images: three })).toThrow(/takes 1 pictures, got 2/);
  expect(() => sent('kosmos2', { text: 't', video: { mp4 } })).toThrow(/takes no video/);
  expect(() => sent('cosmos-reason2', { text: 't', video: { jpegs: [mp4], fps: 4 } })).toThrow(/as mp4/);
});

test('a family says whether a thought is to come first, or leaves it open', () => {
  const thinks = (family: string, think?: boolean) =>
    chatRequestOf(profileOf(family), { text: 't', ...(think !== undefined && { think }) }).thinks;
  expect([thinks('qvq'), thinks('cosmos-reason2'), thinks('cosmos-reason2', true)]).toEqual([true, false, true]);
  expect([thinks('magma'), thinks('magma', true), thinks('qwen3-vl')]).toEqual([false, false, undefined]);
});

test('a text alone is sent as a text, and an empty system text as none', () => {
  const { messages } = chatRequestOf(profileOf('cosmos-reason2'), { text: 'hello', system: '' });
  expect(messages).toEqual([{ role: 'user', content: 'hello' }]);
});

test('what was said before stands between the system text and the question', () => {
  const turns = [{ role: 'assistant', content: 'a' } as const];
  const { messages } = chatRequestOf(profileOf('cosmos-reason2'), { text: 'b', turns });
  expect(messages.map(({ role }) => role)).toEqual(['system', 'assistant', 'user']);
});

test('without the context of the server the size of a video is left to it', () => {
  const { extra } = chatRequestOf(profileOf('cosmos-reason2'), { text: 't', video: { mp4 } });
  expect(extra.mm_processor_kwargs).toEqual({ fps: 4, do_sample_frames: true });
});
