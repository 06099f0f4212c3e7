/**
 * Records steps without end to the path given, and prints the index of each step once its write has resolved. Runs `dist`.
 * With a second argument it breaks that promise at the step of that number: announces it while it is written, and dies.
 */
import { writeSync } from 'node:fs';
import { recorder } from '../../dist/src/record/index.js';

const breaksAt = Number(process.argv[3] ?? -1);
const sink = recorder({ file: process.argv[2] });
await sink.open({
  episodeId: 'endless',
  startedWallMs: 0,
  instruction: 'record until killed',
  env: 'none',
  policy: 'none',
  critics: [],
  limits: { maxObservationAgeMs: 1000, maxPlanAgeMs: 1000 },
  facts: {},
});
const hold = { kind: 'hold' };
for (let index = 0; ; index++) {
  const data = new Uint8Array(60_000).fill(index % 251);
  const written = sink.write({
    index,
    stampMs: index,
    observation: {
      stampMs: index,
      frames: [{ data, encoding: 'jpeg', widthPx: 640, heightPx: 480, stampMs: index, camera: 'third' }],
      seq: index,
      epoch: 0,
      instruction: 'record until killed',
      history: [],
    },
    proposed: hold,
    verdict: { kind: 'allow', action: hold, reasons: [], by: 'none' },
    timings: { observeMs: 0, thinkMs: 0, checkMs: 0, actMs: 0, totalMs: 0 },
    dropped: 0,
  });
  // Straight to the pipe: what is announced has left this process.
  const announce = () => writeSync(1, `${index}\n`);
  if (index === breaksAt) {
    announce();
    process.kill(process.pid, 'SIGKILL');
  }
  await written;
  announce();
}
