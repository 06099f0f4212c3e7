/** `pumice models`, and profiles of the user's own on their way from the config file to a policy. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { proofTable } from '../../src/cli/models-table.ts';
import { readConfig, withProfile } from '../../src/cli/settings.ts';
import { PROFILES } from '../../src/models/profiles.ts';
import { folder, pumice } from './pumice.ts';

it.concurrent('models shows every family, what proved it, and what was never run with trained weights', async () => {
  const { out, code } = await pumice(['models']);
  expect(code).toBe(0);
  for (const family of PROFILES.keys()) expect(out).toMatch(new RegExp(`^${family}  \\S`, 'm'));
  expect(out).toMatch(/proven +action tokens as text: fixture/);
  expect(out.match(/never run with trained weights/g)).toHaveLength(PROFILES.size);
});

it.concurrent('models --json gives the rows whole', async () => {
  const { out } = await pumice(['models', '--json']);
  expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify([...PROFILES.values()])));
});

it.concurrent('a profile of the config file is shown among them, and one that is none is refused by its field', async () => {
  using mine = folder();
  mine.write('pumice.config.json', { profiles: { mine: { like: 'qwen3-vl', limits: { images: 2 } } } });
  const { out } = await pumice(['models', 'mine'], { cwd: mine.path });
  expect(out).toMatch(/mine {2}as qwen3-vl, with changes\n[\s\S]*2 pictures, video at 2 fps[\s\S]*by nothing yet/);
  mine.write('pumice.config.json', { profiles: { mine: { like: 'qwen3-vl', limit: 2 } } });
  const refused = await pumice(['models'], { cwd: mine.path });
  expect([refused.code, refused.error]).toEqual([
    2,
    expect.stringContaining('profile \'mine\': Unrecognized key: "limit"'),
  ]);
});

it.concurrent('an unknown family is refused with those that there are', async () => {
  const { code, error } = await pumice(['models', 'magmma']);
  expect([code, error]).toEqual([2, expect.stringContaining("no profile 'magmma' (there is: magma")]);
});

it('a policy whose profile is named in the config file gets that profile written out', async () => {
  using mine = folder();
  const file = mine.write('c.json', { profiles: { mine: { like: 'qvq' } }, policyOptions: { profile: 'mine' } });
  const config = await readConfig(file);
  expect(withProfile(config.policyOptions, config)).toEqual({ profile: { family: 'mine', like: 'qvq' } });
  expect(withProfile({ profile: 'qvq' }, config)).toEqual({ profile: 'qvq' });
  expect(withProfile({ profile: 'toString' }, config)).toEqual({ profile: 'toString' });
});

it('the table of the docs is that of the program', () => {
  const docs = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8');
  const table = /<!-- proof -->\n([\s\S]*?)\n<!-- end -->/.exec(docs)?.[1];
  expect(table).toBe(proofTable(PROFILES.values()));
});
