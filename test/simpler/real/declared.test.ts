/** An env of gymnasium of the user's own: driven by what is declared of it, and refused by name for what it lacks before its first step. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Sensed } from 'pumice';
import { examineSimulator, simpler, startServer } from 'pumice/envs/simpler';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { declaredFor, readDeclaration } from '../../../envs/simpler/declared.ts';
import { openLink } from '../../../envs/simpler/link.ts';
import { descriptionSchema, PROTOCOL } from '../../../envs/simpler/messages.ts';
import { options } from '../../../envs/simpler/options.ts';
import { openSession } from '../../../envs/simpler/session.ts';
import { noticesWrongProfiles } from '../by-hand/wrong-profiles.ts';
import { folderWith } from './folders.ts';
import { context, inside, lack, minus, motionBy, opened, reached, reset } from './reaching.ts';

// Pythons begin late on a machine that does other work too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
// Where the env of this test's own is imported from.
process.env.PYTHONPATH = resolve('test/simpler/real');

const LIMITS = {
  maxStepM: 0.035,
  maxStepRad: 1e-6,
  maxSpeedMPerS: 0.4,
  maxTurnRadPerS: 1e-4,
  maxAccelerationMPerS2: 8,
  maxTurnAccelerationRadPerS2: 1,
  decelerationMPerS2: 8,
  workspace: { minM: [0.3, -0.3, 0.1], maxM: [0.7, 0.3, 0.5] },
  maxFollowingErrorM: 0.05,
};
const CONTROL = {
  robot: 'mine',
  controlMode: 'delta',
  rateHz: 10,
  order: ['x', 'y', 'z'],
  unitM: 0.02,
  rotation: 'none',
  unitRad: 1,
  delta: { axes: 'base', reference: 'commanded' },
  gripper: { form: 'share', open: 1, closed: -1 },
};
const HAND = { at: ['obs:hand[0:3]'], turn: [0, 1, 0, 0] };
const TOLD = { at: ['obs:told'], turn: [0, 1, 0, 0] };
const MINE = {
  envs: { 'Arm-v0': 'go there', 'EndlessArm-v0': 'go there' },
  robot: { control: CONTROL, body: { jointNames: ['a', 'b'], maxOpeningM: 0.1, limits: LIMITS } },
  tool: HAND,
  commanded: TOLD,
  gripper: { at: 'obs:hand[3:4]', open: 1, closed: 0 },
  joints: { qRad: ['obs:hand[4:5]', 'obs:hand[5:6]'], qdRadPerS: ['obs:hand[6:7]', 'obs:hand[7:8]'] },
};
const fileOf = (declaration: unknown) => {
  const file = join(folderWith({}), 'mine.json');
  writeFileSync(file, JSON.stringify(declaration));
  return file;
};
const withRobot = (change: object) => ({ ...MINE, robot: { ...MINE.robot, control: { ...CONTROL, ...change } } });

describe.skipIf(lack !== undefined)("an env of the user's own, with a declaration of its robot", () => {
  it('is driven, and what it shows is found where the declaration says', async () => {
    const backend = fileOf(MINE);
    const env = await opened({ backend, task: 'fake_gym:Arm-v0' });
    const { outcomes } = await reached(env, [1, 2], 0.02, ({ goal, hand }) => minus(goal!, hand!.slice(0, 3) as never));
    expect(outcomes.map((one) => one.split(' ')[0])).toEqual(['success', 'success']);
    const { proprio, frames } = (await env.observe(context)) as Sensed;
    expect(proprio).toMatchObject({
      jointNames: ['a', 'b'],
      qdRadPerS: [expect.closeTo(0.3, 5), expect.closeTo(0.4, 5)],
      gripperOpen: 1,
    });
    expect(frames[0]).toMatchObject({ widthPx: 8, heightPx: 6 });
    expect(env.facts).toMatchObject({
      body: 'gymnasium: mine',
      declaration: expect.stringMatching(/mine\.json, [0-9a-f]{16}$/),
    });
    expect(env.instruction()).toBe('go there');
  });

  it('begins by one seed as it does in another process', async () => {
    const backend = fileOf(MINE);
    const begun: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      const env = await opened({ backend, task: 'fake_gym:Arm-v0', cameras: [] });
      await reset(env, 7);
      begun.push(env.oracle!.state());
    }
    expect(begun[1]).toEqual(begun[0]);
  });

  it('that goes wrong is named: one that raises, whose hand is nowhere, or that has ended; and the next episode goes on', async () => {
    const read = options.parse({ backend: fileOf(MINE), python: inside, task: 'fake_gym:Arm-v0', cameras: [] });
    const session = await openSession(read);
    onTestFinished(() => session.close());
    const third = async (seed: number) => {
      await session.reset({ seed });
      const codes: string[] = [];
      for (let i = 0; i < 4; i++)
        codes.push(
          await session.step([1, 0, 0, 1]).then(
            () => 'ok',
            ({ code }) => code,
          ),
        );
      return codes;
    };
    expect(await third(101)).toMatchObject(['ok', 'ok', 'simulator/failed', 'ok']);
    expect((await third(102)).slice(0, 3)).toEqual(['ok', 'ok', 'body/crashed']);
    expect(await third(103)).toEqual(['ok', 'ok', 'ok', 'body/halted']);
    await session.reset({ seed: 1 });
    await expect(session.step([0, 0, 2, 0])).rejects.toMatchObject({ code: 'simulator/action' });
    await expect(session.step([0, 0, 0])).rejects.toMatchObject({ code: 'simulator/action' });
  });

  it('is driven on after its process was lost, and not by a declaration that is another by then', async () => {
    const backend = fileOf(MINE);
    const env = await opened({ backend, task: 'fake_gym:Arm-v0', cameras: [] });
    const lose = async () => {
      await reset(env, 1);
      process.kill(env.pid()!, 'SIGKILL');
      await expect(env.act(motionBy([0.01, 0, 0], 0.02), context)).rejects.toMatchObject({ code: 'simulator/gone' });
    };
    await lose();
    await lose();
    writeFileSync(backend, JSON.stringify({ ...MINE, commanded: HAND }));
    await expect(reset(env, 1)).rejects.toMatchObject({ code: 'config/misfit' });
  });

  it('is served to others, who bring its declaration; a server of another simulator is refused', async () => {
    const read = { url: '', backend: fileOf(MINE), task: 'fake_gym:Arm-v0' };
    for (const [served, answer] of [
      ['gymnasium', 'gymnasium: mine'],
      ['test/simpler/real/fake_backend.py', /expected a server of gymnasium for .*mine\.json/],
    ] as const) {
      const server = await startServer({ python: inside, backend: served, startMs: 60_000 });
      onTestFinished(() => server.kill());
      const found = simpler({ ...read, url: `ws://127.0.0.1:${server.ready.port}`, cameras: [] });
      const said = await found.then(
        (env) => env.close().then(() => env.facts!.body),
        ({ message }) => message,
      );
      expect(said).toMatch(answer);
    }
  });

  it('is examined by the doctor as any simulator is', async () => {
    const { versions, renderer, isBlank } = await examineSimulator({
      backend: fileOf(MINE),
      python: inside,
      task: 'fake_gym:Arm-v0',
    });
    expect(versions).toMatch(/gymnasium: 1\.4\.0; numpy/);
    expect(renderer).toMatch(/as the env draws/);
    // It is of one colour.
    expect(isBlank).toBe(true);
  });

  it('is refused by what is wrong, what is expected and what to do, before its first step', async () => {
    const server = await startServer({ python: inside, backend: 'gymnasium', startMs: 60_000 });
    onTestFinished(() => server.kill());
    const link = await openLink({ url: `ws://127.0.0.1:${server.ready.port}`, connectMs: 5000 });
    onTestFinished(() => link.close());
    const looks = { cameras: null, widthPx: 64, heightPx: 64, images: 'raw', jpegQuality: 95, oracle: false };
    const refusal = async (lacks: string, change: object = {}, task = `fake_gym:Arm-v0 {"lacks": "${lacks}"}`) => {
      const { asked } = declaredFor('Arm-v0', { declaration: { ...MINE, ...change } as never, from: '' });
      const call = { protocol: PROTOCOL, ...looks, task, declared: asked };
      return link.call('make', call, descriptionSchema, { limitMs: 60_000 }).then(
        () => 'driven',
        ({ code, message, hint }) => `${code}: ${message} / ${hint}`,
      );
    };
    const at = (place: string) => ({ tool: { ...HAND, at: [place] } });
    for (const [made, expected] of [
      [
        () => refusal('numbers'),
        /^config\/misfit: .*an action of numbers in a row between bounds, the env takes Discrete\(4\)/,
      ],
      [() => refusal('bounds'), /^config\/misfit: .*between bounds, the env takes Box\(-inf, inf/],
      [() => refusal('rate'), /^config\/misfit: .*how many actions a second.*metadata\['render_fps'\]/],
      [() => refusal('success'), /^config\/misfit: .*success or is_success in info, got distance, words/],
      [() => refusal('seed'), /^config\/misfit: .*one seed to be one beginning, it was two/],
      [() => refusal('picture'), /^config\/misfit: .*a picture from render\(\) as rgb_array, got NoneType/],
      [
        () => refusal('', at('obs:nowhere[0:3]')),
        /^config\/misfit: .*something at 'obs:nowhere\[0:3\]', there is nothing: 'nowhere'/,
      ],
      [() => refusal('', at('obs:hand[0:2]')), /^config\/misfit: .*3 numbers at 'obs:hand\[0:2\]', got 2/],
      [
        () => refusal('', at('site:grip')),
        /^config\/misfit: .*something at 'site:grip', there is nothing: .*no attribute 'data'/,
      ],
      [
        () => refusal('', { success: ['done'] }),
        /^config\/misfit: .*expected done in info, got distance, words, success/,
      ],
      [() => refusal('', {}, 'fake_gym:EndlessArm-v0'), /^config\/misfit: .*an end of an episode.*max_episode_steps/],
      [
        () => refusal('', {}, 'fake_gym:Arm-v0 [1'),
        /^config\/invalid: .*expected a JSON object after the env's id, got \[1/,
      ],
      [() => refusal('', {}, 'fake_gym:Leg-v0'), /^config\/invalid: .*no env 'fake_gym:Leg-v0'/],
      [
        () => refusal('', {}, 'no_such_module:Arm-v0'),
        /^simulator\/not-installed: .*No module named 'no_such_module'.*pip install/,
      ],
      [
        () => refusal('', {}, 'fake_gym:Arm-v0 {"legs": 2}'),
        /^simulator\/failed: .*unexpected keyword argument 'legs'/,
      ],
    ] as const)
      expect(await made()).toMatch(expected);
  });

  it.each([
    ['one axis twice', withRobot({ order: ['x', 'x', 'z'] }), /expected each of x, y and z once/],
    ['no unit', withRobot({ unitM: 0 }), /robot/],
    ['one number for open and closed', withRobot({ gripper: { form: 'share', open: 1, closed: 1 } }), /robot/],
    ['a place of no form', { ...MINE, tool: { ...HAND, at: ['hand.x'] } }, /tool\.at\.0: expected site:NAME/],
    ['a word that nobody knows', { ...MINE, sucess: ['done'] }, /sucess/],
    ['no JSON', 'nothing', /expected object/],
  ])('is refused with a file that has %s', async (_, declaration, said) => {
    expect(() => readDeclaration(fileOf(declaration))).toThrow(said);
  });

  it.each([
    ['a robot that there is no profile of', { ...MINE, robot: 'nobody' }, /robot nobody: there is no profile of it/],
    [
      'a shipped robot in other words',
      withRobot({ robot: 'sawyer' }),
      /robot sawyer: its profile is not declared, it is shipped/,
    ],
    [
      'limits that are none',
      { ...MINE, robot: { control: CONTROL, body: { ...MINE.robot.body, limits: { ...LIMITS, maxStepM: -1 } } } },
      /limits\.maxStepM/,
    ],
    [
      'other envs',
      { ...MINE, envs: { 'Leg-v0': 'kick' } },
      /env Arm-v0: expected a declaration of it, there is one of Leg-v0/,
    ],
  ])('is refused with a file that has %s', async (_, declaration, said) => {
    await expect(simpler({ backend: fileOf(declaration), python: inside, task: 'fake_gym:Arm-v0' })).rejects.toThrow(
      said,
    );
  });
});

describe.skipIf(lack !== undefined)('the calibration of an env that is declared', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pumice-gymnasium-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const backend = join(folder, 'mine.json');
  writeFileSync(backend, JSON.stringify(MINE));
  const { robot } = declaredFor('Arm-v0', readDeclaration(backend));
  noticesWrongProfiles(robot.control, {
    backend,
    python: lack === undefined ? inside : undefined,
    task: 'fake_gym:Arm-v0 {"max_episode_steps": 400}',
  });
});
