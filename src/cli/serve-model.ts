/** `pumice serve-model`: a model that needs no GPU behind the wire of one that does, so that its path can be tried. */
import { createJudge } from '../../policies/critics/cinder/speak.ts';
import { createSpeaker } from '../../policies/ember/speak.ts';
import { PumiceError } from '../errors.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { serveCosmos } from './serve-cosmos.ts';
import type { Served } from './serve-http.ts';
import { serveMagma } from './serve-magma.ts';

export interface ServeFlags {
  readonly as: string;
  readonly port: string;
  readonly weights?: string;
  readonly ids?: boolean;
  readonly reasoningParser?: boolean;
}

interface Offer {
  readonly wire: string;
  readonly make: (
    flags: ServeFlags,
    port: number,
  ) => {
    readonly serve: (signal: AbortSignal) => Promise<Served>;
    readonly close: () => Promise<void>;
  };
  readonly says: (url: string) => string;
}

/** What can be served, and as what. */
const OFFERS: Readonly<Record<string, Offer>> = {
  ember: {
    wire: 'magma',
    make: ({ weights, ids }, port) => {
      const speaker = createSpeaker(weights);
      const serve = () => serveMagma({ ...speaker, name: 'ember' }, { port, ids: ids ?? true });
      return { serve, close: speaker.close };
    },
    says: (url) =>
      `ember speaks Magma's wire at ${url}: /v1/chat/completions, /predict, /predict_from_file, /health\n` +
      `Try: pumice run manipulator "pick up the red block" --policy magma --stats ember --model-url ${url}/v1 --model ember --max-steps 40\n`,
  },
  cinder: {
    wire: 'cosmos-reason2',
    make: ({ weights, reasoningParser }, port) => {
      const judge = createJudge(weights);
      // Loaded before it is asked: the first verdict would come too late for an arm that waits for it.
      const serve = async (signal: AbortSignal) => {
        await judge.prepare(signal);
        return serveCosmos(judge, { port, parsesReasoning: reasoningParser ?? false });
      };
      return { serve, close: judge.close };
    },
    says: (url) =>
      `cinder speaks Cosmos Reason2's wire at ${url}: /v1/chat/completions, /v1/models, /health\n` +
      `Try: pumice run manipulator "pick up the red block" --critic cosmos-reason --critic-model-url ${url}/v1 --critic-model cinder\n`,
  },
};

/** Serves until it is interrupted. @returns the exit code. */
export async function serveModel(name: string, flags: ServeFlags): Promise<number> {
  const { as, port } = flags;
  const wrong = (message: string, hint: string) =>
    new PumiceError('cli/usage', message, { who: 'pumice serve-model', hint });
  const offer = Object.hasOwn(OFFERS, name) ? OFFERS[name] : undefined;
  if (!offer)
    throw wrong(`no model '${name}' to serve (there is: ${Object.keys(OFFERS).join(', ')})`, 'Write one of these');
  if (as !== offer.wire)
    throw wrong(`--as: no wire '${as}' for ${name} (there is: ${offer.wire})`, `Write --as ${offer.wire}`);
  const number = Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw wrong(`--port: expected 0 to 65535, got '${port}'`, 'Write --port 8080');
  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const { serve, close } = offer.make(flags, number);
  try {
    await using listening = await serve(interrupts.signal);
    process.stdout.write(offer.says(listening.url));
    await new Promise((resolve) => interrupts.signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await close();
  }
  return interrupts.exitCode() ?? EXIT.success;
}
