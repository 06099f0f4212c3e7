/** The pictures, large, with marks, traces and the target of the action drawn over them; other cameras beside, to be swapped. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { SceneOverlay } from '../../record/report/components/scene-overlay.tsx';
import { TargetOverlay } from '../../record/report/components/target-overlay.tsx';
import type { PictureView } from '../../record/report/view.ts';
import type { PictureRef, Status } from '../messages.ts';
import { HandLayer } from './by-hand.tsx';
import type { Link } from './link.ts';
import type { View } from './view.ts';

/** For how long a picture of this moment is one when no other comes, ms. */
const LIVE_MS = 1000;

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

interface CameraProps {
  readonly link: Link;
  readonly view: View;
  readonly picture: PictureRef;
  readonly isMain: boolean;
  /** Is told once a picture is on the screen. */
  readonly onDrawn?: ((picture: PictureRef) => void) | undefined;
  /** What lies over it, of the look that is on the screen. */
  readonly over?: ((loaded: Loaded) => ComponentChildren) | undefined;
}

function Camera({ link, view, picture, isMain, onDrawn, over }: CameraProps) {
  const loaded = useNewest(link, view, picture);
  const ratio = (picture.cssWidthPx / picture.cssHeightPx).toFixed(4);
  return (
    <span class="picture" style={{ '--ratio': ratio, aspectRatio: ratio }}>
      {loaded && (
        <img
          src={loaded.src}
          width={Math.round(loaded.picture.cssWidthPx)}
          height={Math.round(loaded.picture.cssHeightPx)}
          onLoad={onDrawn && (() => requestAnimationFrame(() => onDrawn(loaded.picture)))}
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
      {loaded && over?.(loaded)}
    </span>
  );
}

/** Pictures of this moment, while they come: they are younger than those of the last step. */
function useLive(link: Link, isWanted: boolean): readonly PictureRef[] | undefined {
  const [pictures, setPictures] = useState<readonly PictureRef[] | undefined>(undefined);
  useEffect(() => {
    setPictures(undefined);
    if (!isWanted) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = link.onLive((next) => {
      clearTimeout(timer);
      timer = setTimeout(() => setPictures(undefined), LIVE_MS);
      setPictures(next);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [link, isWanted]);
  return pictures;
}

const BEFORE_ANY: View = { index: 0, pictures: [], verdict: 'allow', marks: [], scene: { marks: [], traces: [] } };

interface MarkButtonsProps {
  readonly marked: NonNullable<Status['marked']>;
  readonly picture: PictureRef;
  readonly onMark: (markId: number, seq: number) => void;
}

/** What a person may name with one press, where it was when it was marked. */
function MarkButtons({ marked, picture: { camera, cssWidthPx, cssHeightPx }, onMark }: MarkButtonsProps) {
  if (marked.pictures[0]?.camera !== camera) return null;
  const share = (value: number, of: number) => `${((100 * value) / of).toFixed(2)}%`;
  return (
    <span class="mark-buttons">
      {marked.marks.map(({ id, name, pointPx: [x, y] }) => (
        <button
          type="button"
          key={id}
          style={{ left: share(x, cssWidthPx), top: share(y, cssHeightPx) }}
          aria-label={`${id}, go above ${name ?? 'what it marks'}`}
          onClick={() => onMark(id, marked.seq)}
        >
          {id}
        </button>
      ))}
    </span>
  );
}

interface StageProps {
  /** Marks beside the pictures, and what a press on one does. */
  readonly marked?: Status['marked'] | undefined;
  /** The page that is shown is acted on by hand. */
  readonly isByHand?: boolean;
  /** Is told which way is up in the large picture. */
  readonly onLook?: ((upRad: number | undefined) => void) | undefined;
  readonly onMark?: ((markId: number, seq: number) => void) | undefined;
  readonly link: Link;
  readonly view: View | undefined;
  readonly isLive: boolean;
}

export function Stage({ link, view: ofStep, isLive, marked, onMark, onLook, isByHand = false }: StageProps) {
  const [camera, setCamera] = useState<string | undefined>(undefined);
  const live = useLive(link, isLive);
  const view = ofStep ?? (live && BEFORE_ANY);
  const pictures = live ?? view?.pictures ?? [];
  const main = pictures.find((one) => one.camera === camera) ?? pictures[0];
  const others = pictures.filter((one) => one !== main);
  const onDrawn = live && link.drawn;
  const over = (loaded: Loaded) => {
    if (!isLive) return null;
    if (marked && onMark) return <MarkButtons marked={marked} picture={loaded.picture} onMark={onMark} />;
    if (!isByHand || loaded.picture.camera !== pictures[0]?.camera) return null;
    link.shown(loaded.view.index);
    // A page that asks something stands still: nothing can be clicked behind it.
    if (loaded.view.dialog) return null;
    return <HandLayer link={link} seq={loaded.view.index} picture={loaded.picture} />;
  };
  useEffect(() => onLook?.(main?.upRad), [onLook, main?.upRad]);
  return (
    <section class={live ? 'stage leading panel' : 'stage panel'} aria-label="Pictures">
      <header>
        <h2>
          {ofStep ? `Step ${ofStep.index}` : 'No step yet'} {main && <span class="by outside">{main.camera}</span>}
        </h2>
        <span class={isLive ? 'tell-live on' : 'tell-live'}>{isLive ? '● live' : '○ earlier'}</span>
      </header>
      {view && main ? (
        <div class="pictures-now" key="pictures">
          <div class="main-picture" style={{ '--ratio': (main.cssWidthPx / main.cssHeightPx).toFixed(4) }}>
            <Camera
              link={link}
              view={view}
              picture={main}
              isMain={main === pictures[0]}
              onDrawn={onDrawn}
              over={over}
            />
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
