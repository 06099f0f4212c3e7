/** How the tool moved: one plot each for x y z, roll pitch yaw and gripper, with what was proposed, limited, executed and measured. */
import { AXES, type Motion, SERIES, type Series } from '../motion.ts';
import { ACTS, type Telling, VERDICTS } from '../view.ts';
import { AxisPlot } from './axis-plot.tsx';

const WORDS: Readonly<Record<Series, string>> = {
  proposed: 'by the policy',
  limited: 'by the gate, and let through',
  executed: 'by the body, as it says',
  measured: 'before each step, by the body’s own readings',
};

/** What is marked on the time axis, where the body did not do what was proposed. */
const MARKED: readonly Telling[] = [VERDICTS.deny, VERDICTS.ask, VERDICTS.halt, ACTS.refused, ACTS.stopped];

function Legend() {
  return (
    <ul class="legend">
      {SERIES.map((series) => (
        <li>
          <svg viewBox="0 0 34 12" aria-hidden="true">
            <path class={`series-${series}`} d="M3 6H31" />
          </svg>
          <b>{series}</b> {WORDS[series]}
        </li>
      ))}
      {MARKED.map(({ sign, word, colour }) => (
        <li>
          <span class={`sign verdict-${colour}`} aria-hidden="true">
            {sign}
          </span>
          {word}
        </li>
      ))}
    </ul>
  );
}

export function MotionPlots({ motion }: { readonly motion: Motion }) {
  return (
    <section class="panel motion" aria-labelledby="motion-title">
      <h2 id="motion-title">Motion of the tool</h2>
      <p class="by outside">
        In the frame {motion.frameId}, over seconds since the first step; a delta is drawn from where the tool was
        measured before it. Roll, pitch and yaw turn about the fixed axes x, y and z, in this order.
      </p>
      {motion.notes.map((note) => (
        <p class="by outside">{note}</p>
      ))}
      <Legend />
      <div class="axes">
        {AXES.map((axis, index) => (
          <AxisPlot motion={motion} axis={axis} index={index} />
        ))}
      </div>
    </section>
  );
}
