/** The table of model families in words: for the terminal, and for the docs. Pure. */
import type { ModelProfile } from '../models/index.ts';

/** How a family writes places. */
export function spaceWords({ space }: ModelProfile): string {
  if (!space) return 'none';
  const order = space.axes === 'xy' ? 'x, y' : 'y, x';
  if (space.kind === 'sent-px') return `${order} in pixels as sent`;
  return `${order} of 0..${space.kind === 'unit' ? 1 : space.max}`;
}

/** Whether it thinks first, and where that shows. */
export function thinkingWords({ thinking: { ask, tags } }: ModelProfile): string {
  const how = {
    never: tags === 'none' ? 'no' : 'if it does',
    always: 'always',
    'user-suffix': 'when asked',
    'system-suffix': 'when asked',
  };
  return how[ask];
}

/** What it sees. */
export function mediaWords({ media: { video }, limits }: ModelProfile): string {
  const pictures = limits.images === 0 ? [] : [limits.images === 1 ? '1 picture' : `${limits.images} pictures`];
  const most = video?.maxS === undefined ? '' : `, ${video.maxS} s at most`;
  return [...pictures, ...(video ? [`video at ${video.fps} fps${most}`] : [])].join(', ');
}

/** The forms of what it does, or of what it says where it does nothing. */
export const actionWords = ({ actionFormat }: ModelProfile): string =>
  Object.entries(actionFormat)
    .map(([role, form]) => `${role}: ${form}`)
    .join(', ') || 'none';

/** Lines for one family: the row, and what each form was proven by. */
export function familyLines(profile: ModelProfile): readonly (readonly [name: string, says: string])[] {
  return [
    ['reached by', [profile.transport, ...profile.also].join(', ')],
    ['used for', profile.roles.join(', ')],
    ['sees', mediaWords(profile)],
    ['thinks', thinkingWords(profile)],
    ['places', spaceWords(profile)],
    ['acts', actionWords(profile)],
    ...profile.proven.forms.map(({ form, by, where = [], note }): [string, string] => [
      'proven',
      `${form}: ${by.includes('none') ? 'by nothing yet' : by.join(', ')}${note === undefined ? '' : ` (${note})`}${where.length > 0 ? `; ${where.join(', ')}` : ''}`,
    ]),
    ['weights', profile.proven.trainedWeights ? 'run with trained weights' : 'never run with trained weights'],
    ['source', profile.source],
  ];
}

const SOURCES = ['fixture', 'real server', 'published answer', 'double'] as const;

/** Model x form x what proved it, as a Markdown table. */
export function proofTable(profiles: Iterable<ModelProfile>): string {
  const lines = [
    `| model | form | ${SOURCES.join(' | ')} | trained weights | where |`,
    `|---|---|${'---|'.repeat(SOURCES.length + 2)}`,
  ];
  for (const { family, proven } of profiles)
    for (const { form, by, where = [], note } of proven.forms) {
      const marks = SOURCES.map((source) => (by.includes(source) ? 'yes' : ''));
      const words = note === undefined ? form : `${form} (${note})`;
      lines.push(
        `| ${[family, words, ...marks, proven.trainedWeights ? 'yes' : 'never', where.join(', ')].join(' | ')} |`,
      );
    }
  return lines.join('\n');
}
