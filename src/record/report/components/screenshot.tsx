/** A picture of a step with the target of its action drawn over it; a press of the button enlarges it. */
import type { StepRecord } from '../../../types.ts';
import { type PictureView, sceneOf } from '../view.ts';
import { SceneOverlay } from './scene-overlay.tsx';
import { TargetOverlay } from './target-overlay.tsx';

interface ScreenshotProps {
  readonly record: StepRecord;
  readonly picture: PictureView;
  /** Whether the action was chosen on this picture. */
  readonly hasTarget: boolean;
  readonly isOneOfMany: boolean;
}

export function Screenshot({ record, picture, hasTarget, isOneOfMany }: ScreenshotProps) {
  const title = record.observation?.ui?.title;
  const name = `camera ${picture.camera} at step ${record.index}`;
  return (
    <figure class="screenshot">
      <button type="button" class="enlarge" aria-label={`Enlarge ${name}`}>
        <span class="picture" style={{ '--ratio': (picture.cssWidthPx / picture.cssHeightPx).toFixed(4) }}>
          <img
            src={picture.src}
            width={Math.round(picture.cssWidthPx)}
            height={Math.round(picture.cssHeightPx)}
            loading="lazy"
            decoding="async"
            alt={`View of ${name}${title ? `: ${title}` : ''}${picture.isMarked ? ', with numbered marks' : ''}`}
          />
          {hasTarget && <SceneOverlay {...sceneOf(record)} picture={picture} />}
          {hasTarget && (
            <TargetOverlay
              action={record.proposed}
              marks={record.observation?.marks ?? []}
              picture={picture}
              verdict={record.verdict.kind}
            />
          )}
        </span>
      </button>
      {isOneOfMany && <figcaption class="outside">{picture.camera}</figcaption>}
    </figure>
  );
}
