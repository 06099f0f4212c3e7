/** cinder around a model of some kB (`tiny-cinder.ts`): what its network is shown, what is made of its answers, and all that it refuses. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Action, type Critic, type CriticContext, type Limits, type Observation, type Opinion, run } from 'pumice';
import { cinder } from 'pumice/critics/cinder';
import { scripted } from 'pumice/policies/scripted';
import { encodeJpeg } from 'pumice/vision';
import { afterAll, describe, expect, it } from 'vitest';
import { findingOf } from '../../policies/critics/cinder/look.ts';
import { patientSim } from '../sim/patient.ts';
import { MOTIONS, writeTinyCinder } from './tiny-cinder.ts';

const folder = mkdtempSync(join(tmpdir(), 'pumice-cinder-'));
const weights = writeTinyCinder(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** One for all: starting an engine takes longer than asking it, and it keeps nothing from one look to the next. */
const critic = cinder({ weights });
afterAll(() => critic.close!());

type Colour = readonly [number, number, number];
const GREY: Colour = [100, 100, 100];
/** Stripes about a colour: a picture of one colour shows nothing. */
const painted = (colour: Colour, { sizePx = 128, stripes = 40, camera = 'third', stampMs = 0 } = {}) => ({
  data: Uint8Array.from({ length: 3 * sizePx * sizePx }, (_, at) => {
    const isEven = Math.floor((16 * at) / (3 * sizePx * sizePx)) % 2 === 0;
    const room = Math.min(stripes, colour[at % 3]!, 255 - colour[at % 3]!);
    return colour[at % 3]! + (isEven ? room : -room);
  }),
  encoding: 'rgb8' as const,
  widthPx: sizePx,
  heightPx: sizePx,
  stampMs,
  camera,
});
type V3 = readonly [number, number, number];
const DOWN = [1, 0, 0, 0] as const;
const at = (pM: V3, frameId = 'base') => ({ frameId, pM, qXyzw: DOWN });
const proprio = (over: Partial<NonNullable<Observation['proprio']>> = {}) => ({
  stampMs: 0,
  jointNames: [],
  qRad: [],
  qdRadPerS: [],
  tcpPose: at([0.4, 0, 0.2]),
  commandedTcpPose: at([0.4, 0, 0.2]),
  gripperOpen: 1,
  ...over,
});
const seen = (over: Partial<Observation> = {}): Observation => ({
  seq: 0,
  epoch: 0,
  stampMs: 0,
  instruction: 'pick up the red block',
  history: [],
  frames: [painted(GREY)],
  proprio: proprio(),
  ...over,
});
const move = (dPosM: V3, over: Partial<{ dRpyRad: V3; gripperOpen: number; frameId: string }> = {}): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM, dRpyRad: [0, 0, 0], gripperOpen: 1 },
  ...over,
});
const UP = move([0, 0, 0.02]);
const HITS = move([0, 0, -0.03]);
const limits: Limits = { maxObservationAgeMs: 1000, maxPlanAgeMs: 1000 };
const looking = (over: Partial<CriticContext & { following: readonly Action[] }> = {}) => ({
  ...{ signal: new AbortController().signal, nowMs: () => 0, report: () => {}, limits, following: [] },
  ...over,
});
const judge = async (proposed: Action, observation = seen(), following: readonly Action[] = [], by: Critic = critic) =>
  (await by.judge(observation, proposed, looking({ following }))) as Opinion;
const judgeChunk = async (actions: readonly Action[], { dtMs = 200, observation = seen() } = {}) =>
  (await critic.judgeChunk!(observation, { id: 'c1', actions, dtMs }, looking())) as Opinion;
/** How sure it is that nothing happens; what changes it was seen. */
const sure = async (...given: Parameters<typeof judge>) => (await judge(...given)).confidence!;

