/** A thread that writes, or stops, without end: `{ box }` gets messages whose values are all the same number, `{ stopWord }` stops. */
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicNowMs } from '../../../dist/src/clock.js';
import { openBox, openStopWord } from '../../../dist/src/robot/boxes.js';

const { box, fields, stopWord } = workerData;
parentPort.postMessage(monotonicNowMs());
if (box) {
  const { write } = openBox(box);
  for (let n = 1; ; n++) write(new Float64Array(fields).fill(n));
}
if (stopWord) {
  const word = openStopWord(stopWord);
  for (let epoch = word.epoch(); ; ) {
    word.stop(1);
    while (word.epoch() === epoch);
    epoch = word.epoch();
  }
}
