/** Episodes side by side in one process, each with a real browser. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Action, type Observation, type Policy, run } from 'pumice';
import { type BrowserEnv, browser } from 'pumice/envs/browser';
import { readEpisode } from 'pumice/record';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { browsersBelow } from '../agents/processes.ts';
import { openSite, type Site } from '../browser/site.ts';

const EPISODES = 8;
/** Keeps what is typed where a browser keeps things, and tells all that it finds there. */
const PAGE = `<input aria-label=Name><button onclick="localStorage.kept = (localStorage.kept ?? '') + field.value;
  document.cookie = 'kept' + field.value + '=1'; document.title = localStorage.kept + ' ' + document.cookie">Keep</button>
  <script>const field = document.querySelector('input')</script>`;

let site: Site;
let folder: string;
let envs: BrowserEnv[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pumice-'));
  site = await openSite({ '/': PAGE });
});
afterAll(async () => {
  await Promise.all(envs.map((env) => env.close()));
  await site.close();
  rmSync(folder, { recursive: true });
});

/** Types a number of its own, keeps it, and answers with what the page knows. */
function policyOf(name: number): Policy {
  const target = (seen: Observation, label: string) => ({
    markId: seen.marks!.find((mark) => mark.name === label)!.id,
  });
  const move = (seen: Observation): Action => {
    if (seen.seq === 0)
      return { kind: 'ui-type', target: target(seen, 'Name'), text: `${name}`, clear: false, submit: false };
    if (seen.seq < 4) return { kind: 'ui-click', target: target(seen, 'Keep'), button: 'left', count: 1 };
    return { kind: 'done', outcome: 'success', answer: seen.ui!.title };
  };
  return {
    name: 'test',
    actionKinds: ['ui-type', 'ui-click', 'done'],
    reset: () => {},
    act: async (seen) => ({ actions: [move(seen)] }),
  };
}

it(`${EPISODES} episodes share nothing: aborting one leaves the others alone`, async () => {
  envs = await Promise.all(Array.from({ length: EPISODES }, () => browser({ url: `${site.url}/` })));
  const records = envs.map((_, name) => join(folder, `${name}.mcap`));
  const runs = envs.map((env, name) =>
    run({
      env,
      policy: policyOf(name),
      instruction: `keep ${name}`,
      record: records[name]!,
      budget: { timeoutMs: 240_000 },
    }),
  );
  const aborted = 3;
  const cutting = (async () => {
    for await (const { index } of runs[aborted]!) if (index === 1) return runs[aborted]!.stop('this one');
  })();
  const ends = await Promise.all(runs.map(({ result }) => result));
  await cutting;
  for (const [name, end] of ends.entries()) {
    const { facts, steps, isComplete } = await readEpisode(records[name]!);
    expect({ instruction: facts.instruction, isComplete, steps: steps.length }).toEqual({
      instruction: `keep ${name}`,
      isComplete: true,
      steps: end.steps,
    });
    if (name === aborted) expect(end).toMatchObject({ outcome: 'stopped', reason: 'this one' });
    else expect(end).toMatchObject({ outcome: 'success', answer: `${name}${name}${name} kept${name}=1`, steps: 5 });
  }
  await Promise.all(envs.map((env) => env.close()));
  expect(browsersBelow()).toEqual([]);
});
