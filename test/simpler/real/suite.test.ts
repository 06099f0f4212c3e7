/** A suite of a simulator of others, from the command line: guards, rules and a result file that names what drew it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folder, start } from '../../cli/pumice.ts';
import { missing, python } from './python.ts';

const lack = missing();

it.skipIf(lack !== undefined)(
  'plays Meta-World with an oracle and a policy that does nothing before any other',
  async () => {
    using home = folder();
    const json = join(home.path, 'result.json');
    const flags = ['--tasks', 'reach-v3', '--seeds', '3', '--policy', 'expert', '--workers', '1', '--json', json];
    const { code, both } = await start(['eval', 'suite', 'metaworld', '--python', python(), ...flags]).ended;
    expect(code, both).toBe(0);
    const result = JSON.parse(readFileSync(json, 'utf8'));
    expect(result.guards.oracle.summary).toMatchObject({ successes: 1, attempts: 1 });
    expect(result.guards.nothing.summary).toMatchObject({ successes: 0, attempts: 1 });
    expect(result.episodes).toMatchObject([
      { task: 'reach-v3', seed: 3, success: true, held: true, any: true, outcome: 'success', denied: 0 },
    ]);
    expect(result.setup).toMatchObject({
      suite: { name: 'metaworld', successRule: expect.stringContaining('first') },
      facts: { renderer: expect.stringContaining('osmesa'), versions: expect.stringContaining('metaworld: 3.1.1') },
    });
    expect(result.setup.facts).not.toHaveProperty('task');
  },
  120_000,
);
