/** Reads how large a JPEG is from its head, without decoding it. Format: ITU-T T.81, B.1. */

/** Start of frame: those with a size in them. The others of the range are tables (C4, C8, CC). */
const isFrameStart = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Width and height, pixels; none where it is no JPEG or ends before it says. */
export function jpegSizeOf(data: Uint8Array): readonly [number, number] | undefined {
  const word = (at: number) => (data[at]! << 8) | data[at + 1]!;
  if (data.length < 4 || word(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= data.length; ) {
    if (data[at] !== 0xff) return undefined;
    const marker = data[at + 1]!;
    // Any number of these may stand before a marker.
    if (marker === 0xff) at += 1;
    else if (isFrameStart(marker)) return [word(at + 7), word(at + 5)];
    else at += 2 + Math.max(2, word(at + 2));
  }
  return undefined;
}
