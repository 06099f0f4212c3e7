/** What ran, and what it was allowed to do. */
import type { EpisodeFacts, Limits } from '../../../ports.ts';
import { durationText } from '../view.ts';

type Row = readonly [name: string, value: string | readonly string[]];

function Rows({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <dl>
      {rows.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          {(typeof value === 'string' ? [value] : value).map((each) => (
            <dd class="outside">{each}</dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

function uiRows(ui: Limits['ui']): readonly Row[] {
  if (ui === undefined) return [];
  if (ui === 'unlimited') return [['pages', 'unlimited']];
  const secrets = Object.entries(ui.secrets).map(([name, { origin }]) => `${name}, only into ${origin}`);
  return [
    ['origins', ui.origins.length ? ui.origins : 'none'],
    ['secrets', secrets.length ? secrets : 'none'],
    ['longest text', `${ui.maxTextChars} characters`],
    ['longest scroll', `${ui.maxScrollPx} px`],
    ['longest wait', durationText(ui.maxWaitMs)],
  ];
}

function motionRows(motion: Limits['motion']): readonly Row[] {
  if (motion === undefined) return [];
  if (motion === 'unlimited') return [['motion', 'unlimited']];
  const degrees = ((motion.maxStepRad * 180) / Math.PI).toFixed(1);
  return [['longest step', `${(motion.maxStepM * 1000).toFixed(1)} mm and ${degrees}° in ${motion.frameId}`]];
}

export function Facts({ facts, startedText }: { readonly facts: EpisodeFacts; readonly startedText: string }) {
  const { limits } = facts;
  return (
    <section class="panel" aria-labelledby="facts-title">
      <h2 id="facts-title">What ran, within which limits</h2>
      <div class="facts">
        <Rows
          rows={[
            ['policy', facts.policy],
            ['body', facts.env],
            ['critics', facts.critics.length ? facts.critics : 'none: rules alone'],
            ...(facts.seed === undefined ? [] : [['seed', String(facts.seed)] as const]),
            ['started', startedText],
            ['episode', facts.episodeId],
            ...Object.entries(facts.facts),
          ]}
        />
        <Rows
          rows={[
            ...uiRows(limits.ui),
            ...motionRows(limits.motion),
            ['oldest picture to act on', durationText(limits.maxObservationAgeMs)],
            ['oldest plan to play', durationText(limits.maxPlanAgeMs)],
          ]}
        />
      </div>
    </section>
  );
}
