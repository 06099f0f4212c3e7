import { it } from 'vitest';
import { playEpisode } from '../../faults/robot/episode.ts';
it('x', () => {
  (globalThis as any).DBG = true;
  const told = playEpisode(Number(process.env.SEED), {}, [process.env.FAULT as any]);
  console.log(JSON.stringify({...told, counts: told.counts}));
});
