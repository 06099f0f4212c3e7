/** The driver in its thread, before a body in another one. */
import { PumiceError } from 'pumice';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { monotonicNowMs } from '../../../src/clock.ts';
import { openBox, openStopWord } from '../../../src/robot/boxes.ts';
import { createDriver } from '../../../src/robot/driver.ts';
import { openPost } from '../../../src/robot/driver-post.ts';
import { causesOf } from '../../../src/stops/causes.ts';
import { stopsOf } from '../../../src/stops/driver.ts';
import { FROZEN, type Given, HOME, PROFILE, type Rig, RUNS_AWAY, rig, STUCK, until } from '../../robot/rig.ts';

const X = HOME.pM[0];
const last = (given: readonly Given[]) => given.at(-1)!;
const isMoving = ({ given }: Rig) => {
  const [before, now] = given().slice(-2);
  return before !== undefined && now?.mode === 'set-point' && now.xM > before.xM;
};
/** A busy body may have missed one in between. */
function expectSlowerThan(limitMPerS: number, given: readonly Given[]): void {
  const speeds = given
    .slice(1)
    .map(({ xM, stampMs }, i) => (1000 * Math.abs(xM - given[i]!.xM)) / (stampMs - given[i]!.stampMs));
  expect(Math.max(...speeds)).toBeGreaterThan(0);
  expect(Math.max(...speeds)).toBeLessThanOrEqual(limitMPerS + 1e-6);
}
/** Further commands, all the same: the body stays. */
async function expectToStay({ given }: Rig): Promise<void> {
  const from = given().length;
  await until(() => given().length > from + 10);
  expect(
    new Set(
      given()
        .slice(from)
        .map(({ xM }) => xM),
    ).size,
  ).toBe(1);
}

describe('a driver', () => {
  it('holds the body where it is until a motion comes, leads it there, and holds it there when the motion has expired', async () => {
    await using arm = await rig();
    expect(last(arm.given())).toMatchObject({ mode: 'hold', xM: X });
    expect(
      arm.post(0, { durationMs: 100, target: { ...HOME, pM: [X + 0.01, 0, 0.2], gripperOpen: 0.1 } }),
    ).toBeUndefined();
    await until(() => arm.driver.status().cause === 'expired' && arm.driver.status().isAtRest);
    await expectToStay(arm);
    const modes = arm.given().map(({ mode }) => mode);
    expect(modes.lastIndexOf('set-point')).toBeLessThan(modes.lastIndexOf('hold'));
    expect(last(arm.given()).xM).toBeCloseTo(X + 0.01, 6);
    expect(last(arm.given()).gripperOpen).toBeCloseTo(0.1, 6);
    expect(arm.driver.status()).toMatchObject({ mode: 'hold', epoch: 0 });
  });

  it('gives no set-point that is further from the last one than the body may go in that time', async () => {
    await using arm = await rig();
    for (let n = 1; n <= 6; n++) {
      arm.post(0.03 * n, { durationMs: 100 });
      await until(() => last(arm.given()).xM > X + 0.03 * n - 0.03);
    }
    expectSlowerThan(0.4, arm.given());
    expect(arm.driver.refused()['beyond limit']).toBe(0);
  });

  it('with a share of the speed allows that share, and refuses what needs more', async () => {
    await using arm = await rig({ speedScale: 0.2 });
    arm.post(0.06);
    await until(() => arm.driver.refused()['beyond limit'] === 1);
    arm.post(0.012);
    await until(() => arm.driver.status().cause === 'expired' && arm.driver.status().isAtRest);
    expectSlowerThan(0.08, arm.given());
    expect(last(arm.given()).xM).toBeCloseTo(X + 0.012, 2);
  });

  it('refuses and counts what is not finite, expired, of another epoch, beyond a limit, or from a second writer', async () => {
    await using arm = await rig();
    for (const pM of [
      [NaN, 0, 0],
      [0, Infinity, 0],
    ] as const)
      expect(arm.post(0, { target: { ...HOME, pM } })).toBe('not finite');
    expect(arm.post(0, { target: { ...HOME, qXyzw: [0, 0, 0, 2] } })).toBe('not finite');
    expect(arm.post(0, { target: { ...HOME, gripperOpen: 1.1 } })).toBe('not finite');
    expect(arm.post(0.01, { validUntilMs: monotonicNowMs() - 1 })).toBe('expired');
    expect(arm.post(0.01, { epoch: 1 })).toBe('old epoch');
    expect(arm.post(0.5)).toBeUndefined();
    await until(() => arm.driver.refused()['beyond limit'] === 1);
    const second = openPost(arm.driver.buffers);
    const target = { ...HOME, pM: [X + 0.01, 0, 0.2] as const };
    expect(second.post({ verdictId: 1, epoch: 0, validUntilMs: monotonicNowMs() + 100, durationMs: 100, target })).toBe(
      'second writer',
    );
    await expectToStay(arm);
    expect(last(arm.given()).xM).toBe(X);
    expect(arm.driver.refused()).toEqual({
      ...{ 'not finite': 4, expired: 1, 'old epoch': 1, 'beyond limit': 1, 'second writer': 1 },
      ...{ stopped: 0, 'no driver': 0 },
    });
  });

  it('is the one that commands its body: a second one, and anyone who writes past it, is refused', async () => {
    await using arm = await rig();
    expect(() => createDriver({ profile: PROFILE, ...arm.boxes })).toThrow(/another one commands this body/);
    const past = openBox(arm.boxes.commandBox);
    expect(() => past.write(new Array(10).fill(0))).toThrow(PumiceError);
    await expectToStay(arm);
  });

  it('is refused without what the profile has to say of it', async () => {
    const { driver: _, ...rest } = PROFILE;
    const boxes = { commandBox: new SharedArrayBuffer(1024), stateBox: new SharedArrayBuffer(1024) };
    expect(() => createDriver({ profile: rest, ...boxes })).toThrow(/says nothing of a driver/);
    for (const speedScale of [0, -1, 1.1, NaN])
      expect(() => createDriver({ profile: PROFILE, ...boxes, speedScale })).toThrow(/expected above 0 and at most 1/);
  });

  it('that is closed in mid-motion brings the body to rest and lets go of it; whoever posts then is told', async () => {
    await using arm = await rig();
    arm.post(0.06);
    await until(() => isMoving(arm));
    await arm.driver.close();
    expect(await arm.driver.ended).toBeUndefined();
    await until(() => last(arm.given()).mode === 'idle');
    expect(arm.post(0.06)).toBe('no driver');
    const xs = arm.given().map(({ xM }) => xM);
    expect(Math.max(...xs)).toBeLessThan(X + 0.06);
    // The body is free for another one.
    const other = createDriver({ profile: PROFILE, ...arm.boxes });
    await until(() => other.status().isAtRest);
    await other.close();
  });
});

