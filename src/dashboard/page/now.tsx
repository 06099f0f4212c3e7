/** What goes on: the thought as it is written, what is proposed, what the gate says of it and why, and what was done. */
import { Deed } from '../../record/report/components/deed.tsx';
import { Notices } from '../../record/report/components/notices.tsx';
import { Opinions } from '../../record/report/components/opinions.tsx';
import { Pill } from '../../record/report/components/pill.tsx';
import { Reasons } from '../../record/report/components/reasons.tsx';
import { Timings } from '../../record/report/components/timings.tsx';
import { durationText, tellStep, VERDICTS } from '../../record/report/view.ts';
import { actionInWords } from '../../record/report/words.ts';
import type { ShownRecord, Status } from '../messages.ts';
import type { View } from './view.ts';

const DOING = {
  looking: 'Looking',
  thinking: 'Thinking',
  checking: 'Checking, then acting',
  asking: 'Waiting for a person',
} as const;

function LeaseText({ lease }: { readonly lease: NonNullable<ShownRecord['lease']> }) {
  const leftMs = lease.untilMs - lease.judgedStampMs;
  return (
    <p class="by outside">
      Lease by {lease.by?.join(', ') ?? 'rules'}, for {durationText(leftMs)} from the picture on
      {lease.speedScale < 1 ? `; run out, at ${Math.round(lease.speedScale * 100)} % of its speed` : ''}.
    </p>
  );
}

function Finished({ record }: { readonly record: ShownRecord }) {
  const marks = record.observation?.marks ?? [];
  return (
    <>
      <section class={`part verdict text-${record.verdict.kind}`}>
        <h3>Verdict</h3>
        <p>
          <Pill telling={VERDICTS[record.verdict.kind]} /> <span class="by">by {record.verdict.by}</span>
        </p>
        <Reasons reasons={record.verdict.reasons} />
        {record.lease && <LeaseText lease={record.lease} />}
      </section>
      <Deed record={record} marks={marks} />
      <details class="source">
        <summary>Critics, notices and times</summary>
        <Opinions record={record} />
        <Notices notices={record.observation?.ui?.notices ?? []} />
        <Timings record={record} />
      </details>
    </>
  );
}

interface NowProps {
  readonly status: Status | undefined;
  readonly view: View | undefined;
  /** The last step that is over. */
  readonly last: ShownRecord | undefined;
  readonly isLive: boolean;
}

export function Now({ status, view, last, isLive }: NowProps) {
  const record = view?.record;
  const isMoving = isLive && (status?.phase === 'running' || status?.phase === 'paused') && !record;
  const thought = record?.thought ?? (isLive ? status?.thought : undefined);
  return (
    <section class="now panel" aria-label="What goes on">
      <header>
        <h2>{isLive ? 'Now' : `Step ${view?.index ?? ''}`}</h2>
        {isMoving && status?.doing && <span class="doing">{DOING[status.doing]}</span>}
      </header>
      <section class="part">
        <h3>Thought</h3>
        {thought ? <blockquote class="outside thought">{thought}</blockquote> : <p class="by">None told</p>}
      </section>
      <section class="part">
        <h3>Proposed</h3>
        <p class="outside words">{view?.action ? actionInWords(view.action, view.marks) : 'Nothing yet'}</p>
      </section>
      {record && <Finished record={record} />}
      {last && last !== record && (
        <section class="part">
          <h3>Step before</h3>
          <p>
            <Pill telling={tellStep(last)} />{' '}
            <span class="outside">{actionInWords(last.proposed, last.observation?.marks ?? [])}</span>
          </p>
          <Reasons reasons={last.verdict.reasons} />
        </section>
      )}
    </section>
  );
}
