/** `pumice dashboard FILE`: a recorded episode on the page of the dashboard, to be gone through step by step. */
import { once } from 'node:events';
import { PumiceError } from '../errors.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';

interface DashboardFlags {
  readonly host?: string;
  readonly port?: string;
}

/** Until Ctrl-C, which is the way to end it: a success. */
export async function showRecording(file: string, { host, port }: DashboardFlags): Promise<number> {
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
    throw new PumiceError('cli/usage', `--port: expected 1 to 65535, got '${port}'`, { who: 'pumice dashboard' });
  const board = await open(file, host, port);
  using interrupts = watchInterrupts(() => {});
  process.stdout.write(`Dashboard: ${board.url}\nCtrl-C ends it.\n`);
  if (!interrupts.signal.aborted) await once(interrupts.signal, 'abort');
  await board.close();
  return EXIT.success;
}

/** Not inlined: TypeScript 5.9 leaves the `.ts` of an import() that stands in a function with a `using` declaration. */
async function open(recording: string, host: string | undefined, port: string | undefined) {
  const { dashboard } = await import('../dashboard/index.ts');
  return dashboard({
    recording,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: Number(port) }),
  });
}