describe('an opinion', () => {
  it('is allow with how sure it is, and deny with the hazard, the score and the threshold', async () => {
    expect(await judge(UP)).toEqual({ kind: 'allow', reasons: [], evidence: 'safe', confidence: expect.any(Number) });
    expect((await judge(UP)).confidence).toBeGreaterThan(0.9);
    const denied = await judge(HITS);
    expect(denied).toMatchObject({ kind: 'deny', evidence: 'collision' });
    expect(denied.confidence).toBeGreaterThan(0.7);
    expect(denied.reasons).toEqual([expect.stringMatching(/hit or drop.*collision, score 0\.\d+, no from 0\.40 on/)]);
  });

  it.each([
    ['wrong-object', UP, [0, 0, 230]],
    ['collision', HITS, GREY],
    ['off-table', move([0.08, 0, 0]), GREY],
    ['infeasible', UP, [230, 0, 0]],
  ] as const)('names what it sees: %s', async (evidence, action, colour) => {
    expect(await judge(action, seen({ frames: [painted(colour)] }))).toMatchObject({ kind: 'deny', evidence });
  });

  it('is of the threshold that is given, also where that says no to all or to nothing that it is not sure of', async () => {
    const [strict, lax] = [cinder({ weights, threshold: 1e-9 }), cinder({ weights, threshold: 1 })];
    expect((await judge(UP, seen(), [], strict)).kind).toBe('deny');
    expect((await judge(HITS, seen(), [], lax)).kind).toBe('allow');
    await Promise.all([strict.close!(), lax.close!()]);
  });

  it('at the threshold is no', () => {
    expect(findingOf([0, 0, 0, 0], 0.39, 0.4).isAllowed).toBe(true);
    expect(findingOf([0, 0, 0, 0], 0.4, 0.4).isAllowed).toBe(false);
  });

  it.each([
    [[0, 0, 0, 0], Number.NaN],
    [[0, 0, 0, 0], undefined],
    [[0, 0, 0, 0], -0.1],
    [[0, 0, 0, 0], 1.1],
    [[0, Number.NaN, 0, 0], 0.1],
    [[0, 0, 0], 0.1],
  ])('is none of numbers that are no probabilities: %s, %s', (hazards, score) => {
    expect(() => findingOf(hazards, score, 0.4)).toThrow(/expected probabilities/);
  });
});

describe('what the network is shown', () => {
  it('all actions of the chunk, up to four', async () => {
    const a = move([0, 0, -0.012]);
    expect((await judge(a)).kind).toBe('allow');
    expect((await judge(a, seen(), [a, a])).kind).toBe('deny');
    // The fifth is for another look.
    expect((await judge(UP, seen(), [UP, UP, UP, HITS])).kind).toBe('allow');
    expect((await judge(UP, seen(), [UP, UP, move([0, 0, -0.09])])).kind).toBe('deny');
  });

  it('what is not proposed as standing still, with the hand as it was told last', async () => {
    const open = move([0, 0, 0.01]);
    const shut = { ...open, gripperOpen: 0 } as Action;
    const still = move([0, 0, 0], { gripperOpen: 0 });
    expect(await sure(open, seen(), [shut])).toBe(await sure(open, seen(), [shut, still, still]));
    expect(await sure(open, seen(), [shut])).not.toBe(await sure(open, seen(), [shut, move([0, 0, 0])]));
  });

  it('the picture, the sentence, where the tool is and was told to be, how it turns, the hand', async () => {
    const base = await sure(UP);
    const others = [
      sure(UP, seen({ frames: [painted([110, 100, 100])] })),
      sure(UP, seen({ instruction: 'put the red block on the blue plate' })),
      sure(UP, seen({ proprio: proprio({ tcpPose: at([0.4, 0.1, 0.2]) }) })),
      sure(UP, seen({ proprio: proprio({ commandedTcpPose: at([0.4, 0.1, 0.2]) }) })),
      sure(UP, seen({ proprio: proprio({ gripperOpen: 0 }) })),
      sure(move([0, 0, 0.02], { dRpyRad: [0, 0, 0.2] })),
      sure(move([0, 0, 0.02], { gripperOpen: 0 })),
    ];
    for (const other of await Promise.all(others)) expect(Math.abs(other - base)).toBeGreaterThan(1e-7);
    expect(await sure(UP)).toBe(base);
  });

  it('the newest picture of its camera, of any size and encoding', async () => {
    const blue = painted([0, 0, 230], { stampMs: 1 });
    const old = painted(GREY);
    expect((await judge(UP, seen({ frames: [old, blue] }))).kind).toBe('deny');
    expect((await judge(UP, seen({ frames: [blue, old] }))).kind).toBe('deny');
    expect((await judge(UP, seen({ frames: [{ ...blue, stampMs: -1 }, old] }))).kind).toBe('allow');
    const wrist = { ...blue, camera: 'wrist' };
    expect((await judge(UP, seen({ frames: [old, wrist] }))).kind).toBe('allow');
    const large = await encodeJpeg(painted([0, 0, 230], { sizePx: 256 }));
    expect((await judge(UP, seen({ frames: [large] }))).evidence).toBe('wrong-object');
  });

  it('poses of a plan as the ways between them, from where the tool was told to be', async () => {
    const pose = (z: number, qXyzw: readonly [number, number, number, number] = DOWN): Action => ({
      ...{ kind: 'eef-pose', frameId: 'base', pM: [0.4, 0, z], qXyzw, gripperOpen: 1 },
    });
    const down = move([0, 0, -0.01]);
    const by = async (opinion: Promise<Opinion>) => (await opinion).confidence!;
    expect(await by(judgeChunk([pose(0.19), pose(0.18)]))).toBeCloseTo(await sure(down, seen(), [down]), 6);
    const turn = [Math.cos(0.1), Math.sin(0.1), 0, 0] as const;
    const turned = move([0, 0, -0.01], { dRpyRad: [0, 0, 0.2] });
    expect(await by(judgeChunk([pose(0.19, turn)]))).toBeCloseTo(await sure(turned), 6);
  });
});

