/** `pumice serve-model ember --as magma`: a model that needs no GPU behind the wire of one that does, so that its path can be tried. */
import { createSpeaker } from '../../policies/ember/speak.ts';
import { PumiceError } from '../errors.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { serveMagma } from './serve-magma.ts';

export interface ServeFlags {
  readonly as: string;
  readonly port: string;
  readonly weights?: string;
  readonly ids?: boolean;
}

/** Serves until it is interrupted. @returns the exit code. */
export async function serveModel(name: string, { as, port, weights, ids }: ServeFlags): Promise<number> {
  const wrong = (message: string, hint: string) =>
    new PumiceError('cli/usage', message, { who: 'pumice serve-model', hint });
  if (name !== 'ember') throw wrong(`no model '${name}' to serve (there is: ember)`, 'Write pumice serve-model ember');
  if (as !== 'magma') throw wrong(`--as: no wire '${as}' (there is: magma)`, 'Write --as magma');
  const number = Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw wrong(`--port: expected 0 to 65535, got '${port}'`, 'Write --port 8080');
  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const speaker = createSpeaker(weights);
  try {
    await using served = await serveMagma({ ...speaker, name }, { port: number, ids: ids ?? true });
    process.stdout.write(
      `${name} speaks Magma's wire at ${served.url}: /v1/chat/completions, /predict, /predict_from_file, /health\n` +
        `Try: pumice run manipulator "pick up the red block" --policy magma --stats ember --model-url ${served.url}/v1 --model ${name} --max-steps 40\n`,
    );
    await new Promise((resolve) => interrupts.signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await speaker.close();
  }
  return interrupts.exitCode() ?? EXIT.success;
}
