/** The pictures, large, with marks, traces and the target of the action drawn over them; other cameras beside, to be swapped. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { SceneOverlay } from '../../record/report/components/scene-overlay.tsx';
import { TargetOverlay } from '../../record/report/components/target-overlay.tsx';
import type { PictureView } from '../../record/report/view.ts';
import type { PictureRef } from '../messages.ts';
import type { Link } from './link.ts';
import type { View } from './view.ts';

interface Loaded {
  readonly view: View;
  readonly picture: PictureRef;
  readonly src: string;
}

/**
 * The newest picture that has come, with what belongs to it. While one is on its way no other is asked for, and then only the newest: a
 * slow connection sees fewer, never older ones.
 */
function useNewest(link: Link, view: View | undefined, picture: PictureRef | undefined): Loaded | undefined {
  const wanted = useRef<{ view: View; picture: PictureRef } | undefined>(undefined);
  const isBusy = useRef(false);
  const [loaded, setLoaded] = useState<Loaded | undefined>(undefined);
  wanted.current = view && picture && { view, picture };
  useEffect(() => {
    const pump = async () => {
      if (isBusy.current) return;
      isBusy.current = true;
      for (let last: number | undefined; wanted.current && wanted.current.picture.id !== last; ) {
        const now = wanted.current;
        last = now.picture.id;
        const blob = await link.picture(last);
        if (!blob) continue;
        const src = URL.createObjectURL(blob);
        setLoaded((before) => {
          // The picture before may still be on the screen while this one is decoded.
          if (before) setTimeout(() => URL.revokeObjectURL(before.src), 1000);
          return { ...now, src };
        });
      }
      isBusy.current = false;
    };
    void pump();
  }, [picture?.id, link]);
  // The same picture may belong to something newer: a verdict, for one.
  return loaded && view && loaded.picture.id === picture?.id ? { ...loaded, view } : loaded;
}

const asPicture = ({ picture: { camera, isMarked, cssWidthPx, cssHeightPx }, src }: Loaded): PictureView => ({
  ...{ src, camera, isMarked, cssWidthPx, cssHeightPx },
});

function Camera({ link, view, picture, isMain }: { link: Link; view: View; picture: PictureRef; isMain: boolean }) {
  const loaded = useNewest(link, view, picture);
  const ratio = (picture.cssWidthPx / picture.cssHeightPx).toFixed(4);
  return (
    <span class="picture" style={{ '--ratio': ratio, aspectRatio: ratio }}>
      {loaded && (
        <img
          src={loaded.src}
          width={Math.round(loaded.picture.cssWidthPx)}
          height={Math.round(loaded.picture.cssHeightPx)}
          alt={`Camera ${loaded.picture.camera} at step ${loaded.view.index}${loaded.view.title ? `: ${loaded.view.title}` : ''}`}
        />
      )}
      {loaded && isMain && <SceneOverlay {...loaded.view.scene} picture={asPicture(loaded)} />}
      {loaded && isMain && loaded.view.action && (
        <TargetOverlay
          action={loaded.view.action}
          marks={loaded.view.marks}
          picture={asPicture(loaded)}
          verdict={loaded.view.verdict}
        />
      )}
    </span>
  );
}

export function Stage({ link, view, isLive }: { link: Link; view: View | undefined; isLive: boolean }) {
  const [camera, setCamera] = useState<string | undefined>(undefined);
  const main = view?.pictures.find((one) => one.camera === camera) ?? view?.pictures[0];
  const others = view?.pictures.filter((one) => one !== main) ?? [];
  return (
    <section class="stage panel" aria-label="Pictures">
      <header>
        <h2>
          {view ? `Step ${view.index}` : 'No step yet'} {main && <span class="by outside">{main.camera}</span>}
        </h2>
        <span class={isLive ? 'tell-live on' : 'tell-live'}>{isLive ? '● live' : '○ earlier'}</span>
      </header>
      {view && main ? (
        <div class="pictures-now" key="pictures">
          <div class="main-picture" style={{ '--ratio': (main.cssWidthPx / main.cssHeightPx).toFixed(4) }}>
            <Camera link={link} view={view} picture={main} isMain={main === view.pictures[0]} />
          </div>
          {others.length > 0 && (
            <div class="others">
              {others.map((one) => (
                <button
                  type="button"
                  key={one.camera}
                  aria-label={`Show camera ${one.camera} large`}
                  onClick={() => setCamera(one.camera)}
                >
                  <Camera link={link} view={view} picture={one} isMain={false} />
                  <span class="outside">{one.camera}</span>
                </button>
              ))}
            </div>
          )}
        </div>
      ) : (
        <p class="no-picture">Nothing has been seen yet</p>
      )}
      {view?.url !== undefined && (
        <p class="address">
          <span class="outside">{view.title}</span> <code class="outside">{view.url}</code>
        </p>
      )}
    </section>
  );
}
