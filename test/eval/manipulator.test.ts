import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observation, Policy } from 'pumice';
import { type SimOracle, TASKS, taskOf } from 'pumice/envs/sim';
import { afterAll, describe, expect, it } from 'vitest';
import { openJournal } from '../../src/eval/journal.ts';
import { type EpisodeSettings, openArm, playEpisode } from '../../src/eval/manipulator/episode.ts';
import { parsePerturbation } from '../../src/eval/manipulator/perturb.ts';
import { planOf } from '../../src/eval/manipulator/plan.ts';

describe('--perturb', () => {
  it('is read in one order, whatever the order of the text', () => {
    const read = parsePerturbation('unseen, light=0.5,camera=0.02,switch=5');
    expect(read).toEqual({ camera: 0.02, light: 0.5, unseen: true, switch: 5 });
    expect(JSON.stringify(read)).toBe(JSON.stringify(parsePerturbation('switch=5,camera=0.02,light=0.5,unseen')));
  });

  it.each([
    ['', /no ''/],
    ['fog', /no 'fog'/],
    ['camera', /camera: expected a number/],
    ['camera=-1', /camera: expected a number/],
    ['delay=0.5', /delay: expected a whole number/],
    ['unseen=1', /unseen has no value/],
    ['switch=0', /at least 1 step/],
    ['jpeg=70,jpeg=80', /twice/],
    ['absent,words', /contradict/],
    ['light=0.5=2', /two =/],
  ])('%s is refused', (text, message) => {
    expect(() => parsePerturbation(text)).toThrow(message);
  });
});

describe('what an episode asks for', () => {
  it.each(TASKS)('%s: what the policy is told instead names another block, in every layout', (kind) => {
    for (let seed = 0; seed < 200; seed++) {
      const { goal, decoy } = planOf(kind, seed, { words: true });
      expect(decoy!.goal.kind).toBe(kind);
      expect(decoy!.goal.block).not.toBe(goal.block);
    }
  });

  it('is the task of the seed, and the same each time', () => {
    const { seed, ...task } = taskOf('put', 5);
    expect(planOf('put', 5, {})).toMatchObject({ ...task, layoutSeed: seed });
    expect(planOf('put', 5, { switch: 5 })).toEqual(planOf('put', 5, { switch: 5 }));
  });
});

describe('an episode', () => {
  /** Acts by the true state, for whatever is judged now; notes what it is shown and told. */
  function watcher() {
    const seen: Observation[] = [];
    let oracle: SimOracle | undefined;
    const policy: Policy & { useOracle: (oracle: SimOracle) => void } = {
      name: 'watcher',
      actionKinds: ['eef-delta'],
      useOracle: (given) => {
        oracle = given;
      },
      reset: () => {},
      act: async (observation) => {
        seen.push(observation);
        return { actions: [oracle!.expertAction()!] };
      },
    };
    return { policy, seen };
  }
  const play = async (perturb: EpisodeSettings['perturb']) => {
    const settings: EpisodeSettings = { perturb, cameras: ['third'], stepTimeoutMs: 20_000 };
    const env = await openArm(settings);
    const { policy, seen } = watcher();
    const { score } = await playEpisode({ env, policy }, 'pick', 1000, settings);
    await env.close();
    return { score, seen };
  };

  it('with a switch is told another task first, and is judged by the real one', async () => {
    const { score, seen } = await play({ switch: 5 });
    const { decoy, instruction } = planOf('pick', 1000, { switch: 5 });
    const told = seen.map((observation) => observation.instruction);
    expect(told.slice(0, 5)).toEqual(Array(5).fill(decoy!.instruction));
    expect(new Set(told.slice(5))).toEqual(new Set([instruction]));
    expect(score).toMatchObject({ success: true, steps: 55, instruction });
  });

  it('with words is never told what it is judged by; with grey it sees nothing', async () => {
    const { seen } = await play({ words: true, grey: true });
    const { decoy } = planOf('pick', 1000, { words: true });
    expect(new Set(seen.map((observation) => observation.instruction))).toEqual(new Set([decoy!.instruction]));
    expect(seen.every(({ frames }) => frames[0]!.data.every((value) => value === 128))).toBe(true);
  });
});

describe('a journal', () => {
  const home = mkdtempSync(join(tmpdir(), 'pumice-journal-'));
  afterAll(() => rmSync(home, { recursive: true }));

  it('survives a line that was cut off, and goes on after it', () => {
    const file = join(home, 'a.partial');
    openJournal<number>(file, { task: 'pick' }).add('1', 11);
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"key":"2","val`);
    const again = openJournal<number>(file, { task: 'pick' });
    expect([...again.done]).toEqual([['1', 11]]);
    again.add('3', 33);
    expect([...openJournal<number>(file, { task: 'pick' }).done.keys()]).toEqual(['1', '3']);
    expect(() => openJournal(file, { task: 'put' })).toThrow(/task was "pick", is "put"/);
  });
});
