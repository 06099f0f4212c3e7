/** Shows a foreign text in a message: on one line, without control characters, cut. Pure. */

/** Characters shown. Chosen: enough to recognise a page or an answer. */
const SHOWN_CHARS = 300;

export function brief(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > SHOWN_CHARS ? `${line.slice(0, SHOWN_CHARS)}...` : line;
}
