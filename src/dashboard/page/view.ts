/** What the stage shows at one moment: the step in the making, or one that is over. Pure. */
import { sceneOf } from '../../record/report/view.ts';
import type { Action, Mark, Trace, UiState, VerdictKind } from '../../types.ts';
import type { PictureRef, ShownRecord, ShownStep, Status } from '../messages.ts';

export interface View {
  readonly index: number;
  readonly pictures: readonly PictureRef[];
  readonly action?: Action;
  readonly verdict: VerdictKind;
  readonly marks: readonly Mark[];
  readonly scene: { readonly marks: readonly Mark[]; readonly traces: readonly Trace[] };
  readonly title?: string;
  readonly url?: string;
  /** What the page asks at this moment, and stands still for. */
  readonly dialog?: NonNullable<UiState['dialog']>;
  /** The step, once it is over. */
  readonly record?: ShownRecord;
}

const shownUi = ({ title, url, dialog }: UiState) => ({ title, url, ...(dialog && { dialog }) });

export function viewOfStep({ record, pictures }: ShownStep): View {
  const { observation } = record;
  return {
    ...{ index: record.index, pictures, action: record.proposed, verdict: record.verdict.kind, record },
    ...{ marks: observation?.marks ?? [], scene: sceneOf(record) },
    ...(observation?.ui && shownUi(observation.ui)),
  };
}

/** The step in the making, where something of it can be seen already; else the last one. */
export function liveView(status: Status | undefined, steps: readonly ShownStep[]): View | undefined {
  const look = status?.question?.look ?? status?.look;
  const last = steps.at(-1);
  if (!status || !look) return last && viewOfStep(last);
  const action = status.question?.proposed ?? status.proposed;
  const { observation } = look;
  const isDrawn = observation.frames.some(({ marked }) => marked);
  return {
    ...{ index: look.index, pictures: look.pictures, marks: observation.marks ?? [] },
    // Nobody has judged it yet: it has the colour of what is not decided.
    verdict: status.question ? 'ask' : 'modify',
    ...(action && { action }),
    scene: { marks: isDrawn || observation.ui ? [] : (observation.marks ?? []), traces: [] },
    ...(observation.ui && shownUi(observation.ui)),
  };
}
