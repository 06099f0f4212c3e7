/** Writes what a campaign found as a page of the docs. Knows of an episode only what the campaign says. */
import type { Counts } from './body.ts';
import type { Campaign, Row } from './campaign.ts';

export interface Off {
  readonly safeguard: string;
  readonly faults: readonly string[];
  /** What is found beyond what is found with all safeguards on. */
  readonly found: Counts;
}

const listOf = (counts: object): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

/** Median and largest. */
function spreadOf(values: readonly number[], digits: number): string {
  if (values.length === 0) return '';
  const sorted = [...values].sort((a, b) => a - b);
  const inWords = (value: number) => value.toFixed(digits);
  return `${inWords(sorted[Math.floor((sorted.length - 1) / 2)]!)} / ${inWords(sorted.at(-1)!)}`;
}

const lineOf = (name: string, row: Row): string =>
  `| ${[
    ...[name, row.episodes, row.successes, row.driven, listOf(row.outcomes), row.restMs.length],
    ...[spreadOf(row.restMs, 0), spreadOf(row.movedM, 3), row.violated, listOf(row.violations)],
  ].join(' | ')} |`;

const seedsOf = ({ byPace }: Campaign): string =>
  Object.entries(byPace)
    .map(([pace, { seeds }]) => `${pace}: ${seeds.join(', ') || 'none'}`)
    .join('; ');

export const pageOf = (campaign: Campaign, offs: readonly Off[]): string => `# Faults around an arm

Written from results by \`NIGHT=1 npx vitest run --config vitest.slow.config.ts test/slow/faults/robot.test.ts\`; do not edit.

## What was done
${campaign.total.episodes} episodes of a fake arm in virtual time, each by its seed: two bodies, on demand with inline checks or at a rate with
a lease, with a critic that sees a hand or with rules alone; none, one or two things go wrong, from a random moment on, for a while or for
good. What the arm did is counted at the arm, by a meter that shares no code with the gate, and what the critic really said of which picture
by a ledger. "Violations" counts samples of the tool's way (8 a step) or commands, so that one arm that rests in a wrong place counts many times;
"violated" counts episodes.

"At rest after" is from the moment in which it went wrong until the tool first stood still for a whole step, "moved" how far it came in that
time, median / largest; of episodes at a rate that did not succeed and in which one thing alone went wrong.

An acceleration counts beyond what readings explain that are taken 3 ms before a step of the arm begins; a hand, where a critic looks that could have seen it; that the arm does not follow, once it has been read.

**What this does not show.** The arm and its faults are fakes. In real physics, and done to threads and processes for real, it is in [faults-mujoco.md](faults-mujoco.md).
Where the body is blocked, how fast and how far it goes is not counted, whatever else goes wrong: it jumps when it comes free, and no rule can see that coming. "Unchecked" means
that a command leads more than 30 mm off every way that the critic, where there is one, has allowed since it last said no; "outdated", that what it allowed this way on was too old. That the arm does not follow counts only where it was read within a step, which is seldom on demand. Time to rest is not measured on demand. Without the
rules finite, schema or running nothing is found: others catch the same, so this campaign is no evidence for them. Of all episodes about half reach the goal: in many of them what goes wrong has to end in a stop.

## By how it is paced and by what went wrong
An episode in which two things went wrong is in two rows.

| what went wrong | episodes | reached the goal | driven steps | how they ended | of these came to rest | at rest after, ms | moved, m | violated | violations |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${[
  lineOf('**all**', campaign.total),
  lineOf('**on demand**', campaign.byPace.demand),
  lineOf('**at a rate**', campaign.byPace.rate),
  ...Object.keys(campaign.byFault)
    .sort()
    .map((name) => lineOf(name, campaign.byFault[name]!)),
].join('\n')}

First seeds with a violation: ${seedsOf(campaign)}.

## What is found more when a safeguard is missing
| missing | what goes wrong | found beyond the same episodes with all safeguards |
| --- | --- | --- |
${offs.map(({ safeguard, faults, found }) => `| ${safeguard} | ${faults.join(', ')} | ${listOf(found)} |`).join('\n')}
`;
