/** The dead-man and the answers of a person who jogs, key by key. */
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { jogPersonAt } from '../../src/cli/jog-person.ts';
import { sleep } from '../../src/clock.ts';
import type { StopSource } from '../../src/ports.ts';
import { causesOf } from '../../src/stops/causes.ts';

function terminal() {
  const input = new PassThrough();
  const said: string[] = [];
  const person = jogPersonAt({ input, say: (text) => said.push(text) });
  onTestFinished(() => person[Symbol.dispose]());
  let pressing: NodeJS.Timeout | undefined;
  const release = () => clearInterval(pressing);
  /** As a terminal repeats a key that is held. */
  const press = () => {
    pressing = setInterval(() => input.write(' '), 20);
  };
  onTestFinished(release);
  return { input, said, person, press, release };
}
/** Holds it as soon as that is asked for. */
async function held({ person, press, said }: ReturnType<typeof terminal>): Promise<string[]> {
  const holding = person.hold('It moves');
  await isPut(said, 'Hold the space bar');
  press();
  return causeOf(await holding);
}
const causeOf = (source: StopSource) => {
  const causes: string[] = [];
  const listening = causesOf([source]).subscribe((cause) => causes.push(cause));
  onTestFinished(() => listening.unsubscribe());
  return causes;
};
const isPut = (said: readonly string[], words: string) =>
  vi.waitFor(() => expect(said.join('\n')).toContain(words), { interval: 5, timeout: 5000 });
const comes = (causes: readonly string[], cause: string) =>
  vi.waitFor(() => expect(causes).toEqual([cause]), { interval: 5, timeout: 5000 });

it('a key is held once it repeats, and stops when it is let go', async () => {
  const made = terminal();
  const causes = await held(made);
  const again = made.person.choose('Did it?', [{ key: 'y', says: 'yes' }]);
  await isPut(made.said, 'Let the space bar go');
  made.release();
  await comes(causes, 'dead-man: was not renewed within 200 ms');
  await isPut(made.said, 'Did it?');
  made.input.write('y');
  expect(await again).toBe('y');
});

it('one press is no hold, nor is what was typed ahead', async () => {
  const { input, person, said } = terminal();
  input.write('          ');
  let isHeld = false;
  person.hold('It moves').then(
    () => {
      isHeld = true;
    },
    () => {},
  );
  await isPut(said, 'Hold the space bar');
  input.write('          ');
  await sleep(50);
  expect(isHeld).toBe(false);
});

it('another key, and a terminal that is gone, stop at once; whoever leaves is asked nothing more', async () => {
  const other = terminal();
  const causes = await held(other);
  other.input.write('x');
  await comes(causes, 'dead-man: failed: another key was pressed');

  for (const leave of ['end', '\u0003', '\u001b[A', 'q']) {
    const made = terminal();
    const { input, person } = made;
    const stops = await held(made);
    if (leave === 'end') input.end();
    else input.write(leave);
    await comes(stops, leave === 'end' ? 'dead-man: ended' : 'dead-man: failed: another key was pressed');
    await expect(person.hold('It moves')).rejects.toThrow(/given up/);
    await expect(person.choose('Did it?', [{ key: 'y', says: 'yes' }])).rejects.toThrow(/given up/);
  }
});

it('an answer is one of those that were named, given after the question; the dead-man is none', async () => {
  const { input, said, person } = terminal();
  input.write('y');
  const answer = person.choose('Did it move?', [
    { key: 'y', says: 'yes' },
    { key: 'n', says: 'no' },
  ]);
  await isPut(said, '  n  no');
  input.write(' ');
  input.write('ü');
  await isPut(said, "expected y, n, got 'another key'");
  input.write('x');
  await isPut(said, "expected y, n, got 'x'");
  input.write('N');
  expect(await answer).toBe('n');
  expect(said).toHaveLength(5);
});
