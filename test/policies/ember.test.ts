/** The ember policy around a model of 4 kB (`tiny-ember.ts`): what goes into the network, and what is made of its answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Action, type Observation, type Policy, PumiceError, run, type StepFeedback, type Thought } from 'pumice';
import { ember } from 'pumice/policies/ember';
import { encodeJpeg } from 'pumice/vision';
import { afterAll, describe, expect, it } from 'vitest';
import { UNSEEN } from '../../envs/sim/words.ts';
import { patientSim } from '../sim/patient.ts';
import { writeTinyEmber } from './tiny-ember.ts';

const folder = mkdtempSync(join(tmpdir(), 'pumice-ember-'));
const weights = writeTinyEmber(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One for each set of options: starting an engine takes longer than asking it. A reset makes it as new. */
const open = new Map<string, Policy>();
const make = (given: Parameters<typeof ember>[0] = {}) => {
  const key = JSON.stringify(given);
  const policy = open.get(key) ?? ember({ weights, ditherM: 0, ...given });
  open.set(key, policy);
  return policy;
};
afterAll(async () => {
  for (const policy of open.values()) await policy.close?.();
});

const PUT = 'put the red block on the blue plate';
const painted = ([r, g, b]: readonly [number, number, number], sizePx = 224) => ({
  data: Uint8Array.from({ length: 3 * sizePx * sizePx }, (_, at) => [r, g, b][at % 3]!),
  encoding: 'rgb8' as const,
  widthPx: sizePx,
  heightPx: sizePx,
  stampMs: 0,
  camera: 'third',
});
const GREY = [100, 100, 100] as const;
const seen = (over: Partial<Observation> = {}): Observation => ({
  seq: 0,
  epoch: 0,
  stampMs: 0,
  instruction: PUT,
  history: [],
  frames: [painted(GREY)],
  ...over,
});
const looking = (signal: AbortSignal = new AbortController().signal) => ({ signal, nowMs: () => 0, report: () => {} });
const ask = async (policy: Policy, observation: Observation): Promise<Thought> =>
  (await policy.act(observation, looking())) as Thought;
const begin = (policy: Policy, seed = 1, instruction = PUT) => {
  policy.reset({ instruction, seed });
  return policy;
};
const deltas = ({ actions }: Thought) =>
  actions.map((action) =>
    action.kind === 'eef-delta' ? [...action.dPosM, ...action.dRpyRad, action.gripperOpen] : [],
  );
const proprio = (frameId = 'base') => ({
  stampMs: 0,
  jointNames: [],
  qRad: [],
  qdRadPerS: [],
  // Fingers down, turned by 90 degrees.
  tcpPose: { frameId, pM: [0.4, 0.2, 0.1] as const, qXyzw: [Math.SQRT1_2, Math.SQRT1_2, 0, 0] as const },
  gripperOpen: 1,
});
const refusal = (work: () => unknown): PumiceError => {
  try {
    work();
  } catch (error) {
    if (PumiceError.is(error)) return error;
  }
  throw new Error('was not refused');
};

describe('what the network is shown', () => {
  it('a picture of any size and encoding, as the mean of its pixels', async () => {
    const policy = begin(make());
    for (const sizePx of [128, 224, 301]) {
      const { traces } = await ask(policy, seen({ frames: [painted([204, 51, 0], sizePx)] }));
      const [x, y] = traces![0]!.pointsPx[0]!;
      expect([x / sizePx, y / sizePx]).toEqual([expect.closeTo(0.8, 5), expect.closeTo(0.2, 5)]);
    }
    const jpeg = await ask(policy, seen({ frames: [await encodeJpeg(painted(GREY))] }));
    expect(deltas(jpeg)).toEqual([...deltas(await ask(policy, seen()))]);
  });

  it('the sentence', async () => {
    const policy = begin(make());
    const [one, other] = [
      await ask(policy, seen()),
      await ask(policy, seen({ instruction: 'pick up the green block' })),
    ];
    expect(deltas(one)[0]![2]).not.toBe(deltas(other)[0]![2]);
  });

  it('proprioception where there is some and it is wanted', async () => {
    const with90 = deltas(await ask(begin(make({ proprio: true })), seen({ proprio: proprio() })))[0]!;
    expect(with90[1]).toBeCloseTo(0.02, 5);
    expect(with90[5]).toBeCloseTo(0.1, 5);
    const without = deltas(await ask(begin(make()), seen({ proprio: proprio() })));
    expect(without).toEqual(deltas(await ask(begin(make({ proprio: true })), seen())));
    expect(without[0]![1]).toBe(0);
  });

  it('not a pose in another frame, nor the picture of another camera', async () => {
    const policy = begin(make({ proprio: true }));
    await expect(ask(policy, seen({ proprio: proprio('odom') }))).rejects.toThrow(/frame 'base', got 'odom'/);
    await expect(ask(policy, seen({ frames: [{ ...painted(GREY), camera: 'wrist' }] }))).rejects.toThrow(
      /'third', got: wrist/,
    );
    await expect(ask(policy, seen({ frames: [] }))).rejects.toThrow(/got: none/);
    await expect(ask(policy, seen({ frames: [painted(GREY, 64)] }))).rejects.toThrow(/64 x 64/);
  });
});

