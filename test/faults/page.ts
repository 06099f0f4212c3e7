/** Puts measured parts into a page of the docs, each between two marks, so that what wrote one leaves the others alone. */
import { readFileSync, writeFileSync } from 'node:fs';

export function writePart(file: string, part: string, text: string): void {
  const [begin, end] = [`<!-- ${part}: written from results -->`, `<!-- end of ${part} -->`];
  const page = readFileSync(file, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`expected '${begin}' and then '${end}' in ${file}`);
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n${text.trim()}\n${page.slice(to)}`);
}