describe('no opinion, which is a no,', () => {
  const problem = async (asked: Promise<unknown>) => {
    const error = await asked.then(
      () => undefined,
      (cause: Error) => cause,
    );
    return error?.message ?? 'answered';
  };

  it.each([
    ['without a picture of its camera', { frames: [painted(GREY, { camera: 'wrist' })] }, /'third', got: wrist/],
    ['without any picture', { frames: [] }, /got: none/],
    ['of a picture that is too small', { frames: [painted(GREY, { sizePx: 64 })] }, /64 x 64/],
    ['of a body that does not say where it is', { proprio: undefined }, /got neither/],
    [
      'of one that does not say where it was told to be',
      { proprio: proprio({ commandedTcpPose: undefined }) },
      /got the first/,
    ],
    ['of poses in another frame', { proprio: proprio({ tcpPose: at([0, 0, 0], 'odom') }) }, /frame 'base', got 'odom'/],
    ['on a sentence without a colour', { instruction: 'do something nice' }, /cannot make out/],
    ['on a sentence of unknown words', { instruction: 'nimm bitte den red Klotz dort' }, /does not know 'nimm'/],
  ] as const)('%s', async (_, over, message) => {
    expect(await problem(judge(UP, seen(over as Partial<Observation>)))).toMatch(message);
    // The same with all in place is judged.
    expect((await judge(UP)).kind).toBe('allow');
  });

  it.each([
    ['on joints', { kind: 'joint-position', jointNames: [], qRad: [] }, /judges eef-delta and eef-pose, got joint/],
    ['on a page', { kind: 'ui-back' }, /got ui-back/],
    ['on a motion in another frame', move([0, 0, 0.01], { frameId: 'tool' }), /got 'tool'/],
    ['on a motion further than any that it was shown', move([0.1, 0, 0]), /at most 0.09 m/],
    ['on what is no number', move([Number.NaN, 0, 0]), /at most 0.09 m, got \[NaN/],
  ] as const)('%s', async (_, action, message) => {
    expect(await problem(judge(action as Action))).toMatch(message);
    expect(await problem(judge(UP, seen(), [action as Action]))).toMatch(message);
  });

  it('on actions that last longer or shorter than those that it was shown', async () => {
    expect(await problem(judgeChunk([UP], { dtMs: 100 }))).toMatch(/actions of 200 ms, got ones of 100 ms/);
    const motion = { stepMs: 50 } as Extract<Limits['motion'], object>;
    const slow = critic.judge(seen(), UP, looking({ limits: { ...limits, motion } })) as Promise<Opinion>;
    expect(await problem(slow)).toMatch(/got ones of 50 ms/);
  });

  it('once it was left, at once; and the next question is answered as ever', async () => {
    const abort = new AbortController();
    const asked = critic.judge(seen(), UP, looking({ signal: abort.signal })) as Promise<Opinion>;
    abort.abort(new Error('stop'));
    expect(await problem(asked)).toBe('stop');
    expect((await judge(UP)).kind).toBe('allow');
  });

  it('after it was closed', async () => {
    const closed = cinder({ weights });
    await closed.prepare!(looking());
    await closed.close!();
    expect(await problem(judge(UP, seen(), [], closed))).toMatch(/critic cinder: was closed/);
  });
});

describe('a no without a look', () => {
  it('where the camera shows nothing: black, white, or one grey with a little noise', async () => {
    for (const colour of [[0, 0, 0], [255, 255, 255], GREY] as const)
      expect(await judge(UP, seen({ frames: [painted(colour, { stripes: 1 })] }))).toMatchObject({
        kind: 'deny',
        evidence: 'no-picture',
      });
  });

  it('where a thing is named by a word that it does not know', async () => {
    const put = (words: string) => judge(UP, seen({ instruction: `put the red block on the ${words}` }));
    expect(await put('purple plate')).toMatchObject({
      kind: 'deny',
      evidence: 'infeasible',
      reasons: ["does not know what 'purple plate' is"],
    });
    expect((await put('blue plate')).kind).toBe('allow');
  });

  it('where a plan leads further than four motions', async () => {
    const far = move([0, 0.08, 0]);
    expect(await judgeChunk(Array(5).fill(far))).toMatchObject({ kind: 'deny', evidence: 'too-long' });
    expect((await judgeChunk([...Array(4).fill(far), { kind: 'done', outcome: 'success' }])).kind).toBe('allow');
  });

  it('not where it only comes in more pieces: they are taken together, but never across a switch of the hand', async () => {
    const piece = move([0, 0, -0.005]);
    const shut = move([0, 0, -0.005], { gripperOpen: 0 });
    const six = await judgeChunk([piece, piece, piece, piece, shut, shut]);
    const four = await judgeChunk([move([0, 0, -0.01]), move([0, 0, -0.01]), shut, shut]);
    expect(six.confidence).toBeCloseTo(four.confidence!, 6);
    expect(six.kind).toBe('deny');
    const flips = Array.from({ length: 5 }, (_, at) => move([0, 0, 0], { gripperOpen: at % 2 }));
    expect((await judgeChunk(flips)).evidence).toBe('too-long');
  });
});

it('what moves nothing is allowed without a look', async () => {
  const end: Action = { kind: 'done', outcome: 'success' };
  expect(await judge(end, seen({ frames: [] }))).toEqual({ kind: 'allow', reasons: [], evidence: 'safe' });
  expect(await judgeChunk([end], { observation: seen({ frames: [] }) })).toMatchObject({ kind: 'allow' });
});

it('in a run its opinions stand in the record, its no holds the arm, and its yes moves it', async () => {
  const env = await patientSim({ cameras: ['third'] });
  const critic = cinder({ weights: writeTinyCinder(join(folder, 'motions'), { any: MOTIONS }) });
  await critic.prepare!(looking());
  const policy = scripted({ actions: [UP, HITS, UP] as never });
  const steps = [];
  const episode = run({ env, policy, critics: [critic], instruction: 'pick up the red block', seed: 3 });
  for await (const { verdict, act } of episode)
    steps.push([
      verdict.kind,
      verdict.opinions?.map(({ critic: by, evidence }) => `${by} ${evidence}`).join(),
      act?.executed?.kind,
    ]);
  await Promise.all([env.close(), critic.close!()]);
  expect(steps.slice(0, 3)).toEqual([
    ['allow', 'cinder safe', 'eef-delta'],
    ['deny', 'cinder collision', undefined],
    ['allow', 'cinder safe', 'eef-delta'],
  ]);
});
