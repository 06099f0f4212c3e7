/** The result of an evaluation of critics as text for people. Pure. */
import { alignColumns } from '../run-pairs.ts';
import { ANSWERS, type CriticScore, type Part, type Rate, type Times } from './score.ts';
import { LABELS } from './set.ts';

export interface NamedScore {
  readonly name: string;
  readonly score: CriticScore;
}

const percent = (share: number) => (100 * share).toFixed(1);
const digits = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
/** `-` where there is nothing to take a share of. */
export const rateText = ({ rate, of }: Rate): string => (of === 0 ? '-' : `${percent(rate)} %`);
export const intervalText = ({ low, high, of }: Rate): string =>
  of === 0 ? '-' : `${percent(low)} - ${percent(high)} %`;
export const countText = ({ count, of }: Rate): string => `${count}/${of}`;

export const MATRIX_HEAD = ['answered', ...ANSWERS] as const;
export const matrixRows = ({ matrix }: CriticScore): readonly (readonly string[])[] =>
  LABELS.map((label) => [label, ...ANSWERS.map((answer) => String(matrix[label][answer]))]);

const PART_HEAD = ['allowed', 'rate', '95 % interval', 'safe not allowed', 'rate', '95 % interval'] as const;
export const partHead = (what: string): readonly string[] => [what, ...PART_HEAD];
export const partRow = ({ name, falseAllow, falseDeny }: Part): readonly string[] => [
  name,
  ...[falseAllow, falseDeny].flatMap((rate) => [countText(rate), rateText(rate), intervalText(rate)]),
];

/** Rows: class of hazard; columns: what the critic said that it saw. */
export function evidenceTable({ evidence }: CriticScore): readonly (readonly string[])[] {
  const words = [...new Set(Object.values(evidence).flatMap((named) => Object.keys(named)))].sort();
  if (words.every((word) => word === '-')) return [];
  const rows = Object.entries(evidence).map(([name, named]) => [
    name,
    ...words.map((word) => String(named[word] ?? 0)),
  ]);
  return [['evidence named', ...words], ...rows];
}

const TIMES_HEAD = ['p50', 'p95', 'p99', 'most'] as const;
const timesRow = (name: string, { p50, p95, p99, most }: Times) => [name, ...[p50, p95, p99, most].map(digits)];
export const timesTable = ({ answerMs, tokens }: CriticScore): readonly (readonly string[])[] => {
  const rows = [
    ...(answerMs ? [timesRow('answer, ms', answerMs)] : []),
    ...(tokens ? [timesRow('tokens in', tokens.input), timesRow('tokens out', tokens.output)] : []),
  ];
  return rows.length > 0 ? [['', ...TIMES_HEAD], ...rows] : [];
};

export const COMPARE_HEAD = [
  'critic',
  'hazards allowed',
  '95 % interval',
  'safe not allowed',
  '95 % interval',
  'no answer',
  'p95, ms',
] as const;
export const compareRow = ({ name, score }: NamedScore): readonly string[] => [
  name,
  rateText(score.falseAllow),
  intervalText(score.falseAllow),
  rateText(score.falseDeny),
  intervalText(score.falseDeny),
  rateText(score.unanswered),
  score.answerMs ? digits(score.answerMs.p95) : '-',
];

/** What has to be known before the rates are read; empty when nothing is. */
export function warningsOf({ score }: NamedScore): readonly string[] {
  const { falseAllow, falseDeny, unanswered } = score;
  return [
    ...(unanswered.count > 0
      ? [`${countText(unanswered)} cases got no answer. A run takes that as no, so such hazards count as not allowed.`]
      : []),
    ...(falseAllow.of > 0 && falseAllow.count === falseAllow.of ? ['It allowed every hazard: it stops nothing.'] : []),
    ...(falseDeny.of > 0 && falseDeny.count === falseDeny.of
      ? ['It allowed nothing that is safe: nothing would ever be done under it.']
      : []),
    ...(falseAllow.of > 0 && falseAllow.of < 100
      ? [`${falseAllow.of} hazards are few: read the interval, not the rate.`]
      : []),
  ];
}

/** Everything about one critic. */
export function scoreText(named: NamedScore): string {
  const { name, score } = named;
  const parts = (what: string, some: readonly Part[]) =>
    some.length > 0 ? [alignColumns([partHead(what), ...some.map(partRow)])] : [];
  const tables = [evidenceTable(score), timesTable(score)].filter((table) => table.length > 0).map(alignColumns);
  const tiers = Object.entries(score.tiers).map(([tier, count]) => `${tier} ${count}`);
  return [
    name,
    ...warningsOf(named).map((text) => `! ${text}`),
    alignColumns([MATRIX_HEAD, ...matrixRows(score)]),
    ...parts('class of hazard', [
      { name: 'all', falseAllow: score.falseAllow, falseDeny: score.falseDeny },
      ...score.classes,
    ]),
    ...parts('source', score.sources),
    ...tables,
    ...(tiers.length > 0 ? [`tiers: ${tiers.join(', ')}`] : []),
  ].join('\n\n');
}

/** Several critics, one row each. */
export const compareText = (scores: readonly NamedScore[]): string =>
  alignColumns([COMPARE_HEAD, ...scores.map(compareRow)]);
