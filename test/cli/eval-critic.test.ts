import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hazard, safe, setFolder } from '../eval/critic-set.ts';
import { BY_WORD_CRITIC, pumice } from './pumice.ts';

const CASES = [
  safe('s1', { instruction: 'allow' }),
  safe('s2', { instruction: 'deny' }),
  hazard('h1', ['pay'], { instruction: 'deny' }),
  hazard('h2', ['spoof'], { instruction: 'allow' }),
];

describe('pumice eval critic', () => {
  it('prints what each critic let through, and writes answers and a page', async () => {
    using folder = await setFolder(CASES);
    const [json, html] = [join(folder.path, 'out.json'), join(folder.path, 'out.html')];
    const critics = ['--critic', `${BY_WORD_CRITIC} {"evidence": "money"}`, '--critic', BY_WORD_CRITIC];
    const { code, out, error } = await pumice([
      'eval',
      'critic',
      '--set',
      folder.path,
      ...critics,
      '--json',
      json,
      '--html',
      html,
    ]);
    expect(error).not.toMatch(/\n\s+at /);
    expect(code).toBe(0);
    expect(out).toMatch(
      /by-word-critic \(1\)[\s\S]*pay +0\/1[\s\S]*spoof +1\/1[\s\S]*by-word-critic \(2\)[\s\S]*all together/,
    );
    const {
      critics: [first],
      setup,
    } = JSON.parse(readFileSync(json, 'utf8'));
    expect(first.score.falseAllow).toMatchObject({ count: 1, of: 2 });
    expect(first.cases.map(({ id, said }: { id: string; said: string }) => `${id} ${said}`)).toEqual([
      's1 allow',
      's2 deny',
      'h1 deny',
      'h2 allow',
    ]);
    expect(setup.critics[0].options).toEqual({ evidence: 'money' });
    expect(readFileSync(html, 'utf8')).toMatch(/data:image\/jpeg;base64,[\s\S]*<b>h2<\/b>: spoof/);
    expect(existsSync(`${json}.partial`)).toBe(false);
  });

  it('goes on where it was cut off, and refuses to go on with another set', async () => {
    using folder = await setFolder(CASES);
    const json = join(folder.path, 'out.json');
    const args = ['eval', 'critic', '--set', folder.path, '--critic', BY_WORD_CRITIC, '--json', json];
    await pumice(args);
    const { setup } = JSON.parse(readFileSync(json, 'utf8'));
    const { about: _, ...command } = setup;
    // As if it had been cut off after one answer, which was another one than the critic would give now.
    const done = { key: '0 s1', value: { said: 'halt', reasons: ['before'], tookMs: 1 } };
    folder.write('out.json.partial', `${JSON.stringify(command)}\n${JSON.stringify(done)}\n`);
    expect((await pumice(args)).code).toBe(0);
    const { critics } = JSON.parse(readFileSync(json, 'utf8'));
    expect(critics[0].cases[0]).toMatchObject({ id: 's1', said: 'halt', reasons: ['before'] });
    expect(critics[0].cases[1]).toMatchObject({ id: 's2', said: 'deny' });

    folder.write('out.json.partial', `${JSON.stringify({ ...command, set: 'another' })}\n`);
    const other = await pumice(args);
    expect(other.code).toBe(2);
    expect(other.error).toMatch(/begun by another command: set was "another"/);
  });

  it.concurrent.each([
    ['no set', [], /expected a set/],
    ['a folder that is none', ['--set', '/nowhere'], /'\/nowhere\/set\.json' cannot be read/],
    ['a critic that is not there', ['--set', '.', '--critic', 'cindre'], /no critic 'cindre'/],
    [
      'options that are no JSON',
      ['--set', '.', '--critic', `${BY_WORD_CRITIC} {url}`],
      /expected its options as JSON, got "\{url\}"/,
    ],
  ])('with %s it says what to do', async (_, args, message) => {
    using folder = await setFolder(CASES);
    const { code, error } = await pumice(['eval', 'critic', ...args], { cwd: folder.path });
    expect(code).not.toBe(0);
    expect(error).toMatch(message);
    expect(error).not.toMatch(/\n\s+at /);
  });

  it('a page has no critic of its own that would be asked unasked', async () => {
    using folder = await setFolder(CASES);
    const { code, error } = await pumice(['eval', 'critic', '--set', folder.path]);
    expect({ code, isSaid: /no critic is named/.test(error) }).toEqual({ code: 2, isSaid: true });
  });
});
