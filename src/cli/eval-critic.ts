/** `pumice eval critic`: critics on a labelled set, one after the other; or a set that is made. */
import { writeFile } from 'node:fs/promises';
import { describeError, PumiceError } from '../errors.ts';
import { type JudgeOptions, judgeSet } from '../eval/critic/judge.ts';
import { mistakesOf, type NamedJudged } from '../eval/critic/mistakes.ts';
import { resultPage } from '../eval/critic/page.ts';
import { compareTable, type NamedScore, scoreText } from '../eval/critic/report.ts';
import { RULES, rulesCritic } from '../eval/critic/rules.ts';
import { type Judged, type Judgement, scoreOf, together } from '../eval/critic/score.ts';
import { type CriticSet, openSet } from '../eval/critic/set.ts';
import { type Journal, noJournal, openJournal } from '../eval/journal.ts';
import { alignColumns } from '../eval/run-pairs.ts';
import { prepare } from '../prepare.ts';
import { countIn, criticIn, labelsOf, type NamedCritic, saveJson, secondsIn, usage } from './eval-parts.ts';
import { createProgress } from './eval-progress.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { type MakeFlags, makeSet } from './make-critic-set.ts';

export interface CriticFlags extends MakeFlags {
  readonly make?: string;
  readonly set?: string;
  readonly critic: readonly string[];
  readonly timeout: string;
  readonly parallel: string;
  readonly json?: string;
  readonly html?: string;
}

/** Makes a set, or asks critics about one. @returns the exit code. */
export const evaluateCritic = (flags: CriticFlags): Promise<number> =>
  flags.make === undefined ? askCritics(flags) : makeAt(flags, flags.make);

async function makeAt(flags: CriticFlags, folder: string): Promise<number> {
  if (flags.set !== undefined)
    throw usage('expected --make or --set, got both', 'Make the set first, then ask about it');
  return makeSet(flags, folder);
}

/** @returns 0 when every case was asked, however it was answered; 130 after Ctrl-C. */
async function askCritics(flags: CriticFlags): Promise<number> {
  if (flags.set === undefined)
    throw usage('expected a set', 'Write --set DIR; pumice eval critic --make DIR --from sim makes one');
  const parallel = countIn('--parallel', flags.parallel);
  const limitMs = secondsIn('--timeout', flags.timeout) * 1000;
  const set = await openSet(flags.set);
  const critics = await Promise.all(chosen(flags.critic, set).map(criticOrRules));
  const command = {
    set: set.sha256,
    critics: critics.map(({ name, options }) => ({ name, options })),
    parallel,
    limitMs,
  };
  const partial = flags.json === undefined ? undefined : `${flags.json}.partial`;
  const journal: Journal<Judgement> = partial === undefined ? noJournal() : openJournal(partial, command);
  const progress = createProgress(critics.length * set.cases.length, { things: 'answers', good: 'right' });
  const results: { readonly name: string; readonly judged: Judged[] }[] = [];

  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const labels = labelsOf(critics);
  try {
    for (const [at, critic] of critics.entries()) {
      const judged: Judged[] = [];
      results.push({ name: labels[at]!, judged });
      await askAll(critic, {
        ...{ set, limitMs, parallel, signal: interrupts.signal },
        // What got no answer is asked again: its server may be back.
        before: ({ id }) => ifAnswered(journal.done.get(`${at} ${id}`)),
        onJudged: (one, judgement, isFresh) => {
          if (isFresh) journal.add(`${at} ${one.id}`, judgement);
          judged.push({ case: one, judgement });
          progress.add((one.label === 'hazard') !== (judgement.said === 'allow'), isFresh);
        },
      });
    }
  } catch (error) {
    progress.end();
    const interrupted = interrupts.exitCode();
    if (interrupted === undefined) throw error;
    const kept = partial === undefined ? '' : ` The same command goes on from here (kept in ${partial}).`;
    process.stderr.write(`Stopped.${kept}\n`);
    return interrupted;
  }
  progress.end();
  await tell(flags, set, withAll(results, set), command);
  journal.remove();
  return EXIT.success;
}

const ifAnswered = (judgement: Judgement | undefined) => (judgement?.said === 'none' ? undefined : judgement);

async function askAll({ create }: NamedCritic, options: Omit<JudgeOptions, 'critic'>): Promise<void> {
  const critic = create();
  try {
    // Weights or a server that are missing show before the first case, and loading is no part of its time.
    await prepare(critic, options);
    await judgeSet({ ...options, critic });
  } finally {
    await critic.close?.();
  }
}

/** Of several critics also what all of them come to, as a run with all of them would have it. */
function withAll(results: readonly NamedJudged[], { cases }: CriticSet): readonly NamedJudged[] {
  const ordered = results.map(({ name, judged }) => {
    const said = new Map(judged.map(({ case: { id }, judgement }) => [id, judgement]));
    return { name, judged: cases.map((one) => ({ case: one, judgement: said.get(one.id)! })) };
  });
  if (ordered.length < 2) return ordered;
  const judged = cases.map((one, at) => ({
    case: one,
    judgement: together(ordered.map(({ judged }) => judged[at]!.judgement)),
  }));
  return [...ordered, { name: 'all together', judged }];
}

async function tell(
  { json, html }: CriticFlags,
  set: CriticSet,
  results: readonly NamedJudged[],
  command: Readonly<Record<string, unknown>>,
): Promise<void> {
  const scores: NamedScore[] = results.map(({ name, judged }) => ({ name, score: scoreOf(judged) }));
  process.stdout.write(`\n${scores.map(scoreText).join('\n\n\n')}\n`);
  if (scores.length > 1) process.stdout.write(`\n\n${alignColumns(compareTable(scores))}\n`);
  const { about, classes } = set.facts;
  if (json !== undefined) {
    const critics = results.map(({ name, judged }, at) => ({
      name,
      score: scores[at]!.score,
      cases: judged.map(({ case: { id, label, classes, source }, judgement }) => ({
        ...{ id, label, classes, ...(source !== undefined && { source }) },
        ...judgement,
      })),
    }));
    await saveJson({ setup: { about, ...command }, critics }, json);
  }
  if (html !== undefined) {
    const { mistakes, inAll } = await mistakesOf(set, results);
    const page = resultPage({ about, classes, scores, mistakes, mistakesInAll: inAll });
    await writeFile(html, page).catch((cause: unknown) => {
      throw new PumiceError('record/write-failed', `could not write '${html}': ${describeError(cause)}`, {
        who: 'pumice eval',
        hint: 'Give another place with --html FILE',
        cause,
      });
    });
  }
}

/** What is asked where nobody is named: the critic that pumice brings for the body. */
function chosen(asked: readonly string[], { facts }: CriticSet): readonly string[] {
  if (asked.length > 0) return asked;
  if (facts.body === 'arm') return ['cinder'];
  throw usage(
    'no critic is named, and pumice brings none of its own for pages',
    'Write --critic NAME, or --critic rules',
  );
}

/** The rules can be asked like a critic, to see what they let through by themselves. */
const criticOrRules = async (text: string): Promise<NamedCritic> =>
  text.trim() === RULES ? { name: RULES, options: {}, create: rulesCritic } : criticIn(text);
