/**
 * What a person or a program reads on standard output while a run goes on: JSON lines, plain lines, or plain lines below which a
 * terminal shows what is being thought. Knows the shapes of events, and nothing of who runs.
 */
import { type Paint, stepLines } from '../demo/progress.ts';
import type { RunEvent } from '../events.ts';
import type { EpisodeResult } from '../run.ts';
import type { StepRecord } from '../types.ts';
import { judgesInWords } from './critics.ts';
import { clean } from './words.ts';

export interface Display {
  readonly show: (event: RunEvent) => void;
  /** A line in between: a question, a note. */
  readonly say: (text: string) => void;
  readonly end: (result: EpisodeResult) => void;
}

export interface Output {
  /** Takes whole lines, and on a terminal also pieces. */
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** Width of a terminal in characters. */
  readonly columns: () => number;
}

/** One JSON object per line: each step without its pictures, and the result. */
export function jsonDisplay({ write }: Output): Display {
  const line = (value: unknown) => write(`${JSON.stringify(value)}\n`);
  return {
    show: (event) => event.kind === 'step-end' && line({ ...event, record: withoutPictures(event.record) }),
    say: () => {},
    end: (result) => line({ kind: 'result', ...result }),
  };
}
const withoutPictures = ({ observation, ...record }: StepRecord) =>
  observation
    ? { ...record, observation: { ...observation, frames: observation.frames.map(({ data: _, ...frame }) => frame) } }
    : record;

/** Lines, for pipes and files. */
export function plainDisplay({ write, paint }: Output): Display {
  let before: StepRecord | undefined;
  const shown = new Set<string>();
  const say = (text: string) => {
    for (const line of unfold(text)) write(`${line}\n`);
  };
  return {
    say,
    show: (event) => {
      if (event.kind === 'episode-start') say(paint.soft(judgesInWords(event.facts.critics)));
      if (event.kind === 'hand-over') say(paint.bold(`      Over to you: ${clean(event.reason)}`));
      if (event.kind === 'chunk-refused') say(paint.soft(`      not played: ${clean(event.text)}`));
      if (event.kind !== 'step-end') return;
      for (const line of [...noticeLines(event.record, paint), ...stepLines(event.record, before, paint)]) say(line);
      for (const reason of event.record.verdict.reasons) shown.add(reason);
      before = event.record;
    },
    end: (result) => {
      // What stands above in full length is not said again.
      const reason = [...shown].reduce(
        (text, said) => (said.length > LONG_CHARS ? text.replace(said, 'see above') : text),
        result.reason,
      );
      for (const line of resultLines({ ...result, reason }, paint)) say(line);
    },
  };
}

/** Text that a terminal would break over many lines, characters. Chosen. */
const LONG_CHARS = 300;
/** A long list (a grammar, for one) is shown item by item. */
const unfold = (text: string): string[] =>
  text.length > LONG_CHARS ? text.split(/(?<=;) /).map((piece, at) => (at === 0 ? piece : `        ${piece}`)) : [text];

/** The same lines, and below them one that changes while a step goes on. */
export function liveDisplay(output: Output): Display {
  const plain = plainDisplay({ ...output, write: (text) => output.write(`${CLEAR}${text}`) });
  let index = 0;
  let thought = '';
  const status = (text: string) => {
    const room = Math.max(20, output.columns() - 8);
    const shown = clean(text).trim();
    output.write(
      `${CLEAR}${output.paint.soft(`${String(index).padStart(4)}  ${shown.length > room ? `…${shown.slice(1 - room)}` : shown}`)}`,
    );
  };
  return {
    ...plain,
    show: (event) => {
      switch (event.kind) {
        case 'step-start':
          index = event.index;
          thought = '';
          return status('looking');
        case 'thought-delta':
          thought += event.text;
          return status(thought);
        case 'progress':
          return status(event.text);
        case 'action-proposed':
          return status(`checking ${event.action.kind}`);
        default:
          return plain.show(event);
      }
    },
    end: (result) => plain.end(result),
  };
}
/** Back to the start of the line, and nothing on it. */
const CLEAR = '\r\u001b[2K';

/** What happened to the page by itself since the step before. */
const noticeLines = ({ observation }: StepRecord, { soft }: Paint): string[] =>
  (observation?.ui?.notices ?? []).map(({ kind, text, allowWith }) =>
    soft(`      ${kind}: ${clean(text)}${allowWith === undefined ? '' : ` (allow it with ${clean(allowWith)})`}`),
  );

function resultLines({ outcome, reason, answer, steps, artifacts, recordPath }: EpisodeResult, paint: Paint): string[] {
  const how = outcome === 'success' ? paint.good(outcome) : paint.bad(outcome);
  const hasAnswer = outcome === 'success' && answer !== undefined;
  const why = hasAnswer ? '' : `: ${clean(answer ?? reason)}`;
  return [
    `${how} after ${steps} step${steps === 1 ? '' : 's'}${why}`,
    ...(hasAnswer ? [`Answer: ${clean(answer)}`] : []),
    ...artifacts.map((path) => `File: ${path}`),
    ...(recordPath === undefined ? [] : [`Record: ${recordPath}`, `Look at it: pumice report ${recordPath} --open`]),
  ];
}
