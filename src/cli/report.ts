/** `pumice report FILE`: one self-contained page of a recording, and a video of what its cameras saw. */
import { spawn } from 'node:child_process';
import { monotonicNowMs } from '../clock.ts';
import { readEpisode, type Unchecked, writeReport } from '../record/index.ts';
import { EXIT } from './exit.ts';
import { clean } from './words.ts';

interface ReportFlags {
  readonly out?: string;
  readonly open?: boolean;
  readonly video?: boolean;
}

export async function report(file: string, { out, open, video: isWanted }: ReportFlags): Promise<number> {
  const place = out ?? `${file.replace(/\.mcap$/, '')}.html`;
  const progress = tellProgress();
  const { page, video, problem, unchecked } = await writeReport(await readEpisode(file), place, {
    ...(isWanted !== undefined && { video: isWanted }),
    onProgress: progress.tell,
  }).finally(progress.end);
  process.stdout.write(`${page}\n`);
  if (video) process.stderr.write(`Video: ${video}\n`);
  if (problem) process.stderr.write(`No video: ${problem}\n`);
  if (open) openInViewer(page);
  if (unchecked.length === 0) return EXIT.success;
  process.stderr.write(`${uncheckedInWords(unchecked)}\n`);
  return EXIT.failure;
}

/** Most steps named; all are on the page. */
const MAX_NAMED = 10;

function uncheckedInWords(unchecked: readonly Unchecked[]): string {
  const named = unchecked.slice(0, MAX_NAMED).map(({ index, lacks }) => `  step ${index} lacks ${lacks.join('; ')}`);
  const more = unchecked.length - MAX_NAMED;
  return [
    `Failed: the recording does not show that each executed action was checked (${unchecked.length} of them).`,
    ...named,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]
    .map(clean)
    .join('\n');
}

/** Between two lines about progress where they cannot replace each other, ms. Chosen: short work says nothing. */
const LINE_MS = 5000;

/** Says on standard error how far the video is: one line that changes on a terminal, now and then a line elsewhere. */
function tellProgress() {
  const { isTTY } = process.stderr;
  let saidMs = monotonicNowMs();
  let isOnLine = false;
  return {
    tell: (done: number, all: number) => {
      const text = `Video: step ${done} of ${all}`;
      if (isTTY) process.stderr.write(`\r\u001b[2K${text}`);
      else if (monotonicNowMs() - saidMs > LINE_MS) {
        process.stderr.write(`${text}\n`);
        saidMs = monotonicNowMs();
      }
      isOnLine = isTTY;
    },
    end: () => {
      if (isOnLine) process.stderr.write('\r\u001b[2K');
    },
  };
}

function openInViewer(path: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  const viewer = spawn(command!, [...args, path], { stdio: 'ignore', detached: true });
  viewer.once('error', () => process.stderr.write(`No program here opens it; open ${path} yourself.\n`));
  viewer.unref();
}
