/**
 * Shapes of the ten digits as bits, so that no font is needed. Own drawing, 5 x 7 cells; one row per number, the leftmost
 * cell is bit 4.
 */
export const DIGIT_WIDTH = 5;
export const DIGIT_HEIGHT = 7;

/** Rows of `#` and `.`, read once at start. */
const DRAWN = `
.###. ..#.. .###. .###. ...#. ##### .###. ##### .###. .###.
#...# .##.. #...# #...# ..##. #.... #.... ....# #...# #...#
#...# ..#.. ....# ....# .#.#. ####. ####. ...#. #...# #...#
#...# ..#.. ..##. ..##. #..#. ....# #...# ..#.. .###. .####
#...# ..#.. .#... ....# ##### ....# #...# .#... #...# ....#
#...# ..#.. #.... #...# ...#. #...# #...# .#... #...# ....#
.###. .###. ##### .###. ...#. .###. .###. .#... .###. .###.
`;

const drawnRows = DRAWN.trim()
  .split('\n')
  .map((line) => line.split(' '));

/** `DIGITS[d][row]`: the bits of one row of digit `d`. */
export const DIGITS: readonly (readonly number[])[] = Array.from({ length: 10 }, (_, digit) =>
  drawnRows.map((line) => Number.parseInt(line[digit]!.replaceAll('#', '1').replaceAll('.', '0'), 2)),
);
