/**
 * What people get of a body beside the steps of its run: what its driver says of itself, and for who leads it its newest pictures, which
 * come more often than steps. Reads what is there, and waits for nothing.
 */
import { interval, Subscription, takeWhile } from 'rxjs';
import { monotonicScheduler } from '../clock.ts';
import type { DriverState, Env } from '../ports.ts';
import type { Frame } from '../types.ts';
import type { LivePicture, Status } from './messages.ts';
import { pictureRef } from './shown.ts';

/** Between two looks at the driver, ms. Chosen: nobody reads faster. */
const GLANCE_MS = 100;
/** For how long a body that was told to stop is watched, ms. */
const RESTING_MS = 5000;
/** Between two looks for newer pictures, ms. Chosen: half the time between two of a camera at 30 Hz. */
const LOOK_MS = 16;

export interface BodyWatch {
  readonly status: () => Status;
  readonly onDriver: (driver: DriverState | undefined) => void;
  /** Whether somebody leads the body, and the pictures before have been taken in. */
  readonly wantsPictures: () => boolean;
  readonly onPictures: (pictures: readonly LivePicture[]) => void;
  readonly nextId: () => number;
}

export function watchBody(
  { driverState, frames }: { [K in 'driverState' | 'frames']?: Env[K] | undefined },
  watch: BodyWatch,
): Subscription {
  const watching = new Subscription();
  const isOver = () => watch.status().phase === 'over';
  if (driverState) {
    let told = '';
    let sinceOver = 0;
    // Until the run is over and the body at rest.
    const goesOn = () => {
      sinceOver = isOver() ? sinceOver + 1 : 0;
      return sinceOver <= 1 || (watch.status().driver?.isAtRest === false && sinceOver * GLANCE_MS < RESTING_MS);
    };
    const glances$ = interval(GLANCE_MS, monotonicScheduler).pipe(takeWhile(goesOn));
    watching.add(
      glances$.subscribe(() => {
        const driver = shownDriver(driverState());
        const text = JSON.stringify(driver) ?? '';
        if (text !== told) watch.onDriver(driver);
        told = text;
      }),
    );
  }
  if (frames) {
    const stamps = new Map<string, number>();
    const isNew = ({ camera, stampMs }: Frame) => stampMs > (stamps.get(camera) ?? Number.NEGATIVE_INFINITY);
    const looks$ = interval(LOOK_MS, monotonicScheduler).pipe(takeWhile(() => !isOver()));
    watching.add(
      looks$.subscribe(() => {
        if (!watch.wantsPictures()) return;
        const now = frames();
        if (!now.some(isNew)) return;
        for (const { camera, stampMs } of now) stamps.set(camera, stampMs);
        watch.onPictures(now.map((frame) => ({ ref: pictureRef(watch.nextId(), frame), frame })));
      }),
    );
  }
  return watching;
}

/** What people read of a driver: not its set-points, which steps tell. */
const shownDriver = (state: DriverState | undefined): DriverState | undefined =>
  state && {
    ...{ mode: state.mode, cause: state.cause, isAtRest: state.isAtRest },
    ...(state.reason !== undefined && { reason: state.reason }),
    ...(state.category !== undefined && { category: state.category }),
  };
