/** The browsers that run below this process. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

interface Running {
  readonly pid: number;
  readonly command: string;
}

function processesBelow(): Running[] {
  const all = new Map<number, { readonly parent: number; readonly command: string }>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(readFileSync(`/proc/${entry}/stat`, 'utf8'))!;
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      // One that is over and only waits to be counted runs no more.
      if (state !== 'Z') all.set(Number(entry), { parent: Number(parent), command });
    } catch {
      // It ended meanwhile.
    }
  }
  const isBelow = (pid: number): boolean => {
    const parent = all.get(pid)?.parent;
    return parent !== undefined && (parent === process.pid || isBelow(parent));
  };
  return [...all].filter(([pid]) => isBelow(pid)).map(([pid, { command }]) => ({ pid, command }));
}

const browsers = () => processesBelow().filter(({ command }) => /chrom/i.test(command));

/** The commands by which they were started. */
export const browsersBelow = (): string[] => browsers().map(({ command }) => command.slice(0, 200));

/** A crash: every page's process is killed. */
export function killRenderers(): void {
  for (const { pid, command } of browsers()) if (command.includes('--type=renderer')) process.kill(pid, 'SIGKILL');
}
