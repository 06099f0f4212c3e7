/** What the dashboard shows of a run. */
import type { Frame, Observation, StepRecord } from 'pumice';
import { describe, expect, it } from 'vitest';
import { IDLE, nextStatus, noteOf, numberPictures, shownStep, type Tools } from '../../src/dashboard/shown.ts';
import { sampleFacts, sampleSteps } from '../record/sample.ts';

const SECRET = 'hunter2';
function tools() {
  const sent = new Map<number, Frame>();
  const made: Tools = {
    pictures: numberPictures((id, frame) => sent.set(id, frame)),
    mask: (text) => text.replaceAll(SECRET, '{{password}}'),
    wallMs: (stampMs = 5) => 1000 + stampMs,
  };
  return { made, sent };
}
const record = async (): Promise<StepRecord> => {
  const [first] = await sampleSteps();
  return {
    ...first!,
    thought: `the password is ${SECRET}`,
    // Longer than what is shown, with the secret where it is cut off.
    rawText: `${'x'.repeat(3997)}${SECRET}`,
    observation: { ...first!.observation!, instruction: `log in with ${SECRET}` } as Observation,
  };
};

describe('what is shown of a step', () => {
  it('has no secret in it, not even half of one that was cut off', async () => {
    const { made } = tools();
    const text = JSON.stringify(shownStep(await record(), made.pictures, made.mask));
    expect(text).toContain('{{password}}'.slice(0, 3));
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('xhun');
    // The same without the mask shows it: the test can fail.
    expect(JSON.stringify(shownStep(await record(), made.pictures, (plain) => plain))).toContain('xhun');
  });

  it('has no pixels in it: a picture is sent once, by its number', async () => {
    const { made, sent } = tools();
    const one = shownStep(await record(), made.pictures, made.mask);
    expect(one.pictures.length).toBeGreaterThan(0);
    for (const { data } of one.record.observation!.frames) expect(data).toHaveLength(0);
    const { size } = sent;
    expect(size).toBe(new Set(one.pictures.map(({ id }) => id)).size);
    const steps = await sampleSteps();
    const again = shownStep({ ...steps[0]!, observation: { ...steps[0]!.observation! } }, made.pictures, made.mask);
    shownStep({ ...steps[0]!, observation: { ...steps[0]!.observation! } }, made.pictures, made.mask);
    expect(sent.size).toBe(size + again.pictures.length);
  });
});

describe('the status', () => {
  it('goes with the events: a thought grows, a step ends it, a stop stays, the end is told', async () => {
    const { made } = tools();
    const facts = { ...sampleFacts, instruction: `log in with ${SECRET}` };
    const told = (events: readonly Parameters<typeof nextStatus>[1][]) =>
      events.reduce((status, event) => nextStatus(status, event, made), IDLE);
    const thinking = told([
      { kind: 'episode-start', facts },
      { kind: 'step-start', index: 0 },
      { kind: 'observed', observation: (await record()).observation! },
      { kind: 'thought-delta', who: 'policy', text: 'it is hun' },
      { kind: 'thought-delta', who: 'policy', text: 'ter2' },
    ]);
    expect(thinking).toMatchObject({ phase: 'running', step: 0, doing: 'thinking', thought: 'it is {{password}}' });
    expect(JSON.stringify(thinking)).not.toContain(SECRET);
    const over = [
      { kind: 'paused' },
      { kind: 'resumed' },
      { kind: 'stop-latched', cause: `somebody typed ${SECRET}` },
      { kind: 'episode-end', end: { outcome: 'stopped', reason: SECRET } },
    ] as const;
    const ended = over.reduce((status, event) => nextStatus(status, event, made), thinking);
    expect(ended).toMatchObject({
      phase: 'over',
      stop: { kind: 'latched', cause: 'somebody typed {{password}}' },
      end: { outcome: 'stopped', reason: '{{password}}' },
    });
    expect(ended.look).toBeUndefined();
    expect(over.map((event) => noteOf(event, made)?.text)).toEqual([
      'Paused',
      'Goes on',
      'Stopped: somebody typed {{password}}',
      'Over: stopped, {{password}}',
    ]);
  });
});
