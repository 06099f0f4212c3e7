/**
 * The thread that computes ember's network: loads one engine for ONNX, and answers questions in their order. Built to plain JavaScript
 * and run from `dist`. Knows nothing of pumice, so that it starts quickly.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type * as Ort from 'onnxruntime-web';
import type { EmberInput, EmberOutput } from './engine.ts';

export interface WorkerData {
  readonly weights: Uint8Array;
  /** Packages to try, in this order. */
  readonly runtimes: readonly string[];
}
export type Request = EmberInput & { readonly id: number };
export type Reply =
  | { readonly kind: 'answer'; readonly id: number; readonly output: EmberOutput }
  /** Nothing will be answered any more. */
  | { readonly kind: 'failed'; readonly code: Code; readonly message: string; readonly hint: string };
/** Of PumiceError: nothing that works is installed, or this question went wrong. */
type Code = 'config/invalid' | 'policy/failed';

const INPUTS = ['image', 'tokens', 'proprio'];
const OUTPUTS = ['action', 'bins', 'points', 'done', 'cannot'];
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

async function load({ weights, runtimes }: WorkerData): Promise<Loaded> {
  const problems: string[] = [];
  for (const name of runtimes) {
    let ort: typeof Ort;
    try {
      ort = await engineOf(name);
    } catch (error) {
      // Installed for another platform, or its library was not downloaded: the next one may do.
      problems.push(`${name}: ${(error as Error).message}`);
      continue;
    }
    return { ort, session: await open(ort, weights, name) };
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

async function open(ort: typeof Ort, weights: Uint8Array, name: string): Promise<Ort.InferenceSession> {
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
    ...INPUTS.filter((one) => !session.inputNames.includes(one)).map((one) => `input '${one}'`),
    ...OUTPUTS.filter((one) => !session.outputNames.includes(one)).map((one) => `output '${one}'`),
  ];
  if (lacks.length === 0) return session;
  throw new Unusable(`its weights are of another model: there is no ${lacks.join(', ')}`, 'Use those of its training');
}

async function answer({ ort, session }: Loaded, { picture, tokens, proprio }: Request): Promise<EmberOutput> {
  const side = Math.sqrt(picture.length / 3);
  const results = await session.run({
    image: new ort.Tensor('uint8', picture, [1, side, side, 3]),
    tokens: new ort.Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]),
    proprio: new ort.Tensor('float32', Float32Array.from(proprio), [1, proprio.length]),
  });
  const numbersOf = (name: string) => Array.from(results[name]!.data as Iterable<number | bigint>, Number);
  return {
    action: numbersOf('action'),
    bins: numbersOf('bins'),
    points: numbersOf('points'),
    done: numbersOf('done')[0]!,
    cannot: numbersOf('cannot')[0]!,
  };
}

const port = parentPort!;
const loaded = load(workerData as WorkerData);
const failed = (error: unknown): Reply => {
  const { message } = error as Error;
  if (error instanceof Unusable) return { kind: 'failed', code: 'config/invalid', message, hint: error.hint };
  const hint = 'Report this with the versions of pumice and of its engine';
  return { kind: 'failed', code: 'policy/failed', message, hint };
};
loaded.catch((error: unknown) => port.postMessage(failed(error)));

// One inference at a time: an engine's session is not to be entered twice.
let last: Promise<unknown> = loaded.catch(() => {});
port.on('message', (request: Request) => {
  last = last
    .then(async () => port.postMessage({ kind: 'answer', id: request.id, output: await answer(await loaded, request) }))
    .catch((error: unknown) => port.postMessage(failed(error)));
});
