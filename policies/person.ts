/**
 * A person in the place of a policy: what they do on the page is proposed, under the same gate as all else, one thing at a time. While
 * they do nothing the page is looked at anew every second, so that they see it as it is. What they chose on a look that is no longer
 * true is not done, and said. Knows nothing of how their deeds get here.
 */
import {
  type Action,
  type Deed,
  definePolicy,
  HAND_KINDS,
  type Hand,
  type Mark,
  markOf,
  type Observation,
  type Policy,
  PumiceError,
  sleep,
  type Target,
  targetsOf,
} from 'pumice';
import { z } from 'zod';

/** Between two looks while nobody does anything, ms. Chosen: a page that changes is seen to, and a record does not swell. */
const LOOK_MS = 1000;
/** Looks that a person may have chosen on. Chosen: half a minute, after which they have to look again. */
const MOST_LOOKS = 30;

/** Somebody who can be handed a person's hand. */
interface TakesHand {
  readonly useHand: (hand: Hand) => void;
}

export function person(): Policy & TakesHand {
  let hand: Hand | undefined;
  let leave = () => {};
  let pending: Deed | undefined;
  let wake = () => {};
  /** The look on which a dialog was answered last: what was pressed on it, or before it, is that answer once more. */
  let answeredSeq = -1;
  const looks = new Map<number, Observation>();
  const theHand = (): Hand => {
    if (hand) return hand;
    throw new PumiceError('config/misfit', 'nobody is there who could act: no hand was given', {
      who: 'policy person',
      hint: 'Give --dashboard, and act on the picture at its page',
    });
  };
  const take = (deed: Deed) => {
    if (pending) return hand?.refuse('One thing at a time: the one before is not done yet.');
    pending = deed;
    wake();
  };
  return {
    name: 'person',
    actionKinds: [...HAND_KINDS, 'hold'],
    isPerson: true,
    useHand: (given) => {
      hand = given;
    },
    prepare: async () => void theHand(),
    reset: () => {
      looks.clear();
      pending = undefined;
      answeredSeq = -1;
      leave();
      leave = hand?.listen(take) ?? leave;
    },
    act: async (observation, { signal }) => {
      signal.throwIfAborted();
      const { refuse } = theHand();
      looks.set(observation.seq, observation);
      for (const seq of looks.keys()) if (looks.size > MOST_LOOKS) looks.delete(seq);
      if (pending) {
        const deed = pending;
        pending = undefined;
        const isAnswer = deed.action.kind === 'ui-dialog';
        const isAgain = isAnswer && deed.seq <= answeredSeq;
        const settled = isAgain ? 'it was answered already' : settle(deed, looks.get(deed.seq), observation);
        if (isAnswer && !isAgain) answeredSeq = observation.seq;
        if (typeof settled !== 'string') return { actions: [settled] };
        refuse(settled);
        return { actions: [{ kind: 'hold' }], thought: `Not done: ${settled}` };
      }
      // What is done next is judged by a look of then.
      const idle = new AbortController();
      wake = () => idle.abort();
      await sleep(LOOK_MS, AbortSignal.any([signal, idle.signal])).catch(() => signal.throwIfAborted());
      return { actions: [{ kind: 'hold' }] };
    },
    close: async () => leave(),
  };
}

/** The deed on what is there now, or why it is not done. */
export function settle({ action, seq }: Deed, chosen: Observation | undefined, now: Observation): Action | string {
  if (seq === now.seq || action.kind === 'ui-navigate' || action.kind === 'done') return action;
  if (!chosen) return 'it was chosen on a picture that is too old: look again, and do it again';
  if (chosen.ui?.url !== now.ui?.url && action.kind !== 'ui-back')
    return 'another page is there now: look again, and do it again';
  const unknown = targetsOf(action).find((target) => 'markId' in target && !thereWas(target, chosen));
  if (unknown && 'markId' in unknown) return `there was no mark ${unknown.markId} on the picture`;
  const changed = targetsOf(action).find((target) => !isSame(thereWas(target, chosen), thereIs(target, chosen, now)));
  if (changed)
    return `there is ${named(thereIs(changed, chosen, now))} at that place now, and not ${named(thereWas(changed, chosen))}: look again, and do it again`;
  const typesBlind = (action.kind === 'ui-type' || action.kind === 'ui-key') && targetsOf(action).length === 0;
  if (typesBlind && !isSame(focused(chosen), focused(now)))
    return `${named(focused(now))} has the keyboard now, and not ${named(focused(chosen))}: look again, and do it again`;
  if (action.kind === 'ui-dialog' && !asksTheSame(chosen, now))
    return now.ui?.dialog ? 'the page asks something else now: look again, and answer that' : 'the dialog is gone';
  return 'target' in action && action.target ? { ...action, target: renumbered(action.target, chosen, now) } : action;
}

const thereWas = (target: Target, chosen: Observation): Mark | undefined => markOf(target, chosen);
const placeOf = (target: Target, chosen: Observation): Target => {
  const [xPx, yPx] = ('markId' in target && markOf(target, chosen)?.pointPx) || [Number.NaN, Number.NaN];
  return 'markId' in target ? { xPx, yPx } : target;
};
const thereIs = (target: Target, chosen: Observation, now: Observation): Mark | undefined =>
  markOf(placeOf(target, chosen), now);
/** Marks have other numbers in each look. */
const renumbered = (target: Target, chosen: Observation, now: Observation): Target =>
  'markId' in target ? { markId: thereIs(target, chosen, now)!.id } : target;

const isSame = (one: Mark | undefined, other: Mark | undefined): boolean =>
  one?.role === other?.role && one?.name === other?.name && one?.document === other?.document && !one === !other;
const asksTheSame = (chosen: Observation, { ui }: Observation): boolean =>
  ui?.dialog !== undefined &&
  (['kind', 'message', 'defaultValue'] as const).every((part) => ui.dialog?.[part] === chosen.ui?.dialog?.[part]);
const focused = ({ marks }: Observation): Mark | undefined => marks?.find(({ state }) => state?.focused);
const named = (mark: Mark | undefined): string => (mark ? `${mark.role ?? 'element'} "${mark.name ?? ''}"` : 'nothing');

const plugin = definePolicy({
  summary: 'a person acts on the page themselves, from the dashboard',
  options: z.strictObject({}),
  actionKinds: [...HAND_KINDS, 'hold'],
  example: () => ({ seq: 0, epoch: 0, stampMs: 0, instruction: 'as you like', history: [], frames: [], marks: [] }),
  create: person,
});
export default plugin;
