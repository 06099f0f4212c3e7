/**
 * A person leads an arm from topics of a real graph: the node plays their hands and the arm, a real bridge carries both ways. Where the
 * arm went is by its own account.
 */
import { run, type StepRecord } from 'pumice';
import { type RosEnv, ros } from 'pumice/envs/ros';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { hold } from '../../../policies/hold.ts';
import { monotonicNowMs } from '../../../src/clock.ts';
import { until } from '../double/bridge.ts';
import { type Graph, missing, openGraph } from './graph.ts';
import { pictureFile } from './picture.ts';

const why = missing();
const BUTTONS = 8;
const DEAD_MAN = 4;
/** Of a joystick: along x alone, with or without the dead-man. */
const stick = (x: number, isHeld: boolean) =>
  [[0, x, 0, 0, 0], Array.from({ length: BUTTONS }, (_, at) => Number(isHeld && at === DEAD_MAN))] as const;

describe.skipIf(why !== undefined)(`a person at topics of a real graph${why ? ` (skipped: ${why})` : ''}`, () => {
  let picture: Awaited<ReturnType<typeof pictureFile>>;
  let graph: Graph;
  let env: RosEnv;
  beforeAll(async () => {
    picture = await pictureFile();
    graph = await openGraph(picture.path);
    env = await ros({ url: graph.url, profile: servoArm });
  }, 300_000);
  afterAll(async () => {
    await env?.close();
    await graph?.close();
    picture?.remove();
  });

  const lead = (type: 'joy' | 'twist', topic: string) => {
    const pilot = env.pilot({ topic, type, joy: { speedMPerS: 0.1 } });
    const rateHz = 1000 / servoArm.robot.limits.stepMs;
    const episode = run({ env, policy: hold(), pilot, instruction: 'go', pace: { rateHz } });
    const steps: StepRecord[] = [];
    episode.events$.subscribe((event) => event.kind === 'step-end' && steps.push(event.record));
    return { episode, steps };
  };
  /** Resolves with what it went on by after its hands let go, m, and how long it took to rest, ms. */
  const rests = async () => {
    const [fromMs, { x }] = [monotonicNowMs(), graph.arm()];
    let sinceMs = fromMs;
    await until(() => {
      if (graph.arm().speed >= 0.001) sinceMs = monotonicNowMs();
      return monotonicNowMs() - sinceMs > 100;
    }, 'rest');
    return { wayM: graph.arm().x - x, afterMs: sinceMs - fromMs };
  };

  it('leads with a joystick while the dead-man is held, rests when it is let go, and is recorded as the one who led', async () => {
    graph.lie({ joy: stick(0, false) });
    const { episode, steps } = lead('joy', '/joy');
    await until(() => steps.length > 0, 'a first step');
    const { x } = graph.arm();
    graph.lie({ joy: stick(-1, false) });
    await until(() => steps.length > 5, 'steps without a dead-man');
    expect(graph.arm().x).toBeCloseTo(x, 3);
    graph.lie({ joy: stick(-1, true) });
    await until(() => graph.arm().x < x - 0.03, 'three centimetres');
    graph.lie({ joy: stick(-1, false) });
    const joy = await rests();
    console.log(`joystick let go: rest after ${joy.afterMs.toFixed(0)} ms, ${(1000 * joy.wayM).toFixed(1)} mm`);
    expect(
      steps.some(({ human, act }) => human?.isHeld && human.command?.kind === 'eef-twist' && act?.status === 'done'),
    ).toBe(true);
    episode.stop('seen');
    expect((await episode.result).outcome).toBe('stopped');
    expect(graph.arm()).toMatchObject({ future: 0, notFinite: 0 });
  });

  it('leads with twists, and silence lets go of it', async () => {
    graph.lie({ joy: null });
    const { episode, steps } = lead('twist', '/teleop');
    await until(() => steps.length > 0, 'a first step');
    const { x } = graph.arm();
    graph.lie({ twist: 0.08 });
    await until(() => graph.arm().x > x + 0.03, 'three centimetres');
    graph.lie({ twist: null });
    const twist = await rests();
    console.log(`twists fell silent: rest after ${twist.afterMs.toFixed(0)} ms, ${(1000 * twist.wayM).toFixed(1)} mm`);
    episode.stop('seen');
    expect((await episode.result).outcome).toBe('stopped');
  });
});
