/** A page whose script never ends. Slow, as it is given all the time that a busy page may take. */
import { expect, it } from 'vitest';
import { openRig } from '../browser/rig.ts';

it('a page that hangs is opened again, and the run goes on', async () => {
  const rig = await openRig({ '/': '<title>Fine</title><button onclick="for(;;);">Hang</button>' });
  await rig.reset();
  await rig.look();
  const click = await rig.act({ kind: 'ui-click', target: rig.at('Hang') });
  expect(click).toMatchObject({ status: 'done', reason: 'the page did not take the input in time' });
  const seen = await rig.look();
  expect(seen.ui.title).toBe('Fine');
  expect(seen.ui.notices.map(({ text }) => text)).toEqual([
    expect.stringMatching(/hangs/),
    expect.stringMatching(/opened again/),
  ]);
  await rig.close();
}, 90_000);
