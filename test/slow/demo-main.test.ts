import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'vitest';
import { startDemo } from '../../src/demo/app.ts';
import { readEpisode } from '../../src/record/index.ts';

/** What `npm start` runs after the build. */
const MAIN = resolve('dist/src/demo/main.js');

/** A folder of its own for each test, so that they can run side by side. */
const inFolder = test.extend<{ home: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures that are asked for from this pattern
  home: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'pumice-demo-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
});

interface Started {
  readonly child: ChildProcess;
  readonly text: () => string;
  /** Resolves as soon as the output matches. */
  readonly shows: (pattern: RegExp) => Promise<void>;
  readonly code: Promise<number | null>;
}

function start(home: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: home,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let look = () => {};
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      look();
    });
  const code = new Promise<number | null>((settle) => child.once('close', settle));
  const shows = (pattern: RegExp) =>
    new Promise<void>((settle, fail) => {
      look = () => pattern.test(text) && settle();
      look();
      code.then(() => fail(new Error(`ended before it showed ${pattern}:\n${text}`)));
    });
  return { child, text: () => text, shows, code };
}

// Generous: a process of its own has to load all of pumice and a browser, on a machine that may be busy.
describe.concurrent('npm start', { timeout: 90_000 }, () => {
  inFolder(
    'without a terminal it does the three tasks once, leaves a report of each, and exits 0',
    async ({ home, expect }) => {
      const { text, code } = start(home, ['browser']);
      expect(await code, text()).toBe(0);
      const shown = text();
      expect(shown.match(/Done \(/g), shown).toHaveLength(3);
      expect(shown).not.toContain('\u001b');
      expect(shown).toMatch(/^ {3}0 {2}Type “ada” into textbox “User” \[\d+\] {2}allow$/m);
      const index = /^Report: (.+)$/m.exec(shown)![1]!;
      expect(await readFile(index, 'utf8')).toContain('3 of 3 tasks done');
      const folder = resolve(index, '..');
      for (const id of ['find', 'deliver', 'book']) {
        const episode = await readEpisode(join(folder, `${id}.mcap`));
        expect(episode.end?.outcome).toBe('success');
        const report = await readFile(join(folder, `${id}.html`), 'utf8');
        expect(report).toContain('{{password}}');
        expect(report).not.toContain('feather-light');
      }
    },
  );

  inFolder('Ctrl-C stops the body, closes the record and exits 130', async ({ home, expect }) => {
    const { child, text, shows, code } = start(home, ['browser']);
    await shows(/^ {3}1 {2}/m);
    child.kill('SIGINT');
    expect(await code, text()).toBe(130);
    const [folder] = await readdir(join(home, 'runs'));
    const episode = await readEpisode(join(home, 'runs', folder!, 'find.mcap'));
    expect(episode.isComplete).toBe(true);
    expect(episode.end).toMatchObject({ outcome: 'stopped' });
    expect(episode.steps.length).toBeGreaterThanOrEqual(2);
  });

  inFolder('a browser that is not there is an error that says what to do', async ({ home, expect }) => {
    const { text, code } = start(home, [], { PUMICE_BROWSER: join(home, 'no-browser') });
    expect(await code).toBe(4);
    expect(text()).toContain('PUMICE_BROWSER names');
    expect(text()).toContain('Give the path of a Chromium');
  });

  inFolder('a port that is taken is an error that says what to do', async ({ home, expect }) => {
    await using app = await startDemo();
    const { text, code } = start(home, ['--port', new URL(app.url).port]);
    expect(await code).toBe(4);
    expect(text()).toContain('Name another port, or none to get a free one');
  });

  inFolder('an unknown flag is refused as usage', async ({ home, expect }) => {
    const { text, code } = start(home, ['--bogus']);
    expect(await code).toBe(2);
    expect(text()).toContain('npm start -- --help');
  });
});