describe('a stop', () => {
  it.each([
    [2, 'hold'],
    [1, 'halt'],
  ] as const)(
    'of category %i slows down along the path, stays, keeps the hand, and takes no motion',
    async (category, mode) => {
      await using arm = await rig();
      arm.post(0.06, { target: { ...HOME, pM: [X + 0.06, 0, 0.2], gripperOpen: 0.9 } });
      await until(() => isMoving(arm) && last(arm.given()).xM > X + 0.01);
      arm.driver.halt(category, 'button');
      arm.driver.halt(2, 'a milder one changes nothing');
      expect(arm.driver.status()).toMatchObject({ category, reason: 'button' });
      expect(arm.post(0.06)).toBe('stopped');
      await until(() => arm.driver.status().isAtRest);
      await expectToStay(arm);
      const given = arm.given();
      const first = given.findIndex((one) => one.mode === mode && one.xM > X);
      const stopped = given.slice(first);
      expect(stopped.every((one) => one.mode === mode)).toBe(true);
      expect(new Set(stopped.map(({ gripperOpen }) => gripperOpen)).size).toBe(1);
      const steps = stopped.map(({ xM }, i) => xM - given[first + i - 1]!.xM);
      expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
      expect(steps[1]!).toBeGreaterThan(0);
      expect(last(given).xM).toBeLessThan(X + 0.06);
      expect(arm.driver.status()).toMatchObject({ mode, cause: 'stopped', category });
    },
  );

  it('of category 0 leaves the body to its brakes at once', async () => {
    await using arm = await rig();
    arm.post(0.06);
    await until(() => isMoving(arm));
    arm.driver.halt(0, 'cut');
    await until(() => last(arm.given()).mode === 'idle');
    const modes = arm.given().map(({ mode }) => mode);
    expect(modes.slice(modes.lastIndexOf('set-point') + 1).every((mode) => mode === 'idle')).toBe(true);
  });

  it('is cleared only at rest; then begins an epoch, older motions are void, and the body goes on from where it is', async () => {
    await using arm = await rig();
    arm.post(0.06);
    await until(() => isMoving(arm) && last(arm.given()).xM > X + 0.01);
    arm.driver.halt(1, 'button');
    await until(() => arm.driver.status().mode === 'halt');
    expect(() => arm.driver.clear()).toThrow(/the body stands still, and it moves/);
    await until(() => arm.driver.status().isAtRest);
    const restX = last(arm.given()).xM;
    expect(arm.driver.clear()).toBe(1);
    expect(arm.driver.status().category).toBeUndefined();
    expect(arm.post(0.06, { epoch: 0 })).toBe('old epoch');
    await until(() => arm.driver.status().epoch === 1 && arm.driver.status().mode === 'hold');
    expect(arm.post(restX - X + 0.02)).toBeUndefined();
    await until(() => arm.driver.status().cause === 'expired' && arm.driver.status().isAtRest);
    expect(last(arm.given()).xM).toBeCloseTo(restX + 0.02, 2);
  });

  it('of a body that does not come to rest is followed by the next category, down to its brakes', async () => {
    await using arm = await rig();
    arm.post(0.06);
    await until(() => isMoving(arm));
    arm.breakBody(RUNS_AWAY);
    arm.driver.halt(2, 'button');
    await until(() => arm.driver.status().category === 1);
    expect(arm.driver.status().cause).toBe('does not come to rest');
    await until(() => arm.driver.status().category === 0);
    await until(() => last(arm.given()).mode === 'idle');
  });

  it('follows by itself when a motion has expired and the body goes on', async () => {
    await using arm = await rig();
    arm.post(0.01);
    arm.breakBody(RUNS_AWAY);
    await until(() => arm.driver.status().category === 1);
    expect(arm.driver.status().cause).toBe('does not come to rest');
  });

  it('follows by itself when the state of a body that is led is frozen', async () => {
    await using arm = await rig();
    arm.post(0.06);
    await until(() => isMoving(arm));
    arm.breakBody(FROZEN);
    // Whoever leads it does not notice.
    let byM = 0.06;
    await until(() => {
      byM += 0.0001;
      arm.post(byM);
      return arm.driver.status().category !== undefined;
    });
    await until(() => arm.driver.status().cause !== 'none');
    expect(arm.driver.status()).toMatchObject({ cause: 'state is frozen', isAtRest: false });
    await until(() => arm.driver.status().category === 0);
  });

  it('of a body far from where it was told to be leaves it where it is', async () => {
    await using arm = await rig();
    arm.breakBody(STUCK);
    for (let n = 1; n <= 3; n++) {
      arm.post(0.03 * n, { durationMs: 100 });
      await until(() => last(arm.given()).xM > X + 0.03 * n - 0.012);
    }
    arm.driver.halt(1, 'button');
    // It may have been at rest before: what counts is what it was told in the stop.
    await until(() => last(arm.given()).mode === 'halt' && arm.driver.status().isAtRest);
    expect(last(arm.given()).xM).toBe(X);
  });
});

