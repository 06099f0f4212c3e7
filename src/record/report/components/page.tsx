/** The whole report: one page that needs nothing else. */
import type { Episode } from '../../reader.ts';
import type { StepView } from '../view.ts';
import { Facts } from './facts.tsx';
import { Head } from './head.tsx';
import { Overview } from './overview.tsx';
import { StepCard } from './step-card.tsx';
import { TimingPlot } from './timing-plot.tsx';

interface PageProps {
  readonly episode: Episode;
  readonly steps: readonly StepView[];
  readonly startedText: string;
  /** Our own style and script, the only text that is not escaped. */
  readonly style: string;
  readonly script: string;
  readonly contentPolicy: string;
}

export function Page({ episode, steps, startedText, style, script, contentPolicy }: PageProps) {
  const records = episode.steps;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={contentPolicy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${episode.end?.outcome ?? 'cut'}: ${episode.facts.instruction}`}</title>
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <a class="skip" href="#steps">
          Skip to the steps
        </a>
        <Head
          instruction={episode.facts.instruction}
          end={episode.end}
          isComplete={episode.isComplete}
          records={records}
        />
        <Overview steps={steps} />
        <main>
          {records.length > 0 && <TimingPlot records={records} />}
          <Facts facts={episode.facts} startedText={startedText} />
          <section id="steps" aria-labelledby="steps-title">
            <h2 id="steps-title">Steps</h2>
            {steps.length === 0 && <p class="panel">No step was recorded.</p>}
            {steps.map((step) => (
              <StepCard step={step} startStampMs={records[0]?.stampMs ?? 0} />
            ))}
          </section>
        </main>
        <footer class="keys">
          <kbd>j</kbd> next step <kbd>k</kbd> step before <kbd>n</kbd> next exception <kbd>Enter</kbd> enlarge
        </footer>
        <dialog id="viewer" aria-label="Enlarged picture" />
        <script dangerouslySetInnerHTML={{ __html: script }} />
      </body>
    </html>
  );
}
