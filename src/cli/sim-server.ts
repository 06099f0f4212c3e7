/**
 * `pumice sim-server`: a simulator behind a web socket for callers that are not its parent, watched over: one caller at a time, each gets
 * a process of its own, and one that is lost is started again at the same port.
 */
import { monotonicNowMs, sleep } from '../clock.ts';
import { describeError, PumiceError } from '../errors.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { clean } from './words.ts';

export interface SimServerFlags {
  readonly backend?: string;
  readonly python: string;
  readonly host: string;
  readonly port: string;
  readonly allowRemote?: boolean;
  readonly keyEnv: string;
}

/** A process that ends sooner than this after its start, ms, is waited for before the next. Chosen. */
const SOON_MS = 5000;
/** Such ends in a row after which it is given up. Chosen. */
const MOST_SOON = 5;
const START_MS = 120_000;

/** Lives until it is interrupted. @returns the exit code. */
export async function simServer({ backend, python, host, port, allowRemote, keyEnv }: SimServerFlags): Promise<number> {
  const wrong = (message: string, hint: string) =>
    new PumiceError('cli/usage', message, { who: 'pumice sim-server', hint });
  const { BACKENDS, startServer } = await import('../../envs/simpler/index.ts');
  if (backend === undefined) throw wrong('expected --backend', `Give --backend ${BACKENDS.join('|')}, or a .py file`);
  const at = Number(port);
  if (!Number.isInteger(at) || at < 1 || at > 65_535)
    throw wrong(`--port: expected 1..65535, got '${port}'`, 'Write --port 8765');
  const args = ['--host', host, '--port', port, '--key-env', keyEnv, ...(allowRemote ? ['--allow-remote'] : [])];
  return attend(() => startServer({ python, backend, args, startMs: START_MS }), `ws://${host}:${port}`);
}

type Start = () => ReturnType<typeof import('../../envs/simpler/index.ts').startServer>;

/** Apart: TypeScript 5.9 leaves the `.ts` of an import() that stands in a function with a `using` declaration. */
async function attend(start: Start, url: string): Promise<number> {
  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const { signal } = interrupts;
  const say = (text: string) => process.stdout.write(`${clean(text)}\n`);
  let soon = 0;
  for (let count = 0; !signal.aborted; count++) {
    const begunMs = monotonicNowMs();
    const server = await start().catch((error: unknown) => {
      // The first start shows what is wrong; a later one may fail for a while.
      if (count === 0) throw error;
      say(`not started: ${describeError(error)}`);
      return undefined;
    });
    if (server) {
      say(`${count === 0 ? 'ready' : 'ready again'} at ${url}, process ${server.pid}. Ctrl-C ends it.`);
      const end = () => void server.kill();
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
      const how = await server.ended;
      signal.removeEventListener('abort', end);
      if (signal.aborted) break;
      const words = server.words().split('\n').at(-1);
      say(how === 'with code 0' ? 'the caller left' : `the simulator ended ${how}${words ? `: ${words}` : ''}`);
      if (how === 'with code 0') {
        soon = 0;
        continue;
      }
    }
    soon = monotonicNowMs() - begunMs < SOON_MS ? soon + 1 : 0;
    if (soon >= MOST_SOON) {
      say(`given up: it ended ${soon} times within ${SOON_MS / 1000} s of its start`);
      return EXIT.fault;
    }
    if (soon > 0) await sleep(1000, signal).catch(() => {});
  }
  return interrupts.exitCode() ?? EXIT.success;
}
