/** A simulator that is ready: its process where it is ours, the link, and what it says of itself. It lives once; see `index.ts`. */
import { monotonicNowMs, PumiceError, sleep } from 'pumice';
import { type Declared, declaredFor, readDeclaration } from './declared.ts';
import { type Link, openLink } from './link.ts';
import { type Description, descriptionSchema, helloSchema, PROTOCOL, readySchema, sensedSchema } from './messages.ts';
import type { Beginning, ReadOptions } from './options.ts';
import { WHO } from './problems.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** Longest wait for a server that is there, ms. Chosen: another machine, a little away. */
const CONNECT_MS = 5000;
/** Longest wait for a server that is started again, ms. Chosen: some have to load for that long. */
const AGAIN_MS = 20_000;

export interface Session {
  readonly about: Description;
  /** Of an env that does not say what its numbers mean. */
  readonly declared: Declared | undefined;
  readonly pid: number | undefined;
  readonly isLost: () => boolean;
  readonly reset: (begin: Beginning & { seed: number }, signal?: AbortSignal) => Promise<Sensed>;
  readonly step: (numbers: readonly number[], signal?: AbortSignal) => Promise<Sensed>;
  readonly close: () => Promise<void>;
}
type Sensed = Awaited<ReturnType<typeof sensedSchema.parse>>;

/**
 * Another one for one that was lost: who watches over a server may need a while to start the next.
 *
 * @throws PumiceError as `openSession`.
 */
export async function openAgain(read: ReadOptions): Promise<Session> {
  const untilMs = monotonicNowMs() + (read.url === undefined ? 0 : AGAIN_MS);
  for (;;)
    try {
      return await openSession(read);
    } catch (error) {
      const mayCome = PumiceError.is(error, 'simulator/gone') || PumiceError.is(error, 'simulator/busy');
      if (!mayCome || monotonicNowMs() > untilMs) throw error;
      await sleep(AGAIN_MS / 100);
    }
}

/** @throws PumiceError `simulator/*`, `config/*`. */
export async function openSession(read: ReadOptions): Promise<Session> {
  const startMs = read.startTimeoutS * 1000;
  const own = isDeclaration(read.backend) ? readDeclaration(read.backend!) : undefined;
  const backend = own ? 'gymnasium' : read.backend!;
  if (backend === 'gymnasium') declaredFor(read.task, own);
  const started = read.url === undefined ? await startServer({ python: read.python, backend, startMs }) : undefined;
  let link: Link | undefined;
  try {
    link = await openLink({ url: started ? urlOf(started) : read.url!, key: keyOf(read), connectMs: CONNECT_MS });
    const hello = await link.call('hello', {}, helloSchema, { limitMs: CONNECT_MS });
    if (hello.protocol !== PROTOCOL)
      throw new PumiceError('simulator/version', `expected protocol ${PROTOCOL}, the server speaks ${hello.protocol}`, {
        who: WHO,
        hint: 'Use server and pumice of one version',
      });
    if (own && hello.backend !== 'gymnasium')
      throw new PumiceError(
        'config/misfit',
        `expected a server of gymnasium for ${read.backend}, got ${hello.backend}`,
        {
          who: WHO,
          hint: 'Start pumice sim-server --backend gymnasium, or leave the declaration out',
        },
      );
    const declared = hello.backend === 'gymnasium' ? declaredFor(read.task, own) : undefined;
    const { task, cameras, widthPx, heightPx, jpegQuality, oracle } = read;
    const looks = { cameras: cameras ?? null, widthPx, heightPx, images: imagesOf(read), jpegQuality };
    const asked = {
      protocol: PROTOCOL,
      task: task ?? null,
      oracle,
      ...looks,
      ...(declared && { declared: declared.asked }),
    };
    const about = await link.call('make', asked, descriptionSchema, { limitMs: startMs });
    return sessionOf({ about, declared }, link, started, { startMs, stepMs: read.stepTimeoutS * 1000 });
  } catch (error) {
    link?.close();
    await started?.kill();
    throw error;
  }
}

function sessionOf(
  made: Pick<Session, 'about' | 'declared'>,
  link: Link,
  started: ServerProcess | undefined,
  { startMs, stepMs }: { readonly startMs: number; readonly stepMs: number },
): Session {
  /** A server that hangs is ended, whatever it is doing, and one that is gone says in its own words why. */
  const withCare = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (started && link.lost() !== undefined) {
        await started.kill();
        const [how, words] = [await started.ended, started.words().split('\n').at(-1)];
        if (PumiceError.is(error, 'simulator/gone'))
          throw new PumiceError(
            'simulator/gone',
            `expected an answer, the simulator ended ${how}${words && `: ${words}`}`,
            {
              who: WHO,
              hint: 'Reset begins another',
              cause: error,
              retryable: true,
            },
          );
      }
      throw error;
    }
  };
  const wait = (limitMs: number, signal: AbortSignal | undefined) => ({ limitMs, ...(signal && { signal }) });
  return {
    ...made,
    pid: started?.pid,
    isLost: () => link.lost() !== undefined,
    // A scene that is built anew takes as long as a start.
    reset: (begin, signal) => withCare(link.call('reset', begin, sensedSchema, wait(startMs, signal))),
    step: (numbers, signal) => withCare(link.call('step', { action: numbers }, sensedSchema, wait(stepMs, signal))),
    close: async () => {
      link.close();
      await started?.kill();
    },
  };
}

/** A file in place of a backend's name: that of an env of gymnasium. */
export const isDeclaration = (backend: string | undefined): boolean => backend?.endsWith('.json') ?? false;

const urlOf = ({ ready }: ServerProcess) => `ws://127.0.0.1:${readySchema.parse(ready).port}`;

/** Raw pictures are what the simulator drew; over a network they are too much. */
export function imagesOf({ images, url }: ReadOptions): 'raw' | 'jpeg' {
  if (images !== undefined) return images;
  return url === undefined || /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(url).hostname) ? 'raw' : 'jpeg';
}

function keyOf({ keyEnv }: ReadOptions): string | undefined {
  if (keyEnv === undefined) return undefined;
  const key = process.env[keyEnv];
  if (key) return key;
  throw new PumiceError('config/invalid', `expected a key in the variable ${keyEnv}, it is not set`, {
    who: WHO,
    hint: 'Set it',
  });
}
