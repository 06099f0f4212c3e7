/** `pumice decode` and `pumice golden`, as a user types them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folder, pumice } from './pumice.ts';

const golden = (name: string) => fileURLToPath(new URL(`../golden/magma/${name}.json`, import.meta.url));
/** Microsoft/Magma issue 68: what a user took for a broken model. */
const ACTION = '兄弟iв aktivitريع радянційнаุษย';
const decode = (args: readonly string[], text: string) =>
  pumice(['decode', ...args], { shell: `printf '%s' '${text}' | "$@"` });

describe('pumice decode', () => {
  it.concurrent('tells what seven odd words mean, by the ranges that are named', async () => {
    const { out, code } = await decode(['magma-action', '--stats', 'google_robot', '--json'], ACTION);
    const { ok, value, flags } = JSON.parse(out);
    expect([code, ok, flags]).toEqual([0, true, {}]);
    expect(value.ids).toEqual([127857, 127872, 127868, 127904, 127861, 127874, 127744]);
    expect(value.action).toMatchObject({ kind: 'eef-delta', frameId: 'base', gripperOpen: 0.996078431372549 });
  });

  it.concurrent('takes ids as well, and ranges of a file of the user', async () => {
    using mine = folder();
    const file = mine.write('dataset_statistics.json', {
      mine: { action: { q01: [0, 0, 0, 0, 0, 0, 0], q99: [1, 1, 1, 1, 1, 1, 1], mask: Array(7).fill(true) } },
    });
    const ids = '[127857, 127872, 127868, 127904, 127861, 127874, 127744]';
    const { out } = await decode(['magma-action', '--stats', file, '--json'], ids);
    expect(JSON.parse(out).value.action.dPosM[1]).toBe(0.5);
  });

  it.concurrent('words instead of an action are refused, with what was expected and what came', async () => {
    const { out, code } = await decode(['magma-action', '--stats', 'bridge_orig'], 'I see a can');
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^refused: .*expected an action token after 0 of them, got "I see a can"/),
    ]);
  });

  it.concurrent('strict refuses what the original guesses, and compat guesses it', async () => {
    const size = ['--picture', '1280x800', '--json'];
    const strict = await decode(['magma-ui', ...size], 'Coordinates: (62,37)');
    expect([strict.code, JSON.parse(strict.out).problem.code]).toEqual([1, 'decode/out-of-range']);
    const compat = await decode(['magma-ui', ...size, '--compat'], 'Coordinates: (62,37)');
    expect(JSON.parse(compat.out)).toEqual({
      ok: true,
      value: { target: { kind: 'point', pointPx: [79360, 29600] } },
      flags: { suspect: true },
    });
  });

  it.concurrent('places are read in the space of the profile alone', async () => {
    const boxes = '[{"bbox_2d": [100, 200, 300, 400], "label": "cup"}]';
    const without = await decode(['boxes', '--picture', '1000x500'], boxes);
    expect([without.code, without.error]).toEqual([2, expect.stringContaining('--profile')]);
    const { out } = await decode(['boxes', '--picture', '1000x500', '--profile', 'qwen3-vl', '--json'], boxes);
    expect(JSON.parse(out).value[0].boxPx[1]).toBeCloseTo(100, 0);
  });

  it.concurrent.each([
    [['magma-acton'], "no format 'magma-acton'. Give one of magma-action"],
    [['magma-action'], 'expected --stats NAME|FILE[#SET]'],
    [['magma-action', '--stats', 'bridge'], "no action statistics 'bridge'"],
    [['magma-ui', '--picture', '1280'], "--picture: expected WIDTHxHEIGHT in pixels, got '1280'"],
    [['magma-ui'], 'expected --picture WxH'],
    [['magma-ui', '--profile', 'magmma'], "no profile 'magmma'"],
    [['magma-ui', '--strict', '--compat'], 'expected --strict or --compat, got both'],
  ])('%j is a fault of usage that says what to give', async (args, message) => {
    const { code, error } = await decode(args, 'Mark: 3');
    expect([code, error]).toEqual([2, expect.stringContaining(message)]);
  });

  it.concurrent('lists its formats', async () => {
    const { out, code } = await pumice(['decode', 'list']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^magma-action +\S/m)]);
  });
});

describe('pumice golden', () => {
  it.concurrent('counts rows of all files', async () => {
    const { out, code } = await pumice(['golden', golden('ui_parse'), golden('action_token_table')]);
    expect([code, out]).toEqual([0, '275 passed, 0 failed\n']);
  });

  it.concurrent('shows what came out differently, and fails', async () => {
    using mine = folder();
    const content = JSON.parse(readFileSync(golden('ui_parse'), 'utf8'));
    content.cases[2].resolved.point_px[0] += 1;
    const { out, code } = await pumice(['golden', mine.write('ui_parse.json', content)]);
    expect(code).toBe(1);
    expect(out).toMatch(/cases\[2\].*resolved\.point_px\[0\]: expected 794\.6, got 793\.6\n18 passed, 1 failed\n$/);
  });

  it.concurrent.each([
    ['of an unknown name', 'mine.json', { cases: [1] }, /no check of that name; there is: action_decode, .*ui_parse/],
    ['without a row', 'ui_parse.json', { rows: [] }, /expected at least one row.*action_decode, .*ui_parse/],
    ['that is no JSON', 'ui_parse.json', '{', /cannot be read/],
    ['with rows that are none', 'ui_parse.json', { cases: [null, 7] }, /cases\[0\]: the check threw/],
  ])('a file %s fails', async (_, name, content, message) => {
    using mine = folder();
    const { out, code } = await pumice(['golden', mine.write(name, content)]);
    expect([code, out]).toEqual([1, expect.stringMatching(message)]);
    expect(out).toMatch(/0 passed, [12] failed\n$/);
  });

  it.concurrent('a file that is not there fails', async () => {
    const { out, code } = await pumice(['golden', '/nowhere/ui_parse.json']);
    expect([code, out]).toEqual([1, expect.stringMatching(/cannot be read.*\n0 passed, 1 failed/s)]);
  });
});
