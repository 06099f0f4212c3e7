import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoApp, startDemo } from '../../src/demo/app.ts';
import type { DemoTask } from '../../src/demo/tasks.ts';
import type { Env } from '../../src/ports.ts';
import { agentBrowser, attempt } from '../demo/attempt.ts';
import { OTHER_LABELS, REWORDINGS } from '../demo/rewordings.ts';

const IDS: readonly DemoTask['id'][] = ['find', 'deliver', 'book'];

const PLACES = [
  { place: 'its own labels', labels: {} },
  ...OTHER_LABELS.map((labels, at) => ({ place: `other labels, set ${at + 1}`, labels })),
];

describe.each(PLACES)('with $place on the buttons', ({ labels }) => {
  let app: DemoApp;
  let env: Env;
  beforeAll(async () => {
    app = await startDemo({ labels });
    env = await agentBrowser(app);
  });
  afterAll(async () => {
    await env?.close();
    await app?.close();
  });

  describe.each(IDS)('the agent does task %s', (id) => {
    const taskOf = () => app.tasks.find((task) => task.id === id)!;

    test('as the demo asks for it', async () => {
      expect(await attempt(app, env, taskOf(), taskOf().instruction)).toBe('done');
    });

    // A wording that names a button by its usual label is for the app with that label.
    if (labels !== PLACES[0]!.labels) return;
    test.each(REWORDINGS[id])('in other words: %s', async (instruction) => {
      expect(await attempt(app, env, taskOf(), instruction)).toBe('done');
    });
  });
});
