/**
 * The thread that computes a small network: loads one engine for ONNX, and answers questions in their order. Built to plain JavaScript
 * and run from `dist`. Knows nothing of pumice, so that it starts quickly, and nothing of what the numbers mean.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type * as Ort from 'onnxruntime-web';
import type { Numbers, Tensors } from './network.ts';

export interface WorkerData {
  readonly weights: Uint8Array;
  /** Packages to try, in this order. */
  readonly runtimes: readonly string[];
  /** Names that the network must have. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}
export interface Request {
  readonly id: number;
  readonly tensors: Tensors;
}
export type Reply =
  | { readonly kind: 'answer'; readonly id: number; readonly numbers: Numbers }
  /** Nothing will be answered any more: nothing that works is installed, or this question went wrong. */
  | { readonly kind: 'failed'; readonly isUnusable: boolean; readonly message: string; readonly hint: string };

/** ONNX Runtime's scale of 0 (all) to 4: errors. Its warnings speak of its own optimisations. */
const ERRORS_ONLY = 3;

interface Loaded {
  readonly ort: typeof Ort;
  readonly session: Ort.InferenceSession;
}

class Unusable extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

async function load(data: WorkerData): Promise<Loaded> {
  const problems: string[] = [];
  for (const name of data.runtimes) {
    let ort: typeof Ort;
    try {
      ort = await engineOf(name);
    } catch (error) {
      // Installed for another platform, or its library was not downloaded: the next one may do.
      problems.push(`${name}: ${(error as Error).message}`);
      continue;
    }
    return { ort, session: await open(ort, data, name) };
  }
  throw new Unusable(
    `no engine for its network can be loaded: ${problems.join('; ')}`,
    'npm install onnxruntime-web, which needs no further download',
  );
}

async function engineOf(name: string): Promise<typeof Ort> {
  const path = createRequire(import.meta.url).resolve(name);
  const loaded = (await import(pathToFileURL(path).href)) as typeof Ort & { default?: typeof Ort };
  const ort = loaded.InferenceSession ? loaded : loaded.default!;
  // One thread: the network is small, and the body and its pictures need the others.
  if (name === 'onnxruntime-web') ort.env.wasm.numThreads = 1;
  return ort;
}

async function open(
  ort: typeof Ort,
  { weights, inputs, outputs }: WorkerData,
  name: string,
): Promise<Ort.InferenceSession> {
  let session: Ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(weights, {
      logSeverityLevel: ERRORS_ONLY,
      ...(name === 'onnxruntime-web'
        ? { executionProviders: ['wasm'] }
        : { intraOpNumThreads: 1, interOpNumThreads: 1 }),
    });
  } catch (error) {
    throw new Unusable(
      `its weights cannot be read by ${name}: ${(error as Error).message}`,
      'Use those of its training',
    );
  }
  const lacks = [
    ...inputs.filter((one) => !session.inputNames.includes(one)).map((one) => `input '${one}'`),
    ...outputs.filter((one) => !session.outputNames.includes(one)).map((one) => `output '${one}'`),
  ];
  if (lacks.length === 0) return session;
  throw new Unusable(`its weights are of another model: there is no ${lacks.join(', ')}`, 'Use those of its training');
}

const given = workerData as WorkerData;

async function answer({ ort, session }: Loaded, tensors: Tensors): Promise<Numbers> {
  const fed = Object.entries(tensors).map(([name, { type, data, shape }]) => {
    const typed =
      type === 'uint8'
        ? Uint8Array.from(data)
        : type === 'int64'
          ? BigInt64Array.from(data, BigInt)
          : Float32Array.from(data);
    return [name, new ort.Tensor(type, typed as Uint8Array, shape)];
  });
  const results = await session.run(Object.fromEntries(fed), given.outputs);
  return Object.fromEntries(
    given.outputs.map((name) => [name, Array.from(results[name]!.data as Iterable<number | bigint>, Number)]),
  );
}

const port = parentPort!;
const loaded = load(given);
const failed = (error: unknown): Reply => {
  const { message } = error as Error;
  if (error instanceof Unusable) return { kind: 'failed', isUnusable: true, message, hint: error.hint };
  const hint = 'Report this with the versions of pumice and of its engine';
  return { kind: 'failed', isUnusable: false, message, hint };
};
loaded.catch((error: unknown) => port.postMessage(failed(error)));

// One inference at a time: an engine's session is not to be entered twice.
let last: Promise<unknown> = loaded.catch(() => {});
port.on('message', (request: Request) => {
  last = last
    .then(async () => {
      const numbers = await answer(await loaded, request.tensors);
      port.postMessage({ kind: 'answer', id: request.id, numbers } satisfies Reply);
    })
    .catch((error: unknown) => port.postMessage(failed(error)));
});
