/**
 * Episodes of one client of vla-eval's wire: the client says when one begins and ends and how it went. One that ended otherwise, by a stop of
 * the run, is not gone on with: only the client's next start is the next one.
 */
import { describeError } from '../errors.ts';
import { isMap, type ReceivedMap, type VlaEvalClient } from '../models/index.ts';
import { numbersOf } from './client-body.ts';
import { beginEpisode, type ClientEpisode, type EpisodesOptions } from './client-episode.ts';
import { readVlaEvalAsked } from './vla-eval-asked.ts';

/** @param options - its policy and critics are this client's alone. @param benchmark - what it says that it is. */
export function vlaEvalEpisodes(options: EpisodesOptions, benchmark: string | undefined): VlaEvalClient {
  const { robot, units, done } = options;
  let facts: Record<string, string> = {};
  let episode: ClientEpisode | undefined;
  /** Why nothing is answered until the client begins another one. */
  let over: string | undefined;
  /** Counts what the client begins and ends: what was asked before is of the past. */
  let era = 0;
  /** What is still being written of the episodes before. */
  let ended: Promise<unknown> = Promise.resolve();

  const end = (reason: string) => {
    const last = episode;
    episode = undefined;
    if (last) ended = Promise.all([ended, last.end(reason)]);
  };
  const turnTo = (next: string) => {
    era += 1;
    over = undefined;
    end(next);
  };
  const ask = async (sent: ReceivedMap): Promise<Awaited<ReturnType<VlaEvalClient['ask']>>> => {
    const mine = era;
    const asked = await readVlaEvalAsked(sent, robot);
    if (episode && episode.instruction !== asked.instruction && over === undefined)
      end('the client asks for something else');
    // A policy thinks for one episode at a time.
    await ended;
    if (mine !== era) return { error: 'The episode is over' };
    if (over !== undefined) return { error: over };
    episode ??= beginEpisode(asked.instruction, 'vla-eval', options, facts);
    const said = await episode.ask(asked);
    // A step that was done before the client went on is on record, and is no motion for what it is at now.
    if (mine !== era) return { error: 'The episode is over' };
    if ('error' in said) {
      if (said.isOver) over = said.error;
      return { error: said.error };
    }
    const { told, verdict, ending } = said;
    // Its benchmarks know an open and a closed hand, and each splits what is between at another place.
    const row = numbersOf({ ...told, gripperOpen: told.gripperOpen > 0.5 ? 1 : 0 }, units);
    return { action: { actions: { data: row, shape: [row.length] }, verdict, ...(ending && { done: ending }) } };
  };
  return {
    start: ({ task }) => {
      turnTo('the client begins another one');
      facts = { ...(benchmark && { benchmark }), ...(isMap(task) && { task: shortly(task) }) };
    },
    ask,
    end: ({ metrics, steps }) => {
      const success = isMap(metrics) ? metrics.success : undefined;
      const how = typeof success === 'boolean' ? (success ? 'success' : 'no success') : 'it does not say how it went';
      turnTo(`the client ended it: ${how}${typeof steps === 'number' ? ` after ${steps} steps` : ''}`);
    },
    left: () => {
      turnTo('the client left');
      void ended.then(done, (error: unknown) => process.stderr.write(`${describeError(error)}\n`));
    },
  };
}

/** What a task is called and counted as, for the record. Chosen: 1000 characters. */
const shortly = (task: ReceivedMap): string =>
  JSON.stringify(task, (_, value) => (typeof value === 'bigint' ? String(value) : value)).slice(0, 1000);
