/** People who look on, in a thread of their own: each reads all that it is sent, and fetches the newest picture when it has the last one. */
import { parentPort, workerData } from 'node:worker_threads';
import { WebSocket } from 'ws';
import type { ToPage } from '../src/dashboard/messages.ts';

const { url, count } = workerData as { readonly url: string; readonly count: number };
const { origin, hash } = new URL(url);
const token = hash.slice(1);
let pictures = 0;
let steps = 0;

function look(): Promise<unknown> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/live`, ['pumice', `pumice.token.${token}`], { origin });
  let newest = 0;
  let isBusy = false;
  const pump = async () => {
    if (isBusy) return;
    isBusy = true;
    for (let last = -1; newest !== last; ) {
      last = newest;
      const answer = await fetch(`${origin}/frame/${last}`, { headers: { authorization: `Bearer ${token}` } });
      await answer.arrayBuffer();
      if (answer.ok) pictures += 1;
    }
    isBusy = false;
  };
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as ToPage;
    if (message.kind !== 'entries') return;
    for (const entry of message.entries) {
      if (entry.kind !== 'step') continue;
      steps += 1;
      newest = entry.step.pictures[0]?.id ?? newest;
    }
    void pump().catch(() => {});
  });
  return new Promise((resolve) => socket.once('open', resolve));
}
await Promise.all(Array.from({ length: count }, look));
parentPort!.on('message', () => parentPort!.postMessage({ pictures, steps }));
parentPort!.postMessage('there');
