/**
 * Puts the functions that run inside the page together as one script.
 * The script leaves one object in its isolated world, `pumice`, which answers `call(method, request)` with JSON.
 */
import { makeCandidates } from './candidates.ts';
import { makeClues } from './clues.ts';
import { makeDescribe } from './describe.ts';
import { takeDom } from './dom.ts';
import { makeGeometry } from './geometry.ts';
import { markIndex } from './mark-index.ts';
import { makeTextReader } from './texts.ts';

/** @param binding - name of the function of the isolated world that tells the collector of a change. */
export const indexSource = (binding: string): string => `(() => {
  // Not by asking for it: an element of that name would answer to it.
  if (Object.prototype.hasOwnProperty.call(globalThis, 'pumice')) return;
  const index = (${markIndex.toString()})({
    takeDom: ${takeDom.toString()},
    makeCandidates: ${makeCandidates.toString()},
    makeClues: ${makeClues.toString()},
    makeDescribe: ${makeDescribe.toString()},
    makeGeometry: ${makeGeometry.toString()},
    makeTextReader: ${makeTextReader.toString()},
    notify: () => globalThis[${JSON.stringify(binding)}]?.(''),
  });
  const call = (method, request) => {
    const answer = index[method](...request);
    return answer instanceof Promise ? answer.then(JSON.stringify) : JSON.stringify(answer ?? null);
  };
  globalThis.pumice = { index, call };
})()`;
