/** The whole report: one page that needs nothing else. */
import type { EpisodeFacts } from '../../../ports.ts';
import type { EpisodeEnd, StepRecord } from '../../../types.ts';
import { motionOf } from '../motion.ts';
import type { PageVideo, StepView } from '../view.ts';
import { Ending } from './ending.tsx';
import { Facts } from './facts.tsx';
import { Head } from './head.tsx';
import { MotionPlots } from './motion-plots.tsx';
import { Overview } from './overview.tsx';
import { StepCard } from './step-card.tsx';
import { TimingPlot } from './timing-plot.tsx';
import { VideoPanel } from './video-panel.tsx';

interface PageProps {
  readonly facts: EpisodeFacts;
  readonly end: EpisodeEnd | undefined;
  readonly isComplete: boolean;
  /** All steps, for what is counted. */
  readonly records: readonly StepRecord[];
  /** Those that are shown. */
  readonly steps: readonly StepView[];
  /** Steps that are not shown, in the middle of the others. */
  readonly leftOut: number;
  readonly video: PageVideo | undefined;
  readonly startedText: string;
  /** Our own style and script, the only text that is not escaped. */
  readonly style: string;
  readonly script: string;
  readonly contentPolicy: string;
}

function Steps({ steps, leftOut }: Pick<PageProps, 'steps' | 'leftOut'>) {
  const startStampMs = steps[0]?.record.stampMs ?? 0;
  const cards = steps.map((step) => <StepCard step={step} startStampMs={startStampMs} />);
  const middle = Math.ceil(steps.length / 2);
  return (
    <section id="steps" aria-labelledby="steps-title">
      <h2 id="steps-title">Steps</h2>
      {steps.length === 0 && <p class="panel">No step was recorded.</p>}
      {leftOut > 0 ? cards.slice(0, middle) : cards}
      {leftOut > 0 && <p class="panel">{leftOut} steps are left out here; they are in the recording.</p>}
      {leftOut > 0 && cards.slice(middle)}
    </section>
  );
}

export function Page({ facts, end, isComplete, records, steps, leftOut, video, startedText, ...own }: PageProps) {
  const shown = steps.map(({ record }) => record);
  const motion = motionOf(shown);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={own.contentPolicy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${end?.outcome ?? 'cut'}: ${facts.instruction}`}</title>
        <style dangerouslySetInnerHTML={{ __html: own.style }} />
      </head>
      <body>
        <a class="skip" href="#steps">
          Skip to the steps
        </a>
        <Head facts={facts} startedText={startedText} end={end} isComplete={isComplete} records={records} />
        <Overview steps={steps} />
        <main>
          {video && <VideoPanel video={video} />}
          {motion && <MotionPlots motion={motion} />}
          {steps.length > 0 && <TimingPlot records={shown} />}
          <Steps steps={steps} leftOut={leftOut} />
          <section class={`panel last outcome-${end?.outcome ?? 'unknown'}`} aria-labelledby="end-title">
            <h2 id="end-title">How it ended</h2>
            <Ending end={end} isComplete={isComplete} />
          </section>
          <Facts facts={facts} startedText={startedText} />
        </main>
        <footer class="keys" hidden>
          <kbd>j</kbd> next step <kbd>k</kbd> step before <kbd>n</kbd> next exception <kbd>Enter</kbd> enlarge
        </footer>
        <dialog id="viewer" aria-label="Enlarged picture" />
        <script dangerouslySetInnerHTML={{ __html: own.script }} />
      </body>
    </html>
  );
}
