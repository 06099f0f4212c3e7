/** A page whose script never ends. Slow, as it is given all the time that a busy page may take. */
import { expect, it } from 'vitest';
import { openRig } from '../browser/rig.ts';

it('a server that lets a page wait is waited for, and what was sent to it is not lost', async () => {
  const paid: string[] = [];
  const rig = await openRig({
    '/': '<title>Shop</title><form method=post action=/pay><button>Pay</button></form>',
    '/pay': (request, response) => {
      paid.push(request.method ?? '');
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<title>Paid</title>thanks');
      }, 20_000);
    },
  });
  await rig.reset();
  await rig.look();
  await rig.act({ kind: 'ui-click', target: rig.at('Pay') });
  const seen = await rig.look();
  expect(seen.ui).toMatchObject({ title: 'Paid', notices: [] });
  expect(paid).toEqual(['POST']);
  await rig.close();
}, 90_000);

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
