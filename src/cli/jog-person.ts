/**
 * The person who jogs, at a terminal that is read key by key. The space bar is the dead-man: a key that is held repeats; when it does
 * not, when another key comes, and when the terminal is gone, the robot stops. Knows no robot.
 */
import { map, Subject } from 'rxjs';
import type { JogAnswer, JogPerson } from '../../envs/ros/index.ts';
import { monotonicNowMs, sleep } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import { JOG_RENEWAL_MS } from '../robot/index.ts';
import { deadMan, type KeyInput } from '../stops/index.ts';

/** Repeats after which a key counts as held: a terminal sends the first ones after a pause. Chosen. */
const HELD_REPEATS = 3;
/** Silence after which a key counts as let go, ms: what still comes of it is no answer. Chosen: longer than the pause of any terminal. */
const LET_GO_MS = 300;
const GLANCE_MS = 20;
const SPACE = ' ';
/** Ctrl-C, Ctrl-D, Escape (and every arrow key), q. */
const LEAVE: ReadonlySet<string> = new Set(['\u0003', '\u0004', '\u001b', 'q', 'Q']);

export function jogPersonAt({ input, say }: { input: KeyInput; say: (text: string) => void }): JogPerson & Disposable {
  const keys$ = new Subject<string>();
  let pressedMs = Number.NEGATIVE_INFINITY;
  let hasLeft = false;
  const wasRaw = input.isRaw ?? false;
  const onData = (data: Buffer | string) => {
    const text = String(data);
    pressedMs = monotonicNowMs();
    hasLeft ||= [...text].some((key) => LEAVE.has(key));
    // What came at once was held up on the way: it is one sign of life, however many there are in it.
    const others = [...text].filter((key) => key !== SPACE);
    keys$.next(others[0] ?? SPACE);
  };
  const onEnd = () => {
    hasLeft = true;
    keys$.complete();
  };
  if (input.isTTY) input.setRawMode?.(true);
  input.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onEnd);
  input.resume();

  const gone = () =>
    new PumiceError('body/halted', 'it was given up: nothing is written', {
      who: 'pumice doctor ros --jog',
      hint: 'Begin again when you are ready',
    });
  /** Looks at each key until one is taken. */
  const nextKey = <T>(take: (key: string) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      if (hasLeft) return reject(gone());
      const listening = keys$.subscribe({
        next: (key) => {
          const taken = hasLeft ? undefined : take(key);
          if (!hasLeft && taken === undefined) return;
          listening.unsubscribe();
          if (taken === undefined) reject(gone());
          else resolve(taken);
        },
        complete: () => reject(gone()),
      });
    });
  const letGo = async () => {
    const beganMs = monotonicNowMs();
    for (let isTold = false; monotonicNowMs() - pressedMs < LET_GO_MS && !hasLeft; await sleep(GLANCE_MS)) {
      if (isTold || monotonicNowMs() - beganMs < LET_GO_MS) continue;
      say('Let the space bar go.');
      isTold = true;
    }
  };

  return {
    say,
    hold: async (what) => {
      await letGo();
      say(`${what}. Hold the space bar; let it go and it stops.`);
      let repeats = 0;
      let lastMs = Number.NEGATIVE_INFINITY;
      await nextKey((key) => {
        const nowMs = monotonicNowMs();
        repeats = key === SPACE && nowMs - lastMs <= JOG_RENEWAL_MS ? repeats + 1 : 0;
        lastMs = nowMs;
        return repeats >= HELD_REPEATS || undefined;
      });
      const renewals$ = keys$.pipe(
        map((key) => {
          if (key !== SPACE) throw new Error('another key was pressed');
        }),
      );
      return deadMan({ renewals$, withinMs: JOG_RENEWAL_MS });
    },
    choose: async (question, answers) => {
      await letGo();
      say(question);
      for (const { key, says } of answers) say(`  ${key}  ${says}`);
      return nextKey((key) => {
        const chosen = answers.find((answer) => answer.key === key.toLowerCase());
        if (!chosen && key !== SPACE) say(`  expected ${namesOf(answers)}, got '${printed(key)}'`);
        return chosen?.key;
      });
    },
    [Symbol.dispose]: () => {
      input.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd);
      if (input.isTTY) input.setRawMode?.(wasRaw);
      input.pause();
      keys$.complete();
    },
  };
}

const namesOf = (answers: readonly JogAnswer[]) => answers.map(({ key }) => key).join(', ');
const printed = (key: string) => (/^[\x20-\x7e]$/.test(key) ? key : 'another key');
