/** What a doctor wants to know of a simulator on this machine. */
import { monotonicNowMs, parseOptions } from 'pumice';
import { simplerOn } from './body.ts';
import { type Calibration, calibrate, calibrateBy } from './calibrate.ts';
import { options, type SimplerOptions } from './options.ts';
import { WHO } from './problems.ts';
import { simRobot } from './profiles.ts';
import { openSession } from './session.ts';

/** A picture whose brightest and darkest values are less apart shows nothing. Chosen. */
const BLANK_BELOW = 16;

export interface Examined {
  readonly versions: string;
  readonly renderer: string;
  /** From nothing to a robot that can be told something. */
  readonly beginMs: number;
  /** All pictures of one step. */
  readonly drawMs: number;
  readonly isBlank: boolean;
}

/**
 * Starts it, steps once, draws, and ends it.
 *
 * @throws PumiceError `simulator/*` that says what is missing and how to install it.
 */
export async function examineSimulator(asked: SimplerOptions): Promise<Examined> {
  const begunMs = monotonicNowMs();
  const session = await openSession(parseOptions(options, { ...asked, images: 'raw' }, WHO));
  try {
    const beginMs = monotonicNowMs() - begunMs;
    const { actionLow, versions, renderer } = session.about;
    await session.reset({ seed: 0 });
    const { images, timings } = await session.step(actionLow.map(() => 0));
    return {
      versions,
      renderer,
      beginMs,
      drawMs: timings.renderMs ?? 0,
      isBlank: images.some(({ data }) => isBlank(data)),
    };
  } finally {
    await session.close();
  }
}

function isBlank(data: Uint8Array): boolean {
  const { least, most } = data.reduce(
    ({ least, most }, one) => ({ least: Math.min(least, one), most: Math.max(most, one) }),
    { least: 255, most: 0 },
  );
  return most - least < BLANK_BELOW;
}

/** Moves its robot. @throws PumiceError `simulator/*`, and `config/misfit` for a robot that is driven otherwise than its profile says. */
export async function* calibration(asked: SimplerOptions): AsyncGenerator<Calibration> {
  const read = parseOptions(options, { ...asked, cameras: [] }, WHO);
  const session = await openSession(read);
  try {
    const env = simplerOn(session, read);
    yield* calibrate(env, calibrateBy((session.declared?.robot ?? simRobot(session.about.robot)!).control));
  } finally {
    await session.close();
  }
}
