/**
 * Episodes of one client of openpi's wire. Another instruction is another episode, and what the client calls one is, for the wire has no word
 * for the end of one.
 */
import { describeError } from '../errors.ts';
import type { HostAnswer, HostedClient } from '../models/index.ts';
import { numbersOf } from './client-body.ts';
import { beginEpisode, type ClientEpisode, type EpisodesOptions, type StepAnswer } from './client-episode.ts';
import { readAsked, type WireFields } from './openpi-asked.ts';

const AFTER_RESET =
  '. A client that put its arm back begins a new episode: another "episode" beside its prompt, or a new connection';

/** @param options - its policy and critics are this client's alone. */
export function openpiEpisodes(options: EpisodesOptions & { readonly fields: WireFields }): HostedClient {
  const { fields, robot, units, done } = options;
  let current: { readonly name: string; readonly episode: ClientEpisode } | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const ask = async ({ asked, episode: name }: ReturnType<typeof readAsked>): Promise<HostAnswer> => {
    if (current && (current.episode.instruction !== asked.instruction || current.name !== name)) {
      await current.episode.end('the client begins another one');
      current = undefined;
    }
    current ??= { name, episode: beginEpisode(asked.instruction, 'openpi', options) };
    const said = await current.episode.ask(asked);
    if ('isOver' in said && said.isOver) current = undefined;
    return answerOf(said);
  };
  const answerOf = (said: StepAnswer): HostAnswer => {
    if ('error' in said) return { error: said.isAstray ? said.error + AFTER_RESET : said.error, isOver: said.isOver };
    const { told, verdict, ending, tookMs } = said;
    const row = numbersOf(told, units);
    return {
      answer: {
        actions: { data: row, shape: [1, row.length] },
        server_timing: { infer_ms: tookMs },
        verdict,
        ...(ending && { done: ending }),
      },
    };
  };
  return {
    ask: (sent) => {
      const mine = turn.then(() => ask(readAsked(sent, fields, robot)));
      turn = mine.catch(() => {});
      return mine;
    },
    left: () => {
      const close = async () => {
        await current?.episode.end('the client left');
        done();
      };
      // What it was still waiting for has nobody to go to.
      void current?.episode.end('the client left');
      void turn.then(close).catch((error: unknown) => process.stderr.write(`${describeError(error)}\n`));
    },
  };
}
