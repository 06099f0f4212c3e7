/** No text makes a decoder throw, over many more texts than the ordinary suite has time for: `CODEC_TEXTS=1000000` at night. */
import fc from 'fast-check';
import type { Mode } from 'pumice/codecs';
import { expect, it } from 'vitest';
import { hostileText } from '../codecs/hostile.ts';
import { OTHERS, READERS } from '../codecs/reasoner-decoders.ts';

const TEXTS = Number(process.env.CODEC_TEXTS ?? 20_000);

it(`no text of ${TEXTS} makes a decoder of reasoners throw, or give a verdict out of a thought`, {
  timeout: 3_600_000,
}, () => {
  fc.assert(
    fc.property(hostileText, fc.constantFrom<Mode>('strict', 'compat'), (text, mode) => {
      for (const read of Object.values(READERS)) read(text, mode);
      for (const other of OTHERS) other(text);
      const unended = READERS.choice(`<think>${text.replaceAll('</think>', '')}`, 'strict');
      expect(unended.ok).toBe(false);
    }),
    { numRuns: TEXTS },
  );
});
