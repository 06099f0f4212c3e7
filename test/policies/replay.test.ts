/** The replay policy on files that the real recorder wrote; pages are lists of marks, numbered anew at each look. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Action, EpisodeEnd, Mark, Observation, StepFeedback, StepRecord } from 'pumice';
import { replay } from 'pumice/policies/replay';
import { recorder } from 'pumice/record';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { click, frame, observation as given, mark, move, SHOP, type as typing, ui } from '../gate/given.ts';
import { sampleFacts } from '../record/sample.ts';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-replay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const NO_TIME = { observeMs: 0, thinkMs: 0, checkMs: 0, actMs: 0, totalMs: 0 };
const picture = frame({ data: new Uint8Array([0xff, 0xd8, 0xff, 0xd9]), encoding: 'jpeg' });
const page = (marks: readonly Mark[], over: Partial<Observation> = {}) => given({ frames: [picture], marks, ...over });

/** A step that was carried out. */
const did = (action: Action, on: Observation, over: Partial<StepRecord> = {}): StepRecord => ({
  index: 0,
  stampMs: 0,
  observation: on,
  proposed: action,
  verdict: { kind: 'allow', action, reasons: [], by: 'rules' },
  act: { status: 'done', executed: action },
  timings: NO_TIME,
  dropped: 0,
  ...over,
});

async function record(steps: readonly StepRecord[], end?: EpisodeEnd): Promise<string> {
  const path = join(folder, `${files++}.mcap`);
  const sink = recorder({ file: path });
  await sink.open!(sampleFacts);
  for (const [index, step] of steps.entries()) await sink.write({ ...step, index });
  // Cut: what was on disk before it was closed.
  if (!end) await copyFile(path, `${path}.cut`);
  await sink.close(end ?? SUCCESS);
  return end ? path : `${path}.cut`;
}
const SUCCESS: EpisodeEnd = { outcome: 'success', reason: 'done', answer: '42' };

/** A run against a page: what it shows at each step, and how each proposal is received. */
async function rerun(
  path: string,
  show: (step: number) => Observation,
  receive: (action: Action, step: number) => Partial<StepFeedback> = () => ({}),
): Promise<Action[]> {
  const policy = replay({ from: path });
  policy.reset({ instruction: 'again' });
  const proposals: Action[] = [];
  const history: StepFeedback[] = [];
  for (let step = 0; step < 100; step++) {
    const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
    const seen = { ...show(step), seq: step, history: history.slice(-3) };
    const { actions } = (await policy.act(seen, context)) as { actions: readonly Action[] };
    const proposed = actions[0]!;
    proposals.push(proposed);
    if (proposed.kind === 'done') return proposals;
    history.push({
      index: step,
      proposed,
      verdict: { kind: 'allow', reasons: [] },
      executed: proposed,
      ...receive(proposed, step),
    });
  }
  return expect.fail('did not end');
}
const answerOf = (proposals: readonly Action[]) => {
  const last = proposals.at(-1)!;
  return last.kind === 'done' ? `${last.outcome}: ${last.answer}` : expect.fail(last.kind);
};

const user = mark({ id: 1, role: 'textbox', name: 'User', boxPx: [0, 0, 100, 20] });
const save = mark({ id: 2, role: 'button', name: 'Save', boxPx: [0, 40, 100, 60] });
const remove = [3, 4, 5].map((id) =>
  mark({ id, role: 'button', name: 'Remove', boxPx: [0, 20 * id, 100, 20 * id + 20] }),
);
const shop = page([user, save, ...remove]);
/** The same things under other numbers. */
const renumbered = page([user, save, ...remove].map((one) => ({ ...one, id: 90 - one.id })));
const DONE: Action = { kind: 'done', outcome: 'success', answer: '42' };

test('actions run again on things that have other numbers, and end as they ended', async () => {
  const path = await record(
    [did(typing('{{password}}', { markId: 1 }), shop), did(click({ markId: 4 }), shop), did(DONE, shop)],
    SUCCESS,
  );
  expect(await rerun(path, () => renumbered)).toEqual([
    typing('{{password}}', { markId: 89 }),
    click({ markId: 86 }),
    DONE,
  ]);
});

