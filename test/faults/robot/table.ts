/** Writes what a campaign found as a page of the docs. */
import type { Campaign, Row } from './campaign.ts';

const listOf = (counts: object): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';
const lineOf = (name: string, row: Row): string =>
  `| ${name} | ${row.episodes} | ${row.successes} | ${row.driven} | ${listOf(row.outcomes)} | ${listOf(row.violations)} |`;

export const pageOf = ({ total, byFault }: Campaign): string => `# Faults around an arm

Written by \`NIGHT=1 npx vitest run --config vitest.slow.config.ts test/slow/faults/robot.test.ts\`; do not edit.
A fake arm in virtual time; each episode has none, one or two faults, by its seed. Violations are counted at the body by a meter that
shares no code with the gate. Open: accelerations beyond the limit are still found. Not measured here: time to rest, MuJoCo.

| fault | episodes | reached the goal | driven steps | how they ended | violations |
| --- | --- | --- | --- | --- | --- |
${[
  lineOf('**all**', total),
  ...Object.keys(byFault)
    .sort()
    .map((name) => lineOf(name, byFault[name]!)),
].join('\n')}
`;
