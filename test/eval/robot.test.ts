/** Episodes with a robot and a person beside it: who is asked what, what counts, and what is gone on with. The body steps exactly. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Journal, noJournal, openJournal } from '../../src/eval/journal.ts';
import { type RobotEpisodesOptions, type RobotScore, robotEpisodes } from '../../src/eval/robot/episodes.ts';
import { goingHome } from '../../src/eval/robot/home.ts';
import { rotationVectorOfRpy, turnBetween, turned, type Vec3 } from '../../src/gate/rotation.ts';
import type { Env, Policy, Sink } from '../../src/ports.ts';
import { readEpisode, recorder } from '../../src/record/index.ts';
import type { Action, EpisodeEnd } from '../../src/types.ts';
import { motionLimits } from '../gate/given.ts';

const HOME = { pM: [0.4, 0, 0.3] as const, qXyzw: [1, 0, 0, 0] as const, gripperOpen: 1 };
const START = { pM: [0.37, 0.02, 0.29] as Vec3, qXyzw: turned([1, 0, 0, 0], [0, 0, 0.1]) };

/** An arm that is where it is told to be, and says what was done with it. */
function exactArm(over: { readonly isFaulty?: () => boolean } = {}) {
  let { pM, qXyzw }: { pM: Vec3; qXyzw: readonly [number, number, number, number] } = START;
  let gripperOpen = 0.5;
  let halted: string | undefined;
  const done: Action[] = [];
  let nowMs = 0;
  const limits = motionLimits();
  const env: Env = {
    name: 'exact',
    isLockstep: true,
    actionKinds: ['eef-delta'],
    delta: { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' },
    limits: { motion: limits, maxObservationAgeMs: 60_000, maxPlanAgeMs: 60_000 },
    reset: async () => {
      halted = undefined;
    },
    observe: async (context) => {
      nowMs = context.nowMs();
      const tcpPose = { frameId: limits.frameId, pM, qXyzw };
      const joints = { jointNames: [], qRad: [], qdRadPerS: [] };
      return {
        ...{ stampMs: nowMs, frames: [] },
        proprio: { stampMs: nowMs, ...joints, gripperOpen, tcpPose, commandedTcpPose: tcpPose },
      };
    },
    act: async (action) => {
      if (halted !== undefined || over.isFaulty?.())
        return { status: 'stopped', reason: halted ?? 'the link was lost' };
      if (action.kind === 'eef-delta') {
        const [x, y, z] = action.dPosM;
        pM = [pM[0] + x, pM[1] + y, pM[2] + z];
        qXyzw = turned(qXyzw, rotationVectorOfRpy(action.dRpyRad));
        gripperOpen = action.gripperOpen;
        done.push(action);
      }
      return { status: 'done', executed: action };
    },
    halt: (_category, reason) => {
      halted = reason;
    },
    close: async () => {},
  };
  const at = () => ({ pM, qXyzw, gripperOpen });
  return { env, at, done, halted: () => halted };
}
type Arm = ReturnType<typeof exactArm>;

/** Two steps away from home, then done. */
function away(): Policy {
  let steps = 0;
  return {
    name: 'away',
    actionKinds: ['eef-delta'],
    reset: () => {
      steps = 0;
    },
    act: async () => {
      const step = { kind: 'eef-delta', frameId: 'base', dRpyRad: [0, 0, 0], gripperOpen: 1 } as const;
      return { actions: [steps++ < 2 ? { ...step, dPosM: [-0.005, 0, 0] } : { kind: 'done', outcome: 'success' }] };
    },
  };
}

interface Session extends Partial<RobotEpisodesOptions> {
  readonly arm?: Arm;
  /** What is entered, in this order. */
  readonly lines: readonly (string | undefined)[];
  readonly onLine?: (question: string) => void;
}
function session({ arm = exactArm(), lines, onLine = () => {}, ...over }: Session) {
  const left = [...lines];
  const said: string[] = [];
  const ends: EpisodeEnd[] = [];
  let opened = 0;
  const sink = (): Sink & { readonly file: string } => ({
    ...{ name: 'fake', required: true, file: `take-${ends.length}.mcap`, write: async () => {} },
    close: async (end) => void ends.push(end),
  });
  const options: RobotEpisodesOptions = {
    ...{ instructions: ['pick up the cup'], attempts: 1, home: HOME, policy: away(), critics: [] },
    ...{ journal: noJournal<RobotScore>(), recorder: sink, signal: new AbortController().signal },
    ...{ stepTimeoutMs: 1000, isRealTime: false },
    open: async () => {
      opened += 1;
      return arm.env;
    },
    operator: {
      say: (text) => said.push(text),
      line: async (question) => {
        said.push(question);
        onLine(question);
        return left.shift();
      },
      stops: () => [],
    },
    ...over,
  };
  return { result: robotEpisodes(options), arm, said, ends, opened: () => opened, left };
}

describe('an episode with a robot', () => {
  it('begins at home, halted while the person is near, and its success is their word', async () => {
    const arm = exactArm();
    const seen: unknown[] = [];
    const { result, ends, said } = session({
      arm,
      lines: ['', '', 's', '', '', 'f dropped it'],
      attempts: 2,
      onLine: (question) => {
        if (!question.includes('Reset the scene')) return;
        const { pM, qXyzw, gripperOpen } = arm.at();
        const awayM = Math.hypot(...pM.map((value, axis) => value - HOME.pM[axis]!));
        const turnRad = Math.hypot(...turnBetween(qXyzw, HOME.qXyzw));
        seen.push([arm.halted(), awayM <= 0.005, turnRad <= 0.035, gripperOpen]);
      },
    });
    const { episodes, summary } = await result;
    expect(seen).toEqual([
      ['a person resets the scene', true, true, expect.closeTo(1, 1)],
      ['a person resets the scene', true, true, expect.closeTo(1, 1)],
    ]);
    expect(episodes).toMatchObject([
      { task: 'pick up the cup', seed: 1, success: true, outcome: 'success', recordPath: 'take-0.mcap' },
      { seed: 2, success: false, outcome: 'success', note: 'dropped it' },
    ]);
    expect(summary).toMatchObject({ successes: 1, attempts: 2 });
    expect(ends.map(({ judged }) => judged)).toEqual([
      { by: 'person', outcome: 'success' },
      { by: 'person', outcome: 'failure', note: 'dropped it' },
    ]);
    expect(said[1]).toMatch(/^Stand clear/);
  });

  it('that ends in a fault is not judged and not counted: the robot is opened anew, and it is begun again', async () => {
    let faults = 1;
    let isTrying = false;
    const arm = exactArm({ isFaulty: () => isTrying && faults-- > 0 });
    const { result, ends, said, opened } = session({
      arm,
      lines: ['', '', '', '', 's'],
      onLine: (question) => {
        isTrying = question.includes('Reset the scene');
      },
    });
    expect((await result).episodes).toHaveLength(1);
    expect(ends.map(({ outcome, judged }) => [outcome, judged?.outcome])).toEqual([
      ['fault', undefined],
      ['success', 'success'],
    ]);
    expect(said.join('\n')).toMatch(/Not counted, and begun again: .*the link was lost/);
    expect(opened()).toBe(2);
  });

  it('is asked about again where the answer is none, and may be done again uncounted', async () => {
    const { result, said, ends } = session({ lines: ['', '', 'maybe', '', 'a', '', '', 'SUCCESS: on the plate'] });
    expect((await result).episodes).toMatchObject([{ success: true, note: 'on the plate' }]);
    expect(said.filter((line) => line.startsWith('Expected s, f, a or q, got'))).toEqual([
      "Expected s, f, a or q, got 'maybe'",
      "Expected s, f, a or q, got ''",
    ]);
    expect(ends.map(({ judged }) => judged?.outcome)).toEqual([undefined, 'success']);
  });

  it('goes on with the next one that was not judged, after the person left or was interrupted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pumice-robot-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const journal = (): Journal<RobotScore> => openJournal(join(folder, 'partial'), { policy: 'away' });
    const first = session({ lines: ['', '', 's', '', '', 'q'], attempts: 3, journal: journal() });
    await expect(first.result).rejects.toThrow(/the person has left/);
    // The one that nobody judged has a record, without a word.
    expect(first.ends.map(({ judged }) => judged?.outcome)).toEqual(['success', undefined]);
    const stop = new AbortController();
    const second = session({
      lines: ['', '', 'f', ''],
      ...{ attempts: 3, journal: journal(), signal: stop.signal },
      onLine: (question) => {
        if (question.includes('Reset') && second.ends.length === 1) stop.abort(new Error('Ctrl-C'));
      },
    });
    await expect(second.result).rejects.toThrow(/Ctrl-C/);
    expect(second.said[0]).toBe('"pick up the cup", 2 of 3');
    const third = session({ lines: ['', '', 's'], attempts: 3, journal: journal() });
    const { episodes } = await third.result;
    expect(third.said[0]).toBe('"pick up the cup", 3 of 3');
    expect(episodes.map(({ success }) => success)).toEqual([true, false, true]);
  });

  it('ends where nobody is there to answer', async () => {
    await expect(session({ lines: [undefined] }).result).rejects.toThrow(/the person has left/);
    await expect(session({ lines: ['', '', undefined] }).result).rejects.toThrow(/the person has left/);
  });

  it('waits for a robot that is not ready as often as the person wants', async () => {
    let tries = 0;
    const arm = exactArm();
    const { result, said } = session({
      arm,
      lines: ['', '', '', '', '', 's'],
      open: async () => {
        tries += 1;
        if (tries < 3) throw new Error('no bridge');
        return arm.env;
      },
    });
    await result.catch(() => {});
    expect(said.filter((line) => line === 'The robot is not ready: no bridge')).toHaveLength(2);
    expect((await result).episodes).toHaveLength(1);
  });

  it('stands in its record with the word of the person', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pumice-robot-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { result } = session({ lines: ['', '', 'f fell over'], recorder: () => recorder({ dir: folder }) });
    const { episodes } = await result;
    const { end, isComplete } = await readEpisode(episodes[0]!.recordPath!);
    expect(end).toMatchObject({ outcome: 'success', judged: { by: 'person', outcome: 'failure', note: 'fell over' } });
    expect(isComplete).toBe(true);
  });
});

