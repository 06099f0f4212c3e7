/**
 * The simulated arm with its own robot and the real driver's turns, 50 a second, in virtual time: it goes on while others think, and comes
 * to rest by the driver and its own watchdog. What the robot receives is counted by its own meter, the rest by the witness.
 */
import type { Action, ActResult, Sensed } from 'pumice';
import { concatMap, defer, type Observable, of, tap, timer } from 'rxjs';
import { map } from 'rxjs/operators';
import { poseAfter } from '../../../envs/sim/arm.ts';
import { layoutOf } from '../../../envs/sim/layout.ts';
import { createOracle } from '../../../envs/sim/oracle.ts';
import { PROFILE } from '../../../envs/sim/profile.ts';
import { createMeter } from '../../../envs/sim/realtime/meter.ts';
import { createRobot } from '../../../envs/sim/realtime/robot.ts';
import { ofQuaternion, toQuaternion } from '../../../envs/sim/rotation.ts';
import { refusalOf } from '../../../envs/sim/senses.ts';
import { createBox, openBox, openStopWord } from '../../../src/robot/boxes.ts';
import { createBuffers, faultOf, motionNumbers } from '../../../src/robot/driver-post.ts';
import { createTick } from '../../../src/robot/driver-tick.ts';
import { COMMAND_NUMBERS, stateNumbers, stateValues, type ToolPose } from '../../../src/robot/messages.ts';
import { distance } from '../ledger.ts';
import type { ArmOptions, Rest, WatchedArm } from './lockstep-arm.ts';
import { ARM_LIMITS, createWitness, MOTION, PICTURE_PX, summed } from './witness.ts';

const DRIVER = PROFILE.driver!;
const { stepMs: STEP_MS, maxStepM, maxSpeedMPerS, workspace } = MOTION;
const PERIOD_MS = 1000 / DRIVER.commandRateHz;
const OBSERVE_MS = 1;
/** What is new to see after a hold, ms. */
const LOOK_MS = 33;
/** In this time it comes to rest from whatever it does, ms. */
const SETTLING_MS = 1500;
/** How often the witness looks, ms. */
const WATCH_MS = 10;
/** The number of this mode in a command. */
const HALT = 3;
/** Rounding, m. */
const SLACK_M = 1e-6;

export interface DrivenArm extends WatchedArm {
  /** Lets the arm go on, told nothing, until it has surely come to rest. */
  readonly settle: () => void;
}

