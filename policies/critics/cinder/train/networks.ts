/**
 * Networks asked one question at a time in this very process, which has nothing else to do meanwhile: ember, who drives, and cinder,
 * who judges. For training and measuring alone; policies and critics run theirs in a thread.
 */
import { readFileSync } from 'node:fs';
import type { Delta7 } from '../../../../envs/sim/arm.ts';
import { MOST_WORDS, NO_PROPRIO, PICTURE_PX } from '../../../ember/input.ts';
import { AXES } from '../../../ember/model.ts';

/** What both packages of the engine have in common of what is used here. */
interface Runtime {
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<Session>;
  };
}
interface Session {
  run(inputs: Record<string, unknown>): Promise<Record<string, { readonly data: ArrayLike<number> }>>;
}

let runtime: Runtime | undefined;
async function load(file: string): Promise<{ session: Session; tensor: Tensors }> {
  const found =
    runtime ?? ((await import(process.env.ONNXRUNTIME ?? 'onnxruntime-node')) as Runtime & { default?: Runtime });
  runtime = 'default' in found && found.default ? (found.default as Runtime) : found;
  const { Tensor, InferenceSession } = runtime;
  const session = await InferenceSession.create(readFileSync(file), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return {
    session,
    tensor: {
      picture: (bytes) => new Tensor('uint8', bytes, [1, PICTURE_PX, PICTURE_PX, 3]),
      tokens: (words) => new Tensor('int64', BigInt64Array.from(words.map(BigInt)), [1, MOST_WORDS]),
      floats: (values, dims) => new Tensor('float32', Float32Array.from(values), dims),
    },
  };
}
interface Tensors {
  readonly picture: (bytes: Uint8Array) => unknown;
  readonly tokens: (words: readonly number[]) => unknown;
  readonly floats: (values: readonly number[], dims: readonly number[]) => unknown;
}

/** The next four motions, without the pose of the tool, as ember is used. */
export type Driver = (picture: Uint8Array, tokens: readonly number[]) => Promise<Delta7[]>;

export async function loadEmber(file: string): Promise<Driver> {
  const { session, tensor } = await load(file);
  return async (picture, tokens) => {
    const inputs = {
      image: tensor.picture(picture),
      tokens: tensor.tokens(tokens),
      proprio: tensor.floats(NO_PROPRIO, [1, NO_PROPRIO.length]),
    };
    const numbers = Array.from((await session.run(inputs)).action!.data);
    return Array.from({ length: numbers.length / AXES }, (_, step) => {
      const motion = numbers.slice(AXES * step, AXES * (step + 1));
      return [...motion.slice(0, 6), motion[6]! > 0.5 ? 1 : 0] as unknown as Delta7;
    });
  };
}

export interface Question {
  readonly picture: Uint8Array;
  readonly tokens: readonly number[];
  readonly proprio: readonly number[];
  readonly commandedM: readonly number[];
  /** As many actions as cinder judges. */
  readonly chunk: readonly Delta7[];
}
export type Judge = (question: Question) => Promise<{ readonly hazards: readonly number[]; readonly any: number }>;

export async function loadCinder(file: string): Promise<Judge> {
  const { session, tensor } = await load(file);
  return async ({ picture, tokens, proprio, commandedM, chunk }) => {
    const answer = await session.run({
      image: tensor.picture(picture),
      tokens: tensor.tokens(tokens),
      proprio: tensor.floats(proprio, [1, proprio.length]),
      commanded: tensor.floats(commandedM, [1, 3]),
      chunk: tensor.floats(chunk.flat(), [1, chunk.length, AXES]),
    });
    return { hazards: Array.from(answer.hazards!.data), any: answer.any!.data[0]! };
  };
}