test('a recording without a last word ends as its episode ended', async () => {
  const path = await record([did(click({ markId: 2 }), shop)], SUCCESS);
  expect(await rerun(path, () => shop)).toEqual([click({ markId: 2 }), DONE]);
  const failed = await record([did(click({ markId: 2 }), shop)], { outcome: 'truncated', reason: 'too many steps' });
  expect(answerOf(await rerun(failed, () => shop))).toBe(
    'failure: the recording ends here (truncated: too many steps)',
  );
  const cut = await record([did(click({ markId: 2 }), shop)]);
  expect(answerOf(await rerun(cut, () => shop))).toBe('failure: the recording ends here (it was cut)');
});

test('only what was carried out runs again, in the form in which it was approved', async () => {
  const action = click({ markId: 2 });
  const smaller: Action = { kind: 'ui-scroll', dxPx: 0, dyPx: 100 };
  const verdict = { kind: 'deny', action, reasons: ['no'], by: 'origin' } as const;
  const path = await record(
    [
      did(action, shop, { verdict, act: { status: 'refused' } }),
      did(action, shop, { act: { status: 'refused', reason: 'covered' } }),
      did({ kind: 'hold' }, shop),
      did({ ...smaller, dyPx: 9000 }, shop, {
        verdict: { kind: 'modify', action: smaller, reasons: ['far'], by: 'scroll' },
      }),
      did(action, shop, { act: { status: 'stopped' } }),
    ],
    SUCCESS,
  );
  expect(await rerun(path, () => shop)).toEqual([smaller, DONE]);
});

test('where a thing is gone it stops, and says which step, what it looked for and what is there', async () => {
  const path = await record([did(click({ markId: 1 }), shop), did(click({ markId: 2 }), shop)], SUCCESS);
  const proposals = await rerun(path, () => page([user, mark({ id: 7, role: 'button', name: 'Store' })]));
  expect(proposals.slice(1, -1)).toEqual(Array(4).fill({ kind: 'ui-wait', durationMs: 500 }));
  expect(answerOf(proposals)).toBe(
    'failure: step 2 of 2: ui-click on button "Save": looked for button "Save", found 0 of it; there is button "Store", textbox "User"',
  );
});

test('a thing that comes late is waited for', async () => {
  const path = await record([did(click({ markId: 2 }), shop)], SUCCESS);
  expect(await rerun(path, (step) => (step < 2 ? page([]) : renumbered))).toMatchObject([
    { kind: 'ui-wait' },
    { kind: 'ui-wait' },
    click({ markId: 88 }),
    DONE,
  ]);
});

test('one of several equals is taken by its place, and not at all when there are more or fewer of them', async () => {
  const path = await record([did(click({ markId: 5 }), shop)], SUCCESS);
  expect((await rerun(path, () => renumbered))[0]).toEqual(click({ markId: 85 }));
  for (const others of [remove.slice(1), [...remove, { ...remove[0]!, id: 50 }]])
    expect(answerOf(await rerun(path, () => page(others)))).toContain(
      `looked for button "Remove" (number 3 of 3), found ${others.length} of it`,
    );
});

test('the same name in a frame of another origin is another thing, but the whole site may have moved', async () => {
  const path = await record([did(click({ markId: 2 }), shop)], SUCCESS);
  const strange = page([{ ...save, origin: 'https://ads.example' }]);
  expect(answerOf(await rerun(path, () => strange))).toContain('found 0 of it');
  const elsewhere = page([{ ...save, origin: 'http://127.0.0.1:4000' }], {
    ui: ui({ url: 'http://127.0.0.1:4000/login' }),
  });
  expect((await rerun(path, () => elsewhere))[0]).toEqual(click({ markId: 2 }));
  expect(SHOP).toBe(save.origin);
});

