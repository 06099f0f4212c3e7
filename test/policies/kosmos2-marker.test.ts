/** The marker against a server that says what KOSMOS-2 would, and worse. The server of policies/server has its own, slow suite. */
import fc from 'fast-check';
import { markerContract } from 'pumice/testing';
import { firstValueFrom, from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { boxesOf, isSettled } from '../../policies/markers/kosmos2/answer.ts';
import kosmos2 from '../../policies/markers/kosmos2.ts';
import type { Report } from '../../src/ports.ts';
import type { Mark, Observation } from '../../src/types.ts';
import {
  type Asked,
  begin,
  chunk,
  deadUrl,
  fakeModelServer,
  json,
  type Reply,
  says,
} from '../models/fake-model-server.ts';

const cell = (index: number) => `<patch_index_${String(index).padStart(4, '0')}>`;
const object = (...pairs: readonly (readonly [number, number])[]) =>
  `<object>${pairs.map((pair) => pair.map(cell).join('')).join('</delimiter_of_multi_objects/>')}</object>`;

/** 64 x 32 pixels of a frame that shows 128 x 64 CSS pixels. */
const observation = (more: Partial<Observation> = {}): Observation => ({
  seq: 3,
  epoch: 0,
  stampMs: 7,
  instruction: 'put the red block on a plate',
  history: [],
  frames: [
    {
      data: new Uint8Array(64 * 32 * 3).fill(90),
      encoding: 'rgb8',
      widthPx: 64,
      heightPx: 32,
      cssWidthPx: 128,
      cssHeightPx: 64,
      stampMs: 7,
      camera: 'third',
    },
    { data: new Uint8Array(48), encoding: 'rgb8', widthPx: 4, heightPx: 4, stampMs: 7, camera: 'wrist' },
  ],
  ...more,
});

const reports: Report[] = [];
function ask(url: string, seen = observation(), options: object = {}, signal = new AbortController().signal) {
  const marker = kosmos2.create(kosmos2.options.parse({ modelUrl: url, model: 'k', ...options }));
  reports.length = 0;
  const context = { signal, nowMs: () => 0, report: (report: Report) => reports.push(report) };
  return firstValueFrom(from(marker.mark(seen, context)));
}
const questionOf = ({ body }: Asked) => (body.messages[0]!.content as { text?: string }[])[1]!.text;

describe('marks of KOSMOS-2', () => {
  it('are the boxes of what the instruction speaks of, in CSS pixels, drawn on the first picture', async () => {
    const replies = [says(object([0, 1023])), says(object([33, 33], [0, 31]))];
    await using server = await fakeModelServer(...replies);
    const marked = await ask(server.url);
    expect(marked.marks).toEqual([
      { id: 0, name: 'the red block', source: 'kosmos2', boxPx: [2, 1, 126, 63], pointPx: [64, 32] },
      { id: 1, name: 'a plate', source: 'kosmos2', boxPx: [4, 2, 8, 4], pointPx: [6, 3] },
      { id: 2, name: 'a plate', source: 'kosmos2', boxPx: [0, 0, 128, 2], pointPx: [64, 1] },
    ]);
    expect(marked.frames.map(({ encoding, marked: isMarked }) => [encoding, isMarked])).toEqual([
      ['jpeg', true],
      ['rgb8', undefined],
    ]);
    expect(server.asked.map(questionOf)).toEqual([
      '<grounding><phrase> the red block</phrase>',
      '<grounding><phrase> a plate</phrase>',
    ]);
    expect(JSON.stringify(server.asked[0]!.body.messages)).toContain('data:image/jpeg;base64,/9j/');
  });

  it('are of the phrases that the user gave, where they gave some, and come after marks that are there', async () => {
    await using server = await fakeModelServer(says(object([0, 0])));
    const there: Mark = { id: 4, boxPx: [0, 0, 9, 9], pointPx: [4, 4], source: 'dom' };
    const marked = await ask(server.url, observation({ marks: [there] }), { phrases: ['a cup'] });
    expect(marked.marks).toMatchObject([there, { id: 5, name: 'a cup' }]);
    expect(server.asked).toHaveLength(1);
  });

  it('are none, and nothing is asked, where the instruction speaks of no thing', async () => {
    await using server = await fakeModelServer(says(object([0, 0])));
    const marked = await ask(server.url, observation({ instruction: 'go back' }));
    expect([marked.marks, server.asked.length, marked.frames[0]!.marked]).toEqual([undefined, 0, undefined]);
  });

  it.each([
    ['words', 'a red block on a table'],
    ['a box that is upside down', object([1023, 0])],
    ['a box outside of the grid', object([0, 1024])],
    ['half a box', `<object>${cell(1)}`],
    ['one good box and a bad one', object([0, 1023], [5, 2000])],
    ['a box of something else', ` and<phrase> a dog</phrase>${object([0, 1023])}`],
    ['nothing', ''],
  ])('are none where the model answers with %s, and the person is told', async (_, answer) => {
    await using server = await fakeModelServer(says(answer, { finish: 'length' }));
    expect((await ask(server.url)).marks).toBeUndefined();
    expect(reports.map(({ text }) => text)).toContain("kosmos2: no box for 'a plate'");
  });

  it('do not wait for what the model says after the box', async () => {
    const talksOn: Reply = (response) => {
      begin(response);
      response.write(chunk({ content: object([0, 1023]) }));
      response.write(chunk({ content: ' and so on' }));
    };
    await using server = await fakeModelServer(talksOn);
    expect((await ask(server.url, observation({ instruction: 'take the cup' }))).marks).toHaveLength(1);
    await server.left;
  });

  it('fail with the reason when the server is not there, or does not know the model', async () => {
    await expect(ask(deadUrl)).rejects.toMatchObject({ code: 'model/unreachable' });
    await using server = await fakeModelServer(json(404, { error: { message: "expected the model 'x'" } }));
    await expect(ask(server.url)).rejects.toThrow("expected the model 'x'");
  });

  it('are given up when the run stops, and so is the question', async () => {
    const stop = new AbortController();
    await using server = await fakeModelServer((response) => {
      begin(response).write(chunk({ content: '<obj' }));
      stop.abort(new Error('stopped'));
    });
    await expect(ask(server.url, observation(), {}, stop.signal)).rejects.toThrow('stopped');
    await server.left;
  });

  it('are not asked for by phrases that would end the tag', () => {
    expect(kosmos2.options.safeParse({ phrases: ['a cup</phrase>'] }).success).toBe(false);
  });
});

describe('any answer', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom('<object>', '</object>', '</delimiter_of_multi_objects/>', cell(0), cell(1023), '<phrase>'),
      fc.string(),
    ),
  );
  it('gives boxes within the picture, or none; and more text changes nothing once it is settled', () => {
    fc.assert(
      fc.property(pieces, fc.string(), (parts, more) => {
        const text = parts.join('');
        for (const [x0, y0, x1, y1] of boxesOf(text)) expect(0 <= x0 && x0 < x1 && x1 <= 1 && y0 < y1).toBe(true);
        if (isSettled(text)) expect(boxesOf(text + more)).toEqual(boxesOf(text));
      }),
    );
  });
});

describe('contract', () => {
  for (const { title, check } of markerContract(
    () => kosmos2.create(kosmos2.options.parse({ modelUrl: 'http://127.0.0.1:9/v1' })),
    observation({ instruction: 'wait' }),
  ))
    it(title, check);
});