describe('what is made of its answer', () => {
  it('one action of the chunk, or more', async () => {
    const firsts = async (given: Parameters<typeof make>[0]) =>
      deltas(await ask(begin(make(given)), seen())).map(([dx]) => Number(dx!.toFixed(6)));
    expect(await firsts({})).toEqual([0.01]);
    expect(await firsts({ execute: 4 })).toEqual([0.01, 0.02, 0.03, 0.04]);
    expect(refusal(() => make({ execute: 3, late: 2 })).message).toMatch(/at most 4/);
  });

  it('commands that come late: the next place of the chunk, from where those on their way will have brought the tool', async () => {
    const sent = (dxM: number, kind: 'allow' | 'deny' = 'allow'): StepFeedback => ({
      index: 0,
      proposed: { kind: 'eef-delta', frameId: 'base', dPosM: [dxM, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 },
      verdict: { kind, reasons: [] },
    });
    const firsts = async (given: Parameters<typeof make>[0], history: StepFeedback[]) =>
      deltas(await ask(begin(make(given)), seen({ history }))).map(([dx]) => Number(dx!.toFixed(6)));
    expect(await firsts({ late: 1 }, [])).toEqual([0.01]);
    expect(await firsts({ late: 1 }, [sent(0.04), sent(0.01)])).toEqual([0.02]);
    expect(await firsts({ late: 1 }, [sent(0)])).toEqual([0.03]);
    expect(await firsts({ late: 1 }, [sent(0.01, 'deny')])).toEqual([0.01]);
    expect(await firsts({ late: 2, execute: 2 }, [sent(0.01), sent(0.01)])).toEqual([0.04, 0.04]);
    expect(await firsts({ late: 0 }, [sent(0)])).toEqual([0.01]);
  });

  it('where it has stood still for ten looks it draws back, twice up with the hand as it is told, and goes on', async () => {
    const policy = begin(make());
    const up = async () => {
      const { actions } = await ask(policy, seen({ frames: [painted([0, 120, 0])] }));
      const [first] = deltas({ actions });
      return first![2]! > 0.03;
    };
    const looks = [];
    for (let look = 0; look < 14; look++) looks.push(await up());
    expect(looks.map((isUp, look) => (isUp ? look : -1)).filter((look) => look >= 0)).toEqual([9, 10]);
  });

  it('the hand is open or closed', async () => {
    const policy = begin(make());
    const hand = async (green: number) => deltas(await ask(policy, seen({ frames: [painted([0, green, 0])] })))[0]![6];
    expect([await hand(120), await hand(135)]).toEqual([0, 1]);
  });

  it('tokens go through the decoder of Magma, in the ranges of the model', async () => {
    const thought = await ask(begin(make({ head: 'tokens', execute: 2 })), seen({ frames: [painted([0, 255, 0])] }));
    const centre = (bin: number) => (2 * bin + 1) / 255 - 1;
    const [first, second] = deltas(thought);
    expect(first).toEqual(
      [expect.closeTo(0.05 * centre(137), 9), 0, 0, 0, 0, 0, 1].map((n) => (n === 0 ? expect.closeTo(0, 9) : n)),
    );
    expect(second![0]).toBeCloseTo(0.05 * centre(147), 9);
    expect(thought.rawText).toBe(
      '127862 127872 127872 127872 127872 127872 127745\n127852 127872 127872 127872 127872 127872 127745',
    );
  });

  it('where target and destination are, in pixels of its frame, and in words', async () => {
    const thought = await ask(
      begin(make()),
      seen({ frames: [{ ...painted([51, 102, 0]), cssWidthPx: 112, cssHeightPx: 112 }] }),
    );
    expect(thought.traces).toEqual([
      {
        markId: 1,
        pointsPx: [
          [expect.closeTo(22.4, 4), expect.closeTo(44.8, 4)],
          [28, 84],
        ],
        stepMs: 200,
      },
    ]);
    expect(thought.thought).toBe('target at (22, 45), destination (28, 84); done 0.00, cannot 0.00');
    const pick = await ask(begin(make()), seen({ instruction: 'pick up the red block' }));
    expect(pick.traces![0]!.pointsPx).toHaveLength(1);
  });

  it('over four looks in a row that say done or cannot, it ends; a look that says otherwise begins the count anew', async () => {
    const policy = begin(make());
    const DONE = [0, 0, 255] as const;
    const CANNOT = [255, 0, 0] as const;
    const ends = async (colours: readonly (readonly [number, number, number])[], over: Partial<Observation> = {}) => {
      const actions: Action[] = [];
      for (const colour of colours)
        actions.push((await ask(policy, seen({ frames: [painted(colour)], ...over }))).actions[0]!);
      return actions.map((action) => (action.kind === 'done' ? action.outcome : 'goes on'));
    };
    const [on, yes, no] = ['goes on', 'success', 'failure'];
    expect(await ends([DONE, DONE, DONE, GREY, DONE, DONE, DONE, DONE])).toEqual([on, on, on, on, on, on, on, yes]);
    begin(policy);
    expect(await ends([CANNOT, CANNOT, CANNOT])).toEqual([on, on, on]);
    // Another instruction is another matter.
    const other = { instruction: 'pick up the green block' };
    expect(await ends([CANNOT, CANNOT, CANNOT, CANNOT], other)).toEqual([on, on, on, no]);
    const { actions } = await ask(policy, seen({ frames: [painted(CANNOT)], ...other }));
    expect(actions[0]).toMatchObject({ kind: 'done', answer: expect.stringContaining('pick up the green block') });
  });

  it('the same seed and looks give the same answers, however often it was asked between; another seed or look does not', async () => {
    const policy = make({ ditherM: 0.004 });
    const answer = async (seed: number, seq: number) => deltas(await ask(begin(policy, seed), seen({ seq })));
    const first = await answer(1, 3);
    await answer(1, 0);
    expect(await answer(1, 3)).toEqual(first);
    expect(await answer(2, 3)).not.toEqual(first);
    expect(await answer(1, 4)).not.toEqual(first);
    const sizes = [];
    for (let seq = 0; seq < 200; seq++) sizes.push((await answer(1, seq))[0]![0]! - 0.01);
    const deviation = Math.hypot(...sizes) / Math.sqrt(sizes.length);
    expect(deviation).toBeGreaterThan(0.003);
    expect(deviation).toBeLessThan(0.005);
  });
});

describe('sentences', () => {
  it('one of unknown words or without a colour is refused before the first step, with what to say instead', () => {
    const policy = make();
    const said = (instruction: string) => refusal(() => begin(policy, 1, instruction));
    expect(said('buy milk and bread')).toMatchObject({
      code: 'policy/unparsed',
      hint: expect.stringMatching(/red, green, blue, yellow.*pick, put/),
    });
    expect(said('grab the yelow blok').message).toMatch(
      /does not know 'yelow', 'blok', perhaps 'yellow' for 'yelow', 'block' for 'blok'/,
    );
    expect(said('pick up the block').message).toMatch(/names no colour/);
    expect(said('nimm den roten Würfel').message).toMatch(/'nimm'/);
    expect(said('拿起红色方块').message).toMatch(/names no colour/);
  });

  it('phrasings that no model was trained on are read', () => {
    const policy = make();
    for (const phrase of Object.values(UNSEEN).flat())
      begin(
        policy,
        1,
        phrase
          .replace(/\bC\b/g, 'red')
          .replace(/\b[PQ]\b/g, 'blue')
          .replace(/\bS\b/g, 'left'),
      );
  });

  it('single unknown words, and what is too long to be read, are named in the thought', async () => {
    const kindly = await ask(make(), seen({ instruction: 'kindly pick up the red block' }));
    expect(kindly.thought).toMatch(/does not know 'kindly'$/);
    const long = await ask(make(), seen({ instruction: `pick up the red block ${'please '.repeat(15)}now carefully` }));
    expect(long.thought).toMatch(/does not read from 'now' on$/);
  });
});

describe('in its own thread', () => {
  it('an abort is answered at once, and the next question is answered as ever', async () => {
    const policy = begin(make());
    const first = await ask(policy, seen());
    const abort = new AbortController();
    const asked = policy.act(seen(), looking(abort.signal)) as Promise<Thought>;
    abort.abort(new Error('stop'));
    await expect(asked).rejects.toThrow('stop');
    await expect(policy.act(seen(), looking(abort.signal))).rejects.toThrow('stop');
    expect(await ask(policy, seen())).toEqual(first);
  });

  it('several questions at once get each its own answer', async () => {
    const policy = begin(make());
    const colours = [0, 50, 100, 150].map((red) => [red, 0, 0] as const);
    const thoughts = await Promise.all(colours.map((colour) => ask(policy, seen({ frames: [painted(colour)] }))));
    expect(thoughts.map(({ traces }) => Math.round((traces![0]!.pointsPx[0]![0] / 224) * 255))).toEqual([
      0, 50, 100, 150,
    ]);
  });

  it('what was closed answers no more', async () => {
    const policy = begin(ember({ weights }));
    const refused = expect(ask(policy, seen())).rejects.toThrow(/closed/);
    await policy.close!();
    await refused;
    await expect(ask(policy, seen())).rejects.toThrow(/closed/);
  });
});

it('a run with the simulated arm: it looks, moves, and the run ends by its budget', async () => {
  const env = await patientSim({ cameras: ['third'] });
  const policy = make({ ditherM: 0.004 });
  const episode = run({ env, policy, instruction: PUT, seed: 3, budget: { maxSteps: 3 } });
  const executed = [];
  for await (const { act, verdict } of episode) executed.push([verdict.kind, act?.executed?.kind]);
  expect(executed).toEqual(Array(3).fill(['allow', 'eef-delta']));
  expect((await episode.result).outcome).toBe('truncated');
  await env.close();
});