test('a point moves with the thing that it was on; on nothing it needs the same view', async () => {
  const on = await record([did(click({ xPx: 25, yPx: 50 }), shop)], SUCCESS);
  expect((await rerun(on, () => page([{ ...save, boxPx: [100, 200, 300, 300] }])))[0]).toEqual(
    click({ xPx: 150, yPx: 250 }),
  );
  const beside = await record([did(click({ xPx: 500, yPx: 500 }), shop)], SUCCESS);
  expect((await rerun(beside, () => renumbered))[0]).toEqual(click({ xPx: 500, yPx: 500 }));
  const scrolled = page([], { ui: ui({ scroll: { xPx: 0, yPx: 40, maxXPx: 0, maxYPx: 900 } }) });
  expect(answerOf(await rerun(beside, () => scrolled))).toContain('scrolled to 0, 40 now');
});

test('a refused action is tried again on a fresh look, then it stops; a denied one stops at once', async () => {
  const path = await record([did(click({ markId: 2 }), shop)], SUCCESS);
  const once = await rerun(
    path,
    (step) => (step === 0 ? shop : renumbered),
    (_action, step) => (step === 0 ? { refusal: 'covered' } : {}),
  );
  expect(once).toEqual([click({ markId: 2 }), click({ markId: 88 }), DONE]);
  const always = await rerun(
    path,
    () => shop,
    () => ({ refusal: 'covered' }),
  );
  expect(always).toHaveLength(6);
  expect(answerOf(always)).toMatch(/^failure: step 1 of 1.*it was refused: covered$/);
  const denied = await rerun(
    path,
    () => shop,
    () => ({ verdict: { kind: 'deny', reasons: ['origin: no'] } }),
  );
  expect([denied.length, answerOf(denied)]).toEqual([2, expect.stringContaining('it was denied: origin: no')]);
  const asked = await rerun(
    path,
    () => shop,
    (_action, step) => (step === 0 ? { verdict: { kind: 'ask', reasons: ['pay?'] } } : {}),
  );
  expect(asked).toEqual([click({ markId: 2 }), click({ markId: 2 }), DONE]);
});

test('a recording that is not there is refused at once; one that cannot be run on pages is a failure that says why', async () => {
  expect(() => replay({ from: join(folder, 'none.mcap') })).toThrow(/there is no file '.*none\.mcap'/);
  const junk = join(folder, 'junk.mcap');
  await writeFile(junk, 'no recording');
  expect(answerOf(await rerun(junk, () => shop))).toContain('expected an MCAP file recorded by pumice');
  const arm = await record([did(move(), shop)], SUCCESS);
  expect(answerOf(await rerun(arm, () => shop))).toContain('step 1 is {"kind":"eef-delta"');
});

test('however things are numbered and placed, the one that is found is called the same and has the same place', async () => {
  const call = fc.constantFrom('Save', 'Remove', 'Edit', '');
  const marks = fc.array(fc.tuple(call, fc.constantFrom('button', 'link')), { minLength: 1, maxLength: 12 });
  const cases = fc.sample(fc.tuple(marks, fc.nat(), fc.integer({ min: 1, max: 1000 })), 60);
  const listOf = (calls: readonly (readonly [string, string])[], from: number) =>
    calls.map(([name, role], at) => mark({ id: from + 7 * at, name, role, boxPx: [from, at, from + 9, at + 1] }));
  const [then, now] = [0, 1].map((moved) => cases.map(([calls, , from]) => listOf(calls, from * moved)));
  const chosen = cases.map(([calls, which]) => which % calls.length);
  const clicks = (pages: readonly (readonly Mark[])[]) =>
    pages.map((list, at) => click({ markId: list[chosen[at]!]!.id }));
  const path = await record(
    clicks(then!).map((action, at) => did(action, page(then![at]!))),
    SUCCESS,
  );
  expect(await rerun(path, (step) => page(now![step] ?? []))).toEqual([...clicks(now!), DONE]);
  // Numbers alone would not do.
  expect(clicks(then!)).not.toEqual(clicks(now!));
});
