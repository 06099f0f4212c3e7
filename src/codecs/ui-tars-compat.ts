/**
 * How the maker of UI-TARS cuts an answer into calls (npm @ui-tars/action-parser 1.2.3, mode `bc`): at the last `Action:` wherever it
 * stands, at empty lines, at commas outside single quotes. Written anew from what that program does, to compare with it.
 */

export interface PeerAnswer {
  readonly thought: string;
  /** Undefined: a piece that is no call. */
  readonly calls: readonly ({ readonly name: string; readonly args: ReadonlyMap<string, string> } | undefined)[];
}

export function peerAnswer(answer: string): PeerAnswer {
  const text = answer.trim();
  return {
    thought: thoughtOf(text),
    calls: text
      .split(/Action[:：]/)
      .at(-1)!
      .split('\n\n')
      .map(callOf),
  };
}

function thoughtOf(text: string): string {
  const mark = 'Thought: ';
  const start = text.indexOf(mark);
  if (start < 0) return '';
  const said = text.slice(start + mark.length);
  const end = said.slice(1).search(/Action[:：]/);
  return (end < 0 ? said : said.slice(0, end + 1)).trim();
}

function callOf(piece: string): PeerAnswer['calls'][number] {
  const plain = piece
    .replaceAll('\n', String.raw`\n`)
    .replace(/<\|box_start\|>|<\|box_end\|>/g, '')
    .replace(/(?<!start_|end_)point=/g, 'start_box=')
    .replaceAll('start_point=', 'start_box=')
    .replaceAll('end_point=', 'end_box=')
    .trim();
  const [, name, inside] = /^(\w+)\((.*)\)$/.exec(plain) ?? [];
  if (name === undefined) return undefined;
  const args = new Map<string, string>();
  for (const pair of inside!.trim() === '' ? [] : partsOf(inside!)) {
    const equals = pair.indexOf('=');
    const key = (equals < 0 ? pair : pair.slice(0, equals)).trim();
    const value = equals < 0 ? '' : valueIn(pair.slice(equals + 1));
    if (key !== '' && value !== '') args.set(key, placed(key, value));
  }
  return { name, args };
}

/** Stretches between commas; those within single quotes do not count, and a quote that is never closed ends a stretch. */
const partsOf = (inside: string): string[] => inside.match(/(?:[^,']|'[^']*')+/g) ?? [];

function valueIn(said: string): string {
  const value = said.trim().replace(/^['"]|['"]$/g, '');
  const tagged = /<(?:bbox|point)>/.test(value)
    ? value.replace(/<\/?(?:bbox|point)>/g, '').replace(/\s+/g, ',')
    : undefined;
  return (tagged === undefined ? value : `(${tagged})`).trim();
}

/** Of a place it takes whatever number each part begins with; a fourth that is missing is the second. */
function placed(key: string, value: string): string {
  // What the program that types takes for a line end.
  if (key === 'content') return value.replace(/\\n$/, '\n');
  if (!/start_box|end_box/.test(key)) return value;
  const parts = value
    .replace(/[()[\]]/g, '')
    .split(',')
    .filter((part) => part !== '');
  const [x1, y1, x2, y2 = y1] = parts.map(Number.parseFloat);
  return `(${(x2 === undefined ? [x1, y1] : [x1, y1, x2, y2]).join(',')})`;
}
