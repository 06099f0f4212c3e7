/** What a doctor wants to know of a simulator on this machine. */
import { parseOptions } from 'pumice';
import { z } from 'zod';
import { simplerOn } from './body.ts';
import { type Calibration, calibrate } from './calibrate.ts';
import { words } from './messages.ts';
import { options, type SimplerOptions } from './options.ts';
import { WHO } from './problems.ts';
import { simRobot } from './profiles.ts';
import { type ServerOptions, startServer } from './server-process.ts';
import { openSession } from './session.ts';

const lookSchema = z.object({
  makeMs: z.number(),
  drawMs: z.number(),
  isBlank: z.boolean(),
  renderer: words,
  versions: words,
});

/**
 * Starts it, steps once, draws one picture, and ends it.
 *
 * @throws PumiceError `simulator/*` that says what is missing and how to install it.
 */
export async function examineSimulator(asked: Omit<ServerOptions, 'args'>): Promise<z.output<typeof lookSchema>> {
  const server = await startServer({ ...asked, args: ['--look'] });
  await server.ended;
  return lookSchema.parse(server.ready);
}

/** Moves its robot. @throws PumiceError `simulator/*`, and `config/misfit` for a robot that is driven otherwise than its profile says. */
export async function* calibration(asked: SimplerOptions): AsyncGenerator<Calibration> {
  const read = parseOptions(options, { ...asked, cameras: [] }, WHO);
  const session = await openSession(read);
  try {
    const env = simplerOn(session, read);
    const { rotation, gripper } = simRobot(session.about.robot)!.control;
    yield* calibrate(env, { turns: rotation !== 'none', shares: gripper.form === 'share' });
  } finally {
    await session.close();
  }
}
