/** What is known of a run as a whole, and how it stands: its failsafe, and what the driver of the body says of itself. */
import type { DriverState } from '../../ports.ts';
import { durationText } from '../../record/report/view.ts';
import type { Status } from '../messages.ts';
import type { Model } from './link.ts';

/** As far as the run knows; the driver of a body stops by itself, and tells it then. */
function failsafeOf({ phase, stop, driver }: Status): string {
  if (stop) return stop.kind === 'latched' ? 'e-stop, latched' : 'protective stop';
  if (driver?.category !== undefined) return `stopped, category ${driver.category}`;
  return phase === 'running' || phase === 'paused' ? 'running' : 'disarmed';
}

const MODES = { idle: 'lets go', 'set-point': 'leads', hold: 'holds', halt: 'halts' } as const;
const CAUSES: Readonly<Record<string, string>> = { none: '', expired: 'no newer motion' };

export function driverInWords({ mode, cause, isAtRest, category, reason }: DriverState): string {
  const why = [CAUSES[cause] ?? cause, reason ?? ''].filter(Boolean).join(': ');
  const parts = [
    MODES[mode],
    ...(category === undefined ? [] : [`category ${category}`]),
    isAtRest ? 'at rest' : 'moving',
    ...(why ? [why] : []),
  ];
  return parts.join(', ');
}

export function Facts({ model }: { readonly model: Model }) {
  const { status, steps, watchers, viewer } = model;
  if (!status?.facts) return null;
  const { env, policy, critics } = status.facts;
  const lengthMs = (status.endedWallMs ?? Date.now()) - (status.startedWallMs ?? 0);
  const holder =
    watchers.holder === undefined ? 'nobody' : watchers.holder === viewer ? 'you' : `viewer ${watchers.holder}`;
  const facts: readonly (readonly [string, string])[] = [
    ['Body', env],
    ['Policy', policy],
    ['Critics', critics.join(', ') || 'none, rules alone'],
    // Not all are shown: those that tell the same, and the oldest, are in the recording alone.
    ['Steps', String((steps.at(-1)?.record.index ?? -1) + 1)],
    ...(model.isRecording ? [] : ([['Failsafe', failsafeOf(status)]] as const)),
    ...(status.driver && !model.isRecording ? ([['Driver', driverInWords(status.driver)]] as const) : []),
    ['Time', durationText(Math.max(0, lengthMs))],
    ...(model.isRecording
      ? []
      : ([
          ['Watching', String(watchers.viewers)],
          ['Control', holder],
        ] as const)),
  ];
  return (
    <dl class="run-facts">
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd class="outside">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
