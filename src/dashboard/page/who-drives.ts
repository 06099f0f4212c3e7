/** Who leads the body in a step, and in words. Pure. */
import type { StepRecord } from '../../types.ts';
import type { Status } from '../messages.ts';

export interface Driving {
  readonly who: 'person' | 'policy' | 'both' | 'nobody';
  readonly word: string;
  readonly text: string;
}

/** Without a dead-man: a deed on a page, or what a person proposed in place of a policy. */
const THEIRS: Driving = { who: 'person', word: 'By a person', text: 'The policy has no part in it.' };
const NOBODY: Driving = { who: 'nobody', word: 'Nobody drives', text: 'The body is held at rest.' };

export function drivingOf(phase: Status['phase'], last: StepRecord | undefined): Driving {
  const human = last?.human;
  if (phase !== 'running' || !human) return NOBODY;
  const { isHeld, mode, share } = human;
  if (isHeld === undefined) return THEIRS;
  if (!isHeld)
    return mode === 'supervised'
      ? { who: 'policy', word: 'Policy drives', text: 'Press the dead-man to take over.' }
      : NOBODY;
  if (mode !== 'assist' || share >= 1)
    return {
      ...{ who: 'person', word: 'Person drives' },
      text: mode === 'supervised' ? 'Taken over from the policy.' : 'The policy has no part in it.',
    };
  const ofPerson = Math.round(share * 100);
  return ofPerson === 0
    ? { who: 'policy', word: 'Policy drives', text: 'While a person confirms it.' }
    : { who: 'both', word: 'Both drive', text: `Person ${ofPerson} %, policy ${100 - ofPerson} %.` };
}
