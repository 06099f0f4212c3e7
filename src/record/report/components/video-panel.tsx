/** The video of the episode: in the page when it is small, and in any case as a file beside it. */
import type { PageVideo } from '../view.ts';

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

export function VideoPanel({ video }: { readonly video: PageVideo }) {
  const { name, src, bytes, steps, rateHz, damaged, widthPx, heightPx } = video;
  return (
    <section class="panel" aria-labelledby="video-title">
      <h2 id="video-title">Video</h2>
      {src && (
        // There is no sound, and what is seen is told step by step below.
        // biome-ignore lint/a11y/useMediaCaption: nothing is said in it
        <video
          controls
          preload="metadata"
          src={src}
          width={widthPx}
          height={heightPx}
          aria-label={`Video of ${steps} steps without sound; the steps are described below`}
        />
      )}
      <p class="by">
        {steps} steps, {rateHz} a second, as a file:{' '}
        <a class="outside" href={`./${encodeURIComponent(name)}`}>
          {name}
        </a>{' '}
        ({mebibytes(bytes)}). Above the pictures: the number of the step, and all steps, those higher up that were
        changed, denied or stopped.
        {damaged > 0 && ` In ${damaged} steps a picture could not be read; its place is dark.`}
      </p>
    </section>
  );
}
