/** The dashboard of `pumice run`: when it is opened, and how it and a terminal share a person's answers. */
import { firstValueFrom, from, race } from 'rxjs';
import type { Dashboard } from '../dashboard/index.ts';
import { PumiceError } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import type { Approver } from '../ports.ts';
import type { Run } from '../run.ts';
import type { RunSettings } from './settings.ts';

/** Opens it where it was asked for, and says where it is. */
export async function openBoard({
  dashboard: isWanted,
  dashboardHost: host,
  dashboardPort: port,
}: RunSettings): Promise<Dashboard | undefined> {
  if (!isWanted && (host !== undefined || port !== undefined))
    throw new PumiceError('cli/usage', 'an address or a port of the dashboard is given, and no dashboard is wanted', {
      who: 'pumice run',
      hint: 'Give --dashboard too',
    });
  if (!isWanted) return undefined;
  const { dashboard } = await import('../dashboard/index.ts');
  const board = await dashboard({ ...(host !== undefined && { host }), ...(port !== undefined && { port }) });
  // Not to standard output, which may be a pipe that others read: the address lets whoever has it lead the run.
  process.stderr.write(`Dashboard: ${board.url}\n`);
  return board;
}

/** Who is asked: at the terminal, at the page, or at both, where the first answer counts and the other is no longer asked. */
export function approverOf(
  terminal: Approver | undefined,
  board: Dashboard | undefined,
): { readonly approver?: Approver } {
  if (!terminal || !board) {
    const approver = terminal ?? board?.approver;
    return approver ? { approver } : {};
  }
  const ask: Approver['ask'] = async (question, context) => {
    // Nobody at the page is no answer.
    if (!board.isAttended()) return firstValueFrom(from(terminal.ask(question, context)));
    const answered = new AbortController();
    const signal = AbortSignal.any([context.signal, answered.signal]);
    try {
      return await firstValueFrom(
        race([terminal, board.approver].map((one) => from(one.ask(question, { ...context, signal })))),
      );
    } finally {
      answered.abort();
    }
  };
  return { approver: { name: terminal.name, ask } };
}

/** Who is asked to go on at the page, and has left, cannot. @returns what is to be told of each event. */
export function overTo(board: Dashboard, run: Run): (event: RunEvent) => void {
  let waiting: AbortController | undefined;
  return ({ kind }) => {
    if (kind === 'resumed' || kind === 'episode-end') waiting?.abort();
    if (kind !== 'hand-over') return;
    waiting = new AbortController();
    const { signal } = waiting;
    void board.left(signal).then(() => {
      if (!signal.aborted) run.stop('nobody is there to take over');
    });
  };
}
