/**
 * A robot in a simulator behind a small Python server: one of `BACKENDS`, an env of gymnasium that is declared, or a file of the user's own.
 * Lockstep: time passes in `act` alone. The server is a child of this process, one for each env, and is ended with it; one that is lost or hangs is a fault of its episode,
 * and the next `reset` begins another. Knows no policy.
 */
import { defineEnv, PumiceError, parseOptions } from 'pumice';
import { simplerOn } from './body.ts';
import { options, type SimplerEnv, type SimplerOptions } from './options.ts';
import { WHO } from './problems.ts';
import { isDeclaration, openSession } from './session.ts';

export { calibrate } from './calibrate.ts';
export { calibration, examineSimulator } from './examine.ts';
export {
  BACKENDS,
  type Beginning,
  type SimplerEnv,
  type SimplerOptions,
  type SimplerOracle,
  type SimScore,
} from './options.ts';
export { type ServerProcess, startServer } from './server-process.ts';

/**
 * Starts a simulator, or connects to one that runs.
 *
 * @throws PumiceError `simulator/*` for one that cannot be started, `config/misfit` for a robot that is driven otherwise than known.
 */
export async function simpler(asked: SimplerOptions): Promise<SimplerEnv> {
  const read = parseOptions(options, asked, WHO);
  if (
    (read.url === undefined) ===
    (read.backend === undefined || (isDeclaration(read.backend) && read.url !== undefined))
  )
    throw new PumiceError('config/invalid', 'expected a backend to start, or the url of a server, one of both', {
      who: WHO,
      hint: 'Give --backend metaworld --python sim/bin/python, or --url ws://127.0.0.1:8765',
    });
  const session = await openSession(read);
  try {
    return simplerOn(session, read);
  } catch (error) {
    await session.close();
    throw error;
  }
}

export default defineEnv({
  summary: 'a robot in a simulator behind a small Python server: Meta-World, or one of your own',
  options,
  create: simpler,
});