export function drivenArm(options: ArmOptions): DrivenArm {
  const { stage, task, scheduler, sense, isBlocked, onsetMs } = options;
  const { world, cameras } = stage;
  const { arm, physics } = world;
  const stepOfPhysicsMs = 1000 * physics.timestepS;
  const channel = createOracle({ world, cameras, sizePx: PICTURE_PX });
  const witness = createWitness(options);
  let fastestM = 0;
  /** A halt of an arm that is held bids it stay where it stands, which is not where it was sent. */
  const arrived = ([, , mode, stepM = 0]: readonly number[]) => {
    if (mode !== HALT || !isBlocked()) fastestM = Math.max(fastestM, stepM);
  };
  const meter = createMeter({ append: arrived });
  const robot = createRobot(world, meter, DRIVER);
  const buffers = createBuffers();
  const [commandBox, stateBox] = [createBox(COMMAND_NUMBERS), createBox(stateNumbers(6))];
  const [commands, states, motions] = [openBox(commandBox), openBox(stateBox), openBox(buffers.motion)];
  const word = openStopWord(buffers.stopWord);
  const tick = createTick({ profile: PROFILE, driver: DRIVER, speedScale: 1, buffers, commandBox, stateBox });
  const past: Sensed[] = [];
  let atMs = 0;
  let steps = 0;
  let taken = 0;
  let driven = 0;
  let sent: ToolPose | undefined;
  let sentUntilMs = 0;
  let movedM = 0;
  let movedMs: number | undefined;
  let rest: Rest | undefined;

  /** Follows the tool from the onset until it stands still for the first time. */
  const follow = (fromM: readonly number[]) => {
    const fromMs = onsetMs();
    if (rest || atMs <= fromMs) return;
    const wayM = distance(fromM, arm.measured().pM);
    movedM += wayM;
    if (wayM / physics.timestepS > DRIVER.restSpeedMPerS) movedMs = atMs;
    if (atMs - (movedMs ?? fromMs) >= STEP_MS) rest = { restMs: (movedMs ?? fromMs) - fromMs, movedM };
  };
  const isEvery = (periodMs: number) => steps % Math.round(periodMs / stepOfPhysicsMs) === 0;
  /** Goes through all steps of the physics that have begun by then. */
  const advance = (untilMs = scheduler.now()) => {
    for (; atMs + stepOfPhysicsMs <= untilMs; steps++) {
      if (isEvery(PERIOD_MS)) tick.turn(atMs);
      const command = commands.read();
      if (command && command.seq !== taken) robot.receive(command.values, command.seq, atMs);
      taken = command?.seq ?? taken;
      const beforeM = arm.measured().pM;
      const held = isBlocked() ? physics.save() : undefined;
      robot.step(atMs);
      held?.();
      if (held) physics.forward();
      atMs += stepOfPhysicsMs;
      states.write(stateValues(robot.state(atMs)));
      follow(beforeM);
      if (isEvery(WATCH_MS)) witness.look();
      if (isEvery(STEP_MS)) channel.stepped();
    }
  };
  const commanded = (): ToolPose => {
    const { pM, rotation } = arm.commanded();
    return { pM: [...pM], qXyzw: toQuaternion(rotation), gripperOpen: arm.commandedGripper() };
  };
  /** Where deltas begin, and steps: where it was sent, as long as it is on its way there. */
  const base = (): ToolPose => (sent && scheduler.now() <= sentUntilMs + PERIOD_MS ? sent : commanded());

  const send = (target: ToolPose, executed: Action): ActResult => {
    const nowMs = scheduler.now();
    witness.count('step', distance(target.pM, base().pM) > maxStepM + SLACK_M);
    witness.count(
      'workspace',
      target.pM.some((value, axis) => isOutside(value, axis)),
    );
    const motion = {
      ...{ verdictId: ++driven, epoch: word.epoch(), validUntilMs: nowMs + DRIVER.expiryMs, startMs: nowMs },
      ...{ durationMs: STEP_MS, target },
    };
    const refusal = faultOf(motion, word.epoch(), word, nowMs);
    if (refusal === 'stopped') return { status: 'stopped', reason: 'the arm is halted' };
    if (refusal) return { status: 'refused', reason: `the driver refuses: ${refusal}` };
    motions.write(motionNumbers(motion));
    sent = target;
    sentUntilMs = nowMs + STEP_MS;
    return { status: 'done', executed };
  };
  const act = (action: Action): Observable<ActResult> => {
    advance();
    if (action.kind === 'hold') {
      const waitMs = Math.max(LOOK_MS, sentUntilMs - scheduler.now());
      return timer(waitMs, scheduler).pipe(map(() => ({ status: 'done', executed: action })));
    }
    witness.received(action, word.read() !== undefined);
    const refusal = refusalOf(action);
    if (refusal !== undefined) return of({ status: 'refused', reason: refusal });
    if (action.kind === 'eef-pose')
      return of(send({ pM: action.pM, qXyzw: action.qXyzw, gripperOpen: action.gripperOpen }, action));
    if (action.kind !== 'eef-delta') return of({ status: 'refused', reason: `it cannot ${action.kind}` });
    const from = base();
    const { pM, rotation } = poseAfter({ pM: from.pM, rotation: ofQuaternion(from.qXyzw) }, [
      ...action.dPosM,
      ...action.dRpyRad,
      action.gripperOpen,
    ]);
    const result = send({ pM, qXyzw: toQuaternion(rotation), gripperOpen: action.gripperOpen }, action);
    return timer(STEP_MS, scheduler).pipe(map(() => result));
  };
  const received = () => {
    const { afterHalt, notFinite } = meter.counts;
    const isTooFast = fastestM > (maxSpeedMPerS * PERIOD_MS) / 1000 + SLACK_M;
    return { 'after halt': afterHalt, 'not finite': notFinite, speed: Number(isTooFast) };
  };

  return {
    name: 'simulated arm with its driver, in virtual time',
    actionKinds: ['eef-delta', 'eef-pose'],
    driver: { commandRateHz: DRIVER.commandRateHz, expiryMs: DRIVER.expiryMs },
    delta: PROFILE.delta,
    limits: ARM_LIMITS,
    oracle: channel.oracle,
    counts: () => summed(received(), witness.counts),
    harm: () => witness.harm,
    driven: () => driven,
    rest: () => rest,
    settle: () => advance(scheduler.now() + SETTLING_MS),
    reset: () =>
      defer(() => {
        const layout = layoutOf(task.seed);
        world.reset(layout);
        cameras.reset(layout);
        robot.restart();
        channel.began(task.goal);
        atMs = scheduler.now();
        states.write(stateValues(robot.state(atMs)));
        return of(null);
      }),
    observe: () =>
      timer(OBSERVE_MS, scheduler).pipe(
        map(() => {
          advance();
          return witness.sensed();
        }),
        tap((now) => past.push(now)),
        concatMap((now) => sense(now, past)),
        tap(witness.shown),
      ),
    act: (action) => defer(() => act(action)),
    halt: (category) => {
      advance();
      word.stop(category);
    },
    close: async () => {},
  };
}

const isOutside = (value: number, axis: number): boolean =>
  value < workspace.minM[axis]! - SLACK_M || value > workspace.maxM[axis]! + SLACK_M;
