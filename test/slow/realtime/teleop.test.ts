/** The agent for a person who leads, on the arm that goes on by itself: a real driver, real threads, wall-clock time. */
import { monotonicNowMs, type PilotInput, type StepRecord, sleep } from 'pumice';
import { teleopAssist } from 'pumice/agents/teleop-assist';
import { hold } from 'pumice/policies/hold';
import { Subject } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { twist } from '../../teleop/hands.ts';

type Led = Awaited<ReturnType<typeof teleopAssist>>;
let agent: Led;
beforeAll(async () => {
  agent = await teleopAssist({ policy: hold(), wrist: false });
});
afterAll(() => agent.close());

async function lead(
  act: (say: (sample?: Partial<PilotInput>) => void, records: readonly StepRecord[]) => Promise<void>,
) {
  const input$ = new Subject<PilotInput>();
  const records: StepRecord[] = [];
  const seen: number[] = [];
  const task = { instruction: 'pick up the red block', seed: 1, pilot: { name: 'test', input$ } };
  const run = agent.run({ ...task, facts: { agent: 'teleop-assist' } });
  run.events$.subscribe((event) => {
    if (event.kind === 'step-end') records.push(event.record);
    if (event.kind === 'observed') seen.push(event.observation.marks?.length ?? 0);
  });
  const say = (sample: Partial<PilotInput> = {}) =>
    input$.next({ stampMs: monotonicNowMs(), isHeld: false, mode: 'manual', share: 1, ...sample });
  while (records.length === 0) await sleep(20);
  say();
  await act(say, records);
  run.stop('enough');
  return { records, seen, result: await run.result };
}
const placeOf = ({ observation }: StepRecord) => observation!.proprio!.tcpPose!.pM;
const wayM = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, axis) => value - b[axis]!));

describe('teleop-assist in real time', () => {
  it('leads the arm, numbers what is on the table, and comes to rest when nothing is heard any more', async () => {
    let lastMs = 0;
    const { records, seen, result } = await lead(async (say) => {
      for (const untilMs = monotonicNowMs() + 1000; monotonicNowMs() < untilMs; await sleep(16)) {
        lastMs = monotonicNowMs();
        say({ isHeld: true, command: twist(0, 0.15) });
      }
      await sleep(1500);
    });
    const led = records.filter(({ human, proposed }) => human?.isHeld && proposed.kind === 'eef-pose');
    expect(led.length).toBeGreaterThan(5);
    expect(wayM(placeOf(records[0]!), placeOf(records.at(-1)!))).toBeGreaterThan(0.05);
    const atLast = records.findLast(({ stampMs }) => stampMs <= lastMs)!;
    // 200 ms of silence at 0.15 m/s, the step in hand, and what it takes to stop.
    expect(wayM(placeOf(atLast), placeOf(records.at(-1)!))).toBeLessThan(0.15 * 0.45);
    const rested = records.filter(({ stampMs }) => stampMs > lastMs + 1000);
    expect(wayM(placeOf(rested[0]!), placeOf(rested.at(-1)!))).toBeLessThan(0.002);
    expect(records.at(-1)!.human?.refused).toMatch(/silent/);
    expect(Math.max(...seen)).toBe(5);
    expect(result).toMatchObject({ outcome: 'stopped', reason: 'enough' });
  });

  it('without a pilot there is no run, and the way out is named', () => {
    expect(() => agent.run({ instruction: 'pick up the red block' })).toThrow(/nobody is there to lead/);
  });

  it.each([
    [{ url: 'ws://robot:9090' }, /the arm is the simulated one/],
    [{ pilotTopic: '/joy' }, /the arm is the simulated one/],
    [{ env: 'ros' }, /needs the address of the bridge/],
    [{ speedMPerS: 3 }, /speedMPerS/],
  ])('%j is refused', async (options, text) => {
    const opening = async () => teleopAssist({ policy: hold(), ...(options as object) });
    await expect(opening()).rejects.toThrow(text);
  });
});
