/** The motion of a tool as numbers, and as plots on the page. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { rotationVectorOfRpy, type Vec3 } from '../../src/gate/rotation.ts';
import { type Episode, renderReport } from '../../src/record/index.ts';
import { lineOf, type Motion, motionOf, rangeOf } from '../../src/record/report/motion.ts';
import { moved, type Quaternion, rpyNear } from '../../src/record/report/pose.ts';
import type { Action, StepRecord, Verdict } from '../../src/types.ts';
import { armEpisode } from './arm.ts';
import { sampleSteps } from './sample.ts';

const X_MM = 0;
const YAW_DEG = 5;
const GRIPPER = 6;

/** The rotation that roll-pitch-yaw stand for, one axis after the other, as the definition says. */
function quaternionOf([roll, pitch, yaw]: Vec3): Quaternion {
  const about = (axis: number, angle: number): Quaternion => {
    const q = [0, 0, 0, Math.cos(angle / 2)];
    q[axis] = Math.sin(angle / 2);
    return q as unknown as Quaternion;
  };
  const times = ([ax, ay, az, aw]: Quaternion, [bx, by, bz, bw]: Quaternion): Quaternion => [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
  return times(about(2, yaw), times(about(1, pitch), about(0, roll)));
}
/** The angle between two rotations, rad. */
const apart = (a: Quaternion, b: Quaternion): number =>
  2 * Math.acos(Math.min(1, Math.abs(a.reduce((sum, part, at) => sum + part * b[at]!, 0))));

const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
const anyRpy = fc.tuple(angle, fc.oneof(angle, fc.constantFrom(Math.PI / 2, -Math.PI / 2, 0)), angle);

describe('roll, pitch and yaw of a rotation', () => {
  test('stand for that very rotation, whatever they are to be close to', () => {
    fc.assert(
      fc.property(anyRpy, anyRpy, (rpy, reference) => {
        const q = quaternionOf(rpy);
        expect(apart(quaternionOf(rpyNear(q, reference)), q)).toBeLessThan(3e-3);
      }),
    );
  });

  test('are told from those of another rotation, so that the comparison is not empty', () => {
    expect(apart(quaternionOf([0.1, 0.2, 0.3]), quaternionOf([0.1, 0.2, 0.32]))).toBeGreaterThan(0.01);
  });

  test('go on without a jump through half turns, over the top, and where roll and yaw are one', () => {
    for (const path of [
      (t: number): Vec3 => [Math.PI + 0.4 * Math.sin(t), 0, t],
      (t: number): Vec3 => [0.1, t, 0.2],
      (t: number): Vec3 => [3 + t, Math.PI / 2, 0.5 * t],
    ]) {
      let before = rpyNear(quaternionOf(path(0)), path(0));
      for (let t = 0; t < 8; t += 0.05) {
        const now = rpyNear(quaternionOf(path(t)), before);
        for (const [axis, value] of now.entries()) expect(Math.abs(value - before[axis]!)).toBeLessThan(0.2);
        before = now;
      }
    }
  });

  test('do not change when a quaternion is given with the other sign', () => {
    const q = quaternionOf([1, 0.5, -2]);
    const other = q.map((part) => -part) as unknown as Quaternion;
    expect(rpyNear(other, [0, 0, 0]).map((each) => each.toFixed(9))).toEqual(
      rpyNear(q, [0, 0, 0]).map((each) => each.toFixed(9)),
    );
  });

  test('a delta turns about the axes of the frame, not of the tool', () => {
    // The tool points down; a turn about the frame's z is yaw all the same.
    const down = { pM: [0, 0, 0] as Vec3, qXyzw: quaternionOf([Math.PI, 0, 0]) };
    const turned = moved(down, [0.1, 0, 0], [0, 0, 0.3]);
    expect(turned.pM).toEqual([0.1, 0, 0]);
    expect(apart(turned.qXyzw, quaternionOf([Math.PI, 0, 0.3]))).toBeLessThan(1e-6);
    expect(Math.hypot(...rotationVectorOfRpy([0, 0, 0.3]))).toBeCloseTo(0.3);
  });
});

const delta = (dx: number, yaw = 0, more: object = {}): Action =>
  ({ kind: 'eef-delta', frameId: 'base', dPosM: [dx, 0, 0], dRpyRad: [0, 0, yaw], gripperOpen: 1, ...more }) as Action;
const allow = (action: Action): Verdict => ({ kind: 'allow', action, reasons: [], by: 'gate' });
const step = (index: number, proposed: Action, change: Partial<StepRecord> = {}): StepRecord => ({
  index,
  stampMs: 1000 + 200 * index,
  proposed,
  verdict: allow(proposed),
  act: { status: 'done', executed: proposed },
  timings: { observeMs: 10, thinkMs: 10, checkMs: 0, actMs: 160, totalMs: 180 },
  dropped: 0,
  ...change,
});
/** Seen there, by a body whose clock is far ahead. */
const at = (xM: number, yaw = 0, stampMs = 1e9): NonNullable<StepRecord['observation']> => ({
  seq: 0,
  epoch: 0,
  stampMs: 0,
  instruction: '',
  history: [],
  frames: [],
  proprio: {
    stampMs,
    jointNames: [],
    qRad: [],
    qdRadPerS: [],
    tcpPose: { frameId: 'base', pM: [xM, 0, 0], qXyzw: [...quaternionOf([Math.PI, 0, yaw])] },
    gripperOpen: 0.5,
  },
});
const points = (motion: Motion, series: Parameters<typeof lineOf>[1], axis: number) =>
  lineOf(motion, series, axis).map((point) => point && [Number(point[0].toFixed(3)), Number(point[1].toFixed(3))]);

describe('the motion of an episode', () => {
  test('has what was proposed, limited and executed at the end of each step, from where the tool was measured at its start', () => {
    const cut: Verdict = { ...allow(delta(0.02, 0.1)), kind: 'modify' };
    const motion = motionOf([
      step(0, delta(0.05, 0.2), {
        observation: at(0.1, 3.1),
        verdict: cut,
        act: { status: 'done', executed: delta(0.019, 0.09) },
      }),
      step(1, delta(0), { observation: at(0.118, -3.1) }),
    ])!;
    expect(points(motion, 'measured', X_MM)).toEqual([
      [0.01, 100],
      [0.21, 118],
    ]);
    expect(points(motion, 'proposed', X_MM)[0]).toEqual([0.18, 150]);
    expect(points(motion, 'limited', X_MM)[0]).toEqual([0.18, 120]);
    expect(points(motion, 'executed', X_MM)[0]).toEqual([0.18, 119]);
    // Yaw goes on through the half turn.
    expect(points(motion, 'measured', YAW_DEG).map((point) => point![1])).toEqual([
      expect.closeTo(177.617, 2),
      expect.closeTo(182.383, 2),
    ]);
    expect(points(motion, 'proposed', YAW_DEG)[0]![1]).toBeCloseTo(((3.1 + 0.2) * 180) / Math.PI, 2);
    expect(points(motion, 'measured', GRIPPER)[0]![1]).toBe(50);
    expect(motion.notes).toEqual([]);
  });

  test('has what was measured at the time of its stamp, as far as that lies within the look at the body', () => {
    const stamps = [1004, -5, 1e9].map((stampMs) => step(0, delta(0), { observation: at(0.1, 0, stampMs) }));
    expect(stamps.map((each) => motionOf([each])!.steps[0]!.measuredS)).toEqual([0.004, 0, 0.01]);
  });

  test('has no limited and no executed value where a step was denied, and its lines break there', () => {
    const { act: _, ...denied } = step(1, delta(0.01), { verdict: { ...allow(delta(0.01)), kind: 'deny' } });
    const motion = motionOf([step(0, delta(0.01)), denied, step(2, delta(0.01))])!;
    expect(points(motion, 'proposed', X_MM).filter(Boolean)).toHaveLength(3);
    for (const series of ['limited', 'executed'] as const) expect(points(motion, series, X_MM)[1]).toBeUndefined();
  });

  test('is counted from its beginning when nothing is measured, and says so', () => {
    const motion = motionOf([step(0, delta(0.01)), step(1, delta(0.02))])!;
    expect(points(motion, 'executed', X_MM).map((point) => point![1])).toEqual([10, 30]);
    expect(motion.notes.join()).toContain('No pose was measured');
  });

  test('breaks where steps are left out', () => {
    const motion = motionOf([step(0, delta(0)), step(900, delta(0))])!;
    expect(points(motion, 'proposed', X_MM).map(Boolean)).toEqual([true, false, true]);
  });

  test('leaves out what is in another frame, is a speed, or is no number, and says so', () => {
    const twist = {
      kind: 'eef-twist',
      frameId: 'base',
      linearMPerS: [1, 0, 0],
      angularRadPerS: [0, 0, 0],
      gripperOpen: 1,
    };
    const odd = [
      delta(1e300),
      delta(0.01, 0, { frameId: 'tool' }),
      delta(Number.NaN),
      delta(0, Number.POSITIVE_INFINITY),
      { kind: 'eef-delta' } as Action,
      twist as Action,
    ];
    const motion = motionOf([
      step(0, delta(0), { observation: at(0.1) }),
      ...odd.map((action, i) => step(i + 1, action)),
    ])!;
    expect(points(motion, 'proposed', X_MM).slice(1).filter(Boolean)).toHaveLength(1);
    expect(points(motion, 'proposed', GRIPPER).filter(Boolean)).toHaveLength(6);
    for (const word of ['in the frame base', 'twists', 'no number']) expect(motion.notes.join()).toContain(word);
  });

  test('is none for an episode that moves no tool', async () => {
    expect(motionOf(await sampleSteps())).toBeUndefined();
    expect(motionOf([])).toBeUndefined();
  });

  test('is drawn in a range that one wild proposal does not flatten', () => {
    const steps = [0.1, 0.11, 0.12].map((x, index) => step(index, delta(0.01), { observation: at(x) }));
    const calm = rangeOf(motionOf(steps)!, X_MM);
    const { act: _, ...wild } = step(3, delta(900), {
      observation: at(0.12),
      verdict: { ...allow(delta(0)), kind: 'deny' },
    });
    const [low, high] = rangeOf(motionOf([...steps, wild])!, X_MM);
    expect(calm).toEqual([100, 130]);
    expect([low, high]).toEqual([100, 160]);
  });
});

describe('the plots of a report', () => {
  let episode: Episode;
  let html: string;
  beforeAll(async () => {
    episode = await armEpisode(30);
    html = (await renderReport(episode)).replace(/base64,[A-Za-z0-9+/=]+/g, 'base64,');
  });
  const svgOf = (page: string, axis: string): string =>
    page.match(new RegExp(`<svg [^>]*aria-labelledby="motion-${axis}-title[\\s\\S]*?</svg>`))?.[0] ?? '';

  test('are one for each of x y z roll pitch yaw gripper, with four lines, a title, words and a table', () => {
    for (const axis of ['x', 'y', 'z', 'roll', 'pitch', 'yaw', 'gripper']) {
      const svg = svgOf(html, axis);
      for (const series of ['proposed', 'limited', 'executed', 'measured'])
        expect(svg, `${axis} ${series}`).toMatch(new RegExp(`class="series-${series}" d="M[\\d.]+ [\\d.]+L`));
      expect(svg).toMatch(/<title id="motion-[a-z]+-title">[a-z]+ of the tool, (mm|°|% open), over time/);
      expect(svg).toContain('Measured from');
    }
    expect(html.match(/<div class="scrolled">/g)).toHaveLength(7);
    expect(html.match(/<figcaption><b>[a-z]+<\/b> (mm|°|% open)/g)).toHaveLength(7);
  });

  test('mark the steps that were denied, refused or stopped on the time axis, by a line and a sign', () => {
    const marks = [
      ...svgOf(html, 'z').matchAll(/<g class="undone stroke-(\w+)"><line[^>]*\/?>(?:<\/line>)?<text[^>]*>(.)/g),
    ];
    expect(marks.map(([, colour, sign]) => [colour, sign])).toEqual([
      ['deny', '✕'],
      ['ask', '!'],
      ['halt', '■'],
    ]);
  });

  test('have in their tables the numbers of the record', () => {
    const { proprio } = episode.steps[7]!.observation!;
    const x = proprio!.tcpPose!.pM[0] * 1000;
    const table = html.slice(html.indexOf('motion-x-title'), html.indexOf('motion-y-title'));
    expect(table).toMatch(new RegExp(`href="#step-7">7</a></th>(<td>[^<]*</td>){4}<td>${x.toFixed(1)}</td>`));
  });

  test('hold no number that a drawing cannot hold, whatever was proposed', async () => {
    const wild = [delta(1e300), delta(Number.NaN), delta(-5, 1e9), { kind: 'eef-pose' } as Action];
    const steps = wild.map((action, index) => step(index, action, { stampMs: index === 2 ? Number.NaN : index }));
    const page = await renderReport({ ...episode, steps });
    expect(page).toContain('Motion of the tool');
    const drawn = [...page.matchAll(/\s(?:d|x|y|x1|y1|width|cx)="([^"]*)"/g)].map(([, numbers]) => numbers!);
    expect(drawn.length).toBeGreaterThan(100);
    expect(drawn.filter((numbers) => /NaN|Infinity|e/.test(numbers))).toEqual([]);
  });

  test('are not there for an episode on a page', async () => {
    expect(await renderReport({ ...episode, steps: await sampleSteps() })).not.toContain('Motion of the tool');
  });
});
