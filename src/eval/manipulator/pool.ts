/**
 * Worker processes that play episodes. One that ends or stands still costs its episode, never the evaluation: another takes its place.
 * Knows nothing of tasks and results beyond handing them on.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { sleep } from '../../clock.ts';
import { PumiceError } from '../../errors.ts';
import { brokenEpisode, type EpisodeSettings, type PlayedEpisode } from './episode.ts';
import type { Choice, Reply, Request } from './messages.ts';

export interface PoolOptions {
  /** The built program of a worker. */
  readonly program: URL;
  readonly policy: Choice;
  readonly critics: readonly Choice[];
  readonly settings: EpisodeSettings;
  /** The first task. */
  readonly task: string;
  readonly signal: AbortSignal;
}

export interface Pool extends AsyncDisposable {
  /** Facts of the body. */
  readonly facts: Readonly<Record<string, string>>;
  readonly play: (task: string, seed: number) => Promise<PlayedEpisode>;
}

/** Beyond the longest thought: what a step without one may take on a busy machine, ms. Chosen. */
const GRACE_MS = 30_000;
/** Time to load physics and weights, ms. Chosen. */
const START_MS = 120_000;
/** What the process of a simulator and its scene may take to begin: they are watched by themselves, and this is for who watches them, ms. */
const SCENE_MS = 300_000;

/**
 * Starts one worker, which shows whether body, policy and critics can be had; further ones when they are needed.
 *
 * @throws what the worker says that it cannot do.
 */
export async function openPool({
  program,
  policy,
  critics,
  settings,
  task: first,
  signal,
}: PoolOptions): Promise<Pool> {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const start = async () => {
    signal.throwIfAborted();
    const worker = startWorker(program);
    all.add(worker);
    const said = await worker.ask(
      { kind: 'begin', policy, critics, settings, task: first },
      settings.simulator ? SCENE_MS : START_MS,
      signal,
    );
    if (said.kind === 'ready') return { worker, facts: said.facts };
    all.delete(worker.end());
    throw refusalOf(said);
  };
  const begun = await start();
  idle.push(begun.worker);

  const play = async (task: string, seed: number): Promise<PlayedEpisode> => {
    const worker = idle.pop() ?? (await start()).worker;
    const graceMs = settings.simulator ? SCENE_MS : GRACE_MS;
    const said = await worker.ask({ kind: 'episode', task, seed }, settings.stepTimeoutMs + graceMs, signal);
    signal.throwIfAborted();
    const isSound =
      said.kind === 'done' && said.episode.score.failedThoughts === 0 && said.episode.score.outcome !== 'fault';
    // What hung or broke may still be at work in there: the next episode gets a fresh process.
    if (isSound) idle.push(worker);
    else all.delete(worker.end());
    if (said.kind === 'done') return said.episode;
    const isProcess = said.kind === 'unfit' && said.isProcess === true;
    return brokenEpisode(task, seed, settings, refusalOf(said).message, isProcess);
  };
  return {
    facts: begun.facts,
    play,
    [Symbol.asyncDispose]: async () => {
      for (const worker of all) worker.end();
    },
  };
}

type Said = Exclude<Reply, { kind: 'alive' }>;

function refusalOf(said: Said): PumiceError {
  if (said.kind !== 'unfit') return new PumiceError('eval/setup', `a worker answered '${said.kind}' out of turn`);
  return new PumiceError(said.code ?? 'eval/setup', said.message, said.hint === undefined ? {} : { hint: said.hint });
}

interface Worker {
  /** One answer; silence for `limitMs`, the end of the process and an abort are `unfit`. */
  readonly ask: (request: Request, limitMs: number, signal: AbortSignal) => Promise<Said>;
  readonly end: () => Worker;
}

function startWorker(program: URL): Worker {
  const child: ChildProcess = fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const worker: Worker = {
    ask: (request, limitMs, signal) =>
      new Promise<Said>((resolve) => {
        let watch = new AbortController();
        const settle = (said: Said) => {
          watch.abort();
          child.off('message', onMessage).off('exit', onExit).off('error', onError);
          signal.removeEventListener('abort', onAbort);
          resolve(said);
        };
        const unfit = (message: string) => settle({ kind: 'unfit', message });
        const ended = (message: string) => settle({ kind: 'unfit', message, isProcess: true });
        const wait = () => {
          watch.abort();
          watch = new AbortController();
          sleep(limitMs, watch.signal).then(
            () => unfit(`the policy or the body stood still for ${limitMs / 1000} s`),
            () => {},
          );
        };
        const onMessage = (said: Reply) => (said.kind === 'alive' ? wait() : settle(said));
        const onExit = (code: number | null, name: string | null) =>
          ended(`the process of the episode ended (${name ?? `exit code ${code}`})`);
        const onError = (error: Error) => ended(`the process of the episode failed: ${error.message}`);
        const onAbort = () => unfit('stopped');
        child.on('message', onMessage).on('exit', onExit).on('error', onError);
        signal.addEventListener('abort', onAbort, { once: true });
        wait();
        if (signal.aborted) return onAbort();
        if (child.exitCode !== null || child.signalCode !== null) return onExit(child.exitCode, child.signalCode);
        // A process that ends in between is told of by its exit.
        child.send(request, () => {});
      }),
    end: () => {
      child.kill('SIGKILL');
      return worker;
    },
  };
  return worker;
}
