/** Texts that decoders have to live with: pieces of every form, cut, nested and mixed, and anything else. */
import fc from 'fast-check';

const PIECES = [
  '<think>', '</think>', '<answer>', '</answer>', '<tool_call>', '<component name="x">', '</component>', '<anomaly>Yes</anomaly>',
  '```json\n', '\n```', '[', ']', '{', '}', '"', '\\"', ',', ':', '[1,2', '{"bbox_2d":[1,2,3,4]}', '{"box_2d":[[1,2,3,4]]}',
  '"point_2d":[5,6]', '{"start":"00:01.5","end":2,"caption":"c"}', '"start"', '"end"', '00:02.80', '3s-7s', '(00:02-00:06)', 'from 3 to 7 seconds',
  '<|box_start|>', '<|box_end|>', '<|object_ref_start|>', '<|object_ref_end|>', '(1,2),(3,4)', '<ref>', '</box>', '<|box_',
  '**Final Answer**', '\\boxed{', '\\text{', 'yes', 'No', 'no.', ' yes and no ', 'Answer: B', '(A)', '1e999', '-0', 'NaN', '-5', '999999999999999999999',
  '__proto__', 'constructor', '&amp;', '&', '<![CDATA[', ']]>', '<!--', '\u2028', '\ufeff', '\u0000', '\ud800', '😀', ' ', '\n', 'a', 'ab'.repeat(40),
]; // biome-ignore format: pieces

const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((parts) => parts.join(''));
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: pieces },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.tuple(pieces, fc.nat(200)).map(([text, cut]) => text.slice(0, cut)) },
);
