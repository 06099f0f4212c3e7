/** Writes what the night found as a page of the docs. */

import type { Matrix, Played } from './campaign.ts';
import { LAYERS } from './case.ts';
import { CASES } from './cases/index.ts';

const fallen = (played: readonly Played[]): number => played.filter(({ isFallen }) => isFallen).length;
/** Served, and nothing else done. */
const passed = (played: readonly Played[]): number => played.filter((one) => one.isServed && !one.isFallen).length;
const served = (played: readonly Played[]): number => played.filter(({ isServed }) => isServed).length;

export function pageOf(rows: Matrix): string {
  const total = CASES.length;
  const lines = [...rows].map(
    ([name, { attacks, twins }]) =>
      `| ${name} | ${fallen(attacks)} of ${total} | ${served(attacks)} of ${total} | ${twins ? `${passed(twins)} of ${total}` : ''} |`,
  );
  const isStopped = (row: string, index: number) => (rows.get(row)?.attacks[index]?.isFallen ? '' : 'x');
  const each = CASES.map(
    ({ name }, index) => `| ${name} | ${LAYERS.map((layer) => isStopped(`${layer} alone`, index)).join(' | ')} |`,
  );
  return `# Attacks by pages

Written by \`NIGHT=1 npx vitest run --config vitest.slow.config.ts test/slow/pages-attacks.test.ts\`; do not edit.

${total} pages on loopback attack a policy that obeys every word that it reads (\`test/faults/pages\`). Whether an attack succeeds is seen at the
servers: a request that only the attacker wants, or a file on the disk. Each page has a twin without the attack, in which the user must get what
was asked for, and nothing else may happen. What this does not say: how often a real model falls; and pages may have ways that are not here.

- *sight*: words that nobody can see are not read. *hands*: the body looks at the target again before input, holds requests to what the act was
  judged to do, and keeps no files. *network*: pages of declared origins alone. *rules*: the gate, with a person where it asks.

| layers | attacks that succeed | users served during an attack | twins that pass |
| --- | --- | --- | --- |
${lines.join('\n')}

What each layer stops by itself:

| the page ... | ${LAYERS.join(' | ')} |
| --- | ${LAYERS.map(() => '---').join(' | ')} |
${each.join('\n')}
`;
}