it('tells a run of the stops that began without it, and of its own end', async () => {
  const cause = async (what: (arm: Rig) => unknown) => {
    await using arm = await rig();
    const came = firstValueFrom(causesOf([stopsOf(() => arm.driver)]));
    await what(arm);
    return await came;
  };
  expect(await cause(({ driver }) => openStopWord(driver.buffers.stopWord).stop(1))).toBe(
    'driver: its stop word was written, category 1',
  );
  expect(await cause(({ driver }) => driver.halt(2, 'button'))).toBe('driver: button, category 2');
  expect(await cause(({ driver }) => driver.close())).toBe('driver: ended');
});

describe('a recovery jog', () => {
  const at = (byM: number) => ({ ...HOME, pM: [X + byM, 0, 0.2] as const });

  it('moves a stopped body at a crawl while it is renewed, and leaves the stop in force', async () => {
    await using arm = await rig();
    arm.driver.halt(1, 'button');
    await until(() => arm.driver.status().mode === 'halt');
    const jog = arm.driver.jog();
    expect(jog.move(at(0.02), 200)).toBeUndefined();
    await until(() => arm.driver.refused()['beyond limit'] === 1);
    const from = arm.given().length;
    for (let byM = 0.002; byM <= 0.02; byM += 0.002) {
      expect(jog.move(at(byM), 100)).toBeUndefined();
      await until(() => last(arm.given()).xM > X + byM - 0.002);
    }
    // The hand lets go.
    await until(() => last(arm.given()).mode === 'halt' && arm.driver.status().isAtRest);
    expectSlowerThan(0.05, arm.given().slice(from));
    expect(last(arm.given()).xM).toBeGreaterThan(X + 0.01);
    expect(arm.driver.status()).toMatchObject({ category: 1, reason: 'button' });
    expect(arm.post(0.02)).toBe('stopped');
    expect(arm.jogs).toHaveLength(10);
    expect(arm.jogs[0]).toMatchObject({ reason: 'button', target: at(0.02), durationMs: 200 });
  });

  it('is none where nobody writes it down', async () => {
    await using arm = await rig({ onJog: undefined } as never);
    arm.driver.halt(1, 'button');
    expect(() => arm.driver.jog()).toThrow(/nobody writes down/);
  });

  it('ends with the next stop, of whatever category, and is none for a body that is cut off', async () => {
    await using arm = await rig();
    arm.driver.halt(1, 'button');
    const jog = arm.driver.jog();
    jog.move(at(0.01), 250);
    await until(() => isMoving(arm));
    arm.driver.halt(2, 'the other button');
    expect(jog.move(at(0.01), 250)).toBe('stopped');
    await until(() => last(arm.given()).mode === 'halt' && arm.driver.status().isAtRest);
    await expectToStay(arm);
    arm.driver.halt(0, 'cut');
    expect(arm.driver.jog().move(at(0.01), 250)).toBe('stopped');
  });
});