describe('going home', () => {
  it('is slow, and gives up where the gate says no', async () => {
    const arm = exactArm();
    const { result } = session({ arm, lines: ['', undefined] });
    await result.catch(() => {});
    const { limits } = arm.env;
    const stepS = (limits.motion as { stepMs: number }).stepMs / 1000;
    expect(arm.done.length).toBeGreaterThan(2);
    for (const action of arm.done)
      if (action.kind === 'eef-delta') expect(Math.hypot(...action.dPosM) / stepS).toBeLessThanOrEqual(0.05);
    const outside = session({ lines: ['', undefined], home: { ...HOME, pM: [9, 0, 0.3] } });
    await outside.result.catch(() => {});
    expect(outside.said.join('\n')).toMatch(/It is not at home: failure: .*workspace/s);
    expect(goingHome(HOME, motionLimits(), arm.env.delta!).name).toBe('home');
  });

  it('goes by the axes of the tool where deltas do', async () => {
    const turnedPose = turned([0, 0, 0, 1], [0, 0, Math.PI / 2]);
    const pose = { frameId: 'base', pM: [0.3, 0, 0.3] as const, qXyzw: turnedPose };
    const proprio = { stampMs: 0, jointNames: [], qRad: [], qdRadPerS: [], gripperOpen: 1 };
    const home = { pM: [0.31, 0, 0.3] as const, qXyzw: turnedPose, gripperOpen: 1 };
    const policy = goingHome(home, motionLimits(), { axes: 'tool', rotateAbout: 'tcp', reference: 'measured' });
    const seen = { seq: 0, epoch: 0, stampMs: 0, instruction: 'go home', history: [], frames: [] };
    const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
    const { actions } = (await policy.act({ ...seen, proprio: { ...proprio, tcpPose: pose } }, context)) as {
      actions: readonly [Extract<Action, { kind: 'eef-delta' }>];
    };
    const [x, y, z] = actions[0].dPosM;
    expect(x).toBeCloseTo(0, 9);
    expect(y).toBeLessThan(-0.001);
    expect(z).toBeCloseTo(0, 9);
  });
});
