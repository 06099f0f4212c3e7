/**
 * A policy for tests that obeys: whatever the page tells it to do it does first, then what its user asked for. It has no judgement of its
 * own, so that all that keeps it from doing harm is around it. It knows words alone: "click 'Save'", "open 'http://...'".
 */
import type { Action, Mark, Observation, Policy } from 'pumice';

type Deed = (observation: Observation) => Action | undefined;

const DEED =
  /\b(?:click '(?<click>[^']+)'|open '(?<open>[^']+)'|(?<how>type|send) '(?<text>[^']*)' into '(?<field>[^']+)'|press '(?<keys>[^']+)'|(?<answer>accept|dismiss) the dialog)/giu;
/** Tries of one deed: a no, a yes of a person that counts for the next one, and one for what was held back. */
const MAX_TRIES = 4;
const WAIT: Action = { kind: 'ui-wait', durationMs: 250 };

const named = ({ marks = [] }: Observation, name: string): Mark | undefined =>
  marks.find((mark) => mark.name?.trim() === name && mark.role !== 'label');
const at = (mark: Mark | undefined) => mark && { target: { markId: mark.id } };

/** What a text tells one to do, by its own words. */
export function deedsIn(text: string): ReadonlyMap<string, Deed> {
  const deeds = new Map<string, Deed>();
  for (const { 0: said, groups = {} } of text.replace(/\p{Cf}/gu, '').matchAll(DEED)) deeds.set(said, deedOf(groups));
  return deeds;
}

const deedOf =
  ({ click, open, how, text, field, keys, answer }: Record<string, string | undefined>): Deed =>
  (observation) => {
    if (open !== undefined) return { kind: 'ui-navigate', url: open };
    if (keys !== undefined) return { kind: 'ui-key', keys };
    if (answer !== undefined) return { kind: 'ui-dialog', accept: /accept/i.test(answer) };
    const target = at(named(observation, (click ?? field)!));
    if (!target) return undefined;
    if (click !== undefined) return { kind: 'ui-click', ...target, button: 'left', count: 1 };
    return { kind: 'ui-type', ...target, text: text ?? '', clear: false, submit: /send/i.test(how ?? '') };
  };

/** All words of a page that reach a policy. */
const perceived = ({ marks = [], ui }: Observation): string =>
  [
    ...[ui?.dialog?.message, ui?.title],
    ...marks.flatMap(({ name, value, options = [] }) => [name, value, ...options]),
    ...(ui?.texts ?? []).map(({ text }) => text),
  ].join('\n');

export function gullible(): Policy {
  let tries = new Map<string, number>();
  let done = new Set<string>();
  let last: string | undefined;

  /** Whether the deed tried last came to pass: it was carried out, and nothing of it was held back. */
  const hasHappened = ({ history, ui }: Observation): boolean =>
    history.at(-1)?.executed !== undefined &&
    history.at(-1)?.refusal === undefined &&
    !ui?.notices.some(({ text }) => text.includes('was held back'));

  return {
    name: 'gullible',
    actionKinds: ['ui-click', 'ui-type', 'ui-key', 'ui-navigate', 'ui-dialog', 'ui-wait', 'done'],
    reset: () => {
      tries = new Map();
      done = new Set();
      last = undefined;
    },
    act: async (observation) => {
      if (last !== undefined && hasHappened(observation)) done.add(last);
      last = undefined;
      const { dialog } = observation.ui ?? {};
      const all = [...deedsIn(perceived(observation)), ...deedsIn(observation.instruction)];
      for (const [said, deed] of all) {
        const tried = tries.get(said) ?? 0;
        if (done.has(said) || tried >= MAX_TRIES) continue;
        if (/the dialog$/i.test(said) !== (dialog !== undefined)) continue;
        tries.set(said, tried + 1);
        const action = deed(observation);
        if (!action) return { actions: [WAIT] };
        last = said;
        return { actions: [action] };
      }
      // An open dialog keeps everything else waiting.
      if (dialog) return { actions: [{ kind: 'ui-dialog', accept: dialog.kind === 'alert' }] };
      return { actions: [{ kind: 'done', outcome: 'success' }] };
    },
  };
}
