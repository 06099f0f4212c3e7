/**
 * ember's inference, in its own thread, by each engine that is installed, taking turns: the question is answered when the main loop has it.
 * The peer of WebAssembly is native code. Also how long the main loop is kept from its work meanwhile.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createEngine, type Engine } from '../policies/ember/engine.ts';
import { NO_PROPRIO, PICTURE_PX, tokensOf } from '../policies/ember/input.ts';
import { readModel } from '../policies/ember/model.ts';
import { installedRuntimes } from '../policies/shared/network.ts';
import { quantile, sayLoad, sayMachine, sayTimes, timed } from './measure.ts';

sayMachine('ember');
const model = readModel('policies/ember');
console.log(`  weights ${(model.weights.length / 1e6).toFixed(2)} MB`);
const runtimes = installedRuntimes('bench');
const engines = new Map<string, Engine>(runtimes.map((name) => [name, createEngine(model.weights, [name])]));
const picture = Uint8Array.from({ length: PICTURE_PX * PICTURE_PX * 3 }, (_, at) => (at * 7919) % 256);
const question = {
  picture,
  tokens: tokensOf('put the red block on the blue plate', model.vocabulary),
  proprio: NO_PROPRIO,
};
const { signal } = new AbortController();
const times = new Map<string, number[]>(runtimes.map((name) => [name, []]));
const ask = (name: string) => engines.get(name)!.infer(question, signal);
for (const name of runtimes) for (let warm = 0; warm < 20; warm++) await ask(name);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
for (let round = 0; round < 20; round++)
  for (const name of runtimes) for (let at = 0; at < 20; at++) times.get(name)!.push(await timed(() => ask(name)));
delay.disable();
for (const name of runtimes) sayTimes(name, times.get(name)!);
if (runtimes.length > 1) {
  const [fast, slow] = runtimes.map((name) => quantile(times.get(name)!, 0.5));
  console.log(`  ${runtimes[1]} takes ${(slow! / fast!).toFixed(1)} times as long as ${runtimes[0]}`);
}
console.log(
  `  main loop late by ${(delay.percentile(99) / 1e6 - 1).toFixed(1)} ms (p99), ${(delay.max / 1e6 - 1).toFixed(1)} ms at most`,
);
for (const engine of engines.values()) await engine.close();
sayLoad();
