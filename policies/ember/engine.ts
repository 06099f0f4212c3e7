/**
 * The network at work: one question in, one answer out. It runs in a thread of its own: both engines for ONNX compute in the calling
 * thread, and for as long as one inference takes (25 ms with WebAssembly) nobody could begin a stop there. Knows no body and no sentence.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { PumiceError } from 'pumice';
import type { Reply, Request, WorkerData } from './worker.ts';

export interface EmberInput {
  /** `128 x 128 x 3`, row-major RGB. */
  readonly picture: Uint8Array;
  readonly tokens: readonly number[];
  readonly proprio: readonly number[];
}

export interface EmberOutput {
  /** `[4, 7]` flat: m, rad, gripper 0..1. */
  readonly action: readonly number[];
  /** `[4, 7]` flat: 0..254. */
  readonly bins: readonly number[];
  /** Target and destination, `[2, 2]` flat: x y in parts of the picture. */
  readonly points: readonly number[];
  readonly done: number;
  readonly cannot: number;
}

export interface Engine {
  /** Begins to load what is needed, if that was not begun yet. */
  readonly warmUp: () => void;
  /** Rejects as soon as the signal is aborted; the inference under way is then for nobody. */
  readonly infer: (input: EmberInput, signal: AbortSignal) => Promise<EmberOutput>;
  readonly close: () => Promise<void>;
}

/** In the order of preference: native code is about four times as fast as WebAssembly. */
const RUNTIMES = ['onnxruntime-node', 'onnxruntime-web'] as const;

const WHO = 'policy ember';

/** Workers run what is built, also where the source is run. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/policies/ember/worker.js', import.meta.url)
  : new URL('./worker.js', import.meta.url);

/**
 * Which engines are installed, best first.
 *
 * @throws PumiceError `config/invalid` when there is none.
 */
export function installedRuntimes(resolve: (name: string) => string = createRequire(import.meta.url).resolve) {
  const found = RUNTIMES.filter((name) => {
    try {
      return resolve(name) !== '';
    } catch {
      return false;
    }
  });
  if (found.length > 0) return found;
  throw new PumiceError('config/invalid', `nothing here runs its network: looked for ${RUNTIMES.join(' and ')}`, {
    who: WHO,
    hint: 'npm install onnxruntime-web, which needs no further download; onnxruntime-node is faster',
  });
}

interface Asked {
  readonly resolve: (output: EmberOutput) => void;
  readonly reject: (error: unknown) => void;
}

export function createEngine(weights: Uint8Array, runtimes: readonly string[] = installedRuntimes()): Engine {
  const waiting = new Map<number, Asked>();
  let worker: Worker | undefined;
  let asked = 0;
  let isClosed = false;

  /** An engine that waits for nothing keeps no process alive. */
  const settle = (id: number): Asked | undefined => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker?.unref();
    return one;
  };
  const failAll = (error: PumiceError) => {
    worker = undefined;
    for (const id of [...waiting.keys()]) settle(id)?.reject(error);
  };
  const start = (): Worker => {
    const started = new Worker(WORKER, { workerData: { weights, runtimes } satisfies WorkerData });
    started.on('message', (reply: Reply) => {
      if (reply.kind === 'answer') return settle(reply.id)?.resolve(reply.output);
      const { code, message, hint } = reply;
      // What could not be loaded is tried again with the next question.
      failAll(new PumiceError(code, message, { who: WHO, hint }));
      void started.terminate();
    });
    const onGone = (what: string, cause?: unknown) => {
      if (worker === started)
        failAll(new PumiceError('policy/failed', `the thread of its network ${what}`, { who: WHO, cause }));
    };
    started.on('error', (error) => onGone(`failed: ${error.message}`, error));
    started.on('exit', (code) => onGone(`ended with code ${code}`));
    started.unref();
    return started;
  };
  const warmUp = () => {
    if (isClosed) throw new PumiceError('policy/failed', 'was closed', { who: WHO, hint: 'Make another one' });
    worker ??= start();
  };

  return {
    warmUp,
    infer: async (input, signal) => {
      signal.throwIfAborted();
      warmUp();
      const id = ++asked;
      return new Promise<EmberOutput>((resolve, reject) => {
        const onAbort = () => settle(id)?.reject(signal.reason);
        const done = () => signal.removeEventListener('abort', onAbort);
        waiting.set(id, {
          resolve: (output) => {
            done();
            resolve(output);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
        signal.addEventListener('abort', onAbort, { once: true });
        worker!.ref();
        worker!.postMessage({ id, ...input } satisfies Request);
      });
    },
    close: async () => {
      isClosed = true;
      const last = worker;
      failAll(new PumiceError('policy/failed', 'was closed', { who: WHO }));
      await last?.terminate();
    },
  };
}
