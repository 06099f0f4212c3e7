import { it } from 'vitest';
import { playEpisode } from '../../faults/robot/episode.ts';
import { FAULTS } from '../../faults/robot/faults.ts';

it('x', () => {
  const t0 = performance.now();
  const table: Record<string, any> = {};
  const N = Number(process.env.N ?? 4);
  for (const name of [undefined, ...FAULTS])
    for (let s = 0; s < N; s++) {
      const told = playEpisode(s, {}, name ? [name] : []);
      const row = (table[name ?? 'none'] ??= { n: 0, ok: 0, driven: 0 });
      row.n++;
      if (told.isThere) row.ok++;
      row.driven += told.driven;
      row[told.outcome] = (row[told.outcome] ?? 0) + 1;
      for (const [k, v] of Object.entries(told.counts)) {
        row['!' + k] = (row['!' + k] ?? 0) + v;
        (row.seeds ??= []).push(s);
      }
      if (process.env.V || (!told.isThere && !name))
        console.log(name, s, told.isPaced, told.outcome, told.reason, told.driven, JSON.stringify(told.counts));
    }
  for (const [name, row] of Object.entries(table)) console.log(name.padEnd(30), JSON.stringify(row));
  console.log('ms per episode', (performance.now() - t0) / (N * (FAULTS.length + 1)));
});
