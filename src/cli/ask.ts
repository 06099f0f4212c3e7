/** `pumice ask MODEL --image|--video F "question"`: streams thought and answer, and shows what is in it; as a judge and a narrator too. */
import { appendFile, writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { monotonicNowMs } from '../clock.ts';
import { describeError, PumiceError } from '../errors.ts';
import { chooseProfile, type Heard, type ModelProfile, openaiChat, promptOf, talk } from '../models/index.ts';
import { drawn, foundIn, linesOf, timeText } from './ask-answer.ts';
import { type Files, type Shown, shownOf } from './ask-input.ts';
import { judge, judgeQuestions, narrateText } from './ask-presets.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { clean } from './words.ts';

export interface AskFlags extends Files {
  readonly modelUrl?: string;
  readonly apiKeyEnv?: string;
  readonly profile?: string;
  readonly think?: boolean;
  readonly judge?: boolean;
  readonly narrate?: boolean;
  readonly votes: string;
  readonly out?: string;
  readonly jsonl?: string;
  readonly json?: boolean;
}

const who = 'pumice ask';
const usage = (message: string, hint: string) => new PumiceError('cli/usage', message, { who, hint });

/** @returns 0 when it was answered, and by a judge for the good; 1 otherwise. */
export async function ask(model: string, question: string | undefined, flags: AskFlags): Promise<number> {
  if (flags.judge && flags.narrate) throw usage('expected one of --judge and --narrate', 'Ask twice');
  if (question === undefined && !flags.judge && !flags.narrate)
    throw usage('expected a question, got none', 'Give it in quotes, or --judge, or --narrate');
  const votes = Number(flags.votes);
  if (!Number.isInteger(votes) || votes < 1 || votes > 99)
    throw usage(`--votes: expected 1 to 99, got '${flags.votes}'`, 'Write --votes 3');
  const profile = chooseProfile(flags.profile, model, who);
  const chat = openaiChat({ modelUrl: flags.modelUrl, model, apiKeyEnv: flags.apiKeyEnv });
  const shown = await shownOf(profile, flags);
  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const say = (text: string) => void (flags.json || process.stdout.write(text.split('\n').map(clean).join('\n')));
  const put = (text: string, think: boolean, isTold: boolean, extra?: Readonly<Record<string, unknown>>) => {
    const media = { ...(shown.image && { images: [shown.image] }), ...(shown.video && { video: shown.video }) };
    const tell = (piece: string) => isTold && say(piece);
    const context = {
      signal: interrupts.signal,
      nowMs: monotonicNowMs,
      report: ({ text: piece }: { readonly text: string }) => tell(piece),
    };
    return talk(chat, profile, { text, think, ...media }, { context, onText: tell, ...(extra && { extra }) });
  };

  if (flags.judge) {
    const questions = judgeQuestions(question ?? shown.instruction);
    const judgements = await judge(questions, votes, async (text, nth) => {
      const seed = (profile.sampling.thinking ?? profile.sampling.plain).seed ?? 1;
      return (await put(text, flags.think ?? true, false, { seed: seed + nth }).catch(unreadable)).spoken;
    });
    for (const { name, verdict, votes: cast, isGood } of judgements)
      say(
        `${name.padEnd(10)} ${verdict.padEnd(8)} ${cast.yes} yes, ${cast.no} no, ${cast.unknown} unknown${isGood ? '' : '  <-'}\n`,
      );
    if (flags.json) process.stdout.write(`${JSON.stringify({ kind: 'judgement', model, judgements })}\n`);
    return judgements.every(({ isGood }) => isGood) ? EXIT.success : EXIT.failure;
  }

  const text = flags.narrate
    ? narrateText(question, profile.family === 'cogvlm2-video')
    : inItsForm(profile, question!);
  const { answer, spoken } = await put(text, flags.think ?? false, true);
  say('\n');
  const picture = pictureOf(shown);
  const found = foundIn(profile, spoken, picture);
  for (const line of linesOf(found, shown.startWallMs)) say(`${line}\n`);
  const out = shown.canvas && found.boxes.length + found.points.length > 0 ? (flags.out ?? nameFor(flags)) : undefined;
  if (out !== undefined) {
    await save(out, await drawn(shown.canvas!, found));
    say(`Drawn in ${out}\n`);
  }
  if (flags.jsonl !== undefined) await saveCaptions(flags.jsonl, flags, shown, found.events);
  const problem = spoken.ok ? undefined : spoken.problem;
  if (flags.json) {
    const said = spoken.ok ? spoken.value : { problem: problem!.message };
    process.stdout.write(
      `${JSON.stringify({ kind: 'answer', model, ...said, ...found, text: answer.text, ...(out && { out }) })}\n`,
    );
  }
  if (problem) process.stderr.write(`${who}: ${describeError(problem)}\n`);
  const isEmptyTale = flags.narrate && found.events.length === 0;
  if (isEmptyTale) process.stderr.write(`${who}: no events with times in the answer\n`);
  return problem || isEmptyTale ? EXIT.failure : EXIT.success;
}

/** Families that know questions in one form only are asked in it; who writes their tags knows what they do. */
const inItsForm = (profile: ModelProfile, question: string): string =>
  profile.prompt.forms.question === undefined || question.includes('<')
    ? question
    : promptOf(profile, 'question', { question });

/** An answer that is none is a vote for unknown; a server that cannot be reached is no vote. */
function unreadable(error: unknown): Pick<Heard, 'spoken'> {
  if (PumiceError.is(error) && error.code.startsWith('decode/'))
    return { spoken: { ok: false, problem: error, flags: {} } };
  throw error;
}

const pictureOf = ({ canvas, sentWidthPx, sentHeightPx }: Shown) =>
  canvas && {
    widthPx: canvas.widthPx,
    heightPx: canvas.heightPx,
    ...(sentWidthPx !== undefined && { sentWidthPx }),
    ...(sentHeightPx !== undefined && { sentHeightPx }),
  };

/** In the working folder, after the file that was asked about. */
function nameFor({ image, video }: Files): string {
  const file = image ?? video!;
  return `${basename(file, extname(file))}-answer.png`;
}

/** One line per event, as data sets of captions have them. */
async function saveCaptions(
  path: string,
  { video, image }: Files,
  { startWallMs, instruction }: Shown,
  events: readonly { readonly startS: number; readonly endS: number; readonly caption?: string }[],
): Promise<void> {
  const lines = events.map(({ startS, endS, caption = '' }) => {
    const at = startWallMs === undefined ? {} : { startedAt: timeText(startS, startWallMs) };
    return JSON.stringify({
      source: video ?? image,
      ...(instruction && { instruction }),
      startS,
      endS,
      ...at,
      caption,
    });
  });
  await appendFile(path, lines.map((line) => `${line}\n`).join('')).catch(cannotWrite(path));
}

const save = (path: string, data: Uint8Array) => writeFile(path, data).catch(cannotWrite(path));
const cannotWrite = (path: string) => (cause: unknown) => {
  throw new PumiceError('record/write-failed', `could not write '${path}': ${describeError(cause)}`, {
    who,
    hint: 'Give another place with --out or --jsonl',
    cause,
  });
};
