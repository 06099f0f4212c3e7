/** `pumice report FILE`: one self-contained page of a recording. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { describeError, PumiceError } from '../errors.ts';
import { readEpisode, renderReport } from '../record/index.ts';
import { EXIT } from './exit.ts';

export async function report(
  file: string,
  { out, open }: { readonly out?: string; readonly open?: boolean },
): Promise<number> {
  const page = out ?? `${file.replace(/\.mcap$/, '')}.html`;
  const html = await renderReport(await readEpisode(file));
  await writeFile(page, html).catch((cause: unknown) => {
    throw new PumiceError('record/write-failed', `could not write '${page}': ${describeError(cause)}`, {
      who: 'pumice report',
      hint: 'Give another place with --out FILE',
      cause,
    });
  });
  process.stdout.write(`${page}\n`);
  if (open) openInViewer(page);
  return EXIT.success;
}

function openInViewer(path: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  const viewer = spawn(command!, [...args, path], { stdio: 'ignore', detached: true });
  viewer.once('error', () => process.stderr.write(`No program here opens it; open ${path} yourself.\n`));
  viewer.unref();
}
