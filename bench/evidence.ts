/**
 * How old the picture is that a critic judged, when what it allowed is carried out: leases from critics that take 0.2 s and 1.5 s, on
 * the real-time arm. The critics are doubles that say yes after that time.
 */
import { type Critic, sleep } from 'pumice';
import { sim } from 'pumice/envs/sim';
import { sayLeaseAges } from './lease-ages.ts';
import { sayLoad, sayMachine } from './measure.ts';

sayMachine('evidence under lease');
const env = await sim({ realtime: true, oracle: true, cameras: ['third'] });
for (const takesMs of [0, 200, 1500]) {
  const yes = async (signal: AbortSignal) => {
    await sleep(takesMs, signal);
    return { kind: 'allow', reasons: [] } as const;
  };
  const name = `critic of ${String(takesMs).padStart(4)} ms`;
  const critic: Critic = {
    name,
    judge: (_observation, _action, { signal }) => yes(signal),
    judgeChunk: (_observation, _chunk, { signal }) => yes(signal),
  };
  await sayLeaseAges(env, name, takesMs > 0 ? [critic] : [], () => takesMs);
}
await env.close();
sayLoad();
