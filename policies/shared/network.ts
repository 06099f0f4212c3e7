/**
 * A small network at work: named tensors in, numbers out. It runs in a thread of its own: both engines for ONNX compute in the calling
 * thread, and for as long as one inference takes (25 ms with WebAssembly) nobody could begin a stop there. Knows no body, no sentence,
 * and nothing of what the numbers mean.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, PumiceError } from 'pumice';
import type { Reply, Request, WorkerData } from './network-worker.ts';

export interface Tensor {
  readonly type: 'uint8' | 'int64' | 'float32';
  readonly shape: readonly number[];
  readonly data: Uint8Array | readonly number[];
}
export type Tensors = Readonly<Record<string, Tensor>>;
/** Each output, flat. */
export type Numbers = Readonly<Record<string, readonly number[]>>;

export interface NetworkOptions {
  /** Who speaks in errors, and what it says when it fails. */
  readonly who: string;
  readonly failure: Extract<ErrorCode, 'policy/failed' | 'critic/failed'>;
  readonly weights: Uint8Array;
  /** Names that the network must have. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Engines to try, best first; those that are installed where none are named. */
  readonly runtimes?: readonly string[];
}

export interface Network {
  /** Begins to load what is needed, if that was not begun yet. */
  readonly warmUp: () => void;
  /** Rejects as soon as the signal is aborted; the inference under way is then for nobody. */
  readonly infer: (tensors: Tensors, signal: AbortSignal) => Promise<Numbers>;
  readonly close: () => Promise<void>;
}

/** In the order of preference: native code is about four times as fast as WebAssembly. */
const RUNTIMES = ['onnxruntime-node', 'onnxruntime-web'] as const;

/** Workers run what is built, also where the source is run. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/policies/shared/network-worker.js', import.meta.url)
  : new URL('./network-worker.js', import.meta.url);

/**
 * Which engines are installed, best first.
 *
 * @throws PumiceError `config/invalid` when there is none.
 */
export function installedRuntimes(
  who: string,
  resolve: (name: string) => string = createRequire(import.meta.url).resolve,
) {
  const found = RUNTIMES.filter((name) => {
    try {
      return resolve(name) !== '';
    } catch {
      return false;
    }
  });
  if (found.length > 0) return found;
  throw new PumiceError('config/invalid', `nothing here runs its network: looked for ${RUNTIMES.join(' and ')}`, {
    who,
    hint: 'npm install onnxruntime-web, which needs no further download; onnxruntime-node is faster',
  });
}

interface Asked {
  readonly resolve: (numbers: Numbers) => void;
  readonly reject: (error: unknown) => void;
}

export function createNetwork({
  who,
  failure,
  runtimes = installedRuntimes(who),
  ...network
}: NetworkOptions): Network {
  const { weights, inputs, outputs } = network;
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
    const started = new Worker(WORKER, { workerData: { weights, runtimes, inputs, outputs } satisfies WorkerData });
    started.on('message', (reply: Reply) => {
      if (reply.kind === 'answer') return settle(reply.id)?.resolve(reply.numbers);
      const { isUnusable, message, hint } = reply;
      // What could not be loaded is tried again with the next question.
      failAll(new PumiceError(isUnusable ? 'config/invalid' : failure, message, { who, hint }));
      void started.terminate();
    });
    const onGone = (what: string, cause?: unknown) => {
      if (worker === started) failAll(new PumiceError(failure, `the thread of its network ${what}`, { who, cause }));
    };
    started.on('error', (error) => onGone(`failed: ${error.message}`, error));
    started.on('exit', (code) => onGone(`ended with code ${code}`));
    started.unref();
    return started;
  };
  const warmUp = () => {
    if (isClosed) throw new PumiceError(failure, 'was closed', { who, hint: 'Make another one' });
    worker ??= start();
  };

  return {
    warmUp,
    infer: async (tensors, signal) => {
      signal.throwIfAborted();
      warmUp();
      const id = ++asked;
      return new Promise<Numbers>((resolve, reject) => {
        const onAbort = () => settle(id)?.reject(signal.reason);
        const done = () => signal.removeEventListener('abort', onAbort);
        waiting.set(id, {
          resolve: (numbers) => {
            done();
            resolve(numbers);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
        signal.addEventListener('abort', onAbort, { once: true });
        worker!.ref();
        worker!.postMessage({ id, tensors } satisfies Request);
      });
    },
    close: async () => {
      isClosed = true;
      const last = worker;
      failAll(new PumiceError(failure, 'was closed', { who }));
      await last?.terminate();
    },
  };
}
