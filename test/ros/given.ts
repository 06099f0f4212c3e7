/** What tests of links have in common: short times, a command, and a link that is closed with its test. */
import { onTestFinished } from 'vitest';
import { type LinkOptions, openLink } from '../../envs/ros/connection.ts';
import type { Link, SendRefusal } from '../../envs/ros/link.ts';
import { headerOf } from '../../envs/ros/messages.ts';
import type { RosVersion } from '../../envs/ros/names.ts';
import { type BridgeDouble, type BridgeOptions, bridgeDouble, until } from './double/bridge.ts';

/** Short enough to be waited for, long enough for a machine with other work. */
export const TIMES = { pingPeriodMs: 20, freshPeriods: 4, deadPings: 10, firstWaitMs: 5, longestWaitMs: 20 } as const;

export const COMMANDS = '/servo/cmd';

export const twist = (ros: RosVersion = 2, xMPerS = 0.1) => ({
  header: headerOf(ros, 1_700_000_000_000, 'base'),
  twist: { linear: { x: xMPerS, y: 0, z: 0 }, angular: { x: 0, y: 0, z: 0 } },
});

export async function bridge(options?: BridgeOptions): Promise<BridgeDouble> {
  const double = await bridgeDouble(options);
  onTestFinished(() => double.kill().catch(() => {}));
  return double;
}

export function link(url: string, options: Partial<LinkOptions> = {}): Link {
  const opened = openLink({ url, ros: 2, ...options, times: { ...TIMES, ...options.times } });
  onTestFinished(() => opened.close());
  return opened;
}

export const connected = (opened: Link) => until(() => opened.status().state === 'connected', 'a connected link');

/** Tries until it is sent: what a machine with other work delays is not the matter of the test. Answers with the refusals before. */
export async function sent(send: () => SendRefusal | undefined): Promise<readonly SendRefusal[]> {
  const refusals: SendRefusal[] = [];
  await until(() => {
    const why = send();
    if (why) refusals.push(why);
    return why === undefined;
  }, 'a message that is sent');
  return refusals;
}
